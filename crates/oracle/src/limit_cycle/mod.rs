//! What learns on a limit cycle: three neurons that a delay sets oscillating, and three things to learn there.
//!
//! [`Case`] is the network. Its tasks are [`StaticTarget`] (one value, on either side of the critical delay),
//! [`Amplitude`] (how strongly one neuron oscillates) and [`Trajectory`] (what all neurons do, step by step).
//! [`learn`] trains any of them by BPTT or by EP with its several ways of latching.

mod amplitude;
mod learning;
mod static_target;
mod trajectory;

pub use amplitude::Amplitude;
pub use learning::{Curve, LearningRule, Method, learn};
pub use static_target::StaticTarget;
pub use trajectory::Trajectory;

use crate::ep_delayed::Passes;
use crate::{Activation, Delayed, Delays, Matrix, Symmetric, bptt_delayed};
use std::ops::Range;

/// The three neurons: tanh, symmetric couplings with negative feedback, neuron 0 the output, one delay for all.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// Couplings and biases before learning.
    pub parameters: Symmetric,
    /// The state at the start and at all times before.
    pub start: Vec<f64>,
    /// `a`, the leak per step.
    pub leak: f64,
    /// Extra delay of every synapse in steps; 0 reads the present state.
    pub delay: usize,
}

impl Case {
    /// The case with an extra delay of `delay` steps; it oscillates from 13 on.
    pub fn with_delay(delay: usize) -> Self {
        let weights = Matrix::from_row_slice(3, 3, &[-1.2, -0.8, 0.3, -0.8, -0.9, -0.5, 0.3, -0.5, -1.1]);
        let parameters = Symmetric::new(&weights, &[0.6, 0.2, -0.3]);
        Self { parameters, start: vec![0.2, -0.1, 0.1], leak: 0.1, delay }
    }

    /// The case's network with these parameters.
    ///
    /// # Panics
    /// If they are not those of three neurons.
    pub fn network(&self, parameters: &Symmetric) -> Delayed {
        let network = parameters.network(Delays::Uniform(self.delay), self.leak, Activation::Tanh);
        network.expect("a uniform delay fits every network")
    }

    /// States 0 to `steps` of a free run with these parameters.
    ///
    /// # Panics
    /// If they are not those of three neurons.
    pub fn run(&self, parameters: &Symmetric, steps: usize) -> Vec<Vec<f64>> {
        self.network(parameters).simulate(&self.start, steps)
    }
}

/// When EP's latches look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Latch {
    /// After so many steps of the nudged pass.
    Step(usize),
    /// In every step of the task's window, averaged.
    Window,
}

/// Something to learn on a run of the case.
pub trait Task {
    /// The network.
    fn case(&self) -> &Case;

    /// Steps of a free run.
    fn steps(&self) -> usize;

    /// The loss of a free run (states 0 to [`Task::steps`]).
    fn loss(&self, states: &[Vec<f64>]) -> f64;

    /// Its derivative by every state.
    fn slope(&self, states: &[Vec<f64>]) -> Vec<Vec<f64>>;

    /// EP's nudged passes at `+-beta` that belong to a free run.
    fn passes(&self, network: &Delayed, free: &[Vec<f64>]) -> Passes;

    /// The step of a pass at which a latch of fixed time looks.
    fn latch_step(&self) -> usize;

    /// The step of a pass at which a latch looks that is off by `share`, 0 to 1, of 60 steps (about one period).
    fn random_latch_step(&self, share: f64) -> usize;

    /// The steps of a pass that a latch with a window averages.
    fn latch_window(&self) -> Range<usize>;

    /// The loss with these parameters.
    fn loss_at(&self, parameters: &Symmetric) -> f64 {
        self.loss(&self.case().run(parameters, self.steps()))
    }

    /// The gradient by BPTT.
    fn gradient(&self, parameters: &Symmetric) -> Symmetric {
        let network = self.case().network(parameters);
        let states = network.simulate(&self.case().start, self.steps());
        let slope = self.slope(&states);
        Symmetric::from_directed(&bptt_delayed::gradient(&network, &states, slope))
    }

    /// EP's estimates of it, for each of these ways to latch.
    fn estimates(&self, parameters: &Symmetric, latches: &[Latch]) -> Vec<Symmetric> {
        let network = self.case().network(parameters);
        let free = network.simulate(&self.case().start, self.steps());
        let passes = self.passes(&network, &free);
        let estimate = |latch: &Latch| match latch {
            Latch::Step(step) => passes.latched_at(*step),
            Latch::Window => passes.latched_over(self.latch_window()),
        };
        latches.iter().map(|latch| Symmetric::from_twice(&estimate(latch))).collect()
    }
}

/// Zeros for every state, but for `fill` in the last `window` of them.
fn slope_of_last(
    states: &[Vec<f64>],
    window: usize,
    fill: impl Fn(usize, &[f64], &mut [f64]),
) -> Vec<Vec<f64>> {
    let mut slope: Vec<Vec<f64>> = states.iter().map(|state| vec![0.0; state.len()]).collect();
    for t in states.len() - window..states.len() {
        fill(t, &states[t], &mut slope[t]);
    }
    slope
}
