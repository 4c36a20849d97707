//! Executing a program and keeping its tally.

use crate::Error;
use crate::folder::claim::Claim;
use crate::placed::Placed;
use crate::probe::Probes;
use crate::program::Item;
use crate::stability::Stability;
use equipoise_base::Instruction;
use equipoise_base::config::{ConfigError, Place};
use equipoise_base::record::{EpochRow, Record};
use equipoise_chip::{Machine, Meter};
use std::sync::Arc;
use std::time::Duration;

/// What a run tells while it lasts.
pub trait Progress {
    /// The run begins in a folder that it has claimed; a process that ends at once has to give that up.
    fn begin(&mut self, claim: &Arc<Claim>) {
        let _ = claim;
    }
    /// A sample is done: how many in all, and the share of training samples seen since the last epoch that
    /// were classified correctly.
    fn sample(&mut self, done: u64, tally: &Tally);
    /// True when the user wants to stop.
    fn stop(&self) -> bool;
    /// Time since some beginning: the only clock that a run sees, for its report alone.
    fn elapsed(&self) -> Duration;
}

/// Samples counted since the last stretch ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Samples whose free phase was looked at.
    pub samples: u64,
    /// Of these, classified correctly.
    pub correct: u64,
    /// Sum of their losses.
    pub loss: f64,
    /// How often each output was wanted: it stands for a class that was shown.
    pub wanted: Vec<u64>,
    /// How often each output was the largest.
    pub predicted: Vec<u64>,
    /// Largest value of each output.
    pub peaks: Vec<f64>,
}

impl Tally {
    fn add(&mut self, outcome: &equipoise_chip::Outcome) {
        let Some(wanted) = outcome.wanted else { return };
        self.samples += 1;
        self.correct += u64::from(outcome.class == wanted);
        self.loss += outcome.loss.unwrap_or(0.0);
        self.wanted.resize(outcome.outputs.len(), 0);
        self.predicted.resize(outcome.outputs.len(), 0);
        self.peaks.resize(outcome.outputs.len(), f64::NEG_INFINITY);
        self.wanted[wanted as usize] += 1;
        self.predicted[outcome.class as usize] += 1;
        for (peak, &value) in self.peaks.iter_mut().zip(&outcome.outputs) {
            *peak = peak.max(value);
        }
    }

    /// Outputs that stand for a class that was shown, and of which `failed` is true.
    fn wanting(&self, failed: impl Fn(usize) -> bool) -> Vec<u32> {
        let shown = |&output: &usize| self.wanted[output] > 0 && failed(output);
        (0..self.wanted.len()).filter(shown).map(|output| output as u32).collect()
    }

    /// The number of classes that were shown.
    #[must_use]
    pub fn classes(&self) -> u64 {
        self.wanted.iter().filter(|&&times| times > 0).count() as u64
    }

    /// The share classified correctly; `None` without samples.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        (self.samples > 0).then(|| self.correct as f64 / self.samples as f64)
    }
}

/// Where a program comes from, for messages.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The file.
    pub place: String,
    /// Title of the record.
    pub title: String,
    /// Name of the chip.
    pub chip: String,
}

/// A finished run.
pub struct Run {
    /// Everything counted.
    pub record: Record,
    /// First to last instruction.
    pub wall: Duration,
    /// The same without evaluation.
    pub train: Duration,
    /// Samples of the last training epoch and of the last evaluation.
    pub last: [Tally; 2],
    /// How far the network is from oscillating, where asked for; or why that is not known.
    pub stability: Option<Result<Stability, String>>,
    /// Where the cores sit and what that saves, unless they sit in order.
    pub placed: Option<Placed>,
}

