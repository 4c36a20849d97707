//! Weights and biases, or a gradient with respect to them.

use crate::Matrix;

/// One value for each parameter of a network: the parameters themselves, or a gradient.
///
/// The flat order is: every weight matrix in turn, each row by row, then every bias vector in turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// Weight matrices, in the shapes of the network they belong to.
    pub weights: Vec<Matrix>,
    /// Bias vectors.
    pub biases: Vec<Vec<f64>>,
}

impl Parameters {
    /// How many values there are.
    pub fn count(&self) -> usize {
        let weights: usize = self.weights.iter().map(Matrix::len).sum();
        let biases: usize = self.biases.iter().map(Vec::len).sum();
        weights + biases
    }

    /// All values in flat order.
    pub fn flat(&self) -> Vec<f64> {
        let mut flat = Vec::with_capacity(self.count());
        for matrix in &self.weights {
            // nalgebra stores columns one after the other; the transpose is what lies row by row.
            flat.extend(matrix.transpose().iter());
        }
        flat.extend(self.biases.iter().flatten());
        flat
    }

    /// The value at a place of the flat order.
    ///
    /// # Panics
    /// If `index` is not below [`Parameters::count`].
    pub fn at(&self, index: usize) -> f64 {
        match self.place(index) {
            Place::Weight(matrix, row_column) => self.weights[matrix][row_column],
            Place::Bias(vector, unit) => self.biases[vector][unit],
        }
    }

    /// Sets the value at a place of the flat order.
    ///
    /// # Panics
    /// If `index` is not below [`Parameters::count`].
    pub fn set(&mut self, index: usize, value: f64) {
        match self.place(index) {
            Place::Weight(matrix, row_column) => self.weights[matrix][row_column] = value,
            Place::Bias(vector, unit) => self.biases[vector][unit] = value,
        }
    }

    /// Where the flat order's `index` lies.
    pub(crate) fn place(&self, index: usize) -> Place {
        let mut rest = index;
        for (number, matrix) in self.weights.iter().enumerate() {
            if rest < matrix.len() {
                return Place::Weight(number, (rest / matrix.ncols(), rest % matrix.ncols()));
            }
            rest -= matrix.len();
        }
        for (number, bias) in self.biases.iter().enumerate() {
            if rest < bias.len() {
                return Place::Bias(number, rest);
            }
            rest -= bias.len();
        }
        panic!("parameter {index} of {}", self.count());
    }

    /// A copy with `f` applied to each value.
    #[must_use]
    pub fn map(&self, f: impl Fn(f64) -> f64) -> Self {
        Self {
            weights: self.weights.iter().map(|m| m.map(&f)).collect(),
            biases: self.biases.iter().map(|b| b.iter().map(|v| f(*v)).collect()).collect(),
        }
    }

    /// Adds `scale * other` in place; a learning step is `add_scaled(-rate, &gradient)`.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn add_scaled(&mut self, scale: f64, other: &Self) {
        assert_eq!(self.weights.len(), other.weights.len(), "different numbers of weight matrices");
        assert_eq!(self.biases.len(), other.biases.len(), "different numbers of bias vectors");
        for (mine, theirs) in self.weights.iter_mut().zip(&other.weights) {
            *mine += theirs * scale;
        }
        for (mine, theirs) in self.biases.iter_mut().zip(&other.biases) {
            assert_eq!(mine.len(), theirs.len(), "different numbers of biases");
            mine.iter_mut().zip(theirs).for_each(|(m, t)| *m += scale * t);
        }
    }

    /// `(self - other) * scale`.
    ///
    /// # Panics
    /// If the shapes differ.
    #[must_use]
    pub fn difference(&self, other: &Self, scale: f64) -> Self {
        let mut result = self.clone();
        result.add_scaled(-1.0, other);
        result.map(|v| v * scale)
    }
}

/// One parameter: which matrix and its (row, column), or which bias vector and its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Weight(usize, (usize, usize)),
    Bias(usize, usize),
}

#[cfg(test)]
mod tests {
    use super::Parameters;
    use crate::Matrix;

    #[test]
    fn the_flat_order_is_row_by_row_and_agrees_with_the_places() {
        let mut p = Parameters {
            weights: vec![
                Matrix::from_row_slice(2, 3, &[0., 1., 2., 3., 4., 5.]),
                Matrix::from_row_slice(3, 1, &[6., 7., 8.]),
            ],
            biases: vec![vec![9., 10., 11.], vec![12.]],
        };
        let expected: Vec<f64> = (0..13).map(f64::from).collect();
        assert_eq!(p.flat(), expected);
        for (index, value) in expected.iter().enumerate() {
            assert_eq!(p.at(index), *value);
            p.set(index, -value);
            assert_eq!(p.at(index), -value);
        }
    }
}
