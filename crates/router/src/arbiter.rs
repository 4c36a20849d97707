//! Who goes first when several packets at the heads of FIFOs want the same output of a router.

use crate::arbiters::{FixedPriority, Matrix, OldestFirst, RoundRobin};

/// The rank of a packet: its age first, then its id. Smaller goes first under [`OldestFirst`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// The cycle in which the packet was created.
    pub created_cycle: u64,
    /// Source core, then sequence number.
    pub id: u64,
}

const SEQUENCE_BITS: u32 = 40;

impl Rank {
    /// Sources beyond this number do not fit an id.
    pub const MAX_SOURCES: usize = 1 << (u64::BITS - SEQUENCE_BITS);

    /// The rank of packet number `sequence` of core `source`.
    #[must_use]
    pub fn new(created_cycle: u64, source: u32, sequence: u64) -> Self {
        assert!(sequence < 1 << SEQUENCE_BITS, "a core has sent 2^40 packets without a reset");
        Self { created_cycle, id: u64::from(source) << SEQUENCE_BITS | sequence }
    }

    /// The core that created the packet.
    #[inline]
    #[must_use]
    pub fn source(self) -> u32 {
        (self.id >> SEQUENCE_BITS) as u32
    }

    /// The packet's number among those of its source.
    #[must_use]
    pub fn sequence(self) -> u64 {
        self.id & ((1 << SEQUENCE_BITS) - 1)
    }
}

/// A rule that grants an output port to one of the packets that want it.
///
/// The inputs of a router are its FIFOs: port by port, and within a port by virtual channel.
pub trait Arbiter: Send {
    /// Whether the smallest [`Rank`] always wins.
    const BY_RANK: bool = false;

    /// An arbiter for `outputs` output ports of routers with `inputs` FIFOs.
    fn new(outputs: usize, inputs: usize) -> Self
    where
        Self: Sized;

    /// The input that wins `output` (router times ports plus port). `requests` has a bit for each input whose
    /// head wants it and could go, at least one; `rank` tells the rank of the head at an input. Called once
    /// per grant.
    fn grant(&mut self, output: usize, requests: u64, rank: impl Fn(usize) -> Rank) -> usize;

    /// Forgets every grant.
    fn reset(&mut self) {}

    /// What it remembers of past grants, in words that [`Arbiter::resume`] understands.
    fn memory(&self) -> Vec<u64> {
        Vec::new()
    }

    /// Continues from [`Arbiter::memory`] of an arbiter of the same shape.
    fn resume(&mut self, _memory: &[u64]) {}
}

equipoise_base::choice! {
    /// The rule by which a router grants an output port.
    pub enum ArbiterKind {
        /// The packet that was created first, then the smallest source core. Fair to all ends; needs ages in packets.
        Oldest = "oldest",
        /// The next FIFO after the one that won last.
        RoundRobin = "round_robin",
        /// The first FIFO in the order of ports, the core's own first. Cheap, and starves the last ports under load.
        FixedPriority = "fixed_priority",
        /// The FIFO that won longest ago.
        Matrix = "matrix",
    }
}

/// Something that is done with an arbiter whose type is known only at run time.
pub(crate) trait WithArbiter {
    type Out;
    fn with<A: Arbiter + 'static>(self) -> Self::Out;
}

impl ArbiterKind {
    /// Calls `work` with the type of this kind: the one place where a word becomes a type.
    pub(crate) fn dispatch<W: WithArbiter>(self, work: W) -> W::Out {
        match self {
            Self::Oldest => work.with::<OldestFirst>(),
            Self::RoundRobin => work.with::<RoundRobin>(),
            Self::FixedPriority => work.with::<FixedPriority>(),
            Self::Matrix => work.with::<Matrix>(),
        }
    }
}
