//! A fabric's state in the terms that all transports share, and back.
//!
//! A packet with many targets is written once for each target, in consecutive flights of one sequence number
//! at one place.

use super::queues::{NONE, Slot};
use super::{Fabric, Release, State};
use crate::arbiter::{Arbiter, Rank};
use crate::topology::Topology;
use crate::transport::{Delivery, Flight, Leaving, Place, Snapshot};

impl State {
    fn flights_of(&self, number: u32, place: Place, flights: &mut Vec<Flight>) {
        let slot = &self.slab[number];
        let alone = [slot.target];
        let targets = if slot.group == NONE {
            &alone
        } else {
            self.groups.targets(slot.group, slot.first, slot.target)
        };
        let sequence = slot.rank.sequence();
        flights.extend(targets.iter().map(|&target| Flight { packet: slot.packet(target), sequence, place }));
    }

    fn flights_in_fifo(&self, fifo: usize, place: Place, flights: &mut Vec<Flight>) {
        let mut number = self.fifos[fifo].head;
        if number != NONE && self.slab[number].group != NONE {
            for branch in &self.branches[fifo] {
                self.flights_of(branch.packet, place, flights);
            }
            number = self.slab[number].next;
        }
        while number != NONE {
            self.flights_of(number, place, flights);
            number = self.slab[number].next;
        }
    }
}

impl<T: Topology, A: Arbiter> Fabric<T, A> {
    pub(super) fn take_snapshot(&self) -> Snapshot {
        let state = &self.state;
        let mut flights = Vec::with_capacity(state.owed as usize);
        for delivery in &state.ejected {
            // The sequence number has done its work.
            let place = Place::Ejected { due_cycle: delivery.cycle };
            flights.push(Flight { packet: delivery.packet, sequence: 0, place });
        }
        for fifo in 0..self.wiring.fifos() {
            let place = Place::Fifo(self.wiring.public_number(fifo) as u32);
            state.flights_in_fifo(fifo, place, &mut flights);
        }
        let wheel = state.wheel.len() as u64;
        for due_cycle in state.now..state.now + wheel {
            for &(fifo, number) in &state.wheel[(due_cycle % wheel) as usize] {
                let fifo = self.wiring.public_number(fifo as usize) as u32;
                state.flights_of(number, Place::Wire { fifo, due_cycle }, &mut flights);
            }
        }
        for &number in state.sources.iter().flatten() {
            state.flights_of(number, Place::Source, &mut flights);
        }
        Snapshot {
            now: state.now,
            sequences: state.sequences.clone(),
            flights,
            leaving: self.outputs_taken(),
            arbiter: self.arbiter.memory(),
        }
    }

    fn outputs_taken(&self) -> Vec<Leaving> {
        let (state, turn) = (&self.state, self.state.releases.len() as u64);
        let mut leaving = Vec::with_capacity(state.taken_outputs as usize);
        for free_cycle in state.now..state.now + turn {
            for &Release { fifo, port } in &state.releases[(free_cycle % turn) as usize] {
                let last = state.fifos[fifo as usize].gone;
                let fifo = self.wiring.public_number(fifo as usize) as u32;
                leaving.push(Leaving { fifo, port, last, free_cycle });
            }
        }
        leaving
    }

    /// Fills an empty fabric.
    pub(super) fn put_snapshot(&mut self, snapshot: &Snapshot) {
        let cores = self.state.sequences.len();
        assert_eq!(snapshot.sequences.len(), cores, "a snapshot of another number of cores");
        self.state.now = snapshot.now;
        self.state.sequences.clone_from(&snapshot.sequences);
        self.state.owed = snapshot.flights.len() as u64;
        self.arbiter.resume(&snapshot.arbiter);
        for leaving in &snapshot.leaving {
            self.put_leaving(leaving);
        }
        let one_packet = |a: &Flight, b: &Flight| {
            let id = |f: &Flight| (f.packet.source, f.sequence, f.place);
            !matches!(a.place, Place::Ejected { .. }) && id(a) == id(b)
        };
        for flights in snapshot.flights.chunk_by(one_packet) {
            self.put_packet(flights);
        }
        let behind_links =
            self.state.fifos.iter().zip(&self.wiring.before).filter(|(_, before)| **before != NONE);
        self.state.claimed_slots = behind_links.map(|(fifo, _)| u64::from(fifo.claimed)).sum();
        if self.statistics.is_some() {
            crate::Transport::watch(self, true);
        }
    }

    fn put_leaving(&mut self, &Leaving { fifo, port, last, free_cycle }: &Leaving) {
        let fifo = self.wiring.own_number(fifo as usize);
        let cycles = free_cycle - self.state.now;
        self.take_output(fifo as u32, port, cycles as u32);
        // The slot of a packet that is gone is free only when its flits are.
        if last && !std::mem::replace(&mut self.state.fifos[fifo].gone, true) {
            self.state.fifos[fifo].claimed += 1;
        }
    }

    fn put_packet(&mut self, flights: &[Flight]) {
        let Flight { packet, sequence, place } = flights[0];
        if let Place::Ejected { due_cycle } = place {
            self.state.ejected.push_back(Delivery { cycle: due_cycle, packet });
            return;
        }
        let rank = Rank::new(packet.created_cycle, packet.source, sequence);
        let mut slot = Slot::new(rank, packet);
        if flights.len() > 1 {
            slot.group = self.state.groups.insert(flights.iter().map(|flight| flight.packet.target));
            slot.target = flights.len() as u32;
        }
        let number = self.state.slab.insert(slot);
        match place {
            Place::Source => {
                let node = packet.source as usize;
                self.state.sources[node].push_back(number);
                self.state.sending.insert(node);
            }
            Place::Fifo(fifo) => {
                let fifo = self.wiring.own_number(fifo as usize);
                self.state.fifos[fifo].claimed += 1;
                self.append(fifo, number);
            }
            Place::Wire { fifo, due_cycle } => {
                let fifo = self.wiring.own_number(fifo as usize);
                self.state.fifos[fifo].claimed += 1;
                let slot = due_cycle % self.state.wheel.len() as u64;
                self.state.wheel[slot as usize].push((fifo as u32, number));
                self.state.on_wires += 1;
            }
            Place::Ejected { .. } => unreachable!("handled above"),
        }
    }

    /// Packets that take a slot of `fifo`, for the statistics.
    pub(super) fn packets_in(&self, fifo: usize) -> u64 {
        let queue = &self.state.fifos[fifo];
        let mut packets = u64::from(queue.gone);
        let mut number = queue.head;
        while number != NONE {
            packets += 1;
            number = self.state.slab[number].next;
        }
        packets
    }
}
