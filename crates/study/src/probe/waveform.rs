//! A waveform: chosen signals, each changing in its cycle.

use super::sections::WaveformSection;
use super::signals::{self, Wanted};
use super::window::{State, Window};
use super::{Probe, Setting};
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
    /// Signals by scope and name.
    numbers: BTreeMap<(String, String), usize>,
    /// The last value of each signal.
    held: Vec<Option<Value>>,
    values: Vec<f64>,
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
            values: Vec::new(),
        })
    }

    /// From `cycle` on the signal has that value; it is declared when it is first heard of.
    fn put(&mut self, cycle: u64, scope: &str, name: &str, kind: Kind, value: Value) {
        let Self { numbers, waveform, held, .. } = self;
        let signal = *numbers.entry((scope.to_owned(), name.to_owned())).or_insert_with(|| {
            let scopes = std::iter::once("chip").chain(scope.split('/').filter(|part| !part.is_empty()));
            let scopes = scopes.map(str::to_owned).collect();
            waveform.signals.push(Signal { scopes, name: name.to_owned(), kind });
            held.push(None);
            waveform.signals.len() - 1
        });
        if held[signal] != Some(value) {
            held[signal] = Some(value);
            waveform.changes.push(Change { cycle, signal, value });
        }
    }

    /// A signal that is zero until it is first heard of.
    fn quiet(&mut self, scope: &str, name: &str, kind: Kind) {
        if !self.numbers.contains_key(&(scope.to_owned(), name.to_owned())) {
            let start = self.window.cycles.as_ref().map_or(0, |seen| seen.start);
            self.put(start, scope, name, kind, Value::Bits(0));
        }
    }

    fn flag(&mut self, scope: &str, name: &str, cycles: &Range<u64>) {
        if !cycles.is_empty() {
            self.put(cycles.start, scope, name, Kind::Bits(1), Value::Bits(1));
        }
        self.put(cycles.end, scope, name, Kind::Bits(1), Value::Bits(0));
    }

    fn step_of(&mut self, signal: &Wanted, trail: &StepTrail, view: &dyn View) {
        match signal {
            Wanted::Step => {
                self.put(trail.cycles.start, "", "step", Kind::Bits(40), Value::Bits(trail.step));
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
                self.quiet(&scope, name, Kind::Bits(1));
            }
            for (name, cycles) in [("reading", &pipeline.reading), ("updating", &pipeline.updating)] {
                self.flag(&scope, name, cycles);
                self.flag(&scope, "busy", cycles);
            }
        }
    }

    fn packets(&mut self, trail: &StepTrail) {
        self.quiet("", "packets_in_flight", Kind::Bits(32));
        let mut changes: BTreeMap<u64, i64> = BTreeMap::new();
        for packet in &trail.packets {
            *changes.entry(packet.created).or_default() += 1;
            *changes.entry(packet.arrived).or_default() -= 1;
        }
        let mut flying = 0;
        for (cycle, change) in changes {
            flying += change;
            self.put(cycle, "", "packets_in_flight", Kind::Bits(32), Value::Bits(flying as u64));
        }
    }

    fn fifos(&mut self, node: Option<usize>, trail: &StepTrail, ports: &[&str]) {
        for depth in &trail.depths {
            let (at, port) = (depth.fifo / ports.len(), ports[depth.fifo % ports.len()]);
            if node.is_none_or(|node| node == at) {
                let (scope, kind) = (format!("node{at}"), Kind::Bits(20));
                self.quiet(&scope, &format!("fifo_{port}"), kind);
                self.put(depth.cycle, &scope, &format!("fifo_{port}"), kind, Value::Bits(depth.packets));
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
        let scope = format!("{what}/{}", self.populations[population]);
        for neuron in neurons {
            self.put(cycle, &scope, &format!("n{neuron}"), Kind::Real, Value::Real(values[neuron]));
        }
        self.values = values;
    }

    fn state_of(&mut self, signal: &Wanted, state: &State, view: &dyn View) {
        let Range { start, end } = state.cycles;
        match signal {
            Wanted::Phase => {
                self.put(start, "controller", "state", Kind::Text, Value::Text(state.name));
                let code = STATES.iter().position(|name| *name == state.name).unwrap_or(0);
                self.put(start, "controller", "state_code", Kind::Bits(4), Value::Bits(code as u64));
            }
            Wanted::Cores if matches!(state.name, "LATCH_F" | "LATCH_N" | "UPDATE") => {
                for core in 0..self.slices.len() {
                    if !self.clamped[self.slices[core].population] {
                        let scope = format!("core{core}");
                        self.quiet(&scope, "learning", Kind::Bits(1));
                        self.quiet(&scope, "busy", Kind::Bits(1));
                        self.flag(&scope, "learning", &state.cycles);
                        self.flag(&scope, "busy", &state.cycles);
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
                self.put(
                    end,
                    &format!("w{}", connection + 1),
                    &pair("weight", *source, *target),
                    Kind::Real,
                    weight,
                );
            }
            Wanted::Latch(connection, source, target) => {
                let held = view.latch(*connection, *source, *target);
                let scope = format!("w{}", connection + 1);
                for (name, value) in ["latch_first", "latch_second"].into_iter().zip(held) {
                    self.put(end, &scope, &pair(name, *source, *target), Kind::Real, Value::Real(value));
                }
            }
            _ => {}
        }
    }
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
        let Some(trail) = view.trail() else { return };
        self.window.stepped(step, &trail.cycles);
        let wanted = std::mem::take(&mut self.wanted);
        wanted.iter().for_each(|signal| self.step_of(signal, trail, view));
        self.wanted = wanted;
        self.window.full = self.waveform.changes.len() as u64 >= self.limit;
    }

    fn state(&mut self, span: &Span, view: &dyn View) {
        let Some(state) = self.window.state(span, view.clock()) else { return };
        let wanted = std::mem::take(&mut self.wanted);
        wanted.iter().for_each(|signal| self.state_of(signal, &state, view));
        self.wanted = wanted;
    }
}

impl Probe for Recorded {
    fn write(&self, path: &Path) -> Result<(), Error> {
        let mut waveform = self.waveform.clone();
        waveform.end = self.window.cycles.as_ref().map_or(0, |cycles| cycles.end);
        let codes = STATES.iter().enumerate().map(|(code, name)| format!("{code} {name}"));
        waveform.comments.push(format!("state_code: {}", codes.collect::<Vec<_>>().join(", ")));
        waveform.comments.push(format!("clock: {} Hz", self.clock_hz));
        Ok(waveform.write(path, self.format, self.clock_hz)?)
    }

    fn cut(&self, ran_steps: u64) -> Option<String> {
        self.window.cut(ran_steps, &format!("`changes` = {}", self.limit))
    }
}
