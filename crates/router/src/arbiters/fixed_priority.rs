//! Arbitration by position.

use crate::arbiter::{Arbiter, Rank};

/// The first input that asks: lowest port, then lowest virtual channel.
#[derive(Clone, Copy, Debug, Default)]
pub struct FixedPriority;

impl Arbiter for FixedPriority {
    fn new(_: usize, _: usize) -> Self {
        Self
    }

    #[inline]
    fn grant(&mut self, _: usize, requests: u64, _: impl Fn(usize) -> Rank) -> usize {
        requests.trailing_zeros() as usize
    }
}
