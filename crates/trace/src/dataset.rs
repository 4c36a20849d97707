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
    /// Values of one sample.
    pub width: usize,
    /// The values, one sample after another.
    pub values: Vec<f32>,
    /// One label per sample, from 0.
    pub labels: Vec<u32>,
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
    /// If a part is empty, the parts differ in width, a value is negative or not finite, or a label is too large.
    pub fn new(name: &str, train: Samples, test: Samples) -> Result<Self, Error> {
        check(&train)?;
        check(&test)?;
        if train.width != test.width {
            let found =
                format!("samples of {} values beside training samples of {}", test.width, train.width);
            return Err(Error::data(&test.file, "", found, "samples of one size"));
        }
        let largest = train.values.iter().fold(1.0_f32, |largest, &value| largest.max(value));
        let classes = train.labels.iter().chain(&test.labels).max().map_or(0, |&label| label + 1);
        let scaled = |part: &str, samples: Samples| Dataset {
            name: format!("{name} {part}"),
            width: samples.width,
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
        let part = |tests: bool| {
            let chosen = |index: &usize| (index % TEST_EVERY == TEST_EVERY - 1) == tests;
            let mut samples =
                Samples { file: all.file.clone(), width: all.width, values: Vec::new(), labels: Vec::new() };
            for index in (0..all.labels.len()).filter(chosen) {
                samples.values.extend_from_slice(&all.values[index * all.width..(index + 1) * all.width]);
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
    if samples.labels.is_empty() || samples.width == 0 {
        let found = format!("{} samples of {} values", samples.labels.len(), samples.width);
        return refused(String::new(), found, "at least one sample of at least one value");
    }
    if samples.values.len() != samples.width * samples.labels.len() {
        let found = format!("{} labels for {} values", samples.labels.len(), samples.values.len());
        return refused(String::new(), found, "one label per sample");
    }
    if let Some(at) = samples.values.iter().position(|value| !(value.is_finite() && *value >= 0.0)) {
        let place = format!("sample {}, value {}", at / samples.width, at % samples.width);
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
