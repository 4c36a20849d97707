//! `study pipeline`: one training sample in time: the controller's states, and within one step every core's reads, updates
//! and packets.
//!
//! The default is the case of 4, 3 and 2 neurons on a mesh of 3 x 1 that can be worked out by hand, and the hand's cycles
//! stand beside the chip's.

use super::pipeline_figure::figure;
use super::{Context, Findings, Number, Study, Table};
use crate::program::latched_phases;
use crate::{Error, Experiment, session};
use equipoise_base::instruction::Target;
use equipoise_base::{Digest, Instruction};
use equipoise_chip::catalog::{Nudging, Sync};
use equipoise_chip::trail::{Cargo, StepTrail, Watch};
use equipoise_chip::{Clock, Observer, Params, Span, View, build, plan};
use equipoise_trace::data_source::Loaded;
use std::ops::Range;

/// The study.
pub struct Pipeline;

equipoise_base::params! {
    /// `[study]` of `study pipeline`.
    pub struct Keys {
        /// Values of the sample's inputs; without any, the first training sample of `data` is shown.
        input: Vec<f64> = Vec::new(), "1", -1000.0..=1000.0;
        /// The class of that sample.
        class: u32 = 0, "";
        /// The step that is shown packet by packet, from 1.
        step: u64 = 2, "", 1..=1_000_000_000;
        /// Most rows of its picture: cores, and pairs of cores with packets between them.
        rows: u32 = 40, "rows", 1..=1000;
    }
}

/// One sample in time.
pub(super) struct Seen {
    /// The controller's states.
    pub states: Vec<Span>,
    /// The end of every step.
    pub step_ends: Vec<u64>,
    /// The step that is shown.
    pub shown: StepTrail,
    /// What each core holds, in words.
    pub cores: Vec<String>,
}

/// Notes when steps end, and looks closely at one of them.
struct Look {
    wanted: u64,
    step_ends: Vec<u64>,
    shown: Option<StepTrail>,
}

impl Observer for Look {
    fn watches(&mut self, clock: Clock) -> Watch {
        if clock.step + 1 == self.wanted { Watch::Packets } else { Watch::Nothing }
    }

    fn step(&mut self, view: &dyn View) {
        self.step_ends.push(view.clock().cycle);
        if view.clock().step == self.wanted {
            self.shown = view.trail().cloned();
        }
    }
}

impl Study for Pipeline {
    type Keys = Keys;
    const NAME: &'static str = "pipeline";
    const MEANING: &'static str =
        "One training sample in time: the controller's states; reads, updates and packets of a step.";
    const EXPERIMENT: &'static str = include_str!("pipeline.toml");

    fn run(keys: &Keys, context: &Context<'_>) -> Result<Findings, Error> {
        let experiment = context.experiment;
        let (params, first) = sample(keys, context)?;
        if let Sync::Free(_) = params.hardware.sync {
            let accepted = "\"barrier\": without a barrier there is no step that all cores take together";
            return Err(context.error_at("hardware.sync", "\"free\"", accepted).into());
        }
        let misfit = |message: String| experiment.misfit(&message);
        let mut machine = build(&params).map_err(|error| misfit(error.to_string()))?;
        machine.keep_timeline(true);
        let mut look = Look { wanted: keys.step, step_ends: Vec::new(), shown: None };
        let phases = latched_phases(params.learning.nudging);
        let program = [first].into_iter().chain(phases).chain([Instruction::Update, Instruction::Done]);
        for instruction in program {
            machine.execute(&instruction, &mut look).map_err(|error| misfit(error.to_string()))?;
        }
        let Some(shown) = look.shown else {
            let accepted = format!("a step from 1 to {}, the sample's last", look.step_ends.len());
            return Err(context.error_at("study.step", keys.step.to_string(), accepted).into());
        };
        let states = machine.timeline().to_vec();
        let seen = Seen { states, step_ends: look.step_ends, shown, cores: cores(&params, experiment)? };
        let mut digest = Digest::default();
        digest.word(machine.digest());
        let numbers = numbers(&seen, by_hand(&params)?.as_ref());
        Ok(Findings { numbers, table: table(&seen), figure: figure(&seen, keys.rows as usize), digest })
    }
}

