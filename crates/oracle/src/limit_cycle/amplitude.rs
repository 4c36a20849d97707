//! How strongly the output neuron oscillates: one number, whatever the phase.

use super::{Case, Task, slope_of_last};
use crate::ep_delayed::{Passes, passes};
use crate::{Delayed, Nudge, Nudging};
use std::ops::Range;

/// `L = (P - P*)^2 / 2` with the power `P = mean (u_0 - mean u_0)^2` over the last steps.
///
/// EP's nudge pulls against the derivative of L by the present state, with P and the mean of the free run:
/// `-beta (P - P*) 2 (u_0 - mean u_0)`. The passes go on from where the free run ended, at whatever phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Amplitude {
    /// The network.
    pub case: Case,
    /// `P*`.
    pub target: f64,
    /// Steps of the free run.
    pub steps: usize,
    /// Steps at the end of a run that count; a latch of fixed time looks after as many steps of its pass.
    pub window: usize,
    /// Nudging strength; the two passes are at plus and minus.
    pub beta: f64,
}

impl Amplitude {
    /// Twice the power that the case has before learning; the last 300 of 900 steps, delay 20, beta 0.05.
    pub fn doubled() -> Self {
        let case = Case::with_delay(20);
        let mut task = Self { case, target: 0.0, steps: 900, window: 300, beta: 0.05 };
        task.target = 2.0 * task.power(&task.case.run(&task.case.parameters, task.steps));
        task
    }

    /// P of a free run.
    pub fn power(&self, states: &[Vec<f64>]) -> f64 {
        let mean = self.mean(states);
        let last = &states[states.len() - self.window..];
        last.iter().map(|state| (state[0] - mean).powi(2)).sum::<f64>() / self.window as f64
    }

    fn mean(&self, states: &[Vec<f64>]) -> f64 {
        let last = &states[states.len() - self.window..];
        last.iter().map(|state| state[0]).sum::<f64>() / self.window as f64
    }
}

impl Task for Amplitude {
    fn case(&self) -> &Case {
        &self.case
    }

    fn steps(&self) -> usize {
        self.steps
    }

    fn loss(&self, states: &[Vec<f64>]) -> f64 {
        0.5 * (self.power(states) - self.target).powi(2)
    }

    fn slope(&self, states: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let (mean, excess) = (self.mean(states), self.power(states) - self.target);
        slope_of_last(states, self.window, |_, state, slope| {
            slope[0] = excess * 2.0 * (state[0] - mean) / self.window as f64;
        })
    }

    fn passes(&self, network: &Delayed, free: &[Vec<f64>]) -> Passes {
        let (mean, excess) = (self.mean(free), self.power(free) - self.target);
        let nudge = Nudge { nudging: Nudging::Centered, beta: self.beta };
        // Long enough for a phase scan of 100 steps beyond the window.
        passes(network, free, self.window + 100, nudge, |_, state, error| {
            error[0] = excess * 2.0 * (state[0] - mean);
        })
    }

    fn latch_step(&self) -> usize {
        self.window
    }

    fn random_latch_step(&self, share: f64) -> usize {
        self.window + (60.0 * share) as usize
    }

    fn latch_window(&self) -> Range<usize> {
        1..self.window + 1
    }
}
