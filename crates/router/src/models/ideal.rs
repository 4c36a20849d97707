//! Wires of zero cycles.

use crate::traffic::{Link, Traffic};
use crate::transport::{Delivery, FOREVER, Flight, Packet, Place, Snapshot, Transport};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

equipoise_base::params! {
    /// Every core sees every other core's packet in the cycle of its creation.
    pub struct Ideal {}
}

impl Ideal {
    /// Empty wires between `cores` cores.
    #[must_use]
    pub fn build(&self, cores: usize) -> Box<dyn Transport> {
        Box::new(Wires {
            now: 0,
            sequences: vec![0; cores],
            waiting: BinaryHeap::new(),
            traffic: Traffic::new(cores, 0, 0),
        })
    }
}

/// A packet in the order of deliveries: cycle, target, source, sequence, tag.
type Waiting = Reverse<(u64, u32, u32, u64, u64)>;

/// The state of wires of zero cycles: packets whose cycle has not come yet.
#[derive(Clone, Debug)]
pub struct Wires {
    now: u64,
    sequences: Vec<u64>,
    waiting: BinaryHeap<Waiting>,
    traffic: Traffic,
}

impl Transport for Wires {
    fn cores(&self) -> usize {
        self.sequences.len()
    }

    fn now(&self) -> u64 {
        self.now
    }

    fn send(&mut self, packet: Packet) {
        let Packet { created_cycle, source, target, tag } = packet;
        assert!(created_cycle >= self.now, "a packet is created at {created_cycle}, before {}", self.now);
        assert!((target as usize) < self.cores(), "core {target} does not exist");
        let sequence = &mut self.sequences[source as usize];
        self.waiting.push(Reverse((created_cycle, target, source, *sequence, tag)));
        *sequence += 1;
        self.traffic.packets[source as usize] += 1;
    }

    fn next_delivery(&mut self, limit: u64) -> Option<Delivery> {
        match self.waiting.peek() {
            Some(&Reverse((cycle, ..))) if cycle <= limit => {
                let Reverse((cycle, target, source, _, tag)) = self.waiting.pop()?;
                self.now = cycle;
                Some(Delivery { cycle, packet: Packet { created_cycle: cycle, source, target, tag } })
            }
            _ => {
                if limit != FOREVER {
                    self.now = self.now.max(limit + 1);
                }
                None
            }
        }
    }

    fn in_flight(&self) -> u64 {
        self.waiting.len() as u64
    }

    fn zero_load_cycles(&self, _: u32, _: u32) -> u64 {
        0
    }

    fn links(&self) -> &[Link] {
        &[]
    }

    fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    fn clear_traffic(&mut self) {
        self.traffic.clear();
    }

    fn reset(&mut self) {
        self.now = 0;
        self.sequences.fill(0);
        self.waiting.clear();
    }

    fn snapshot(&self) -> Snapshot {
        let mut waiting: Vec<_> = self.waiting.iter().map(|entry| entry.0).collect();
        waiting.sort_unstable();
        let flight = |(created_cycle, target, source, sequence, tag)| Flight {
            packet: Packet { created_cycle, source, target, tag },
            sequence,
            place: Place::Source,
        };
        let flights = waiting.into_iter().map(flight).collect();
        Snapshot { now: self.now, sequences: self.sequences.clone(), flights, ..Snapshot::default() }
    }

    fn resume(&mut self, snapshot: &Snapshot) {
        assert_eq!(snapshot.sequences.len(), self.cores(), "a snapshot of another number of cores");
        self.now = snapshot.now;
        self.sequences.clone_from(&snapshot.sequences);
        self.waiting.clear();
        for Flight { packet, sequence, .. } in &snapshot.flights {
            let Packet { created_cycle, source, target, tag } = *packet;
            self.waiting.push(Reverse((created_cycle, target, source, *sequence, tag)));
        }
    }
}
