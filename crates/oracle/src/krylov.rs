//! The dominant eigenvalue of a map that is too large for a matrix.
//!
//! Delays give a map whole rings of eigenvalues of nearly the same size, which a power iteration alone cannot tell
//! apart and a Krylov space from an arbitrary start must resolve all at once. Here the one prepares the other: powers of
//! the map shrink the rest of a start vector, a small Krylov space from there resolves what is left, and its residual
//! says whether that was enough; if not, the vector takes twice as many steps.

use crate::eigen::{self, NoEigenvalues};
use crate::linear_steps::LinearSteps;
use crate::{Matrix, SplitMix64};
use nalgebra::{Complex, DMatrix, DVector};

/// Most dimensions of the Krylov space.
const DIMENSIONS: usize = 80;
/// The residual of an eigenpair as a share of the eigenvalue.
const TOLERANCE: f64 = 1e-11;

/// The eigenvalue with the greatest modulus (of a conjugate pair, either). It gives up after about `patience`
/// applications of the map.
pub(crate) fn dominant(map: &LinearSteps, patience: usize) -> Result<Complex<f64>, NoEigenvalues> {
    let mut draw = SplitMix64::new(1);
    let mut vector = DVector::from_fn(map.order(), |_, _| draw.uniform(-1.0, 1.0));
    let (mut powers, mut applied) = (32, 0);
    while applied < patience {
        vector = amplified(map, vector, powers);
        let space = arnoldi(map, &vector);
        if let Some(value) = space.converged()? {
            return Ok(value);
        }
        applied += powers + DIMENSIONS;
        powers *= 2;
    }
    Err(NoEigenvalues { size: map.order() })
}

/// The map applied `times` times, at unit length.
fn amplified(map: &LinearSteps, mut vector: DVector<f64>, times: usize) -> DVector<f64> {
    let mut next = DVector::zeros(map.order());
    for _ in 0..times {
        map.apply(vector.as_slice(), next.as_mut_slice());
        std::mem::swap(&mut vector, &mut next);
        let norm = vector.norm();
        if norm == 0.0 {
            break;
        }
        vector /= norm;
    }
    vector
}

/// A map seen in a Krylov space.
struct Space {
    /// The map in the space's basis.
    hessenberg: Matrix,
    /// How much of the last basis vector's image leaves the space.
    leaving: f64,
}

/// The space spanned by `start`, its image, the image of that and so on, each made orthogonal to the ones before.
fn arnoldi(map: &LinearSteps, start: &DVector<f64>) -> Space {
    let most = DIMENSIONS.min(map.order());
    let mut basis = vec![start / start.norm().max(f64::MIN_POSITIVE)];
    let mut hessenberg = Matrix::zeros(most, most);
    for k in 0..most {
        let mut image = DVector::zeros(map.order());
        map.apply(basis[k].as_slice(), image.as_mut_slice());
        // Twice is enough (Kahan and Parlett): the second pass takes what rounding left of the first.
        for _ in 0..2 {
            for (row, direction) in basis.iter().enumerate() {
                let share = direction.dot(&image);
                hessenberg[(row, k)] += share;
                image.axpy(-share, direction, 1.0);
            }
        }
        let leaving = image.norm();
        if k + 1 == most || leaving < 1e-14 {
            let size = k + 1;
            return Space { hessenberg: hessenberg.view((0, 0), (size, size)).into_owned(), leaving };
        }
        hessenberg[(k + 1, k)] = leaving;
        basis.push(image / leaving);
    }
    Space { hessenberg, leaving: 0.0 }
}

impl Space {
    /// The dominant eigenvalue in the space, if it is one of the map: its residual is what leaves the space.
    fn converged(&self) -> Result<Option<Complex<f64>>, NoEigenvalues> {
        let values = eigen::eigenvalues(&self.hessenberg)?;
        let value =
            values.into_iter().fold(Complex::new(0.0, 0.0), |a, b| if b.norm() > a.norm() { b } else { a });
        let Some(vector) = self.eigenvector(value) else { return Ok(None) };
        let residual = self.leaving * vector[vector.len() - 1].norm();
        Ok((residual <= TOLERANCE * value.norm()).then_some(value))
    }

    /// The unit eigenvector, by inverse iteration from all ones.
    fn eigenvector(&self, value: Complex<f64>) -> Option<DVector<Complex<f64>>> {
        let size = self.hessenberg.nrows();
        // Slightly beside the eigenvalue, so that there is an inverse.
        let beside = value * (1.0 + 1e-13) + 1e-300;
        let shifted = self.hessenberg.map(|v| Complex::new(v, 0.0)) - DMatrix::identity(size, size) * beside;
        let factors = shifted.lu();
        let mut vector = DVector::from_element(size, Complex::new(1.0, 0.0));
        for _ in 0..3 {
            vector = factors.solve(&vector)?;
            vector /= Complex::new(vector.norm(), 0.0);
        }
        Some(vector)
    }
}

#[cfg(test)]
mod tests {
    use super::dominant;
    use crate::linear_steps::{Feed, LinearSteps};
    use crate::{SplitMix64, eigen};

    /// Couplings in both directions or in one, of random sizes, each with its own delay.
    fn random(units: usize, longest: usize, symmetric: bool, seed: u64) -> LinearSteps {
        let mut draw = SplitMix64::new(seed);
        let mut feeds = Vec::new();
        for to in 0..units {
            for from in 0..units {
                let feed = draw.uniform(-0.3, 0.3);
                let delay = (draw.unit() * (longest + 1) as f64) as usize;
                match (symmetric, to < from) {
                    (true, true) => {
                        feeds.extend([(to, from), (from, to)].map(|(to, from)| Feed {
                            to,
                            from,
                            delay,
                            feed,
                        }));
                    }
                    (true, false) => {}
                    (false, _) => feeds.push(Feed { to, from, delay, feed }),
                }
            }
        }
        LinearSteps::new((0..units).map(|unit| 0.5 + 0.4 * unit as f64 / units as f64).collect(), feeds)
    }

    #[test]
    fn it_is_the_dominant_eigenvalue_of_the_matrix() {
        for symmetric in [false, true] {
            for (units, longest) in [(2, 0), (3, 4), (8, 1), (10, 9), (20, 5), (30, 8)] {
                for seed in 0..4 {
                    let map = random(units, longest, symmetric, seed);
                    let all = eigen::eigenvalues(&map.companion()).unwrap();
                    let expected = all.iter().map(|value| value.norm()).fold(0.0, f64::max);
                    let found = dominant(&map, 40_000).unwrap().norm();
                    let case = format!("{units} units, delays to {longest}, seed {seed}");
                    assert!((found - expected).abs() < 1e-9, "{case}: {found} and {expected}");
                }
            }
        }
    }
}
