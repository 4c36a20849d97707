//! A waveform: chosen signals, each changing in its cycle.

use super::sections::WaveformSection;
use super::signals::{self, Wanted};
use super::window::{State, Window};
use super::{Cut, Probe, Setting};
use crate::Error;
use equipoise_base::config::ConfigError;
use equipoise_chip::placement::Slice;
use equipoise_chip::trail::{StepTrail, Watch};
use equipoise_chip::{Clock, Observer, Span, View};
use equipoise_trace::waveform::{Change, Format, Kind, Signal, Value, Waveform};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

/// The states of the controller by their codes; formats without texts carry the code alone.
const STATES: [&str; 9] =
    ["IDLE", "LOAD", "FREE", "LATCH_F", "NUDGE", "LATCH_N", "UPDATE", "DONE", "READOUT"];

/// A waveform in the making.
pub(super) struct Recorded {
    window: Window,
    wanted: Vec<Wanted>,
    format: Format,
    clock_hz: f64,
    limit: u64,
    slices: Vec<Slice>,
    /// Names of the populations.
    populations: Vec<String>,
    /// Populations whose activities are set from outside.
    clamped: Vec<bool>,
    watch: Watch,
    waveform: Waveform,
    /// Signals by scopes and name.
    numbers: BTreeMap<(Vec<String>, String), usize>,
    /// What is known of each signal.
    held: Vec<Held>,
    /// Changes that the file would have.
    changes: u64,
    /// The last step that is recorded whole.
    whole: u64,
    values: Vec<f64>,
}

/// What is known of a signal.
#[derive(Clone, Copy, Default)]
struct Held {
    /// The cycle of its last change.
    cycle: u64,
    /// Its value before that cycle, and since.
    before: Option<Value>,
    now: Option<Value>,
}

impl Held {
    /// True if its last cycle leaves a change in the file: one that is undone in the same cycle does not.
    fn is_change(&self) -> bool {
        self.now != self.before
    }
}

impl Recorded {
    pub(super) fn new(
        name: &str,
        section: &WaveformSection,
        setting: Setting<'_>,
    ) -> Result<Self, ConfigError> {
        let wanted = signals::wanted(name, &section.signals, setting)?;
        let populations = &setting.network().populations;
        let mesh = wanted.iter().any(|signal| matches!(signal, Wanted::Fifos(_)));
        Ok(Self {
            window: setting.window(name, section.from_step, section.to_step)?,
            wanted,
            format: section.format,
            clock_hz: setting.clock_hz(),
            limit: section.changes,
            slices: setting.slices.to_vec(),
            populations: populations.iter().map(|p| p.name.clone()).collect(),
            clamped: populations.iter().map(|p| p.neuron.is_none()).collect(),
            watch: if mesh { Watch::Mesh } else { Watch::Packets },
            waveform: Waveform::default(),
            numbers: BTreeMap::new(),
            held: Vec::new(),
            changes: 0,
            whole: 0,
            values: Vec::new(),
        })
    }

    /// From `cycle` on the signal has that value; it is declared when it is first heard of.
    fn put(&mut self, cycle: u64, scopes: &[&str], name: &str, kind: Kind, value: Value) {
        let Self { numbers, waveform, held, .. } = self;
        let signal = *numbers.entry(key(scopes, name)).or_insert_with(|| {
            let scopes = std::iter::once("chip").chain(scopes.iter().copied()).map(str::to_owned).collect();
            waveform.signals.push(Signal { scopes, name: name.to_owned(), kind });
            held.push(Held::default());
            waveform.signals.len() - 1
        });
        let held = &mut held[signal];
        if held.now == Some(value) {
            return;
        }
        waveform.changes.push(Change { cycle, signal, value });
        if held.cycle != cycle {
            (held.cycle, held.before) = (cycle, held.now);
        }
        self.changes -= u64::from(held.is_change());
        held.now = Some(value);
        self.changes += u64::from(held.is_change());
    }

    /// True once there are more changes than the file may have.
    fn is_full(&self) -> bool {
        self.changes > self.limit
    }

    /// A signal that is zero until it is first heard of.
    fn quiet(&mut self, scopes: &[&str], name: &str, kind: Kind) {
        if !self.numbers.contains_key(&key(scopes, name)) {
            let start = self.window.cycles.as_ref().map_or(0, |seen| seen.start);
            self.put(start, scopes, name, kind, Value::Bits(0));
        }
    }

