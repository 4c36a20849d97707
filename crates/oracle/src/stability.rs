//! When an equilibrium with integer delays is stable: the eigenvalues of the linearised steps.
//!
//! Near an equilibrium the deviations follow `e_i(t+1) = (1-a) e_i(t) + a sum_j J_ij e_j(t - D_ij)`. A deviation that
//! grows or shrinks by a complex factor z per step is a *mode*; the equilibrium is unstable if any `|z|` exceeds 1.

use crate::eigen::{self, NoEigenvalues};
use crate::{Delays, Matrix, trinomial};
use nalgebra::Complex;
use std::f64::consts::TAU;

pub use crate::margin::{Margin, UniformDelay, margin};
pub use crate::operating_point::{OperatingPoint, Unit};

/// A network near an equilibrium.
#[derive(Clone, Debug, PartialEq)]
pub struct Linearisation {
    /// `J_ij = W_ij rho'(s_j)`, (to, from), without leak.
    pub jacobian: Matrix,
    /// `a`, the leak per step.
    pub leak: f64,
}

/// One mode: a deviation is multiplied by this in every step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    /// The factor z.
    pub factor: Complex<f64>,
}

/// `|z|` above this counts as growth; a bound of exactly 1 would let rounding decide about marginal modes.
const GROWTH: f64 = 1.0 + 1e-9;

impl Mode {
    /// `|z|`: the spectral radius, where this is the dominant mode.
    pub fn radius(&self) -> f64 {
        self.factor.norm()
    }

    /// `|arg z|` in radians per step, 0 to pi.
    pub fn angle(&self) -> f64 {
        self.factor.arg().abs()
    }

    /// Steps of one oscillation, `2 pi / angle`; `None` for a mode that does not oscillate.
    pub fn period_steps(&self) -> Option<f64> {
        (self.angle() > 1e-9).then(|| TAU / self.angle())
    }

    /// Whether a deviation along this mode grows.
    pub fn is_unstable(&self) -> bool {
        self.radius() > GROWTH
    }
}

impl Linearisation {
    /// The mode with the greatest `|z|` for these extra delays (0: the present state is read).
    ///
    /// A common delay d is solved per eigenvalue `lambda` of J, `z^(d+1) - (1-a) z^d - a lambda = 0`; other delays take
    /// the eigenvalues of the whole companion matrix, which is n (d_max + 1) wide.
    ///
    /// # Errors
    /// If the eigenvalues cannot be found.
    ///
    /// # Panics
    /// If a delay matrix does not fit the network.
    pub fn dominant(&self, delays: &Delays) -> Result<Mode, NoEigenvalues> {
        match delays {
            Delays::Uniform(d) => Ok(dominant_uniform(&self.eigenvalues()?, self.leak, *d)),
            Delays::PerPair(_) => Ok(largest(eigen::eigenvalues(&self.companion(delays))?)),
        }
    }

    /// The smallest factor k, 0 to `limit`, for which the delays `k * pattern` make the equilibrium unstable, with the
    /// mode that grows; `None` if there is none. With the pattern `Delays::Uniform(1)` k is the first unstable delay.
    ///
    /// # Errors
    /// If the eigenvalues cannot be found.
    ///
    /// # Panics
    /// If a delay matrix does not fit the network.
    pub fn first_unstable(
        &self,
        pattern: &Delays,
        limit: usize,
    ) -> Result<Option<(usize, Mode)>, NoEigenvalues> {
        let eigenvalues = self.eigenvalues()?;
        for k in 0..=limit {
            let mode = match pattern {
                Delays::Uniform(d) => dominant_uniform(&eigenvalues, self.leak, d * k),
                Delays::PerPair(_) => self.dominant(&pattern.times(k))?,
            };
            if mode.is_unstable() {
                return Ok(Some((k, mode)));
            }
        }
        Ok(None)
    }

    /// The eigenvalues of J.
    ///
    /// # Errors
    /// If they cannot be found.
    pub fn eigenvalues(&self) -> Result<Vec<Complex<f64>>, NoEigenvalues> {
        eigen::eigenvalues(&self.jacobian)
    }

    /// The matrix that takes the deviations of times t, t-1, ... t-d_max to those one step later.
    fn companion(&self, delays: &Delays) -> Matrix {
        let (n, longest) = (self.jacobian.nrows(), delays.longest());
        let mut matrix = Matrix::zeros(n * (longest + 1), n * (longest + 1));
        for i in 0..n {
            matrix[(i, i)] += 1.0 - self.leak;
            for j in 0..n {
                matrix[(i, delays.between(i, j) * n + j)] += self.leak * self.jacobian[(i, j)];
            }
        }
        for shifted in n..matrix.nrows() {
            matrix[(shifted, shifted - n)] = 1.0;
        }
        matrix
    }
}

/// The greatest root of `z^(d+1) - (1-a) z^d - a lambda` over all `lambda`.
fn dominant_uniform(lambdas: &[Complex<f64>], leak: f64, d: usize) -> Mode {
    largest(lambdas.iter().flat_map(|lambda| trinomial::roots(1.0 - leak, lambda * leak, d)))
}

pub(crate) fn largest(values: impl IntoIterator<Item = Complex<f64>>) -> Mode {
    let zero = Complex::new(0.0, 0.0);
    let factor = values.into_iter().fold(zero, |best, z| if z.norm() > best.norm() { z } else { best });
    Mode { factor }
}
