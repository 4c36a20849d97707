//! One population of units, each coupled to any other.

use crate::network::{add, multiply, outer};
use crate::parameters::Place;
use crate::{EnergyNetwork, Matrix, Neuron, Parameters, ShapeError};
use std::ops::Range;

/// Units with symmetric couplings among all of them and an external current into each.
///
/// `W_ij = W_ji` is one parameter that is stored twice: its gradient stands at both places, and changing one
/// place through [`EnergyNetwork::set_parameter`] changes both. A coupling `W_ii` of a unit to itself counts
/// half in the energy, `W_ii r_i^2 / 2`. For couplings that are not symmetric there is no energy: use
/// [`Delayed`](crate::Delayed).
#[derive(Clone, Debug, PartialEq)]
pub struct Recurrent {
    /// One matrix and one bias vector.
    pub parameters: Parameters,
    neuron: Neuron,
    outputs: Range<usize>,
}

impl Recurrent {
    /// A network with these couplings (to, from), a bias for each unit, and the units that count as outputs.
    ///
    /// # Errors
    /// If the matrix is not square or not exactly symmetric, or if biases or outputs do not fit it.
    pub fn new(
        weights: Matrix,
        bias: Vec<f64>,
        outputs: Range<usize>,
        neuron: Neuron,
    ) -> Result<Self, ShapeError> {
        let (n, columns) = weights.shape();
        if columns != n || bias.len() != n {
            let biases = bias.len();
            return Err(ShapeError(format!(
                "{n} x {columns} couplings and {biases} biases: all must be equal"
            )));
        }
        if weights != weights.transpose() {
            return Err(ShapeError("couplings of an energy must be symmetric".to_owned()));
        }
        if outputs.start > outputs.end || outputs.end > n {
            return Err(ShapeError(format!("outputs {outputs:?} of {n} units")));
        }
        Ok(Self { parameters: Parameters { weights: vec![weights], biases: vec![bias] }, neuron, outputs })
    }

    fn weights(&self) -> &Matrix {
        &self.parameters.weights[0]
    }
}

impl EnergyNetwork for Recurrent {
    fn neuron(&self) -> &Neuron {
        &self.neuron
    }

    fn unit_count(&self) -> usize {
        self.weights().nrows()
    }

    fn outputs(&self) -> Range<usize> {
        self.outputs.clone()
    }

    fn constant_drive(&self, input: &[f64]) -> Vec<f64> {
        let mut drive = self.parameters.biases[0].clone();
        add(&mut drive, input);
        drive
    }

    fn couple(&self, activity: &[f64]) -> Vec<f64> {
        multiply(self.weights(), activity)
    }

    fn correlation(&self, _input: &[f64], activity: &[f64]) -> Parameters {
        let mut products = outer(activity, activity);
        halve_diagonal(&mut products);
        Parameters { weights: vec![products], biases: vec![activity.to_vec()] }
    }

    fn drive_gradient(&self, _input: &[f64], v: &[f64], activity: &[f64]) -> Parameters {
        let mut products = outer(v, activity) + outer(activity, v);
        halve_diagonal(&mut products);
        Parameters { weights: vec![products], biases: vec![v.to_vec()] }
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn set_parameter(&mut self, index: usize, value: f64) {
        self.parameters.set(index, value);
        if let Place::Weight(matrix, (row, column)) = self.parameters.place(index) {
            self.parameters.weights[matrix][(column, row)] = value;
        }
    }
}

/// A synapse from a unit to itself stands at one place of the matrix, all others at two.
fn halve_diagonal(matrix: &mut Matrix) {
    for i in 0..matrix.nrows() {
        matrix[(i, i)] *= 0.5;
    }
}
