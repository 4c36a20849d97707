//! A timeline for Perfetto and Chrome: the controller, every core's pipeline, every link, packets as flows from
//! core to core, and counters of energy and of packets in flight.

use super::recording::Recording;
use super::sections::TimelineSection;
use super::{Cut, Probe, Setting};
use crate::Error;
use equipoise_base::config::ConfigError;
use equipoise_chip::trail::{Cargo, PacketTrail, StepTrail, Watch};
use equipoise_chip::{Clock, Observer, Span, View};
use equipoise_energy::Prices;
use equipoise_trace::chrome_trace::{ChromeTrace, Event, Track, What};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

/// The chip's cores and controller.
const CHIP: u32 = 1;
/// The links of its mesh.
const LINKS: u32 = 2;
/// Events of what a stretch costs: power and energy.
const COST: usize = 2;
const CONTROLLER: Track = Track { process: CHIP, thread: 0 };

/// A timeline in the making.
pub(super) struct Timeline {
    recording: Recording,
    chip: String,
    /// The population of each core.
    populations: Vec<String>,
    /// The neurons of each core, in words.
    cores: Vec<String>,
    ports: &'static [&'static str],
    prices: Prices,
    /// Events that the file will have, and how many it may.
    events: u64,
    limit: u64,
}

impl Timeline {
    pub(super) fn new(
        name: &str,
        section: &TimelineSection,
        setting: Setting<'_>,
    ) -> Result<Self, ConfigError> {
        let window = setting.window(name, section.from_step, section.to_step)?;
        let watch = if section.links { Watch::Mesh } else { Watch::Packets };
        let population = |slice: &equipoise_chip::placement::Slice| {
            setting.network().populations[slice.population].name.clone()
        };
        let core = |slice: &equipoise_chip::placement::Slice| {
            format!("{} {} to {}", population(slice), slice.range.start, slice.range.end.max(1) - 1)
        };
        Ok(Self {
            recording: Recording::new(window, watch),
            chip: setting.experiment.preset.name.clone(),
            populations: setting.slices.iter().map(population).collect(),
            cores: setting.slices.iter().map(core).collect(),
            ports: &[],
            prices: setting.prices.clone(),
            events: 0,
            limit: section.events,
        })
    }

    /// Takes `more` events, or is full from now on.
    fn take(&mut self, more: u64) {
        if self.events + more <= self.limit {
            self.events += more;
        } else {
            self.recording.window.full = true;
        }
    }

    /// Events of a step, with the state around it and what it cost.
    fn size(&self, step: &StepTrail) -> u64 {
        let mut events = Vec::new();
        self.add_step(step, &mut 0, &mut events);
        let shown = events.iter().filter(|event| is_shown(event)).count();
        (1 + shown + step.crossings.len() + COST) as u64
    }

    fn timeline(&self) -> ChromeTrace {
        let processes = vec![(CHIP, format!("chip {}", self.chip)), (LINKS, "links".to_owned())];
        let mut timeline = ChromeTrace { processes, ..ChromeTrace::default() };
        timeline.threads.push((CONTROLLER, "controller".to_owned()));
        for (core, neurons) in self.cores.iter().enumerate() {
            timeline.threads.push((track(core), format!("core {core}: {neurons}")));
        }
        self.add_states(&mut timeline.events);
        let mut flows = 0;
        for step in &self.recording.steps {
            self.add_step(step, &mut flows, &mut timeline.events);
        }
        self.add_links(&mut timeline);
        self.add_power(&mut timeline.events);
        timeline.notes.push(("clock_hz".to_owned(), self.prices.clock_hz().to_string()));
        timeline
    }

    fn add_states(&self, events: &mut Vec<Event>) {
        for state in &self.recording.states {
            events.push(slice(CONTROLLER, state.name, "phase", &state.cycles, vec![]));
        }
    }

