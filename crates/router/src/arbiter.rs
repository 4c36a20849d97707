//! Who goes first when several packets at the heads of FIFOs want the same output of a router.

/// The rank of a packet: its age first, then its id. Smaller goes first under [`OldestFirst`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
pub trait Arbiter: Send {
    /// The input that wins `output` (node times ports plus port). `requests` has a bit for each input whose
    /// head wants it, at least one; `rank` tells the rank of the head at an input. Called once per grant.
    fn grant(&mut self, output: usize, requests: u8, rank: impl Fn(usize) -> Rank) -> usize;
}

/// The oldest packet first, then the smallest source core, then the smallest sequence number.
#[derive(Clone, Copy, Debug, Default)]
pub struct OldestFirst;

impl Arbiter for OldestFirst {
    #[inline]
    fn grant(&mut self, _: usize, requests: u8, rank: impl Fn(usize) -> Rank) -> usize {
        let mut winner = requests.trailing_zeros() as usize;
        let mut rest = requests & (requests - 1);
        while rest != 0 {
            let rival = rest.trailing_zeros() as usize;
            if rank(rival) < rank(winner) {
                winner = rival;
            }
            rest &= rest - 1;
        }
        winner
    }
}
