//! Eigenvalues of real matrices that are not symmetric, found with care.
//!
//! nalgebra's Schur decomposition does the work. Two things that networks do to it are handled here: saturated units
//! leave rows and columns of zeros, whose eigenvalues are known exactly but would come out of the iteration as small
//! numbers with a large relative error; and rings (a cyclic delay line is one) are matrices from which the shifted
//! QR iteration does not move.

use crate::Matrix;
use nalgebra::{Complex, Schur};
use std::fmt;

/// Eigenvalues that could not be found: the matrix has entries that are not finite, or the iteration did not converge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoEigenvalues {
    /// Rows of the matrix.
    pub size: usize,
}

impl fmt::Display for NoEigenvalues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no eigenvalues found for a matrix of {0} x {0}", self.size)
    }
}

impl std::error::Error for NoEigenvalues {}

/// All eigenvalues of a square matrix.
pub(crate) fn eigenvalues(matrix: &Matrix) -> Result<Vec<Complex<f64>>, NoEigenvalues> {
    if !matrix.iter().all(|entry| entry.is_finite()) {
        return Err(NoEigenvalues { size: matrix.nrows() });
    }
    let (mut values, core) = isolate(matrix);
    values.extend(iterate(&core)?);
    Ok(values)
}

/// Splits off, one after the other, units that hear from none of the rest or are heard by none: such a unit's own
/// entry is an eigenvalue, exactly, and the rest keep theirs. Returns those eigenvalues and the rest.
fn isolate(matrix: &Matrix) -> (Vec<Complex<f64>>, Matrix) {
    let mut rest: Vec<usize> = (0..matrix.nrows()).collect();
    let mut values = Vec::new();
    let is_alone = |i: usize, rest: &[usize]| {
        let others = || rest.iter().filter(|j| **j != i);
        others().all(|j| matrix[(i, *j)] == 0.0) || others().all(|j| matrix[(*j, i)] == 0.0)
    };
    while let Some(place) = rest.iter().position(|i| is_alone(*i, &rest)) {
        let i = rest.remove(place);
        values.push(Complex::new(matrix[(i, i)], 0.0));
    }
    (values, matrix.select_rows(&rest).select_columns(&rest))
}

/// Eigenvalues by QR iteration. Where it does not converge, the same matrix is tried in other orthogonal bases, which
/// have the same eigenvalues but start the iteration elsewhere.
fn iterate(matrix: &Matrix) -> Result<Vec<Complex<f64>>, NoEigenvalues> {
    let size = matrix.nrows();
    if size == 0 {
        return Ok(Vec::new());
    }
    let (bases, iterations) = (8, 100 * size);
    for basis in 0..bases {
        let rotated = if basis == 0 { matrix.clone() } else { reflected(matrix, basis) };
        if let Some(schur) = Schur::try_new(rotated, f64::EPSILON, iterations) {
            return Ok(schur.complex_eigenvalues().iter().copied().collect());
        }
    }
    Err(NoEigenvalues { size })
}

/// `H A H` with the reflection `H = 1 - 2 v v^T / v.v` along an arbitrary vector that differs from basis to basis.
fn reflected(matrix: &Matrix, basis: usize) -> Matrix {
    let entry = |k: usize| 0.1 + (0.618_033_988_75 * (basis * (k + 1)) as f64).fract();
    let v = nalgebra::DVector::from_iterator(matrix.nrows(), (0..matrix.nrows()).map(entry));
    let identity = Matrix::identity(matrix.nrows(), matrix.nrows());
    let reflection = identity - &v * v.transpose() * (2.0 / v.norm_squared());
    &reflection * matrix * &reflection
}

#[cfg(test)]
mod tests {
    use super::{eigenvalues, isolate};
    use crate::Matrix;

    /// Units 0 to n-1, each driven by the one before: the eigenvalues are `weight` times the n-th roots of 1.
    fn ring(n: usize, weight: f64) -> Matrix {
        Matrix::from_fn(n, n, |to, from| if to == (from + 1) % n { weight } else { 0.0 })
    }

    #[test]
    fn the_eigenvalues_of_rings_lie_on_a_circle() {
        for n in 2..=60 {
            for weight in [1.0, -0.7] {
                let values = eigenvalues(&ring(n, weight)).unwrap();
                assert_eq!(values.len(), n);
                for value in &values {
                    assert!((value.norm() - weight.abs()).abs() < 1e-12, "ring of {n}: {value}");
                    // Each is a root of z^n = weight^n.
                    let power = (value / weight).powu(u32::try_from(n).unwrap());
                    assert!((power - 1.0).norm() < 1e-10, "ring of {n}: {value}");
                }
            }
        }
    }

    #[test]
    fn a_network_without_loops_has_eigenvalues_of_exactly_zero() {
        let one_way = Matrix::from_row_slice(3, 3, &[0.0, 0.0, 0.3, 0.7, 0.0, -1.1, 0.0, 0.0, 0.0]);
        let (values, core) = isolate(&one_way);
        assert_eq!((values.len(), core.len()), (3, 0));
        assert!(values.iter().all(|v| v.norm() == 0.0));
    }

    #[test]
    fn isolated_units_keep_the_eigenvalues_of_the_rest() {
        // Unit 1 hears of none and drives the loop of units 0 and 2, whose eigenvalues are +-sqrt(0.5 * 0.5).
        let matrix = Matrix::from_row_slice(3, 3, &[0.0, 9.0, 0.5, 0.0, 0.25, 0.0, 0.5, -4.0, 0.0]);
        let mut values: Vec<f64> = eigenvalues(&matrix).unwrap().iter().map(|v| v.re).collect();
        values.sort_by(f64::total_cmp);
        for (value, expected) in values.iter().zip([-0.5, 0.25, 0.5]) {
            assert!((value - expected).abs() < 1e-14);
        }
    }

    #[test]
    fn a_matrix_that_is_not_finite_is_refused() {
        assert!(eigenvalues(&Matrix::from_row_slice(2, 2, &[f64::NAN, 1.0, 1.0, 0.0])).is_err());
    }
}
