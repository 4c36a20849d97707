//! A fabric of routers with one FIFO per input port, simulated cycle by cycle while packets are in flight.
//!
//! The rules of a cycle t, in this order:
//!
//! 1. packets due at t join their FIFO; packets created by t enter their local FIFO, oldest first, while it
//!    has room;
//! 2. every output port is granted to one of the packets at the heads of the router's FIFOs that want it, as
//!    the arbiter says. A link needs room at its far end: packets in that FIFO plus packets on the way to it
//!    are fewer than the depth. Ejection needs no room;
//! 3. the winners leave. A winner is in the next FIFO at t + T_R + T_L, an ejected one is delivered at
//!    t + T_R. The slots that they free can be granted, or refilled from outside, at t + 1.
//!
//! All grants are decided before any winner leaves, so the order in which routers are visited decides
//! nothing. Cycles in which no FIFO holds a packet are jumped.

mod cycle;
mod queues;
mod snapshot;

use crate::arbiter::{Arbiter, Rank};
use crate::topology::{MAX_PORTS, Topology};
use crate::traffic::{Link, Traffic};
use crate::transport::{Delivery, FOREVER, Packet, Snapshot, Transport};
use equipoise_base::SpikeSet;
use queues::{Fifo, NONE, Slab, Slot};
use std::collections::VecDeque;

/// Latencies, depth and width of a fabric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Packets that each FIFO holds, at least 1.
    pub fifo_depth: u32,
    /// Cycles from winning an output to leaving the router, T_R, at least 1.
    pub router_cycles: u32,
    /// Cycles on a link, T_L.
    pub link_cycles: u32,
    /// Bits of a packet on a link.
    pub flit_bits: u64,
}

/// The far end of an output port.
#[derive(Clone, Copy, Debug)]
struct Far {
    /// The FIFO there, `NONE` where there is no link.
    fifo: u32,
    /// The number of the link.
    link: u32,
}

/// What is computed once.
#[derive(Clone, Debug)]
struct Derived {
    timing: Timing,
    /// By node times ports plus output port.
    far: Vec<Far>,
    links: Vec<Link>,
}

/// What evolves. FIFOs are numbered node times ports plus input port.
#[derive(Clone, Debug, Default)]
struct State {
    now: u64,
    sequences: Vec<u64>,
    slab: Slab,
    fifos: Vec<Fifo>,
    /// By node: a bit for each input port whose FIFO holds a packet.
    occupied: Vec<u8>,
    /// Nodes with an occupied FIFO.
    busy: SpikeSet,
    /// By node: packets at their source core, by creation cycle, then sequence.
    sources: Vec<VecDeque<u32>>,
    /// Nodes with a packet at their source core.
    sending: SpikeSet,
    /// Packets on the way to a FIFO, by due cycle modulo the length of the wheel: (FIFO, packet).
    wheel: Vec<Vec<(u32, u32)>>,
    /// How many packets the wheel holds.
    on_wires: u64,
    /// Ejected packets, by due cycle.
    ejected: VecDeque<Delivery>,
}

/// A granted output: the FIFO whose head wins, and the output port.
#[derive(Clone, Copy, Debug)]
struct Grant {
    fifo: u32,
    port: u32,
}

/// Routers with FIFOs, in the topology `T`, under the arbiter `A`.
#[derive(Clone, Debug)]
pub struct Fabric<T, A> {
    topology: T,
    arbiter: A,
    derived: Derived,
    state: State,
    traffic: Traffic,
    /// Scratch: the grants of the present cycle.
    grants: Vec<Grant>,
}

impl<T: Topology, A: Arbiter> Fabric<T, A> {
    /// An empty fabric.
    #[must_use]
    pub fn new(topology: T, arbiter: A, timing: Timing) -> Self {
        const { assert!(T::PORTS <= MAX_PORTS, "a router's ports are the bits of a byte") }
        let nodes = topology.nodes();
        assert!(nodes <= Rank::MAX_SOURCES, "more nodes than an id can name");
        assert!(timing.fifo_depth >= 1 && timing.router_cycles >= 1, "a packet needs a slot and a cycle");
        let derived = derive(&topology, timing);
        let state = State {
            sequences: vec![0; nodes],
            fifos: vec![Fifo::EMPTY; nodes * T::PORTS],
            occupied: vec![0; nodes],
            busy: SpikeSet::new(nodes),
            sources: vec![VecDeque::new(); nodes],
            sending: SpikeSet::new(nodes),
            wheel: vec![Vec::new(); (timing.router_cycles + timing.link_cycles) as usize + 1],
            ..State::default()
        };
        let traffic = Traffic::new(nodes, derived.links.len(), timing.flit_bits);
        Self { topology, arbiter, derived, state, traffic, grants: Vec::new() }
    }
}

