//! What every network with an energy has, so that each method is written once.

use crate::{Matrix, Neuron, Parameters};
use std::fmt;
use std::ops::Range;

/// One thing to learn: what is clamped to the inputs, and what the outputs should be.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// Activity of each clamped input unit, used as it is ([`Layered`](crate::Layered)), or the current into
    /// each unit ([`Recurrent`](crate::Recurrent)).
    pub input: &'a [f64],
    /// Target `d` of each output unit.
    pub target: &'a [f64],
}

/// A network whose units descend
/// `E(u) = sum_i self_energy(u_i) - 1/2 r.W r - c.r` with activities `r = rho(u)`, symmetric couplings `W`
/// between the free units, and a constant drive `c` of biases and clamped inputs.
///
/// The lengths of all slices must fit the network; a wrong length is a mistake of the caller and panics.
pub trait EnergyNetwork: Clone {
    /// The rule of every unit.
    fn neuron(&self) -> &Neuron;

    /// Number of free units, the length of a state.
    fn unit_count(&self) -> usize;

    /// Which of the free units are outputs: they are nudged and compared with the target.
    fn outputs(&self) -> Range<usize>;

    /// `c`: what the biases and the clamped inputs drive into each unit.
    fn constant_drive(&self, input: &[f64]) -> Vec<f64>;

    /// `W r`: what the free units drive into each other.
    fn couple(&self, activity: &[f64]) -> Vec<f64>;

    /// `-dE/dtheta`: for the synapse between two units the product of their activities, for a bias the
    /// activity. This is what a latch holds.
    fn correlation(&self, input: &[f64], activity: &[f64]) -> Parameters;

    /// `d(v.drive)/dtheta`, where `drive = c + W r`: for a synapse between units i and j
    /// `v_i r_j + v_j r_i`, for a bias `v`.
    fn drive_gradient(&self, input: &[f64], v: &[f64], activity: &[f64]) -> Parameters;

    /// All weights and biases.
    fn parameters(&self) -> &Parameters;

    /// Sets the parameter at a place of the flat order; both directions of a symmetric synapse change.
    fn set_parameter(&mut self, index: usize, value: f64);

    /// `W` as a matrix over the free units.
    fn couplings(&self) -> Matrix {
        let n = self.unit_count();
        let mut matrix = Matrix::zeros(n, n);
        for from in 0..n {
            let mut one = vec![0.0; n];
            one[from] = 1.0;
            matrix.set_column(from, &nalgebra::DVector::from_vec(self.couple(&one)));
        }
        matrix
    }

    /// `rho(u)` of every unit.
    fn activity(&self, state: &[f64]) -> Vec<f64> {
        state.iter().map(|u| self.neuron().activation.value(*u)).collect()
    }

    /// The usual start of a free phase: every `u` is 0.
    fn zero_state(&self) -> Vec<f64> {
        vec![0.0; self.unit_count()]
    }
}

/// Weights, biases and delays whose shapes do not fit together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeError(pub(crate) String);

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ShapeError {}

/// `matrix * vector`, and with the transposed matrix: (rows) from (columns), or the other way round.
pub(crate) fn multiply(matrix: &Matrix, vector: &[f64]) -> Vec<f64> {
    (matrix * column(vector)).as_slice().to_vec()
}

/// The product of the transposed matrix with a vector.
pub(crate) fn multiply_transposed(matrix: &Matrix, vector: &[f64]) -> Vec<f64> {
    matrix.tr_mul(&column(vector)).as_slice().to_vec()
}

/// The matrix `left_i * right_j`.
pub(crate) fn outer(left: &[f64], right: &[f64]) -> Matrix {
    column(left) * column(right).transpose()
}

fn column(values: &[f64]) -> nalgebra::DVectorView<'_, f64> {
    nalgebra::DVectorView::from_slice(values, values.len())
}

/// Adds `more` to `sum`, unit by unit.
pub(crate) fn add(sum: &mut [f64], more: &[f64]) {
    assert_eq!(sum.len(), more.len(), "vectors of different lengths");
    sum.iter_mut().zip(more).for_each(|(s, m)| *s += m);
}