/// Executes `program` on `machine` to its end.
///
/// # Errors
/// If an instruction is refused, there is none, the program cannot be read, or the user stops.
pub fn run(
    machine: &mut dyn Machine,
    program: impl Iterator<Item = Result<Item, Error>>,
    options: &RunOptions,
    probes: &mut Probes,
    progress: &mut dyn Progress,
) -> Result<Run, Error> {
    let mut state = Running::new(machine.meter(), progress.elapsed());
    for item in program {
        match item? {
            Item::Do(instruction) => state.execute(machine, &instruction, options, probes, progress)?,
            Item::Ended { training, epoch } => state.end_stretch(machine, training, epoch),
        }
    }
    if state.executed == 0 {
        let found = "a program without instructions".to_owned();
        let (key, accepted) = (String::new(), "at least one".to_owned());
        return Err(ConfigError { place: Place::whole(&options.place), key, found, accepted }.into());
    }
    state.end_unmarked_stretch(machine);
    state.clock(progress.elapsed());
    let mut record = machine.record();
    (record.title, record.chip) = (options.title.clone(), options.chip.clone());
    let judged = if state.last[1].samples > 0 { &state.last[1] } else { &state.last[0] };
    record.classes_never_predicted = judged.wanting(|output| judged.predicted[output] == 0);
    record.outputs_never_active = judged.wanting(|output| judged.peaks[output] <= 0.0);
    record.epochs = state.epochs;
    Ok(Run { record, wall: state.wall, train: state.train, last: state.last, stability: None, placed: None })
}

/// A run while it lasts.
struct Running {
    training: bool,
    executed: u64,
    samples: u64,
    /// Since the last stretch ended: training, evaluation.
    open: [Tally; 2],
    /// Free phases since the last stretch ended.
    unmarked: u64,
    last: [Tally; 2],
    epochs: Vec<EpochRow>,
    meter: Meter,
    ticked: Duration,
    wall: Duration,
    train: Duration,
}

impl Running {
    fn new(meter: Meter, now: Duration) -> Self {
        Self {
            training: true,
            executed: 0,
            samples: 0,
            open: Default::default(),
            unmarked: 0,
            last: Default::default(),
            epochs: Vec::new(),
            meter,
            ticked: now,
            wall: Duration::ZERO,
            train: Duration::ZERO,
        }
    }

    fn execute(
        &mut self,
        machine: &mut dyn Machine,
        instruction: &Instruction,
        options: &RunOptions,
        probes: &mut Probes,
        progress: &mut dyn Progress,
    ) -> Result<(), Error> {
        self.executed += 1;
        if let Instruction::Train(_) = instruction {
            self.end_unmarked_stretch(machine);
        }
        machine.execute(instruction, probes).map_err(|error| {
            Error::instruction(&options.place, self.executed, instruction.name(), &error.to_string())
        })?;
        match instruction {
            Instruction::Train(training) => {
                self.clock(progress.elapsed());
                self.training = *training;
            }
            Instruction::Settle { .. } => {
                self.unmarked += 1;
                self.open[usize::from(!self.training)].add(machine.outcome());
            }
            Instruction::Done => {
                self.samples += 1;
                progress.sample(self.samples, &self.open[usize::from(!self.training)]);
                if progress.stop() {
                    return Err(Error::Interrupted);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The time since the last call belongs to what was going on.
    fn clock(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.ticked);
        self.ticked = now;
        self.wall += passed;
        if self.training {
            self.train += passed;
        }
    }

    fn end_stretch(&mut self, machine: &dyn Machine, training: bool, epoch: u64) {
        let tally = std::mem::take(&mut self.open[usize::from(!training)]);
        let now = machine.meter();
        let mut row = EpochRow {
            split: if training { "train" } else { "test" }.to_owned(),
            epoch,
            samples: tally.samples,
            correct: tally.correct,
            loss: if tally.samples > 0 { tally.loss / tally.samples as f64 } else { 0.0 },
            counts: now.counts.clone(),
            active: now.active,
            cycles: now.cycles - self.meter.cycles,
            unsettled: now.unsettled - self.meter.unsettled,
            oscillating: now.oscillating - self.meter.oscillating,
            refused: now.refused - self.meter.refused,
        };
        for (action, count) in self.meter.counts.iter() {
            row.counts[action] -= count;
        }
        for (mine, before) in row.active.0.iter_mut().zip(self.meter.active.0) {
            *mine -= before;
        }
        self.meter = now;
        self.unmarked = 0;
        self.epochs.push(row);
        self.last[usize::from(!training)] = tally;
    }

    /// A trace has no marks: `train` and `evaluate` begin a new stretch, and the end ends the last one.
    fn end_unmarked_stretch(&mut self, machine: &dyn Machine) {
        if self.unmarked > 0 {
            let epoch = self.epochs.iter().map(|row| row.epoch).max().unwrap_or(0);
            self.end_stretch(machine, self.training, epoch + u64::from(self.training));
        }
    }
}
