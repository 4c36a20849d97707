//! One value for the output neuron: what EP learns wherever the network settles.

use super::{Case, Task, slope_of_last};
use crate::ep_delayed::{Passes, passes};
use crate::{Activation, CostOn, Delayed, Neuron, Nudge, Nudging};
use std::ops::Range;

/// `L = mean over the last steps of (u_0 - y)^2 / 2`. EP's nudge is `-beta (u_0 - y)`, so the loss whose gradient EP
/// estimates is [`StaticTarget::matched_loss`].
#[derive(Clone, Debug, PartialEq)]
pub struct StaticTarget {
    /// The network.
    pub case: Case,
    /// `y`.
    pub target: f64,
    /// Steps of the free run, and of each nudged pass.
    pub steps: usize,
    /// Steps at the end of a run that count.
    pub window: usize,
    /// Nudging strength; the two passes are at plus and minus.
    pub beta: f64,
}

impl StaticTarget {
    /// `y` = 0.1, the last 300 of 3,000 steps, beta 0.001.
    pub fn with_delay(delay: usize) -> Self {
        Self { case: Case::with_delay(delay), target: 0.1, steps: 3_000, window: 300, beta: 1e-3 }
    }

    /// The mean over the last steps of `u tanh u - ln cosh u - y tanh u` of neuron 0, the cost that the nudge descends.
    pub fn matched_loss(&self, states: &[Vec<f64>]) -> f64 {
        let neuron =
            Neuron { cost_on: CostOn::State, ..Neuron::cohen_grossberg(Activation::Tanh, self.case.leak) };
        self.mean(states, |u| neuron.cost(u, self.target))
    }

    fn mean(&self, states: &[Vec<f64>], f: impl Fn(f64) -> f64) -> f64 {
        let last = &states[states.len() - self.window..];
        last.iter().map(|state| f(state[0])).sum::<f64>() / self.window as f64
    }
}

impl Task for StaticTarget {
    fn case(&self) -> &Case {
        &self.case
    }

    fn steps(&self) -> usize {
        self.steps
    }

    fn loss(&self, states: &[Vec<f64>]) -> f64 {
        self.mean(states, |u| 0.5 * (u - self.target) * (u - self.target))
    }

    fn slope(&self, states: &[Vec<f64>]) -> Vec<Vec<f64>> {
        slope_of_last(states, self.window, |_, state, slope| {
            slope[0] = (state[0] - self.target) / self.window as f64;
        })
    }

    fn passes(&self, network: &Delayed, free: &[Vec<f64>]) -> Passes {
        let nudge = Nudge { nudging: Nudging::Centered, beta: self.beta };
        passes(network, free, self.steps, nudge, |_, state, error| error[0] = state[0] - self.target)
    }

    fn latch_step(&self) -> usize {
        self.steps
    }

    fn random_latch_step(&self, share: f64) -> usize {
        self.steps - (60.0 * share) as usize
    }

    fn latch_window(&self) -> Range<usize> {
        self.steps + 1 - self.window..self.steps + 1
    }
}
