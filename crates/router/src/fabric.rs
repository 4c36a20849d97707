//! A fabric of routers with FIFOs at their input ports, simulated cycle by cycle while packets are in flight.
//!
//! An input port has a FIFO for each virtual channel, a core's port has one. A packet is F flits long; a FIFO
//! gives one flit per cycle, and links pass them on without gaps (virtual cut-through: a FIFO's slot holds a
//! whole packet, so a packet that has won moves on without stopping). The rules of a cycle t, in this order:
//!
//! 1. packets due at t join their FIFO; packets created by t enter their core's FIFO, oldest first, while it
//!    has room;
//! 2. every output port that is free is granted to one of the packets at the heads of the router's FIFOs that
//!    want it, as the arbiter says. A link needs room in the FIFO at its far end: packets in that FIFO plus
//!    packets on the way to it are fewer than the depth. Ejection needs no room;
//! 3. the winners leave. A winner takes its output port for O cycles (F; more on a narrow link between chips),
//!    and its FIFO grants nothing else meanwhile. Its head is in the next FIFO at t + T_R + T_L, later by
//!    O - F after a narrow link, so that its tail keeps up with it; an ejected packet is delivered with its
//!    tail at t + T_R + F - 1. The slot that it frees can be granted, or refilled from outside, at t + O.
//!
//! All grants are decided before any winner leaves, so the order in which routers are visited decides
//! nothing. A router that granted nothing is not looked at again before something around it has changed, and
//! cycles in which nothing can change are jumped.
//!
//! *Virtual channels.* Behind a port a packet uses the channels of the class that its route says; if there
//! are several, always the one of its source (source modulo their number), so that packets of a pair of cores
//! keep their order.
//!
//! *Multicast.* A packet with many targets wants, at the head of a FIFO, an output for each branch of its
//! tree. It may win several in the same cycle, each on its own; it stays until it has won the last.

mod awake;
mod branches;
mod cycle;
mod lanes;
mod leave;
mod queues;
mod snapshot;
mod swarm;
mod wiring;

use crate::arbiter::{Arbiter, Rank};
use crate::statistics::Statistics;
use crate::topology::Topology;
use crate::traffic::{Link, Traffic};
use crate::transport::{Burst, Delivery, FOREVER, Packet, Snapshot, Transport};
use awake::Awake;
use branches::{Branch, Groups};
use equipoise_base::SpikeSet;
use queues::{Fifo, NONE, Slab, Slot};
use std::collections::VecDeque;
use swarm::{Carried, Swarm};
use wiring::Wiring;

/// The deepest FIFOs that are simulated side by side: every slot is looked at in every cycle.
const DEEPEST_SWARM: u32 = 16;
/// Packets per router from which on a fabric is simulated side by side.
const WORTH_A_SWARM: u64 = 4;

/// Latencies, depth and widths of a fabric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Packets that each FIFO holds, at least 1.
    pub fifo_depth: u32,
    /// FIFOs of an input port, at least as many as the topology has classes.
    pub virtual_channels: u32,
    /// Cycles from winning an output to leaving the router, T_R, at least 1.
    pub router_cycles: u32,
    /// Cycles on a link, T_L.
    pub link_cycles: u32,
    /// Cycles on a link between chips.
    pub chip_link_cycles: u32,
    /// Flits of a packet, F: cycles that it takes on a link, at least 1.
    pub flits: u32,
    /// Cycles that a packet takes on a link between chips, at least F.
    pub chip_link_flits: u32,
    /// Bits of a packet.
    pub packet_bits: u64,
    /// Whether a packet with many targets is one packet.
    pub multicast: bool,
}

/// Flits of an output port whose last flit has gone by `due_cycle`.
#[derive(Clone, Copy, Debug)]
struct Release {
    fifo: u32,
    port: u32,
}

