//! Spikes, messages and performance in the columns of SANA-FE.

use super::sections::RowsSection;
use super::window::Window;
use super::{Cut, Probe, Setting};
use crate::Error;
use equipoise_base::config::ConfigError;
use equipoise_base::{Action, Counts};
use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::placement::Slice;
use equipoise_chip::trail::{Cargo, PacketTrail, Watch};
use equipoise_chip::{Clock, Connection, Observer, Span, View, Weights};
use equipoise_energy::Prices;
use equipoise_trace::sana_fe::{self, Message};
use std::collections::BTreeMap;
use std::path::Path;

/// Which rows a table takes.
struct Rows {
    window: Window,
    limit: u64,
}

impl Rows {
    fn new(name: &str, section: &RowsSection, setting: Setting<'_>) -> Result<Self, ConfigError> {
        let window = setting.window(name, section.from_step, section.to_step)?;
        Ok(Self { window, limit: section.rows })
    }

    /// True if the step that has just ended is recorded: `more` rows on top of `present` ones must have room.
    fn take(&mut self, clock: Clock, present: usize, more: usize) -> bool {
        if !self.window.has_next(Clock { step: clock.step - 1, ..clock }) {
            return false;
        }
        self.window.full = (present + more) as u64 > self.limit;
        if !self.window.full {
            self.window.step = clock.step;
        }
        !self.window.full
    }

    fn cut(&self, ran_steps: u64) -> Option<Cut> {
        self.window.cut(ran_steps, &format!("`rows` = {}", self.limit))
    }
}

/// Spikes of all populations.
pub(super) struct Spikes {
    rows: Rows,
    /// Spiking populations: number and name.
    populations: Vec<(usize, String)>,
    /// Place in the list of populations, neuron, step.
    spikes: Vec<(usize, usize, u64)>,
}

impl Spikes {
    pub(super) fn new(name: &str, section: &RowsSection, setting: Setting<'_>) -> Result<Self, ConfigError> {
        let all = setting.network().populations.iter().enumerate();
        let spiking = all.filter(|(_, p)| matches!(p.neuron, Some(NeuronModel::Lif(_))));
        let populations: Vec<_> = spiking.map(|(number, p)| (number, p.name.clone())).collect();
        if populations.is_empty() {
            let (found, accepted) =
                ("spikes of a network without spiking neurons", "neurons of kind \"lif\"");
            return Err(setting.experiment.error_at(&format!("probe.{name}"), found, accepted));
        }
        Ok(Self { rows: Rows::new(name, section, setting)?, populations, spikes: Vec::new() })
    }
}

impl Observer for Spikes {
    fn step(&mut self, view: &dyn View) {
        let (mut seen, mut here) = (Vec::new(), Vec::new());
        for (place, (population, _)) in self.populations.iter().enumerate() {
            view.spikes(*population, &mut here);
            seen.extend(here.iter().map(|&neuron| (place, neuron, view.clock().step)));
        }
        if self.rows.take(view.clock(), self.spikes.len(), seen.len()) {
            self.spikes.extend(seen);
        }
    }
}

impl Probe for Spikes {
    fn write(&mut self, path: &Path) -> Result<(), Error> {
        let named = self
            .spikes
            .iter()
            .map(|&(place, neuron, step)| (self.populations[place].1.as_str(), neuron, step));
        Ok(sana_fe::write_spikes(path, named)?)
    }

    fn cut(&self, ran_steps: u64) -> Option<Cut> {
        self.rows.cut(ran_steps)
    }
}

/// Packets between cores.
pub(super) struct Messages {
    rows: Rows,
    clock_hz: f64,
    slices: Vec<Slice>,
    /// Names of the populations.
    populations: Vec<String>,
    reach: Reach,
    messages: Vec<Message>,
}

impl Messages {
    pub(super) fn new(name: &str, section: &RowsSection, setting: Setting<'_>) -> Result<Self, ConfigError> {
        let network = setting.network();
        Ok(Self {
            rows: Rows::new(name, section, setting)?,
            clock_hz: setting.clock_hz(),
            slices: setting.slices.to_vec(),
            populations: network.populations.iter().map(|p| p.name.clone()).collect(),
            reach: Reach::new(&network.connections, setting.slices),
            messages: Vec::new(),
        })
    }

    fn message(
        &self,
        packet: &PacketTrail,
        view: &dyn View,
        (step, start): (u64, u64),
        since: u64,
    ) -> Message {
        let of = |core: usize| self.slices[core].population;
        let (hops, cycles) = view.distance(packet.source, packet.target);
        let (source_neuron, synapses) = match packet.cargo {
            Cargo::Activity(neuron) => (
                sana_fe::neuron(&self.populations[of(packet.source)], neuron),
                self.reach.synapses(of(packet.source), neuron, packet.target),
            ),
            Cargo::Drive(neuron) => {
                (sana_fe::neuron(&format!("drive:{}", self.populations[of(packet.target)]), neuron), 1)
            }
        };
        let received = packet.arrived - start;
        Message {
            timestep: step,
            mid: self.messages.len() as u64,
            source_neuron,
            source_node: u64::from(self.slices[packet.source].node),
            target_node: u64::from(self.slices[packet.target].node),
            hops,
            synapses,
            sent: packet.created - start,
            received,
            // A register takes it in the cycle of its arrival.
            processed: received,
            generation: packet.created - since,
            unhindered: cycles,
        }
    }
}

impl Observer for Messages {
    fn watches(&mut self, clock: Clock) -> Watch {
        if self.rows.window.has_next(clock) { Watch::Packets } else { Watch::Nothing }
    }