    /// Reads, updates, and the packets between them.
    fn add_step(&self, step: &StepTrail, flows: &mut u64, events: &mut Vec<Event>) {
        let number = vec![("step", step.step.into())];
        events.push(slice(CONTROLLER, "step", "step", &step.cycles, number));
        for (core, trail) in step.cores.iter().enumerate() {
            events.push(slice(track(core), "read", "core", &trail.reading, vec![]));
            events.push(slice(track(core), "update", "core", &trail.updating, vec![]));
        }
        let mut ends: BTreeMap<(u64, usize, &'static str), u64> = BTreeMap::new();
        let mut in_flight: BTreeMap<u64, i64> = BTreeMap::new();
        for packet in &step.packets {
            *ends.entry((packet.created, packet.source, "send")).or_default() += 1;
            *ends.entry((packet.arrived, packet.target, "receive")).or_default() += 1;
            *in_flight.entry(packet.created).or_default() += 1;
            *in_flight.entry(packet.arrived).or_default() -= 1;
            self.add_flow(packet, *flows, events);
            *flows += 1;
        }
        for ((cycle, core, name), packets) in ends {
            events.push(slice(
                track(core),
                name,
                "packet",
                &(cycle..cycle + 1),
                vec![("packets", packets.into())],
            ));
        }
        let mut flying = 0;
        for (cycle, change) in in_flight.into_iter().filter(|(_, change)| *change != 0) {
            flying += change;
            events.push(counter("packets in flight", cycle, flying as f64));
        }
    }

    fn add_flow(&self, packet: &PacketTrail, id: u64, events: &mut Vec<Event>) {
        let name = match packet.cargo {
            Cargo::Activity(neuron) => format!("activity {}.{neuron}", self.populations[packet.source]),
            Cargo::Drive(neuron) => format!("drive {}.{neuron}", self.populations[packet.target]),
        };
        for (cycle, core, what) in [
            (packet.created, packet.source, What::FlowStart { id }),
            (packet.arrived, packet.target, What::FlowEnd { id }),
        ] {
            events.push(Event { cycle, track: track(core), name: name.clone(), category: "packet", what });
        }
    }

    /// A link takes one packet per cycle: a slice of one cycle each.
    fn add_links(&self, timeline: &mut ChromeTrace) {
        let mut used = BTreeSet::new();
        for crossing in self.recording.steps.iter().flat_map(|step| &step.crossings) {
            used.insert(crossing.fifo);
            let link = Track { process: LINKS, thread: crossing.fifo as u32 };
            let name = format!("core {} to {}", crossing.source, crossing.target);
            timeline.events.push(slice(link, &name, "link", &(crossing.cycle..crossing.cycle + 1), vec![]));
        }
        for fifo in used {
            let ports = self.ports.len().max(1);
            let name =
                format!("into node {} from {}", fifo / ports, self.ports.get(fifo % ports).unwrap_or(&""));
            timeline.threads.push((Track { process: LINKS, thread: fifo as u32 }, name));
        }
    }

    /// Mean power and summed energy of what was counted, stretch by stretch.
    fn add_power(&self, events: &mut Vec<Event>) {
        let mut energy_j = 0.0;
        for counted in &self.recording.counted {
            let stretch_j = self.prices.dynamic_j(&counted.counts);
            let Range { start, end } = counted.cycles;
            energy_j += stretch_j;
            if end > start {
                let power_w = stretch_j * self.prices.clock_hz() / (end - start) as f64;
                events.push(counter("dynamic power [mW]", start, power_w * 1e3));
            }
            events.push(counter("dynamic energy [nJ]", end, energy_j * 1e9));
        }
    }
}

fn track(core: usize) -> Track {
    Track { process: CHIP, thread: core as u32 + 1 }
}

fn slice(
    track: Track,
    name: &str,
    category: &'static str,
    cycles: &Range<u64>,
    details: Vec<(&'static str, serde_json::Value)>,
) -> Event {
    let what = What::Slice { cycles: cycles.end - cycles.start, details };
    Event { cycle: cycles.start, track, name: name.to_owned(), category, what }
}

fn counter(name: &str, cycle: u64, value: f64) -> Event {
    Event {
        cycle,
        track: CONTROLLER,
        name: name.to_owned(),
        category: "counter",
        what: What::Counter { value },
    }
}

/// Work of no cycles is none; a state of none still shows that the controller was there.
fn is_shown(event: &Event) -> bool {
    !matches!(event.what, What::Slice { cycles: 0, .. }) || event.category == "phase"
}

impl Observer for Timeline {
    fn watches(&mut self, clock: Clock) -> Watch {
        self.recording.watches(clock)
    }

    fn step(&mut self, view: &dyn View) {
        self.ports = view.ports();
        let Clock { cycle, step } = view.clock();
        if self.recording.window.has_next(Clock { cycle, step: step - 1 })
            && let Some(trail) = view.trail()
        {
            self.take(self.size(trail));
        }
        self.recording.step(view);
    }

    fn state(&mut self, span: &Span, view: &dyn View) {
        if self.recording.window.is_around(view.clock()) {
            self.take((1 + COST) as u64);
        }
        self.recording.state(span, view);
    }
}

impl Probe for Timeline {
    fn write(&mut self, path: &Path) -> Result<(), Error> {
        let mut timeline = self.timeline();
        timeline.events.retain(is_shown);
        Ok(timeline.write(path, self.prices.clock_hz())?)
    }

    fn cut(&self, ran_steps: u64) -> Option<Cut> {
        self.recording.window.cut(ran_steps, &format!("`events` = {}", self.limit))
    }
}