/// What evolves. FIFOs are numbered as the wiring says.
#[derive(Clone, Debug, Default)]
struct State {
    now: u64,
    sequences: Vec<u64>,
    /// Deliveries that are owed.
    owed: u64,
    slab: Slab,
    groups: Groups,
    fifos: Vec<Fifo>,
    /// By FIFO, where a packet may have many targets: the branches that its head has not won yet.
    branches: Vec<Vec<Branch>>,
    /// By router: a bit for each FIFO whose head may win.
    occupied: Vec<u64>,
    /// By router: a bit for each output port over which flits are leaving.
    taken: Vec<u64>,
    /// Routers with a head that may win, unless nothing has changed since they granted nothing.
    awake: Awake,
    /// By core: packets that wait for its FIFO, by creation cycle, then sequence.
    sources: Vec<VecDeque<u32>>,
    /// Cores with such packets.
    sending: SpikeSet,
    /// Packets on the way to a FIFO, by due cycle modulo the length of the wheel: (FIFO, packet).
    wheel: Vec<Vec<(u32, u32)>>,
    /// How many packets the wheel holds.
    on_wires: u64,
    /// Slots of FIFOs behind links that are taken or promised.
    claimed_slots: u64,
    /// Outputs that are taken for more than a cycle, by the cycle in which they are free again, modulo.
    releases: Vec<Vec<Release>>,
    /// How many there are.
    taken_outputs: u64,
    /// Ejected packets, by due cycle, then target.
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
    wiring: Wiring,
    state: State,
    traffic: Traffic,
    statistics: Option<Box<Statistics>>,
    /// Scratch: the grants of the present cycle.
    grants: Vec<Grant>,
    /// Scratch, by output port of one router: the inputs that want it.
    requests: Vec<u64>,
    /// All routers side by side, for traffic that is known beforehand; made when it is first needed.
    swarm: Option<Box<Swarm>>,
}

impl<T: Topology, A: Arbiter> Fabric<T, A> {
    /// An empty fabric.
    #[must_use]
    pub fn new(topology: T, timing: Timing) -> Self {
        let (cores, routers) = (topology.cores(), topology.routers());
        assert!(cores <= Rank::MAX_SOURCES, "more cores than an id can name");
        assert!(timing.fifo_depth >= 1 && timing.router_cycles >= 1, "a packet needs a slot and a cycle");
        assert!(timing.flits >= 1 && timing.chip_link_flits >= timing.flits, "a packet has a flit");
        let wiring = Wiring::new(&topology, timing);
        let fifos = wiring.fifos();
        let state = State {
            sequences: vec![0; cores],
            fifos: vec![Fifo::EMPTY; fifos + 1],
            branches: vec![Vec::new(); if timing.multicast { fifos } else { 0 }],
            occupied: vec![0; routers],
            taken: vec![0; routers],
            awake: Awake::new(routers),
            sources: vec![VecDeque::new(); cores],
            sending: SpikeSet::new(cores),
            wheel: vec![Vec::new(); wiring.longest_flight() as usize + 1],
            releases: vec![Vec::new(); timing.chip_link_flits as usize + 1],
            ..State::default()
        };
        let traffic = Traffic::new(cores, wiring.links.len(), timing.packet_bits);
        let arbiter = A::new(routers * topology.ports(), wiring.inputs());
        let requests = vec![0; topology.ports()];
        let (statistics, grants, swarm) = (None, Vec::new(), None);
        Self { topology, arbiter, wiring, state, traffic, statistics, grants, requests, swarm }
    }

    /// A swarm that does the same as this fabric, if there can be one.
    fn new_swarm(&self) -> Option<Box<Swarm>> {
        let sides = self.topology.mesh_sides().filter(|_| A::BY_RANK)?;
        let Timing { fifo_depth, router_cycles, flits, virtual_channels, .. } = self.wiring.timing;
        let flight = self.wiring.longest_flight();
        let mut links = self.wiring.far.iter().filter(|far| far.link != NONE);
        let equal = flits == 1 && links.all(|far| far.flight_cycles == flight && far.taken_cycles == 1);
        let fits = equal && virtual_channels == 1 && fifo_depth <= DEEPEST_SWARM;
        let swarm = || Swarm::new(sides, fifo_depth as usize, flight as usize, u64::from(router_cycles));
        fits.then(swarm).flatten().map(Box::new)
    }

    /// Books the traffic of a burst: every link of every way.
    fn book_burst(&mut self, burst: &Burst<'_>) {
        let (source, packets) = (burst.source as usize, u64::from(burst.packets));
        self.traffic.packets[source] += packets * burst.targets.len() as u64;
        for &target in burst.targets {
            let mut router = self.topology.seat(source).0;
            loop {
                let port = self.topology.route(router, target as usize).port;
                let far = self.wiring.far[router * self.topology.ports() + port];
                if far.link == NONE {
                    break;
                }
                self.traffic.links[far.link as usize] += packets;
                self.traffic.hops[source] += packets;
                self.traffic.chip_hops[source] += if far.crosses_chips { packets } else { 0 };
                router = self.wiring.links[far.link as usize].to as usize;
            }
        }
    }

