//! The books of a transport: what each core sent, and what each link carried.

use equipoise_base::{Action, Counts};
use serde::{Deserialize, Serialize};

/// One directed link between two routers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The router it leaves: a node, where every core has its own router.
    pub from: u32,
    /// The router it enters.
    pub to: u32,
    /// Whether it connects two chips.
    pub crosses_chips: bool,
    /// Cycles for which one packet keeps it busy.
    pub packet_cycles: u64,
}

/// What travelled during a stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    /// Packets created, by source core.
    pub packets: Vec<u64>,
    /// Packet-hops over links, by the packet's source core.
    pub hops: Vec<u64>,
    /// Those of them that went from chip to chip, which have a price of their own.
    pub chip_hops: Vec<u64>,
    /// Packets that crossed each directed link, in the order of the transport's list of links.
    pub links: Vec<u64>,
    /// Bits of a packet.
    pub flit_bits: u64,
    /// Slots of the FIFOs behind links that were taken by a packet, or promised to one on its way, times cycles.
    pub slot_cycles: u64,
    /// Most slots of such a FIFO that were taken or promised at once.
    pub most_slots: u64,
}

impl Traffic {
    /// Empty books.
    #[must_use]
    pub fn new(cores: usize, links: usize, flit_bits: u64) -> Self {
        let zeros = || vec![0; cores];
        Self {
            packets: zeros(),
            hops: zeros(),
            chip_hops: zeros(),
            links: vec![0; links],
            flit_bits,
            slot_cycles: 0,
            most_slots: 0,
        }
    }

    /// Adds `other`, which has the same shape, `times` times: a stretch of equal steps in closed form.
    pub fn add_times(&mut self, other: &Self, times: u64) {
        let pairs = [
            (&mut self.packets, &other.packets),
            (&mut self.hops, &other.hops),
            (&mut self.chip_hops, &other.chip_hops),
            (&mut self.links, &other.links),
        ];
        for (mine, theirs) in pairs {
            assert_eq!(mine.len(), theirs.len(), "the traffic of two different transports");
            for (sum, &term) in mine.iter_mut().zip(theirs) {
                *sum += term * times;
            }
        }
        self.slot_cycles += other.slot_cycles * times;
        self.most_slots = self.most_slots.max(if times > 0 { other.most_slots } else { 0 });
    }

    /// Sets every count to zero, keeping the memory.
    pub fn clear(&mut self) {
        for counts in [&mut self.packets, &mut self.hops, &mut self.chip_hops, &mut self.links] {
            counts.fill(0);
        }
        (self.slot_cycles, self.most_slots) = (0, 0);
    }

    /// Cycles in which each link was busy, `links` being the list that the books belong to.
    #[must_use]
    pub fn busy_cycles(&self, links: &[Link]) -> Vec<u64> {
        assert_eq!(links.len(), self.links.len(), "the links of another transport");
        self.links.iter().zip(links).map(|(packets, link)| packets * link.packet_cycles).collect()
    }

    /// Adds the hops and the bits on links that packets of the core on `node` took, those between chips apart, to
    /// the book of that core.
    pub fn count_into(&self, node: usize, book: &mut Counts) {
        let (between_chips, within_chips) = (self.chip_hops[node], self.hops[node] - self.chip_hops[node]);
        book.add(Action::PacketHop, within_chips);
        book.add(Action::LinkBit, within_chips * self.flit_bits);
        book.add(Action::ChipHop, between_chips);
        book.add(Action::ChipLinkBit, between_chips * self.flit_bits);
    }
}