    fn step(&mut self, view: &dyn View) {
        let Some(trail) = view.trail() else { return };
        if !self.rows.take(view.clock(), self.messages.len(), trail.packets.len()) {
            return;
        }
        let mut packets: Vec<&PacketTrail> = trail.packets.iter().collect();
        packets.sort_by_key(|packet| (packet.created, packet.source));
        let start = trail.cycles.start;
        let mut before: BTreeMap<usize, u64> = BTreeMap::new();
        for packet in packets {
            let since = before.insert(packet.source, packet.created).unwrap_or(start);
            self.messages.push(self.message(packet, view, (trail.step, start), since));
        }
    }
}

impl Probe for Messages {
    fn write(&mut self, path: &Path) -> Result<(), Error> {
        Ok(sana_fe::write_messages(path, &self.messages, self.clock_hz)?)
    }

    fn cut(&self, ran_steps: u64) -> Option<Cut> {
        self.rows.cut(ran_steps)
    }
}

/// How many synapses a neuron's activity reaches on a core.
struct Reach {
    /// By sending population and core: synapses of every neuron of a full matrix.
    full: BTreeMap<(usize, usize), u64>,
    /// By sending population, core and neuron: synapses of a list.
    listed: BTreeMap<(usize, usize, usize), u64>,
}

impl Reach {
    fn new(connections: &[Connection], slices: &[Slice]) -> Self {
        let (mut full, mut listed) = (BTreeMap::new(), BTreeMap::new());
        for connection in connections {
            let cores = slices.iter().enumerate().filter(|(_, slice)| slice.population == connection.to);
            for (core, slice) in cores {
                match &connection.weights {
                    Weights::Dense(_) => {
                        *full.entry((connection.from, core)).or_default() += slice.range.len() as u64;
                    }
                    Weights::Edges(edges) => {
                        for edge in edges.iter().filter(|edge| slice.range.contains(&(edge.target as usize)))
                        {
                            *listed.entry((connection.from, core, edge.source as usize)).or_default() += 1;
                        }
                    }
                }
            }
        }
        Self { full, listed }
    }

    fn synapses(&self, population: usize, neuron: usize, core: usize) -> u64 {
        let full = self.full.get(&(population, core)).copied().unwrap_or(0);
        full + self.listed.get(&(population, core, neuron)).copied().unwrap_or(0)
    }
}

/// Counts, time and energy of every step.
pub(super) struct Performance {
    rows: Rows,
    prices: Prices,
    /// Counts and cycle when the present step began.
    before: Option<(Counts, u64)>,
    steps: Vec<sana_fe::Performance>,
}

/// What SANA-FE calls synapses, dendrites, somas and network.
const SYNAPSES: [Action; 7] = [
    Action::RowDrive,
    Action::ArrayRead,
    Action::CellMac,
    Action::ReadLevel,
    Action::AdcConvert,
    Action::SramRead,
    Action::SramWrite,
];
const DENDRITES: [Action; 1] = [Action::PartialAdd];
const SOMAS: [Action; 2] = [Action::NeuronUpdate, Action::Spike];
const NETWORK: [Action; 7] = [
    Action::EventEmit,
    Action::EventDeliver,
    Action::PacketHop,
    Action::LinkBit,
    Action::ChipHop,
    Action::ChipLinkBit,
    Action::Barrier,
];

impl Performance {
    pub(super) fn new(name: &str, section: &RowsSection, setting: Setting<'_>) -> Result<Self, ConfigError> {
        let prices = setting.prices.clone();
        Ok(Self { rows: Rows::new(name, section, setting)?, prices, before: None, steps: Vec::new() })
    }

    fn energy_j(&self, counts: &Counts, actions: &[Action]) -> f64 {
        let mut these = Counts::default();
        actions.iter().for_each(|&action| these[action] = counts[action]);
        self.prices.dynamic_j(&these)
    }

    fn remember(&mut self, view: &dyn View) {
        if self.rows.window.has_next(view.clock()) {
            self.before = Some((view.counts(), view.clock().cycle));
        }
    }
}

impl Observer for Performance {
    fn step(&mut self, view: &dyn View) {
        let clock = view.clock();
        if let Some((before, cycle)) = self.before.take()
            && self.rows.take(clock, self.steps.len(), 1)
        {
            let mut counts = view.counts();
            for (action, count) in before.iter() {
                counts[action] -= count;
            }
            self.steps.push(sana_fe::Performance {
                timestep: clock.step,
                fired: counts[Action::Spike],
                updated: counts[Action::NeuronUpdate],
                packets: counts[Action::EventEmit],
                hops: counts[Action::PacketHop] + counts[Action::ChipHop],
                synaptic_events: counts[Action::CellMac],
                seconds: (clock.cycle - cycle) as f64 / self.prices.clock_hz(),
                synapse_j: self.energy_j(&counts, &SYNAPSES),
                dendrite_j: self.energy_j(&counts, &DENDRITES),
                soma_j: self.energy_j(&counts, &SOMAS),
                network_j: self.energy_j(&counts, &NETWORK),
                total_j: self.prices.dynamic_j(&counts),
            });
        }
        self.remember(view);
    }

    fn state(&mut self, _: &Span, view: &dyn View) {
        self.remember(view);
    }
}

impl Probe for Performance {
    fn write(&mut self, path: &Path) -> Result<(), Error> {
        Ok(sana_fe::write_performance(path, &self.steps)?)
    }

    fn cut(&self, ran_steps: u64) -> Option<Cut> {
        self.rows.cut(ran_steps)
    }
}
