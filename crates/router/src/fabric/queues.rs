//! Packets in a slab, and FIFOs that are lists through it.
//!
//! A FIFO's memory does not depend on its depth, a packet never moves, and a packet that has arrived leaves
//! its slot to the next: nothing is allocated once the largest number of packets in flight has been seen.

use crate::arbiter::Rank;
use crate::transport::Packet;
use std::ops::{Index, IndexMut};

/// No packet, no FIFO, no link, no group of targets.
pub(super) const NONE: u32 = u32::MAX;

/// One FIFO.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fifo {
    /// The rank of the head.
    pub rank: Rank,
    /// The packet at the head, or `NONE`.
    pub head: u32,
    /// The packet at the end, if there is one at the head.
    pub tail: u32,
    /// Packets in the FIFO and on the way to it.
    pub claimed: u32,
    /// The FIFO that the head wants next.
    pub next: u32,
    /// The output port that the head wants.
    pub port: u8,
    /// Outputs over which flits of the packet that won last are still leaving.
    pub leaving: u8,
    /// The packet that won last has won its last output: its slot is free when its flits are gone.
    pub gone: bool,
}

impl Fifo {
    /// A FIFO without packets.
    pub const EMPTY: Self = Self {
        rank: Rank { created_cycle: 0, id: 0 },
        head: NONE,
        tail: NONE,
        claimed: 0,
        next: NONE,
        port: 0,
        leaving: 0,
        gone: false,
    };
}

/// A packet in flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// Age and id, from which the arbiter chooses.
    pub rank: Rank,
    /// The owner's tag.
    pub tag: u64,
    /// The target core; of a packet with many: how many.
    pub target: u32,
    /// The packet behind it in its FIFO (in an unused slot: the next unused one), or `NONE`.
    pub next: u32,
    /// The group that holds its targets, or `NONE` if it has only one.
    pub group: u32,
    /// Where its targets begin in the group.
    pub first: u32,
}

impl Slot {
    /// A packet that stands alone.
    pub fn new(rank: Rank, packet: Packet) -> Self {
        Self { rank, tag: packet.tag, target: packet.target, next: NONE, group: NONE, first: 0 }
    }

    /// The packet as its owner knows it, for one of its targets.
    pub fn packet(&self, target: u32) -> Packet {
        let (created_cycle, source) = (self.rank.created_cycle, self.rank.source());
        Packet { created_cycle, source, target, tag: self.tag }
    }
}

/// The packets in flight, by number.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    slots: Vec<Slot>,
    unused: u32,
    used: u64,
}

impl Default for Slab {
    fn default() -> Self {
        Self { slots: Vec::new(), unused: NONE, used: 0 }
    }
}

impl Slab {
    /// Keeps a packet and returns its number.
    #[inline]
    pub fn insert(&mut self, slot: Slot) -> u32 {
        self.used += 1;
        if self.unused == NONE {
            assert!(self.slots.len() < NONE as usize, "2^32 packets in flight");
            self.slots.push(slot);
            return (self.slots.len() - 1) as u32;
        }
        let number = self.unused;
        self.unused = std::mem::replace(&mut self.slots[number as usize], slot).next;
        number
    }

    /// Takes packet `number` out.
    #[inline]
    pub fn release(&mut self, number: u32) -> Slot {
        self.used -= 1;
        let slot = self.slots[number as usize];
        self.slots[number as usize].next = std::mem::replace(&mut self.unused, number);
        slot
    }

    /// How many packets there are.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Takes every packet out, keeping the memory.
    pub fn clear(&mut self) {
        self.slots.clear();
        (self.unused, self.used) = (NONE, 0);
    }

    /// Packets for which there is memory.
    #[cfg(test)]
    pub fn capacity(&self) -> usize {
        self.slots.capacity()
    }
}

impl Index<u32> for Slab {
    type Output = Slot;
    #[inline]
    fn index(&self, number: u32) -> &Slot {
        &self.slots[number as usize]
    }
}

impl IndexMut<u32> for Slab {
    #[inline]
    fn index_mut(&mut self, number: u32) -> &mut Slot {
        &mut self.slots[number as usize]
    }
}