    fn flag(&mut self, scopes: &[&str], name: &str, cycles: &Range<u64>) {
        if !cycles.is_empty() {
            self.put(cycles.start, scopes, name, Kind::Bits(1), Value::Bits(1));
        }
        self.put(cycles.end, scopes, name, Kind::Bits(1), Value::Bits(0));
    }

    fn step_of(&mut self, signal: &Wanted, trail: &StepTrail, view: &dyn View) {
        match signal {
            Wanted::Step => {
                self.put(trail.cycles.start, &[], "step", Kind::Bits(40), Value::Bits(trail.step));
            }
            Wanted::Cores => self.pipelines(trail),
            Wanted::Packets => self.packets(trail),
            Wanted::Fifos(node) => self.fifos(*node, trail, view.ports()),
            Wanted::Activity(population, neurons) => {
                self.neurons("activity", *population, neurons, trail, view);
            }
            Wanted::State(population, neurons) => self.neurons("state", *population, neurons, trail, view),
            Wanted::Phase | Wanted::Weight(..) | Wanted::Latch(..) => {}
        }
    }

    fn pipelines(&mut self, trail: &StepTrail) {
        for (core, pipeline) in trail.cores.iter().enumerate() {
            let scope = format!("core{core}");
            for name in ["busy", "reading", "updating", "learning"] {
                self.quiet(&[&scope], name, Kind::Bits(1));
            }
            for (name, cycles) in [("reading", &pipeline.reading), ("updating", &pipeline.updating)] {
                self.flag(&[&scope], name, cycles);
                self.flag(&[&scope], "busy", cycles);
            }
        }
    }

    fn packets(&mut self, trail: &StepTrail) {
        self.quiet(&[], "packets_in_flight", Kind::Bits(32));
        let mut changes: BTreeMap<u64, i64> = BTreeMap::new();
        for packet in &trail.packets {
            *changes.entry(packet.created).or_default() += 1;
            *changes.entry(packet.arrived).or_default() -= 1;
        }
        let mut flying = 0;
        for (cycle, change) in changes {
            flying += change;
            self.put(cycle, &[], "packets_in_flight", Kind::Bits(32), Value::Bits(flying as u64));
        }
    }

    fn fifos(&mut self, node: Option<usize>, trail: &StepTrail, ports: &[&str]) {
        for depth in &trail.depths {
            let (at, port) = (depth.fifo / ports.len(), ports[depth.fifo % ports.len()]);
            if node.is_none_or(|node| node == at) {
                let (scope, kind) = (format!("node{at}"), Kind::Bits(20));
                self.quiet(&[&scope], &format!("fifo_{port}"), kind);
                self.put(depth.cycle, &[&scope], &format!("fifo_{port}"), kind, Value::Bits(depth.packets));
            }
        }
    }

    /// New values are there when their core's update ends; inputs have theirs from the step's start.
    fn neurons(
        &mut self,
        what: &str,
        population: usize,
        neurons: &Range<usize>,
        trail: &StepTrail,
        view: &dyn View,
    ) {
        for core in 0..self.slices.len() {
            let slice = &self.slices[core];
            if slice.population == population {
                let both = slice.range.start.max(neurons.start)..slice.range.end.min(neurons.end);
                let clamped = self.clamped[population];
                let cycle = if clamped { trail.cycles.start } else { trail.cores[core].updating.end };
                self.values(what, population, both, cycle, view);
            }
        }
    }

    fn values(&mut self, what: &str, population: usize, neurons: Range<usize>, cycle: u64, view: &dyn View) {
        let mut values = std::mem::take(&mut self.values);
        match what {
            "state" => view.state(population, &mut values),
            _ => view.activity(population, &mut values),
        }
        let name = self.populations[population].clone();
        for neuron in neurons {
            self.put(cycle, &[what, &name], &format!("n{neuron}"), Kind::Real, Value::Real(values[neuron]));
        }
        self.values = values;
    }

