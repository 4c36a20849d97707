//! Arbitration in turn.

use crate::arbiter::{Arbiter, Rank};

/// The first input that asks, counted upward and around from the one after the last winner; at first from
/// input 0.
#[derive(Clone, Debug, Default)]
pub struct RoundRobin {
    /// By output: the input at which the search begins.
    next: Vec<u8>,
}

impl Arbiter for RoundRobin {
    fn new(outputs: usize, _: usize) -> Self {
        Self { next: vec![0; outputs] }
    }

    #[inline]
    fn grant(&mut self, output: usize, requests: u64, _: impl Fn(usize) -> Rank) -> usize {
        let from = u32::from(self.next[output]);
        // Turned by `from`, the search begins at bit 0.
        let turned = requests.rotate_right(from);
        let winner = (turned.trailing_zeros() + from) % u64::BITS;
        self.next[output] = ((winner + 1) % u64::BITS) as u8;
        winner as usize
    }

    fn reset(&mut self) {
        self.next.fill(0);
    }

    fn memory(&self) -> Vec<u64> {
        self.next.iter().map(|&next| u64::from(next)).collect()
    }

    fn resume(&mut self, memory: &[u64]) {
        assert_eq!(memory.len(), self.next.len(), "a snapshot under another arbiter");
        for (next, &word) in self.next.iter_mut().zip(memory) {
            *next = word as u8;
        }
    }
}
