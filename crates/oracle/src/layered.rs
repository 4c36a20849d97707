//! Layers of units, each coupled symmetrically to the next.

use crate::network::{add, multiply, multiply_transposed, outer};
use crate::{EnergyNetwork, Matrix, Neuron, Parameters, ShapeError};
use std::ops::Range;

/// Clamped inputs (layer 0), then layers 1 to L of free units; layer L is the output.
///
/// `weights[l - 1]` has the shape (units of layer l-1, units of layer l) and is used in both directions,
/// except from layer 1 back to the clamped inputs. A state lists layer 1 first and the output last.
#[derive(Clone, Debug, PartialEq)]
pub struct Layered {
    /// `weights[l - 1]` and `biases[l - 1]` belong to layer l.
    pub parameters: Parameters,
    neuron: Neuron,
}

impl Layered {
    /// A network with these weights (pre, post) and biases.
    ///
    /// # Errors
    /// If there is no layer, or if the shapes do not follow one another.
    pub fn new(weights: Vec<Matrix>, biases: Vec<Vec<f64>>, neuron: Neuron) -> Result<Self, ShapeError> {
        if weights.is_empty() || weights.len() != biases.len() {
            let (w, b) = (weights.len(), biases.len());
            return Err(ShapeError(format!(
                "{w} weight matrices and {b} bias vectors: one of each per layer"
            )));
        }
        for (l, (weight, bias)) in weights.iter().zip(&biases).enumerate() {
            if weight.ncols() != bias.len() {
                let (layer, columns, count) = (l + 1, weight.ncols(), bias.len());
                return Err(ShapeError(format!(
                    "layer {layer}: {columns} columns of weights, {count} biases"
                )));
            }
            if l > 0 && weight.nrows() != weights[l - 1].ncols() {
                let (layer, rows, below) = (l + 1, weight.nrows(), weights[l - 1].ncols());
                return Err(ShapeError(format!(
                    "layer {layer}: {rows} rows of weights, {below} units below"
                )));
            }
        }
        Ok(Self { parameters: Parameters { weights, biases }, neuron })
    }

    /// Number of layers of free units, L.
    pub fn layer_count(&self) -> usize {
        self.parameters.biases.len()
    }

    /// Number of clamped inputs.
    pub fn input_count(&self) -> usize {
        self.parameters.weights[0].nrows()
    }

    /// The part of a state (or of anything with one value for each free unit) that belongs to layer `l`, 1 to L.
    pub fn layer<'a>(&self, values: &'a [f64], l: usize) -> &'a [f64] {
        &values[self.places(l)]
    }

    /// Where layer `l`, 1 to L, lies in a state.
    fn places(&self, l: usize) -> Range<usize> {
        let sizes = self.parameters.biases.iter().map(Vec::len);
        let start = sizes.take(l - 1).sum();
        start..start + self.parameters.biases[l - 1].len()
    }

    /// `weights[l - 1]`: from layer l-1 to layer l.
    fn weights_into(&self, l: usize) -> &Matrix {
        &self.parameters.weights[l - 1]
    }

    /// `values` cut into layers 1 to L, as biases are.
    fn by_layer(&self, values: &[f64]) -> Vec<Vec<f64>> {
        (1..=self.layer_count()).map(|l| self.layer(values, l).to_vec()).collect()
    }
}

impl EnergyNetwork for Layered {
    fn neuron(&self) -> &Neuron {
        &self.neuron
    }

    fn unit_count(&self) -> usize {
        self.outputs().end
    }

    fn outputs(&self) -> Range<usize> {
        self.places(self.layer_count())
    }

    fn constant_drive(&self, input: &[f64]) -> Vec<f64> {
        let mut drive = self.parameters.biases.concat();
        add(&mut drive[self.places(1)], &multiply_transposed(self.weights_into(1), input));
        drive
    }

    fn couple(&self, activity: &[f64]) -> Vec<f64> {
        let mut drive = vec![0.0; activity.len()];
        for l in 2..=self.layer_count() {
            let (below, here) = (self.places(l - 1), self.places(l));
            let up = multiply_transposed(self.weights_into(l), &activity[below.clone()]);
            let down = multiply(self.weights_into(l), &activity[here.clone()]);
            add(&mut drive[here], &up);
            add(&mut drive[below], &down);
        }
        drive
    }

    fn correlation(&self, input: &[f64], activity: &[f64]) -> Parameters {
        let mut weights = vec![outer(input, self.layer(activity, 1))];
        for l in 2..=self.layer_count() {
            weights.push(outer(self.layer(activity, l - 1), self.layer(activity, l)));
        }
        Parameters { weights, biases: self.by_layer(activity) }
    }

    fn drive_gradient(&self, input: &[f64], v: &[f64], activity: &[f64]) -> Parameters {
        let mut weights = vec![outer(input, self.layer(v, 1))];
        for l in 2..=self.layer_count() {
            let up = outer(self.layer(activity, l - 1), self.layer(v, l));
            let down = outer(self.layer(v, l - 1), self.layer(activity, l));
            weights.push(up + down);
        }
        Parameters { weights, biases: self.by_layer(v) }
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn set_parameter(&mut self, index: usize, value: f64) {
        self.parameters.set(index, value);
    }
}
