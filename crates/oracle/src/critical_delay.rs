//! The delay at which an equilibrium of the continuous network begins to oscillate.
//!
//! Near an equilibrium, `e_i' = -e_i + sum_j J_ij e_j(t - tau)`: one delay for all synapses, leak 1. For an eigenvalue
//! `lambda` of J the modes `exp(s t)` obey `s + 1 = lambda exp(-s tau)`.

use nalgebra::Complex;
use std::f64::consts::TAU;

/// What growing delay does to an equilibrium.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CriticalDelay {
    /// It is unstable already without delay: some eigenvalue of J has a real part of 1 or more.
    UnstableWithoutDelay,
    /// No delay makes it unstable: no eigenvalue of J leaves the unit disc.
    StableForEveryDelay,
    /// It begins to oscillate at a delay.
    Oscillates(Onset),
}

/// The first crossing into instability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Onset {
    /// The critical delay, in units of the leak's time constant.
    pub tau: f64,
    /// Angular frequency at the onset, radians per time constant.
    pub omega: f64,
    /// The eigenvalue of J that crosses (of a conjugate pair, the one that crosses with positive frequency).
    pub eigenvalue: Complex<f64>,
}

impl Onset {
    /// Period at the onset, in time constants.
    pub fn period(&self) -> f64 {
        TAU / self.omega
    }
}

/// The critical delay of an equilibrium whose J has these eigenvalues (complex ones in conjugate pairs, as those of
/// any real matrix; [`Linearisation::eigenvalues`](crate::stability::Linearisation::eigenvalues) gives them).
///
/// On the boundary `s = i omega`, so `|lambda|^2 = 1 + omega^2` and `omega tau = arg lambda - arctan omega`, up to whole
/// turns; the smallest positive solution over all eigenvalues is the critical delay.
pub fn critical_delay(eigenvalues: &[Complex<f64>]) -> CriticalDelay {
    if eigenvalues.iter().any(|lambda| lambda.re >= 1.0) {
        return CriticalDelay::UnstableWithoutDelay;
    }
    // Positive frequencies suffice: a negative one is the conjugate eigenvalue's crossing.
    let crossings = eigenvalues.iter().filter(|lambda| lambda.norm() > 1.0).map(|lambda| {
        let omega = (lambda.norm_sqr() - 1.0).sqrt();
        let tau = (lambda.arg() - omega.atan()).rem_euclid(TAU) / omega;
        Onset { tau, omega, eigenvalue: *lambda }
    });
    match crossings.min_by(|a, b| a.tau.total_cmp(&b.tau)) {
        Some(onset) => CriticalDelay::Oscillates(onset),
        None => CriticalDelay::StableForEveryDelay,
    }
}
