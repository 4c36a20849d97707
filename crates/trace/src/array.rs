//! An array of numbers with its shape, as NumPy files hold them.

use crate::dataset::Samples;
use crate::error::Error;
use std::sync::Arc;

/// The numbers of an array. Narrower types of a file are widened: 8 and 16 bits to `I32`, unsigned 32 and 64
/// bits to `I64`.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Single precision.
    F32(Vec<f32>),
    /// Double precision.
    F64(Vec<f64>),
    /// Whole numbers.
    I32(Vec<i32>),
    /// Long whole numbers.
    I64(Vec<i64>),
}

/// An array; the last dimension runs fastest.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Where it comes from, as messages show it: `weights.npz: w1`.
    pub name: Arc<str>,
    /// Sizes of the dimensions, slowest first; their product is the number of values.
    pub shape: Vec<usize>,
    /// The numbers.
    pub values: Values,
}

impl Values {
    /// How many numbers.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::I64(values) => values.len(),
        }
    }

    /// Adds numbers of the same type behind these.
    pub(crate) fn append(&mut self, values: Self) {
        match (self, values) {
            (Self::F32(mine), Self::F32(more)) => mine.extend(more),
            (Self::F64(mine), Self::F64(more)) => mine.extend(more),
            (Self::I32(mine), Self::I32(more)) => mine.extend(more),
            (Self::I64(mine), Self::I64(more)) => mine.extend(more),
            _ => unreachable!("the numbers of one array are of one type"),
        }
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Array {
    /// An array of double precision to write: `shape` must have as many places as there are `values`.
    ///
    /// # Errors
    /// If it has not.
    pub fn f64(name: &str, shape: &[usize], values: Vec<f64>) -> Result<Self, Error> {
        Self::new(name, shape, Values::F64(values))
    }

    /// An array of `values`.
    ///
    /// # Errors
    /// If `shape` has not as many places as there are values.
    pub fn new(name: &str, shape: &[usize], values: Values) -> Result<Self, Error> {
        let places = shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size));
        if places != Some(values.len()) {
            let found = format!("{} values for the shape {}", values.len(), shown(shape));
            return Err(Error::data(name, "", found, "one value per place"));
        }
        Ok(Self { name: name.into(), shape: shape.to_vec(), values })
    }

    /// Checks the shape.
    ///
    /// # Errors
    /// If it is not `wanted`; `why` says what it is for.
    pub fn expect_shape(&self, wanted: &[usize], why: &str) -> Result<(), Error> {
        if self.shape == wanted {
            return Ok(());
        }
        let found = format!("the shape {}", shown(&self.shape));
        Err(Error::data(&self.name, "", found, format!("the shape {} {why}", shown(wanted))))
    }

    /// The numbers in double precision.
    ///
    /// # Errors
    /// If one is not finite, naming its index.
    pub fn finite_f64(&self) -> Result<Vec<f64>, Error> {
        let values: Vec<f64> = match &self.values {
            Values::F32(values) => values.iter().map(|&v| v.into()).collect(),
            Values::F64(values) => values.clone(),
            Values::I32(values) => values.iter().map(|&v| v.into()).collect(),
            Values::I64(values) => values.iter().map(|&v| v as f64).collect(),
        };
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(at) => {
                let place = format!("index {}", shown(&self.index(at)));
                Err(Error::data(&self.name, place, values[at].to_string(), "finite numbers"))
            }
        }
    }

    /// The numbers in single precision.
    ///
    /// # Errors
    /// If one is not finite, or too large for single precision, naming its index.
    pub fn finite_f32(&self) -> Result<Vec<f32>, Error> {
        let values: Vec<f32> = self.finite_f64()?.into_iter().map(|value| value as f32).collect();
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(at) => {
                let place = format!("index {}", shown(&self.index(at)));
                Err(Error::data(&self.name, place, "a number beyond 3.4e38", "numbers of single precision"))
            }
        }
    }

    /// Joins this array of inputs, the first dimension counting samples, with an array of `labels`.
    ///
    /// # Errors
    /// If there are not as many labels as samples, or a label is no whole number from 0.
    pub fn samples(self, labels: &Self) -> Result<Samples, Error> {
        let count = self.shape.first().copied().unwrap_or(0);
        labels.expect_shape(&[count], &format!("(one label per sample of {})", self.name))?;
        let (values, shape) = (self.finite_f32()?, self.shape.get(1..).unwrap_or(&[]).to_vec());
        let labels = whole_labels(&labels.name, &labels.finite_f64()?)?;
        Ok(Samples { file: self.name, shape, values, labels })
    }

    /// Takes a 2-D array apart whose last column holds labels.
    ///
    /// # Errors
    /// If it is no such array.
    pub fn labelled_rows(&self) -> Result<Samples, Error> {
        let (Some(&columns), 2) = (self.shape.last(), self.shape.len()) else {
            let found = format!("the shape {}", shown(&self.shape));
            return Err(Error::data(&self.name, "", found, "a 2-D array whose last column is the label"));
        };
        if columns < 2 {
            let found = format!("{columns} columns");
            return Err(Error::data(
                &self.name,
                "",
                found,
                "at least one input column before the label column",
            ));
        }
        let (values, rows) = (self.finite_f32()?, self.finite_f64()?);
        let labels: Vec<f64> = rows.chunks_exact(columns).map(|row| row[columns - 1]).collect();
        let labels = whole_labels(&self.name, &labels)?;
        let values = values.chunks_exact(columns).flat_map(|row| &row[..columns - 1]).copied().collect();
        Ok(Samples { file: self.name.clone(), shape: vec![columns - 1], values, labels })
    }

    /// The index of the value that is stored at `at`.
    fn index(&self, mut at: usize) -> Vec<usize> {
        let mut index = vec![0; self.shape.len()];
        for (place, &size) in index.iter_mut().zip(&self.shape).rev() {
            (*place, at) = (at % size.max(1), at / size.max(1));
        }
        index
    }
}

fn whole_labels(file: &Arc<str>, labels: &[f64]) -> Result<Vec<u32>, Error> {
    let whole = |(at, &label): (usize, &f64)| {
        if label >= 0.0 && label <= f64::from(u32::MAX) && label == label.floor() {
            return Ok(label as u32);
        }
        Err(Error::data(file, format!("sample {at}"), format!("the label {label}"), "whole numbers from 0"))
    };
    labels.iter().enumerate().map(whole).collect()
}

/// A shape or index as NumPy shows it: `(3, 4)`, `(3,)`.
pub(crate) fn shown(shape: &[usize]) -> String {
    match shape {
        [one] => format!("({one},)"),
        many => format!("({})", many.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}
