//! The parameters of a population with symmetric couplings, each once.

use crate::{Activation, Delayed, Delays, Matrix, Parameters, ShapeError};

/// Symmetric couplings and biases of a population as a vector without repetition: the couplings' upper triangle, row
/// by row with the diagonal, then the biases. Lengths of gradients and of steps are measured in this vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Symmetric {
    units: usize,
    /// The vector.
    pub values: Vec<f64>,
}

impl Symmetric {
    /// The parameters with these couplings, of which the upper triangle counts, and biases.
    ///
    /// # Panics
    /// If the shapes do not fit together.
    pub fn new(weights: &Matrix, bias: &[f64]) -> Self {
        let n = bias.len();
        assert_eq!(weights.shape(), (n, n), "couplings between {n} units");
        let mut values: Vec<f64> = pairs(n).map(|pair| weights[pair]).collect();
        values.extend(bias);
        Self { units: n, values }
    }

    /// The gradient by these parameters, from one in which each direction of a pair is a parameter of its own
    /// ([`bptt_delayed`](crate::bptt_delayed)): the two directions of a pair add.
    pub fn from_directed(gradient: &Parameters) -> Self {
        let directed = &gradient.weights[0];
        let mut both = directed + directed.transpose();
        both.set_diagonal(&directed.diagonal());
        Self::new(&both, &gradient.biases[0])
    }

    /// The gradient by these parameters, from one that has a pair's gradient at both of its places
    /// ([`Recurrent`](crate::Recurrent), [`ep_delayed`](crate::ep_delayed)).
    pub fn from_twice(gradient: &Parameters) -> Self {
        Self::new(&gradient.weights[0], &gradient.biases[0])
    }

    /// The same parameters with other values.
    ///
    /// # Panics
    /// If there are not as many.
    #[must_use]
    pub fn with(&self, values: &[f64]) -> Self {
        assert_eq!(values.len(), self.values.len(), "one value for each parameter");
        Self { units: self.units, values: values.to_vec() }
    }

    /// The couplings, both triangles.
    pub fn weights(&self) -> Matrix {
        let mut weights = Matrix::zeros(self.units, self.units);
        for ((row, column), value) in pairs(self.units).zip(&self.values) {
            weights[(row, column)] = *value;
            weights[(column, row)] = *value;
        }
        weights
    }

    /// The biases.
    pub fn bias(&self) -> &[f64] {
        &self.values[self.values.len() - self.units..]
    }

    /// The delayed network with these parameters.
    ///
    /// # Errors
    /// If the delays do not fit.
    pub fn network(&self, delays: Delays, leak: f64, activation: Activation) -> Result<Delayed, ShapeError> {
        Delayed::new(self.weights(), self.bias().to_vec(), delays, leak, activation)
    }

    /// Euclidean length.
    pub fn norm(&self) -> f64 {
        self.values.iter().map(|v| v * v).sum::<f64>().sqrt()
    }
}

/// The places of the upper triangle, row by row.
fn pairs(n: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..n).flat_map(move |row| (row..n).map(move |column| (row, column)))
}

#[cfg(test)]
mod tests {
    use super::Symmetric;
    use crate::{Matrix, Parameters};

    #[test]
    fn a_pair_is_stored_once_and_returned_twice() {
        let weights = Matrix::from_row_slice(2, 2, &[1.0, 2.0, 2.0, 3.0]);
        let parameters = Symmetric::new(&weights, &[4.0, 5.0]);
        assert_eq!(parameters.values, [1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!((parameters.weights(), parameters.bias()), (weights, &[4.0, 5.0][..]));
    }

    #[test]
    fn both_directions_of_a_pair_add_in_its_gradient_and_a_unit_with_itself_counts_once() {
        let directed = Parameters {
            weights: vec![Matrix::from_row_slice(2, 2, &[1.0, 10.0, 100.0, 1000.0])],
            biases: vec![vec![7.0, 8.0]],
        };
        assert_eq!(Symmetric::from_directed(&directed).values, [1.0, 110.0, 1000.0, 7.0, 8.0]);
    }
}