/// The chip, and the instruction that presents the sample.
fn sample(keys: &Keys, context: &Context<'_>) -> Result<(Params, Instruction), Error> {
    let experiment = context.experiment;
    if !keys.input.is_empty() {
        let input: Vec<f32> = keys.input.iter().map(|&value| value as f32).collect();
        let first = Instruction::Present { input: input.into(), target: Some(Target::Class(keys.class)) };
        return Ok((experiment.params(1)?, first));
    }
    match experiment.load_data()? {
        Loaded::Samples(data) => Ok((experiment.params(data.train.len() as u64)?, data.train.present(0))),
        Loaded::Program(_) => {
            let found = "a trace, which is a program of its own";
            Err(context.error_at("data.source", found, "samples, or `study.input`").into())
        }
    }
}

/// The population and neurons of each core.
fn cores(params: &Params, experiment: &Experiment) -> Result<Vec<String>, Error> {
    let slices = plan(params).map_err(|error| experiment.misfit(&error.to_string()))?;
    let name = |slice: &equipoise_chip::placement::Slice| {
        let population = &params.network.populations[slice.population];
        if slice.range.len() == population.size {
            return population.name.clone();
        }
        format!("{} {} to {}", population.name, slice.range.start, slice.range.end.max(1) - 1)
    };
    Ok(slices.iter().map(name).collect())
}

const BY_HAND: &str = "worked out by hand";

