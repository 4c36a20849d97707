//! The delays of a group of axons.

use equipoise_base::{Delay, Digest};
use serde::{Deserialize, Serialize};

/// One delay per axon.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delays {
    steps: Vec<u32>,
    longest: u32,
    /// The delay of all axons, where they agree.
    common: Option<u32>,
}

impl Delays {
    /// The same delay for `axons` axons.
    #[must_use]
    pub fn uniform(axons: usize, delay: Delay) -> Self {
        Self { steps: vec![delay.steps(); axons], longest: delay.steps(), common: Some(delay.steps()) }
    }

    /// A delay for each axon.
    #[must_use]
    pub fn per_axon(delays: &[Delay]) -> Self {
        let steps: Vec<u32> = delays.iter().map(|delay| delay.steps()).collect();
        let longest = steps.iter().copied().max().unwrap_or(1);
        let common = steps.iter().all(|&d| d == longest).then_some(longest);
        Self { steps, longest, common }
    }

    /// How many axons there are.
    #[must_use]
    pub fn axons(&self) -> usize {
        self.steps.len()
    }

    /// The delay of `axon`, in steps.
    #[must_use]
    pub fn steps(&self, axon: usize) -> usize {
        self.steps[axon] as usize
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
        self.steps.iter().zip(&before.steps).any(|(now, then)| now < then)
    }

    pub(super) fn digest(&self, digest: &mut Digest) {
        digest.words(self.steps.iter().map(|&steps| u64::from(steps)));
    }
}

impl Clone for Delays {
    fn clone(&self) -> Self {
        Self { steps: self.steps.clone(), ..*self }
    }

    /// Reuses the memory.
    fn clone_from(&mut self, other: &Self) {
        self.steps.clone_from(&other.steps);
        (self.longest, self.common) = (other.longest, other.common);
    }
}