    /// Puts a new packet among those that wait at its source.
    fn queue(&mut self, slot: Slot, targets: u64) {
        let node = slot.rank.source() as usize;
        let State { slab, sources, sending, .. } = &mut self.state;
        let entry = slab.insert(slot);
        // Cores mostly send in the order of time, so the place is mostly the end.
        let later = sources[node].iter().rev().take_while(|&&other| slab[other].rank > slot.rank).count();
        let place = sources[node].len() - later;
        sources[node].insert(place, entry);
        sending.insert(node);
        self.state.owed += targets;
        self.traffic.packets[node] += 1;
    }

    /// The rank of a new packet.
    fn rank(&mut self, packet: Packet) -> Rank {
        let Packet { created_cycle, source, .. } = packet;
        let now = self.state.now;
        assert!(created_cycle >= now, "a packet is created at {created_cycle}, before {now}");
        let sequence = &mut self.state.sequences[source as usize];
        *sequence += 1;
        Rank::new(created_cycle, source, *sequence - 1)
    }
}

impl<T: Topology, A: Arbiter> Transport for Fabric<T, A> {
    fn cores(&self) -> usize {
        self.state.sequences.len()
    }

    fn routers(&self) -> usize {
        self.topology.routers()
    }

    fn router_of(&self, core: u32) -> Option<u32> {
        Some(self.topology.seat(core as usize).0 as u32)
    }

    fn slots(&self) -> u64 {
        let Timing { fifo_depth, virtual_channels, .. } = self.wiring.timing;
        self.wiring.links.len() as u64 * u64::from(fifo_depth) * u64::from(virtual_channels)
    }

    fn now(&self) -> u64 {
        self.state.now
    }

    fn send(&mut self, packet: Packet) {
        assert!((packet.target as usize) < self.cores(), "core {} does not exist", packet.target);
        let rank = self.rank(packet);
        self.queue(Slot::new(rank, packet), 1);
    }

    fn send_to(&mut self, packet: Packet, targets: &[u32]) {
        assert!(targets.is_sorted_by(|a, b| a < b), "targets are ascending, each once");
        let [_, .., last] = *targets else {
            return targets.iter().for_each(|&target| self.send(Packet { target, ..packet }));
        };
        if !self.wiring.timing.multicast {
            return targets.iter().for_each(|&target| self.send(Packet { target, ..packet }));
        }
        assert!((last as usize) < self.cores(), "core {last} does not exist");
        let rank = self.rank(packet);
        let group = self.state.groups.insert(targets.iter().copied());
        let many = Slot { group, target: targets.len() as u32, ..Slot::new(rank, packet) };
        self.queue(many, targets.len() as u64);
    }

    fn carry(&mut self, bursts: &[Burst<'_>]) -> Option<u64> {
        let packets: u64 = bursts.iter().map(|b| u64::from(b.packets) * b.targets.len() as u64).sum();
        // A swarm takes as long for a cycle with few packets as for one with many.
        if self.statistics.is_some()
            || self.wiring.timing.multicast
            || packets < WORTH_A_SWARM * self.topology.routers() as u64
        {
            return None;
        }
        if self.swarm.is_none() {
            self.swarm = self.new_swarm();
        }
        let Carried { last, slot_cycles, most_slots } = self.swarm.as_mut()?.run(bursts);
        self.traffic.slot_cycles += slot_cycles;
        self.traffic.most_slots = self.traffic.most_slots.max(most_slots);
        bursts.iter().for_each(|burst| self.book_burst(burst));
        Transport::reset(self);
        Some(last)
    }

    fn next_delivery(&mut self, limit: u64) -> Option<Delivery> {
        loop {
            if self.state.ejected.front().is_some_and(|delivery| delivery.cycle <= limit) {
                self.state.owed -= 1;
                return self.state.ejected.pop_front();
            }
            match self.next_event_cycle() {
                Some(cycle) if cycle <= limit => {
                    self.pass_until(cycle);
                    self.step();
                }
                next => {
                    if limit != FOREVER {
                        self.pass_until(self.state.now.max(limit + 1));
                        return None;
                    }
                    assert!(next.is_some() || self.state.slab.used() == 0, "our own bug: a deadlock");
                    return None;
                }
            }
        }
    }

    fn in_flight(&self) -> u64 {
        self.state.owed
    }

    fn zero_load_cycles(&self, source: u32, target: u32) -> u64 {
        self.wiring.zero_load_cycles(&self.topology, source as usize, target as usize)
    }

    fn multicasts(&self) -> bool {
        self.wiring.timing.multicast
    }

    fn path(&self, source: u32, target: u32) -> Vec<u32> {
        self.wiring.path(&self.topology, source as usize, target as usize)
    }

    fn hops(&self, source: u32, target: u32) -> u64 {
        self.topology.hops(source as usize, target as usize)
    }

    fn packet_cycles(&self) -> u64 {
        u64::from(self.wiring.timing.flits)
    }

    fn ports(&self) -> &'static [&'static str] {
        // With several channels a port has several FIFOs, and a packet of several flits is in more than one.
        if self.wiring.inputs() == T::PORT_NAMES.len() && self.wiring.timing.flits == 1 {
            T::PORT_NAMES
        } else {
            &[]
        }
    }

