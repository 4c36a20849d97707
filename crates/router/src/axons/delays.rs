//! The delays of a group of axons.

use equipoise_base::{Delay, Digest};
use serde::{Deserialize, Serialize};

/// One delay per axon.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delays {
    axons: usize,
    /// By axon; empty where all agree.
    steps: Vec<u32>,
    longest: u32,
    /// The delay of all axons, where they agree.
    common: Option<u32>,
}

impl Delays {
    /// The same delay for `axons` axons.
    #[must_use]
    pub fn uniform(axons: usize, delay: Delay) -> Self {
        Self { axons, steps: Vec::new(), longest: delay.steps(), common: Some(delay.steps()) }
    }

    /// A delay for each axon.
    #[must_use]
    pub fn per_axon(delays: &[Delay]) -> Self {
        let longest = delays.iter().map(|delay| delay.steps()).max().unwrap_or(1);
        let common = delays.iter().all(|delay| delay.steps() == longest).then_some(longest);
        let own = if common.is_some() { &[] } else { delays };
        let steps = own.iter().map(|delay| delay.steps()).collect();
        Self { axons: delays.len(), steps, longest, common }
    }

    /// How many axons there are.
    #[must_use]
    pub fn axons(&self) -> usize {
        self.axons
    }

    /// The delay of `axon`, in steps.
    #[must_use]
    pub fn steps(&self, axon: usize) -> usize {
        self.common.unwrap_or_else(|| self.steps[axon]) as usize
    }

    /// The longest delay, in steps; 1 where there is no axon.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.longest as usize
    }

    /// The delay of all axons in steps, if it is the same for all.
    #[must_use]
    pub fn common(&self) -> Option<usize> {
        self.common.map(|steps| steps as usize)
    }

    /// Is any axon's delay shorter than it was in `before`?
    pub(super) fn shorten(&self, before: &Self) -> bool {
        match (self.common, before.common) {
            (Some(now), Some(then)) => now < then,
            _ => (0..self.axons.min(before.axons)).any(|axon| self.steps(axon) < before.steps(axon)),
        }
    }

    pub(super) fn digest(&self, digest: &mut Digest) {
        digest.words((0..self.axons).map(|axon| self.steps(axon) as u64));
    }
}

impl Clone for Delays {
    fn clone(&self) -> Self {
        Self { steps: self.steps.clone(), ..*self }
    }

    /// Reuses the memory.
    fn clone_from(&mut self, other: &Self) {
        self.steps.clone_from(&other.steps);
        (self.axons, self.longest, self.common) = (other.axons, other.longest, other.common);
    }
}
