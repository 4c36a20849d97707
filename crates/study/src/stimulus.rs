//! `[stimulus]`: an input without a data set, held for some steps, stepped, or played from a file.

use crate::network::OptionalPath;
use crate::program::Item;
use crate::{Error, places};
use equipoise_base::Instruction;
use equipoise_base::config::{ConfigError, Table};
use equipoise_trace::npy;
use std::sync::Arc;

equipoise_base::params! {
    /// `[stimulus]`.
    pub struct StimulusSection {
        /// Steps of the run; 0 for no stimulus: the data set is shown.
        steps: u64 = 0, "steps", 0..=2_000_000_000;
        /// The input: one value for all input neurons, or one for each; empty for none.
        values: Vec<f64> = Vec::new(), "1";
        /// The input from step `at_step` on; empty for no change.
        then: Vec<f64> = Vec::new(), "1";
        /// The step in which `then` replaces `values`.
        at_step: u64 = 0, "steps", 0..=2_000_000_000;
        /// Inputs from an .npy file of shape (windows, inputs), instead of `values`.
        file: OptionalPath = OptionalPath(None), "";
        /// Steps for which each row of the file is held.
        window: u64 = 1, "steps", 1..=2_000_000_000;
    }
}

/// An input and the steps for which it is held.
type Stretch = (Arc<[f32]>, u64);

impl StimulusSection {
    /// True if the experiment has a stimulus.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.steps > 0
    }

    /// The program for a network of `inputs` input neurons; errors point into `root`, the file. The state carries over from one input to the next.
    ///
    /// # Errors
    /// If the values do not fit the network or the file is not accepted.
    pub(crate) fn program(&self, inputs: usize, root: &Table) -> Result<Vec<Item>, Error> {
        self.check_times(root)?;
        let mut program = vec![Item::Do(Instruction::Train(false))];
        let mut left = self.steps;
        for (input, steps) in self.stretches(inputs, root)? {
            let steps = steps.min(left);
            if steps == 0 {
                break;
            }
            left -= steps;
            program.push(Item::Do(Instruction::Present { input, target: None }));
            program.push(Item::Do(Instruction::Settle { steps: Some(steps as u32) }));
        }
        if left > 0 {
            let found = format!("inputs for {} steps", self.steps - left);
            let accepted = format!("a file for all {} of `stimulus.steps`, or a longer `window`", self.steps);
            return Err(places::error_at(root, "stimulus.file", found, accepted).into());
        }
        program.push(Item::Do(Instruction::Done));
        Ok(program)
    }

    /// Refuses a stimulus that never comes, or whose change never does.
    ///
    /// # Errors
    /// If there are inputs but no steps, or `then` and `at_step` do not belong together.
    pub(crate) fn check_times(&self, root: &Table) -> Result<(), ConfigError> {
        let Self { steps, then, at_step, file, .. } = self;
        let refused = |key: &str, found: String, accepted: &str| {
            Err(places::error_at(root, &format!("stimulus.{key}"), found, accepted))
        };
        let inputs = !self.values.is_empty() || !then.is_empty() || file.0.is_some();
        match (then.is_empty(), *steps) {
            (_, 0) if inputs => refused("steps", "inputs for 0 steps".to_owned(), "the steps of the run"),
            (_, 0) => Ok(()),
            (true, _) if *at_step > 0 => {
                refused("at_step", format!("{at_step} without `then`"), "the step of a change to `then`")
            }
            (false, steps) if *at_step >= steps && file.0.is_none() => {
                refused("at_step", format!("{at_step} of {steps} steps"), "a step before the end of the run")
            }
            _ => Ok(()),
        }
    }

    /// Inputs and the steps for which each is held.
    fn stretches(&self, inputs: usize, root: &Table) -> Result<Vec<Stretch>, Error> {
        if let Some(path) = &self.file.0 {
            let array = npy::read(&path.find()?)?;
            if array.shape.len() != 2 || array.shape[1] != inputs {
                return Err(path
                    .error(
                        format!("an array of shape {:?}", array.shape),
                        format!("(windows, {inputs}), one column per input neuron"),
                    )
                    .into());
            }
            let values = array.finite_f32()?;
            return Ok(values.chunks_exact(inputs.max(1)).map(|row| (row.into(), self.window)).collect());
        }
        let first = spread(&self.values, inputs, "stimulus.values", root)?;
        if self.then.is_empty() {
            return Ok(vec![(first, self.steps)]);
        }
        let second = spread(&self.then, inputs, "stimulus.then", root)?;
        Ok(vec![(first, self.at_step), (second, self.steps)]
            .into_iter()
            .filter(|(_, steps)| *steps > 0)
            .collect())
    }
}

/// One value for each of `inputs` neurons.
pub(crate) fn spread(values: &[f64], inputs: usize, key: &str, root: &Table) -> Result<Arc<[f32]>, Error> {
    match values {
        [] => Ok(vec![0.0; inputs].into()),
        [_] if inputs == 0 => {
            let accepted = "none: the network has no input neurons";
            Err(places::error_at(root, key, "1 value", accepted).into())
        }
        [all] => Ok(vec![*all as f32; inputs].into()),
        each if each.len() == inputs => Ok(each.iter().map(|&v| v as f32).collect()),
        each => {
            let accepted = format!("one value, or one for each of {inputs} input neurons");
            Err(places::error_at(root, key, format!("{} values", each.len()), accepted).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use equipoise_base::config::Place;

    #[test]
    fn a_step_input_changes_where_it_says_and_lasts_as_long_as_it_says() {
        let section = StimulusSection {
            steps: 50,
            values: vec![0.0],
            then: vec![1.0],
            at_step: 20,
            ..Default::default()
        };
        let root = Table::new("", Place::whole("x.toml"));
        let program = section.program(3, &root).unwrap();
        let steps: Vec<_> = program
            .iter()
            .filter_map(|item| match item {
                Item::Do(Instruction::Settle { steps }) => *steps,
                _ => None,
            })
            .collect();
        assert_eq!(steps, [20, 30]);
        assert!(matches!(&program[3], Item::Do(Instruction::Present { input, .. }) if **input == [1.0; 3]));
        let message = StimulusSection { steps: 5, values: vec![1.0, 2.0], ..Default::default() }
            .program(3, &root)
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            "x.toml: `stimulus.values`: found 2 values; accepted: one value, or one for each of 3 input neurons"
        );
    }
}
