//! What a network's cores send each other, wherever they sit.

use super::Slice;
use crate::network::Network;
use crate::params::Params;
use crate::routes::Routes;
use equipoise_router::Transport;

/// Packets times the links that they take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PacketHops {
    /// In every step, if every neuron sends in it.
    pub per_step: u64,
    /// Beside that for every sample: clamped inputs that are held send once.
    pub per_sample: u64,
}

impl PacketHops {
    /// Those of a sample of so many steps.
    fn of_sample(self, steps: u64) -> u64 {
        self.per_step.saturating_mul(steps).saturating_add(self.per_sample)
    }
}

/// What a placement saves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Saving {
    /// With the cores where they are.
    pub placed: PacketHops,
    /// With core c on node c.
    pub in_order: PacketHops,
    /// The share of a training sample's that is saved; negative where the placement costs.
    pub share: f64,
}

/// Packets that take the same way.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub source: u32,
    /// More than one where a packet divides on its way.
    pub targets: Vec<u32>,
    /// How many: in every step, or for every sample where `held`.
    packets: u64,
    held: bool,
    /// How many for a training sample.
    pub weight: u64,
}

/// All flows of a network.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// Cores that send or receive, or do neither.
    pub(super) cores: usize,
    pub(super) flows: Vec<Flow>,
    /// By core: the flows that begin or end there, ascending.
    pub(super) of_core: Vec<Vec<u32>>,
    /// Steps of a training sample.
    steps: u64,
}

impl Demand {
    /// What `slices` of `network` send over `routes`: every neuron in every step, held inputs once for a sample.
    pub(crate) fn new(
        params: &Params,
        network: &Network,
        slices: &[Slice],
        routes: &Routes,
        multicast: bool,
    ) -> Self {
        let steps = steps_of_sample(params);
        let mut demand = Self::nothing(slices.len(), steps);
        for (source, slice) in slices.iter().enumerate() {
            let held = network.populations[slice.population].neuron.is_none() && params.hardware.hold_clamped;
            let weight = slice.range.len() as u64 * if held { 1 } else { steps };
            let flow = |targets: &[u32]| Flow {
                source: source as u32,
                targets: targets.to_vec(),
                packets: slice.range.len() as u64,
                held,
                weight,
            };
            let listeners = &routes.listeners[source];
            match multicast {
                true if !listeners.is_empty() => demand.add(flow(listeners)),
                _ => listeners.chunks(1).for_each(|listener| demand.add(flow(listener))),
            }
        }
        for route in routes.returns.iter().filter(|route| route.from_core != route.to_core) {
            demand.add(Flow {
                source: route.from_core as u32,
                targets: vec![route.to_core as u32],
                packets: route.rows as u64,
                held: false,
                weight: route.rows as u64 * steps,
            });
        }
        demand
    }

    fn nothing(cores: usize, steps: u64) -> Self {
        Self { cores, flows: Vec::new(), of_core: vec![Vec::new(); cores], steps }
    }

    /// Flows of (source, target, packets) in every step.
    #[cfg(test)]
    pub(super) fn of(cores: usize, flows: &[(u32, u32, u64)]) -> Self {
        let mut demand = Self::nothing(cores, 1);
        for &(source, target, packets) in flows {
            demand.add(Flow { source, targets: vec![target], packets, held: false, weight: packets });
        }
        demand
    }

    fn add(&mut self, flow: Flow) {
        let number = self.flows.len() as u32;
        for &core in flow.targets.iter().chain([&flow.source]) {
            self.of_core[core as usize].push(number);
        }
        self.flows.push(flow);
    }

    /// By core: those with which it exchanges packets, each with how many they are for a sample.
    pub(super) fn partners(&self) -> Vec<Vec<(u32, u64)>> {
        let mut partners = vec![Vec::new(); self.cores];
        for Flow { source, targets, weight, .. } in &self.flows {
            for target in targets {
                partners[*source as usize].push((*target, *weight));
                partners[*target as usize].push((*source, *weight));
            }
        }
        partners
    }

    /// What is saved with core c on node `nodes[c]`.
    pub(crate) fn saving(&self, nodes: &[u32], transport: &dyn Transport) -> Saving {
        let in_order: Vec<u32> = (0..self.cores as u32).collect();
        let [placed, in_order] = [nodes, &in_order].map(|nodes| self.hops(nodes, transport));
        let [now, before] = [placed, in_order].map(|hops| hops.of_sample(self.steps) as f64);
        let share = if before > 0.0 { 1.0 - now / before } else { 0.0 };
        Saving { placed, in_order, share }
    }

    /// What the flows come to with core c on node `nodes[c]`.
    fn hops(&self, nodes: &[u32], transport: &dyn Transport) -> PacketHops {
        let mut sum = PacketHops::default();
        for flow in &self.flows {
            let part = if flow.held { &mut sum.per_sample } else { &mut sum.per_step };
            *part += flow.packets * flow.links(nodes, transport);
        }
        sum
    }
}

impl Flow {
    /// Packets for a sample, times their links.
    pub(super) fn hops(&self, nodes: &[u32], transport: &dyn Transport) -> u64 {
        self.weight * self.links(nodes, transport)
    }

    /// Links that a packet takes with core c on node `nodes[c]`: all those of its tree, where it has several targets.
    fn links(&self, nodes: &[u32], transport: &dyn Transport) -> u64 {
        let (source, node) = (nodes[self.source as usize], |core: &u32| nodes[*core as usize]);
        if let [target] = &self.targets[..] {
            return transport.hops(source, node(target));
        }
        let mut tree: Vec<u32> =
            self.targets.iter().flat_map(|core| transport.path(source, node(core))).collect();
        tree.sort_unstable();
        tree.dedup();
        tree.len() as u64
    }

    /// Does the flow begin or end on `core`?
    pub(super) fn touches(&self, core: u32) -> bool {
        self.source == core || self.targets.contains(&core)
    }
}

/// Steps of a training sample, as far as they are known; no more than a million, beyond which what is sent once has no
/// weight.
fn steps_of_sample(params: &Params) -> u64 {
    let phases = &params.phases;
    let nudged = u64::from(params.learning.nudging.phases()) * u64::from(phases.nudged_steps);
    (u64::from(phases.free_steps) + nudged).clamp(1, 1_000_000)
}
