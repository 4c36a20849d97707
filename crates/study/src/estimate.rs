//! What a session would take: a few of its samples are executed on a chip of their own and thrown away.

use crate::delays_in_use::DelaysInUse;
use crate::program::{Item, Program};
use crate::session::schedule;
use crate::{Error, Session};
use equipoise_base::record::{Clipped, MemoryBits};
use equipoise_base::{Counts, Instruction, Phase};
use equipoise_chip::{Machine, SettleRule, Unobserved};
use equipoise_energy::breakdown::{Area, Share};
use equipoise_energy::price;
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
    /// Start weights and clamped values that it cannot take as they are.
    pub clipped: Clipped,
    /// How late its synapses are.
    pub delays: DelaysInUse,
    /// Time, where samples could be executed.
    pub time: Option<Time>,
    /// Area of the chip, and of the part in use.
    pub area_mm2: Share<Area>,
    /// What the bill would lack: prices of what a few samples did, leakage and gating of what exists.
    pub unpriced: Vec<String>,
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
#[derive(Clone, Debug, Default)]
struct Trial {
    samples: u64,
    cycles: u64,
    host: Duration,
    counts: Counts,
    routers_in_use: u64,
}

impl Trial {
    /// The same for `all` samples.
    fn scaled(&self, all: u64) -> (f64, Duration) {
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
    let (mut record, delays) = (machine.record(), DelaysInUse::of(&session.params.network, &*machine));
    drop(machine);
    let (trials, samples) = tries(session, clock)?;
    let mut time = Time { from: 0, cycles: 0, host: Duration::ZERO };
    let mut cycles = 0.0;
    for (trial, all) in &trials {
        let (here, host) = trial.scaled(*all);
        (time.from, cycles, time.host) = (time.from + trial.samples, cycles + here, time.host + host);
        record.routers_in_use = record.routers_in_use.max(trial.routers_in_use);
        // Where it was counted does not matter: it is only asked what occurs at all.
        if let Some(core) = record.cores.first_mut() {
            *core.of_mut(Phase::Free) += &trial.counts;
        }
    }
    time.cycles = cycles as u64;
    let bill = price(&record, &session.prices()?);
    Ok(Estimate {
        samples,
        memory: record.memory,
        clipped: record.clipped,
        delays,
        time: (time.from > 0).then_some(time),
        area_mm2: bill.breakdown.area_mm2,
        unpriced: bill.energy_j.unpriced,
    })
}

/// What a few samples of each kind took, with how many of that kind there are; and how many there are in all.
fn tries(session: &mut Session, clock: &dyn Fn() -> Duration) -> Result<(Vec<(Trial, u64)>, u64), Error> {
    if session.data.is_none() {
        let (trial, samples) = of_program(session, clock).map_err(|error| session.placed(error))?;
        return Ok((vec![(trial, samples)], samples));
    }
    let (samples, trained) = (session.samples().unwrap_or(0), session.training_samples());
    let training = of_stretch(session, true, clock)?;
    let evaluation = of_stretch(session, false, clock)?;
    Ok((vec![(training, trained), (evaluation, samples - trained)], samples))
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
    Ok(tried.end())
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
    Ok((tried.end(), samples))
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

    /// What was executed, with all that was counted.
    fn end(self) -> Trial {
        let record = self.machine.record();
        Trial { counts: record.total(|_| true), routers_in_use: record.routers_in_use, ..self.trial }
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
            self.trial = Trial { samples: self.trial.samples + 1, cycles, host, ..Trial::default() };
        }
        Ok(self.trial.samples < SAMPLES && self.trial.host < PATIENCE)
    }
}