/// The cycles worked out by hand.
struct ByHand {
    /// Those of each state.
    states: [(&'static str, u64); 7],
    /// Those of a step.
    step: u64,
    /// Arrivals of the first and last drive and of the first and last activity of a core of neurons, from the step's start.
    drives: (u64, u64),
    activities: (u64, u64),
}

/// What is known by hand about this chip: something only if its times and sizes are those of the default experiment.
fn by_hand(params: &Params) -> Result<Option<ByHand>, Error> {
    let mut root = session::parse(Pipeline::EXPERIMENT, "default experiment of `study pipeline`")?;
    root.entries.retain(|entry| entry.key != "study");
    let known = Experiment::read(&root, None, None)?.params(1)?;
    let same = params.hardware == known.hardware
        && params.network.layers == known.network.layers
        && params.phases == known.phases
        && params.learning.nudging == Nudging::OneSided;
    // A step: the core in the middle reads forward until 12, the last one transposed until 22; three drives go one hop and
    // arrive at 25, 26, 27; an update of one cycle; three activities go one hop and arrive at 31, 32, 33.
    let states = [
        ("LOAD", 1),
        ("FREE", 20 * 33),
        ("LATCH_F", 1),
        ("NUDGE", 10 * 33),
        ("LATCH_N", 1),
        ("UPDATE", 4 * 3 * 2),
        ("DONE", 1),
    ];
    Ok(same.then_some(ByHand { states, step: 33, drives: (25, 27), activities: (31, 33) }))
}

fn numbers(seen: &Seen, hand: Option<&ByHand>) -> Vec<Number> {
    let number = |name: String, value: u64, reference: Option<u64>| {
        let number = Number::alone(name, value as f64, "cycles");
        match reference {
            Some(reference) => number.beside(reference as f64, BY_HAND),
            None => number,
        }
    };
    let mut numbers = Vec::new();
    for (index, span) in seen.states.iter().enumerate() {
        let before = seen.states[..index].iter().filter(|other| other.state == span.state).count();
        let again = if before > 0 { format!(", time {}", before + 1) } else { String::new() };
        let known = hand.and_then(|hand| hand.states.iter().find(|(name, _)| *name == span.state));
        let name = format!("cycles of {}{again}", span.state);
        numbers.push(number(name, span.end - span.start, known.map(|(_, cycles)| *cycles)));
    }
    let whole = hand.map(|hand| hand.states.iter().map(|(_, cycles)| cycles).sum());
    let ends = seen.states.first().zip(seen.states.last());
    let sample = ends.map_or(0, |(first, last)| last.end - first.start);
    numbers.push(number("cycles of the sample".to_owned(), sample, whole));
    let cycles = &seen.shown.cycles;
    let name = format!("cycles of step {}", seen.shown.step);
    numbers.push(number(name, cycles.end - cycles.start, hand.map(|hand| hand.step)));
    let drives = arrivals(&seen.shown, true);
    let activities = arrivals(&seen.shown, false);
    let known = [hand.map(|hand| hand.drives), hand.map(|hand| hand.activities)];
    for (what, arrivals, known) in [("drive", drives, known[0]), ("activity", activities, known[1])] {
        let Some(arrivals) = arrivals else { continue };
        let name = |which: &str| format!("arrival of the {which} {what} in that step, from its start");
        numbers.push(number(name("first"), arrivals.start, known.map(|known| known.0)));
        numbers.push(number(name("last"), arrivals.end, known.map(|known| known.1)));
    }
    numbers
}

/// First and last arrival of drives, or of the activities of cores with neurons (inputs send theirs when the step begins),
/// in cycles from the step's start.
fn arrivals(step: &StepTrail, drives: bool) -> Option<Range<u64>> {
    let from_neurons = |source: usize| !step.cores[source].updating.is_empty();
    let wanted = step.packets.iter().filter(|packet| match packet.cargo {
        Cargo::Drive(_) => drives,
        Cargo::Activity(_) => !drives && from_neurons(packet.source),
    });
    let cycles: Vec<u64> = wanted.map(|packet| packet.arrived - step.cycles.start).collect();
    Some(*cycles.iter().min()?..*cycles.iter().max()?)
}

fn table(seen: &Seen) -> Table {
    let mut table = Table::new(&[
        (
            "kind",
            "0 state of the controller, 1 step, 2 reads of a core, 3 update of a core, 4 activity, 5 drive",
        ),
        (
            "number",
            "the state's or step's place in the sample from 1, or the core; of a packet the source core",
        ),
        ("target", "the core that a packet goes to"),
        (
            "neuron",
            "whose activity it carries, in the source's population, or for which drive, in the target's",
        ),
        ("from_cycle", "first cycle; of a packet the one in which it was created"),
        ("to_cycle", "first cycle after it; of a packet the one in which it arrived"),
    ]);
    let mut row = |kind: u8, number: usize, packet: Option<(usize, usize)>, cycles: Range<u64>| {
        let of = |value: usize| Some(value as f64);
        let (target, neuron) = packet.unzip();
        let ends = [cycles.start, cycles.end].map(|cycle| Some(cycle as f64));
        let [from, to] = ends;
        table.row(&[Some(f64::from(kind)), of(number), target.and_then(of), neuron.and_then(of), from, to]);
    };
    for (index, span) in seen.states.iter().enumerate() {
        row(0, index + 1, None, span.start..span.end);
    }
    let mut number = 0;
    for span in &seen.states {
        for cycles in seen.steps_of(span) {
            number += 1;
            row(1, number, None, cycles);
        }
    }
    for (core, trail) in seen.shown.cores.iter().enumerate() {
        row(2, core, None, trail.reading.clone());
        row(3, core, None, trail.updating.clone());
    }
    for packet in &seen.shown.packets {
        let (kind, neuron) = match packet.cargo {
            Cargo::Activity(neuron) => (4, neuron),
            Cargo::Drive(neuron) => (5, neuron),
        };
        row(kind, packet.source, Some((packet.target, neuron)), packet.created..packet.arrived);
    }
    table
}

impl Seen {
    /// The steps within a state; the first begins with it, every other one where the one before ends.
    pub(super) fn steps_of(&self, span: &Span) -> Vec<Range<u64>> {
        let within = self.step_ends.iter().filter(|end| **end > span.start && **end <= span.end);
        let mut start = span.start;
        within.map(|&end| std::mem::replace(&mut start, end)..end).collect()
    }
}
