//! A good arrangement where there are too many to try all: cores exchange their nodes.
//!
//! From the better of two starts (the order, and a greedy one) random exchanges are accepted while they cost less than a
//! threshold, which falls to zero (Dueck and Scheuer 1990, "Threshold accepting: a general purpose optimization algorithm
//! appearing superior to simulated annealing"). The draws are addressed, and the same for every seed: where a core sits is
//! part of the chip, not of the experiment.

use super::demand::Demand;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_router::Transport;

/// Random exchanges per core.
const EXCHANGES: u64 = 2_000;
/// Flows that all exchanges together may look at.
const MOST_LOOKS: u64 = 50_000_000;
/// Nodes per core, and at least, among which places are sought: those nearest to node 0.
const NODES: (usize, usize) = (4, 1024);
/// No core.
const NONE: u32 = u32::MAX;

/// The node of each core, of so many `nodes`: over no more hops than in order.
pub(super) fn good(demand: &Demand, transport: &dyn Transport, nodes: usize) -> Vec<u32> {
    let places = places(demand.cores, transport, nodes);
    let in_order: Vec<u32> = (0..demand.cores as u32).collect();
    let starts = [in_order, greedy(demand, transport, &places, nodes)];
    let [order, greedy] = starts.map(|start| Board::new(demand, transport, nodes, start));
    let start = if greedy.hops < order.hops { greedy } else { order };
    let mut board = start.clone();
    board.exchange_at_random(&places);
    if board.hops < start.hops { board.nodes } else { start.nodes }
}

/// The nodes among which places are sought, ascending.
fn places(cores: usize, transport: &dyn Transport, nodes: usize) -> Vec<u32> {
    let mut places: Vec<u32> = (0..nodes as u32).collect();
    places.sort_by_key(|&node| transport.hops(0, node));
    places.truncate((NODES.0 * cores).max(NODES.1));
    places.sort_unstable();
    places
}

/// Core after core, the one with most packets to and from those that have a node first, each on the free place with the
/// fewest hops; the lowest number where several are as good.
fn greedy(demand: &Demand, transport: &dyn Transport, places: &[u32], nodes: usize) -> Vec<u32> {
    let partners = demand.partners();
    let (mut at, mut taken) = (vec![NONE; demand.cores], vec![false; nodes]);
    let mut packets_to_placed = vec![0; demand.cores];
    for _ in 0..demand.cores {
        let waiting = (0..demand.cores).rev().filter(|&core| at[core] == NONE);
        let Some(core) = waiting.max_by_key(|&core| packets_to_placed[core]) else { break };
        let placed = |&&(other, _): &&(u32, u64)| at[other as usize] != NONE;
        let placed: Vec<&(u32, u64)> = partners[core].iter().filter(placed).collect();
        let hops = |node: u32| -> u64 {
            placed.iter().map(|(other, weight)| weight * transport.hops(node, at[*other as usize])).sum()
        };
        let free = places.iter().copied().filter(|&node| !taken[node as usize]);
        let Some(node) = free.min_by_key(|&node| hops(node)) else { break };
        (at[core], taken[node as usize]) = (node, true);
        partners[core].iter().for_each(|&(other, weight)| packets_to_placed[other as usize] += weight);
    }
    at
}

/// An arrangement that changes.
#[derive(Clone)]
struct Board<'a> {
    demand: &'a Demand,
    transport: &'a dyn Transport,
    /// The node of each core.
    nodes: Vec<u32>,
    /// The core on each node, or `NONE`.
    core_on: Vec<u32>,
    /// The hops of each flow.
    of_flow: Vec<u64>,
    /// Their sum.
    hops: u64,
    /// Scratch: the flows that an exchange touches, with their hops after it.
    touched: Vec<(u32, u64)>,
}

impl<'a> Board<'a> {
    fn new(demand: &'a Demand, transport: &'a dyn Transport, nodes: usize, at: Vec<u32>) -> Self {
        let mut core_on = vec![NONE; nodes];
        at.iter().enumerate().for_each(|(core, &node)| core_on[node as usize] = core as u32);
        let of_flow: Vec<u64> = demand.flows.iter().map(|flow| flow.hops(&at, transport)).collect();
        let hops = of_flow.iter().sum();
        Self { demand, transport, nodes: at, core_on, of_flow, hops, touched: Vec::new() }
    }

    /// Random exchanges under a threshold that falls from half the packets of an average core, one hop each.
    fn exchange_at_random(&mut self, places: &[u32]) {
        let cores = self.nodes.len() as u64;
        let threshold = self.demand.flows.iter().map(|flow| flow.weight).sum::<u64>() / cores;
        let looks = 2 * self.demand.of_core.iter().map(|flows| flows.len() as u64).sum::<u64>() / cores;
        let exchanges = (EXCHANGES * cores).min(MOST_LOOKS / looks.max(1));
        // The last tenth accepts only what helps.
        let falling = exchanges - exchanges / 10;
        for number in 0..exchanges {
            let noise = Noise::at(0, Stream::of(StreamKind::Placement, 0), number);
            let (core, place) = (noise.below(0, cores as u32), noise.below(1, places.len() as u32));
            let left = u128::from(falling.saturating_sub(number));
            let most = u128::from(threshold) * left / u128::from(falling.max(1));
            self.try_exchange(core, places[place as usize], most as u64);
        }
    }

    /// Exchanges `core` with who is on `node` if that brings less than `most` more hops, or fewer than before.
    fn try_exchange(&mut self, core: u32, node: u32, most: u64) {
        let from = self.nodes[core as usize];
        if from == node {
            return;
        }
        let other = self.core_on[node as usize];
        self.exchange(core, node);
        let Self { demand, transport, nodes, touched, .. } = self;
        let theirs = demand.of_core.get(other as usize).into_iter().flatten();
        let only_theirs = theirs.filter(|&&flow| !demand.flows[flow as usize].touches(core));
        let flows = demand.of_core[core as usize].iter().chain(only_theirs);
        touched.clear();
        touched.extend(flows.map(|&flow| (flow, demand.flows[flow as usize].hops(nodes, *transport))));
        let before: u64 = touched.iter().map(|&(flow, _)| self.of_flow[flow as usize]).sum();
        let after: u64 = touched.iter().map(|&(_, hops)| hops).sum();
        if after >= before + most {
            self.exchange(core, from);
            return;
        }
        touched.iter().for_each(|&(flow, hops)| self.of_flow[flow as usize] = hops);
        self.hops = self.hops - before + after;
    }

    /// `core` goes to `node`, and who was there to where it came from.
    fn exchange(&mut self, core: u32, node: u32) {
        let (from, other) = (self.nodes[core as usize], self.core_on[node as usize]);
        (self.core_on[from as usize], self.core_on[node as usize]) = (other, core);
        self.nodes[core as usize] = node;
        if other != NONE {
            self.nodes[other as usize] = from;
        }
    }
}