/// Numbers the links of `topology` by node, then port, and looks up where each leads.
fn derive<T: Topology>(topology: &T, timing: Timing) -> Derived {
    let mut links = Vec::new();
    let mut far = vec![Far { fifo: NONE, link: NONE }; topology.nodes() * T::PORTS];
    for node in 0..topology.nodes() {
        for port in 1..T::PORTS {
            if let Some((to, input)) = topology.neighbour(node, port) {
                far[node * T::PORTS + port] =
                    Far { fifo: (to * T::PORTS + input) as u32, link: links.len() as u32 };
                links.push(Link { from: node as u32, to: to as u32 });
            }
        }
    }
    Derived { timing, far, links }
}

impl<T: Topology, A: Arbiter> Transport for Fabric<T, A> {
    fn cores(&self) -> usize {
        self.state.sequences.len()
    }

    fn now(&self) -> u64 {
        self.state.now
    }

    fn send(&mut self, packet: Packet) {
        let Packet { created_cycle, source, target, .. } = packet;
        let now = self.state.now;
        assert!(created_cycle >= now, "a packet is created at {created_cycle}, before {now}");
        assert!((target as usize) < self.cores(), "core {target} does not exist");
        let node = source as usize;
        let rank = Rank::new(created_cycle, source, self.state.sequences[node]);
        self.state.sequences[node] += 1;
        self.traffic.packets[node] += 1;
        let entry = self.state.slab.insert(Slot::new(rank, packet));
        // Cores mostly send in the order of time, so the place is mostly the end.
        let State { slab, sources, sending, .. } = &mut self.state;
        let later = sources[node].iter().rev().take_while(|&&other| slab[other].rank > rank).count();
        let place = sources[node].len() - later;
        sources[node].insert(place, entry);
        sending.insert(node);
    }

    fn next_delivery(&mut self, limit: u64) -> Option<Delivery> {
        loop {
            if self.state.ejected.front().is_some_and(|delivery| delivery.cycle <= limit) {
                return self.state.ejected.pop_front();
            }
            match self.next_event_cycle() {
                Some(cycle) if cycle <= limit => {
                    self.state.now = cycle;
                    self.step();
                }
                _ => {
                    if limit != FOREVER {
                        self.state.now = self.state.now.max(limit + 1);
                    }
                    return None;
                }
            }
        }
    }

    fn in_flight(&self) -> u64 {
        self.state.slab.used() + self.state.ejected.len() as u64
    }

    fn zero_load_cycles(&self, source: u32, target: u32) -> u64 {
        let Timing { router_cycles, link_cycles, .. } = self.derived.timing;
        let hops = self.topology.hops(source as usize, target as usize);
        hops * (u64::from(router_cycles) + u64::from(link_cycles)) + u64::from(router_cycles)
    }

    fn links(&self) -> &[Link] {
        &self.derived.links
    }

    fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    fn clear_traffic(&mut self) {
        self.traffic.clear();
    }

    fn reset(&mut self) {
        let state = &mut self.state;
        state.now = 0;
        state.sequences.fill(0);
        state.slab.clear();
        state.fifos.fill(Fifo::EMPTY);
        state.occupied.fill(0);
        state.busy.clear();
        state.sources.iter_mut().for_each(VecDeque::clear);
        state.sending.clear();
        state.wheel.iter_mut().for_each(Vec::clear);
        state.on_wires = 0;
        state.ejected.clear();
    }

    fn snapshot(&self) -> Snapshot {
        self.take_snapshot()
    }

    fn resume(&mut self, snapshot: &Snapshot) {
        self.reset();
        self.put_snapshot(snapshot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbiter::OldestFirst;
    use crate::models::Grid;

    #[test]
    fn a_second_equal_load_allocates_nothing() {
        let timing = Timing { fifo_depth: 2, router_cycles: 1, link_cycles: 1, flit_bits: 32 };
        let mut fabric = Fabric::new(Grid::new(crate::Extent { width: 4, height: 4 }), OldestFirst, timing);
        let load = |fabric: &mut Fabric<Grid, OldestFirst>| {
            for i in 0..1000_u64 {
                let (source, target) = ((i % 16) as u32, (i * 7 % 13) as u32);
                fabric.send(Packet { created_cycle: i / 16, source, target, tag: i });
            }
            while fabric.next_delivery(FOREVER).is_some() {}
            fabric.reset();
            let state = &fabric.state;
            let queues = state.sources.iter().map(VecDeque::capacity);
            let wheel = state.wheel.iter().map(Vec::capacity);
            let rest = [state.slab.capacity(), state.ejected.capacity(), fabric.grants.capacity()];
            queues.chain(wheel).chain(rest).collect::<Vec<_>>()
        };
        let first = load(&mut fabric);
        assert_eq!(first, load(&mut fabric));
        assert!(first.iter().sum::<usize>() > 1000);
    }
}
