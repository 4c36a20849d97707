//! Age-based arbitration.

use crate::arbiter::{Arbiter, Rank};

/// The oldest packet first, then the smallest source core, then the smallest sequence number.
#[derive(Clone, Copy, Debug, Default)]
pub struct OldestFirst;

impl Arbiter for OldestFirst {
    const BY_RANK: bool = true;

    fn new(_: usize, _: usize) -> Self {
        Self
    }

    #[inline]
    fn grant(&mut self, _: usize, requests: u64, rank: impl Fn(usize) -> Rank) -> usize {
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
