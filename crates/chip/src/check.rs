//! Does an instruction fit the network? Asked before anything changes.

use crate::chip::Chip;
use crate::core::{Core, Unit};
use crate::execute::{ExecuteError, refuse};
use equipoise_base::Number;
use equipoise_base::instruction::{Instruction, LatchSlot, Target};

impl<N: Number> Chip<N> {
    /// Refuses values and indices that do not fit the network or the nudging scheme.
    pub(crate) fn check(&self, instruction: &Instruction) -> Result<(), ExecuteError> {
        match instruction {
            Instruction::Present { input, target } => {
                self.check_input(input)?;
                self.check_target(target.as_ref())
            }
            Instruction::Events { events, target } => {
                let lines = self.size_of(self.derived.input);
                if let Some(event) = events.iter().find(|e| e.axon as usize >= lines) {
                    return refuse(format!(
                        "an event on line {}; accepted: 0 to {} (the network has {lines} inputs)",
                        event.axon,
                        lines.max(1) - 1
                    ));
                }
                if events.windows(2).any(|pair| pair[0].step > pair[1].step) {
                    return refuse("events that go back in time; accepted: ascending steps");
                }
                self.check_target(target.as_ref())
            }
            Instruction::Recall { cue } => {
                let free: usize = self.free_cores().map(|core| core.slice.range.len()).sum();
                if cue.len() != free {
                    return refuse(format!(
                        "a cue of {} values; accepted: {free}, one per free neuron",
                        cue.len()
                    ));
                }
                finite(cue, "cue")
            }
            Instruction::Nudge { index, .. } if *index > self.derived.nudging.phases() => refuse(format!(
                "nudged phase {index}; accepted: up to {} with nudging = \"{}\"",
                self.derived.nudging.phases(),
                self.derived.nudging.word()
            )),
            Instruction::Latch(LatchSlot::Free) if !self.derived.nudging.latches_free() => {
                refuse("`latch free` with centered nudging, which compares its two nudged phases")
            }
            Instruction::ReadOut if self.derived.output.is_none() => {
                refuse("`readout` of a network without an output population")
            }
            _ => Ok(()),
        }
    }

    fn check_input(&self, input: &[f32]) -> Result<(), ExecuteError> {
        let lines = self.size_of(self.derived.input);
        if input.len() != lines {
            return refuse(format!(
                "an input of {} values; accepted: {lines}, one per input neuron of the network",
                input.len()
            ));
        }
        if self.derived.input_spikes {
            return refuse(
                "values for input lines that carry spikes, as only spiking neurons listen; accepted: `events`",
            );
        }
        finite(input, "input")
    }

    fn check_target(&self, target: Option<&Target>) -> Result<(), ExecuteError> {
        let outputs = self.size_of(self.derived.output);
        match target {
            Some(Target::Class(class)) if *class as usize >= outputs => refuse(format!(
                "class {class}; accepted: 0 to {} (the network has {outputs} outputs)",
                outputs.max(1) - 1
            )),
            Some(Target::Values(values)) if values.len() != outputs => refuse(format!(
                "a target of {} values; accepted: {outputs}, one per output neuron",
                values.len()
            )),
            Some(Target::Values(values)) => finite(values, "target"),
            _ => Ok(()),
        }
    }

    /// Neurons of a population; 0 for none.
    pub(crate) fn size_of(&self, population: Option<usize>) -> usize {
        population.map_or(0, |p| self.wires.values(p).len())
    }

    fn free_cores(&self) -> impl Iterator<Item = &Core<N>> {
        self.cores.iter().map(|core| &**core).filter(|core| matches!(core.unit, Unit::Free(_)))
    }
}

fn finite(values: &[f32], what: &str) -> Result<(), ExecuteError> {
    match values.iter().position(|v| !v.is_finite()) {
        Some(at) => refuse(format!("{} as value {at} of the {what}; accepted: finite numbers", values[at])),
        None => Ok(()),
    }
}
