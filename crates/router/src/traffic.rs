//! The books of a transport: what each core sent, and what each link carried.

use equipoise_base::{Action, Counts};
use serde::{Deserialize, Serialize};

/// One directed link between two routers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The node it leaves.
    pub from: u32,
    /// The node it enters.
    pub to: u32,
}

/// What travelled during a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Packets created, by source core.
    pub packets: Vec<u64>,
    /// Packet-hops over links, by the packet's source core.
    pub hops: Vec<u64>,
    /// Packets that crossed each directed link, in the order of the transport's list of links. A link takes
    /// one packet per cycle, so this is also the number of cycles in which it was busy.
    pub links: Vec<u64>,
    /// Bits of a packet on a link.
    pub flit_bits: u64,
}

impl Traffic {
    /// Empty books.
    #[must_use]
    pub fn new(cores: usize, links: usize, flit_bits: u64) -> Self {
        Self { packets: vec![0; cores], hops: vec![0; cores], links: vec![0; links], flit_bits }
    }

    /// Adds `other`, which has the same shape, `times` times: a stretch of equal steps in closed form.
    pub fn add_times(&mut self, other: &Self, times: u64) {
        let pairs = [
            (&mut self.packets, &other.packets),
            (&mut self.hops, &other.hops),
            (&mut self.links, &other.links),
        ];
        for (mine, theirs) in pairs {
            assert_eq!(mine.len(), theirs.len(), "the traffic of two different transports");
            for (sum, &term) in mine.iter_mut().zip(theirs) {
                *sum += term * times;
            }
        }
    }

    /// Sets every count to zero, keeping the memory.
    pub fn clear(&mut self) {
        for counts in [&mut self.packets, &mut self.hops, &mut self.links] {
            counts.fill(0);
        }
    }

    /// Adds the hops and the bits on links to the books of the cores (one [`Counts`] per core) that sent them.
    pub fn count_into(&self, counts: &mut [Counts]) {
        for (book, &hops) in counts.iter_mut().zip(&self.hops) {
            book.add(Action::PacketHop, hops);
            book.add(Action::LinkBit, hops * self.flit_bits);
        }
    }
}
