//! What all neurons do, step by step: a teacher of the same kind shows it.

use super::{Case, Task, slope_of_last};
use crate::ep_delayed::{Passes, passes};
use crate::split_mix::SplitMix64;
use crate::{Delayed, Nudge, Nudging, Symmetric};
use std::ops::Range;

/// `L = mean over the last steps of |u(t) - y(t)|^2 / 2` with the teacher's run y.
///
/// EP's passes start where the free run starts and are nudged in every step, `-beta (u(t) - y(t))`.
#[derive(Clone, Debug, PartialEq)]
pub struct Trajectory {
    /// The network.
    pub case: Case,
    /// The teacher's parameters.
    pub teacher: Symmetric,
    /// The teacher's states, 0 to the last.
    pub wanted: Vec<Vec<f64>>,
    /// Steps at the end of a run that count.
    pub window: usize,
    /// Nudging strength; the two passes are at plus and minus.
    pub beta: f64,
}

impl Trajectory {
    /// The teacher is the case with 0.15 times a number of -1 to 1 added to each parameter (SplitMix64 of 31337); the
    /// last 300 of 400 steps, delay 20, beta 0.01.
    pub fn of_teacher() -> Self {
        let case = Case::with_delay(20);
        let mut draw = SplitMix64::new(31_337);
        let moved: Vec<f64> =
            case.parameters.values.iter().map(|value| value + 0.15 * draw.uniform(-1.0, 1.0)).collect();
        let teacher = case.parameters.with(&moved);
        let wanted = case.run(&teacher, 400);
        Self { case, teacher, wanted, window: 300, beta: 0.01 }
    }
}

impl Task for Trajectory {
    fn case(&self) -> &Case {
        &self.case
    }

    fn steps(&self) -> usize {
        self.wanted.len() - 1
    }

    fn loss(&self, states: &[Vec<f64>]) -> f64 {
        let counted = self.wanted.len() - self.window..;
        let squares = |(u, y): (&Vec<f64>, &Vec<f64>)| -> f64 {
            u.iter().zip(y).map(|(u, y)| 0.5 * (u - y) * (u - y)).sum()
        };
        states[counted.clone()].iter().zip(&self.wanted[counted]).map(squares).sum::<f64>()
            / self.window as f64
    }

    fn slope(&self, states: &[Vec<f64>]) -> Vec<Vec<f64>> {
        slope_of_last(states, self.window, |t, state, slope| {
            let apart = state.iter().zip(&self.wanted[t]).map(|(u, y)| (u - y) / self.window as f64);
            slope.iter_mut().zip(apart).for_each(|(slope, value)| *slope = value);
        })
    }

    fn passes(&self, network: &Delayed, free: &[Vec<f64>]) -> Passes {
        let nudge = Nudge { nudging: Nudging::Centered, beta: self.beta };
        passes(network, &free[..1], self.steps(), nudge, |k, state, error| {
            let apart = state.iter().zip(&self.wanted[k]).map(|(u, y)| u - y);
            error.iter_mut().zip(apart).for_each(|(error, value)| *error = value);
        })
    }

    fn latch_step(&self) -> usize {
        self.steps()
    }

    fn random_latch_step(&self, share: f64) -> usize {
        self.steps() - (60.0 * share) as usize
    }

    fn latch_window(&self) -> Range<usize> {
        self.steps() + 1 - self.window..self.steps() + 1
    }
}
