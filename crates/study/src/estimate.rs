//! What a session would take: a few of its samples are executed on a chip of their own and thrown away.

use crate::delays_in_use::DelaysInUse;
use crate::program::{Item, Program};
use crate::session::schedule;
use crate::{Error, Session};
use equipoise_base::Instruction;
use equipoise_base::record::MemoryBits;
use equipoise_chip::{Machine, SettleRule, Unobserved};
use std::time::Duration;

/// Samples of each kind that are executed, unless time runs out before.
const SAMPLES: u64 = 16;
/// Time after which no further sample is begun.
const PATIENCE: Duration = Duration::from_millis(200);
/// A phase of more steps is not executed to be timed.
const MOST_STEPS: u32 = 10_000;

/// What a session would take.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Samples in all.
    pub samples: u64,
    /// Bits of memory of the chip.
    pub memory: MemoryBits,
    /// How late its synapses are.
    pub delays: DelaysInUse,
    /// Time, where samples could be executed.
    pub time: Option<Time>,
}

/// Time, from a few samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// Samples executed to know it.
    pub from: u64,
    /// Cycles of the chip.
    pub cycles: u64,
    /// Time of the simulator.
    pub host: Duration,
}

/// What some samples took.
#[derive(Clone, Copy, Debug, Default)]
struct Trial {
    samples: u64,
    cycles: u64,
    host: Duration,
}

impl Trial {
    /// The same for `all` samples.
    fn scaled(self, all: u64) -> (f64, Duration) {
        let times = if self.samples == 0 { 0.0 } else { all as f64 / self.samples as f64 };
        (self.cycles as f64 * times, self.host.mul_f64(times))
    }
}

/// Estimates `session`; `clock` is the time since some beginning. A trace is read to its end.
///
/// # Errors
/// If an instruction of a trace cannot be read, or one of the executed ones is refused.
pub fn estimate(session: &mut Session, clock: &dyn Fn() -> Duration) -> Result<Estimate, Error> {
    let machine = session.build()?;
    let (memory, delays) = (machine.record().memory, DelaysInUse::of(&session.params.network, &*machine));
    drop(machine);
    if session.data.is_none() {
        let tried = of_program(session, clock);
        let (trial, samples) = tried.map_err(|error| session.placed(error))?;
        let (cycles, host) = trial.scaled(samples);
        let time = (trial.samples > 0).then_some(Time { from: trial.samples, cycles: cycles as u64, host });
        return Ok(Estimate { samples, memory, delays, time });
    }
    let samples = session.samples().unwrap_or(0);
    let training = of_stretch(session, true, clock)?;
    let evaluation = of_stretch(session, false, clock)?;
    let trained = session.training_samples();
    let (train_cycles, train_host) = training.scaled(trained);
    let (test_cycles, test_host) = evaluation.scaled(samples - trained);
    let from = training.samples + evaluation.samples;
    let cycles = (train_cycles + test_cycles) as u64;
    let time = (from > 0).then_some(Time { from, cycles, host: train_host + test_host });
    Ok(Estimate { samples, memory, delays, time })
}

/// The first samples of training, or of evaluation.
fn of_stretch(session: &Session, training: bool, clock: &dyn Fn() -> Duration) -> Result<Trial, Error> {
    let Some(data) = session.data.as_deref().filter(|_| !training || session.training_samples() > 0) else {
        return Ok(Trial::default());
    };
    let mut schedule = schedule(&session.experiment);
    if !training {
        schedule.epochs = 0;
    }
    let mut tried = Tried::new(session, clock)?;
    for item in Program::new(data, schedule) {
        if !tried.item(&item)? {
            break;
        }
    }
    Ok(tried.trial)
}

/// The first samples of a trace or stimulus, and how many samples it has in all.
fn of_program(session: &mut Session, clock: &dyn Fn() -> Duration) -> Result<(Trial, u64), Error> {
    let mut tried = Tried::new(session, clock)?;
    let (mut samples, mut trying) = (0, true);
    for item in session.program() {
        let item = item?;
        samples += u64::from(matches!(item, Item::Do(Instruction::Done)));
        trying = trying && tried.item(&item)?;
    }
    Ok((tried.trial, samples))
}

/// A chip that executes a few samples.
struct Tried<'a> {
    machine: Box<dyn Machine>,
    clock: &'a dyn Fn() -> Duration,
    start: Duration,
    rule_steps: u32,
    place: String,
    executed: u64,
    trial: Trial,
}

impl<'a> Tried<'a> {
    fn new(session: &Session, clock: &'a dyn Fn() -> Duration) -> Result<Self, Error> {
        let phases = &session.params.phases;
        let by_rule = match phases.settle.rule {
            SettleRule::Steps => phases.free_steps.max(phases.nudged_steps),
            SettleRule::Tolerance => phases.settle.limit,
        };
        let mut machine = session.build()?;
        machine.set_threads(session.threads);
        Ok(Self {
            machine,
            clock,
            start: clock(),
            rule_steps: by_rule,
            place: session.program_place(),
            executed: 0,
            trial: Trial::default(),
        })
    }

    /// Executes `item`; false if enough was executed.
    fn item(&mut self, item: &Item) -> Result<bool, Error> {
        let Item::Do(instruction) = item else { return Ok(true) };
        if let Instruction::Settle { steps } | Instruction::Nudge { steps, .. } = instruction
            && steps.unwrap_or(self.rule_steps) > MOST_STEPS
        {
            return Ok(false);
        }
        self.executed += 1;
        self.machine.execute(instruction, &mut Unobserved).map_err(|error| {
            Error::instruction(&self.place, self.executed, instruction.name(), &error.to_string())
        })?;
        if *instruction == Instruction::Done {
            let host = (self.clock)().saturating_sub(self.start);
            let cycles = self.machine.meter().cycles;
            self.trial = Trial { samples: self.trial.samples + 1, cycles, host };
        }
        Ok(self.trial.samples < SAMPLES && self.trial.host < PATIENCE)
    }
}