    fn state_of(&mut self, signal: &Wanted, state: &State, view: &dyn View) {
        let Range { start, end } = state.cycles;
        match signal {
            Wanted::Phase => {
                self.put(start, &["controller"], "state", Kind::Text, Value::Text(state.name));
                let code = STATES.iter().position(|name| *name == state.name).unwrap_or(0);
                self.put(start, &["controller"], "state_code", Kind::Bits(4), Value::Bits(code as u64));
            }
            Wanted::Cores if matches!(state.name, "LATCH_F" | "LATCH_N" | "UPDATE") => {
                for core in 0..self.slices.len() {
                    if !self.clamped[self.slices[core].population] {
                        let scope = format!("core{core}");
                        self.quiet(&[&scope], "learning", Kind::Bits(1));
                        self.quiet(&[&scope], "busy", Kind::Bits(1));
                        self.flag(&[&scope], "learning", &state.cycles);
                        self.flag(&[&scope], "busy", &state.cycles);
                    }
                }
            }
            // A start state is there when the load is done.
            Wanted::Activity(population, neurons) if state.name == "LOAD" => {
                self.values("activity", *population, neurons.clone(), end, view);
            }
            Wanted::State(population, neurons) if state.name == "LOAD" => {
                self.values("state", *population, neurons.clone(), end, view);
            }
            Wanted::Weight(connection, source, target) => {
                let weight = Value::Real(view.weight(*connection, *source, *target));
                let scope = format!("w{}", connection + 1);
                self.put(end, &[&scope], &pair("weight", *source, *target), Kind::Real, weight);
            }
            Wanted::Latch(connection, source, target) => {
                let held = view.latch(*connection, *source, *target);
                let scope = format!("w{}", connection + 1);
                for (name, value) in ["latch_first", "latch_second"].into_iter().zip(held) {
                    self.put(end, &[&scope], &pair(name, *source, *target), Kind::Real, Value::Real(value));
                }
            }
            _ => {}
        }
    }
}

fn key(scopes: &[&str], name: &str) -> (Vec<String>, String) {
    (scopes.iter().map(|&scope| scope.to_owned()).collect(), name.to_owned())
}

/// The name of something of one synapse.
fn pair(what: &str, source: usize, target: usize) -> String {
    format!("{what}_{source}_{target}")
}

impl Observer for Recorded {
    fn watches(&mut self, clock: Clock) -> Watch {
        if self.window.has_next(clock) { self.watch } else { Watch::Nothing }
    }

    fn step(&mut self, view: &dyn View) {
        let Clock { cycle, step } = view.clock();
        if !self.window.has_next(Clock { cycle, step: step - 1 }) {
            return;
        }
        if self.is_full() {
            self.window.full = true;
            return;
        }
        let Some(trail) = view.trail() else { return };
        self.window.stepped(step, &trail.cycles);
        let wanted = std::mem::take(&mut self.wanted);
        wanted.iter().for_each(|signal| self.step_of(signal, trail, view));
        self.wanted = wanted;
        if !self.is_full() {
            self.whole = step;
        }
    }

    fn state(&mut self, span: &Span, view: &dyn View) {
        let Some(state) = self.window.state(span, view.clock()) else { return };
        let wanted = std::mem::take(&mut self.wanted);
        wanted.iter().for_each(|signal| self.state_of(signal, &state, view));
        self.wanted = wanted;
    }
}

impl Probe for Recorded {
    fn write(&mut self, path: &Path) -> Result<(), Error> {
        let waveform = &mut self.waveform;
        waveform.end = self.window.cycles.as_ref().map_or(0, |cycles| cycles.end);
        waveform.keep(self.limit as usize);
        let codes = STATES.iter().enumerate().map(|(code, name)| format!("{code} {name}"));
        waveform.comments.push(format!("state_code: {}", codes.collect::<Vec<_>>().join(", ")));
        waveform.comments.push(format!("clock: {} Hz", self.clock_hz));
        Ok(waveform.write(path, self.format, self.clock_hz)?)
    }

    fn cut(&self, ran_steps: u64) -> Option<Cut> {
        let limit = format!("`changes` = {}", self.limit);
        if !self.is_full() {
            return self.window.cut(ran_steps, &limit);
        }
        let until = match self.whole {
            0 => "in its first step".to_owned(),
            step => format!("after step {step}"),
        };
        Some(Cut::Some(format!("full {until} of {ran_steps}; {limit} is the limit")))
    }
}