    fn links(&self) -> &[Link] {
        &self.wiring.links
    }

    fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    fn clear_traffic(&mut self) {
        self.traffic.clear();
    }

    fn watch(&mut self, watching: bool) {
        self.statistics = watching.then(|| {
            let mut statistics = Statistics::new(&self.topology, self.wiring.timing, self.state.now);
            for fifo in 0..self.topology.routers() * self.wiring.inputs() {
                statistics.start(fifo, self.packets_in(self.wiring.own_number(fifo)));
            }
            Box::new(statistics)
        });
    }

    fn statistics(&self) -> Option<&Statistics> {
        self.statistics.as_deref()
    }

    fn reset(&mut self) {
        let state = &mut self.state;
        (state.now, state.owed, state.on_wires, state.taken_outputs, state.claimed_slots) = (0, 0, 0, 0, 0);
        state.sequences.fill(0);
        state.slab.clear();
        state.groups.clear();
        state.fifos.fill(Fifo::EMPTY);
        state.branches.iter_mut().for_each(Vec::clear);
        state.occupied.fill(0);
        state.taken.fill(0);
        state.awake.clear();
        state.sources.iter_mut().for_each(VecDeque::clear);
        state.sending.clear();
        state.wheel.iter_mut().for_each(Vec::clear);
        state.releases.iter_mut().for_each(Vec::clear);
        state.ejected.clear();
        self.arbiter.reset();
        if self.statistics.is_some() {
            self.watch(true);
        }
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
    use crate::arbiters::OldestFirst;
    use crate::models::Grid;

    const TIMING: Timing = Timing {
        fifo_depth: 2,
        virtual_channels: 1,
        router_cycles: 1,
        link_cycles: 1,
        chip_link_cycles: 1,
        flits: 1,
        chip_link_flits: 1,
        packet_bits: 32,
        multicast: true,
    };

    /// What a load leaves behind: the memory of everything that grows.
    fn memory_after(fabric: &mut Fabric<Grid, OldestFirst>, many: bool) -> Vec<usize> {
        for i in 0..1000_u64 {
            let (source, target) = ((i % 16) as u32, (i * 7 % 13) as u32);
            let packet = Packet { created_cycle: i / 16, source, target, tag: i };
            if many { fabric.send_to(packet, &[0, 3, 9, 12, 15]) } else { fabric.send(packet) }
        }
        while fabric.next_delivery(FOREVER).is_some() {}
        fabric.reset();
        let state = &fabric.state;
        let queues = state.sources.iter().map(VecDeque::capacity);
        let wheels = state.wheel.iter().map(Vec::capacity).chain(state.releases.iter().map(Vec::capacity));
        let branches = state.branches.iter().map(Vec::capacity);
        let rest = [state.slab.capacity(), state.ejected.capacity(), fabric.grants.capacity()];
        queues.chain(wheels).chain(branches).chain(rest).chain(state.groups.memory()).collect()
    }

    #[test]
    fn a_second_equal_load_allocates_nothing() {
        let grid = Grid::new(crate::Extent { width: 4, height: 4 });
        for (flits, many) in [(1, false), (3, false), (1, true), (3, true)] {
            let timing = Timing { flits, chip_link_flits: flits, ..TIMING };
            let mut fabric = Fabric::new(grid.clone(), timing);
            let first = memory_after(&mut fabric, many);
            assert_eq!(first, memory_after(&mut fabric, many));
            assert!(first.iter().sum::<usize>() > 1000);
        }
    }
}
