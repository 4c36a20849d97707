//! Labelled samples, scaled to what input neurons take.

use crate::error::Error;
use equipoise_base::Instruction;
use equipoise_base::instruction::Target;
use std::sync::Arc;

/// The most classes that labels may name.
pub const MOST_CLASSES: u32 = 1 << 16;

/// Every fifth sample tests where a source has no test part of its own.
const TEST_EVERY: usize = 5;

/// Samples as a file holds them, not scaled.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// The file as messages show it.
    pub file: Arc<str>,
    /// Sizes of the dimensions of one sample: 28 and 28 of an image.
    pub shape: Vec<usize>,
    /// The values, one sample after another.
    pub values: Vec<f32>,
    /// One label per sample, from 0.
    pub labels: Vec<u32>,
}

impl Samples {
    /// Values of one sample.
    #[must_use]
    pub fn width(&self) -> usize {
        // A file without samples may claim any shape.
        self.shape.iter().fold(1, |width: usize, &size| width.saturating_mul(size))
    }

    /// The shape as messages show it: `28 x 28`.
    fn shown_shape(&self) -> String {
        match self.shape[..] {
            [] => "1".to_owned(),
            _ => self.shape.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x "),
        }
    }
}

/// Labelled samples with inputs from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// The source with the part: `digits train`.
    pub name: String,
    /// Inputs of one sample.
    pub width: usize,
    /// The inputs in [0, 1], one sample after another.
    pub inputs: Vec<f32>,
    /// One label per sample, below `classes`.
    pub labels: Vec<u32>,
    /// The number of classes, of both parts together.
    pub classes: u32,
}

/// The two parts of a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct DataPair {
    /// To train on.
    pub train: Dataset,
    /// To test on.
    pub test: Dataset,
}

impl Dataset {
    /// The number of samples.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// True if there is no sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The inputs of sample `index`, which must be below [`Dataset::len`].
    #[must_use]
    pub fn input(&self, index: usize) -> &[f32] {
        &self.inputs[index * self.width..(index + 1) * self.width]
    }

    /// The instruction that presents sample `index` with its class.
    #[must_use]
    pub fn present(&self, index: usize) -> Instruction {
        Instruction::Present {
            input: self.input(index).into(),
            target: Some(Target::Class(self.labels[index])),
        }
    }
}

impl DataPair {
    /// Scales both parts alike: values are divided by the largest of the training part where that exceeds 1
    /// (255 for MNIST, 16 for the shipped digits), and a test value that is larger still becomes 1.
    ///
    /// # Errors
    /// If a part is empty, the parts differ in the shape of their samples, a value is negative or not finite, or a label is too large.
    pub fn new(name: &str, train: Samples, test: Samples) -> Result<Self, Error> {
        check(&train)?;
        check(&test)?;
        if train.shape != test.shape {
            let (test_shape, shape) = (test.shown_shape(), train.shown_shape());
            let found = format!("samples of {test_shape} values beside training samples of {shape}");
            return Err(Error::data(&test.file, "", found, "samples of one shape"));
        }
        let largest = train.values.iter().fold(1.0_f32, |largest, &value| largest.max(value));
        let classes = train.labels.iter().chain(&test.labels).max().map_or(0, |&label| label + 1);
        let scaled = |part: &str, samples: Samples| Dataset {
            name: format!("{name} {part}"),
            width: samples.width(),
            inputs: samples.values.into_iter().map(|value| (value / largest).min(1.0)).collect(),
            labels: samples.labels,
            classes,
        };
        Ok(Self { train: scaled("train", train), test: scaled("test", test) })
    }

    /// Makes two parts of one: every fifth sample (the 5th, 10th, ...) tests, the others train.
    ///
    /// # Errors
    /// As [`DataPair::new`]; fewer than five samples leave the test part empty.
    pub fn split(name: &str, all: &Samples) -> Result<Self, Error> {
        let width = all.width();
        let part = |tests: bool| {
            let chosen = |index: &usize| (index % TEST_EVERY == TEST_EVERY - 1) == tests;
            let (file, shape) = (all.file.clone(), all.shape.clone());
            let mut samples = Samples { file, shape, values: Vec::new(), labels: Vec::new() };
            for index in (0..all.labels.len()).filter(chosen) {
                samples.values.extend_from_slice(&all.values[index * width..(index + 1) * width]);
                samples.labels.push(all.labels[index]);
            }
            samples
        };
        if all.labels.len() < TEST_EVERY {
            let found = format!("{} samples", all.labels.len());
            return Err(Error::data(&all.file, "", found, "at least 5 samples: every fifth one tests"));
        }
        Self::new(name, part(false), part(true))
    }
}

fn check(samples: &Samples) -> Result<(), Error> {
    let refused =
        |at: String, found: String, accepted: &str| Err(Error::data(&samples.file, at, found, accepted));
    let width = samples.width();
    if samples.labels.is_empty() || width == 0 {
        let found = format!("{} samples of {} values", samples.labels.len(), samples.shown_shape());
        return refused(String::new(), found, "at least one sample of at least one value");
    }
    if samples.values.len() != width.saturating_mul(samples.labels.len()) {
        let found = format!("{} labels for {} values", samples.labels.len(), samples.values.len());
        return refused(String::new(), found, "one label per sample");
    }
    if let Some(at) = samples.values.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
        let place = format!("sample {}, value {}", at / width, at % width);
        return refused(place, samples.values[at].to_string(), "finite values from 0");
    }
    match samples.labels.iter().position(|&label| label >= MOST_CLASSES) {
        None => Ok(()),
        Some(at) => refused(
            format!("sample {at}"),
            format!("the label {}", samples.labels[at]),
            "labels from 0 to 65535",
        ),
    }
}
