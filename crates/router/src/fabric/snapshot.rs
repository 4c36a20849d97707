//! A fabric's state in the terms that all transports share, and back.

use super::queues::{NONE, Slot};
use super::{Fabric, State};
use crate::arbiter::{Arbiter, Rank};
use crate::topology::Topology;
use crate::transport::{Delivery, Flight, Place, Snapshot};

impl State {
    fn flight(&self, number: u32, place: Place) -> Flight {
        let slot = &self.slab[number];
        Flight { packet: slot.packet(), sequence: slot.rank.sequence(), place }
    }

    fn flights_in_fifos(&self, flights: &mut Vec<Flight>) {
        for (fifo, queue) in self.fifos.iter().enumerate() {
            let mut number = queue.head;
            while number != NONE {
                flights.push(self.flight(number, Place::Fifo(fifo as u32)));
                number = self.slab[number].next;
            }
        }
    }

    fn flights_on_wires(&self, flights: &mut Vec<Flight>) {
        let wheel = self.wheel.len() as u64;
        for due_cycle in self.now..self.now + wheel {
            for &(fifo, number) in &self.wheel[(due_cycle % wheel) as usize] {
                flights.push(self.flight(number, Place::Wire { fifo, due_cycle }));
            }
        }
    }
}

impl<T: Topology, A: Arbiter> Fabric<T, A> {
    pub(super) fn take_snapshot(&self) -> Snapshot {
        let state = &self.state;
        let mut flights = Vec::with_capacity(state.slab.used() as usize + state.ejected.len());
        for delivery in &state.ejected {
            // The sequence number has done its work.
            let place = Place::Ejected { due_cycle: delivery.cycle };
            flights.push(Flight { packet: delivery.packet, sequence: 0, place });
        }
        state.flights_in_fifos(&mut flights);
        state.flights_on_wires(&mut flights);
        for &number in state.sources.iter().flatten() {
            flights.push(state.flight(number, Place::Source));
        }
        Snapshot { now: state.now, sequences: state.sequences.clone(), flights }
    }

    /// Fills an empty fabric.
    pub(super) fn put_snapshot(&mut self, snapshot: &Snapshot) {
        let nodes = self.state.sequences.len();
        assert_eq!(snapshot.sequences.len(), nodes, "a snapshot of another number of nodes");
        self.state.now = snapshot.now;
        self.state.sequences.clone_from(&snapshot.sequences);
        for flight in &snapshot.flights {
            self.put_flight(flight);
        }
    }

    fn put_flight(&mut self, &Flight { packet, sequence, place }: &Flight) {
        if let Place::Ejected { due_cycle } = place {
            self.state.ejected.push_back(Delivery { cycle: due_cycle, packet });
            return;
        }
        let rank = Rank::new(packet.created_cycle, packet.source, sequence);
        let number = self.state.slab.insert(Slot::new(rank, packet));
        match place {
            Place::Source => {
                let node = packet.source as usize;
                self.state.sources[node].push_back(number);
                self.state.sending.insert(node);
            }
            Place::Fifo(fifo) => {
                self.state.fifos[fifo as usize].claimed += 1;
                self.append(fifo as usize, number);
            }
            Place::Wire { fifo, due_cycle } => {
                self.state.fifos[fifo as usize].claimed += 1;
                let slot = due_cycle % self.state.wheel.len() as u64;
                self.state.wheel[slot as usize].push((fifo, number));
                self.state.on_wires += 1;
            }
            Place::Ejected { .. } => unreachable!("handled above"),
        }
    }
}
