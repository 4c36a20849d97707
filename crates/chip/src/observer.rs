//! Read-only looks at a running chip: probes, progress, tests. What they see cannot change a result.

use crate::trail::{StepTrail, Watch};
use equipoise_base::{Counts, Phase};
use equipoise_scheduler::{Clock, Span};

/// The chip at the end of a step, or of a state of its controller.
pub trait View {
    /// Cycles and steps so far.
    fn clock(&self) -> Clock;
    /// The phase.
    fn phase(&self) -> Phase;
    /// States `u` of a population's neurons (activities of a clamped one), replacing `out`.
    fn state(&self, population: usize, out: &mut Vec<f64>);
    /// Activities on a population's axons, replacing `out`.
    fn activity(&self, population: usize, out: &mut Vec<f64>);
    /// Neurons of a population that spiked in this step, replacing `out`.
    fn spikes(&self, population: usize, out: &mut Vec<usize>);
    /// When everything within the last step happened, where [`Observer::watches`] asked for it.
    fn trail(&self) -> Option<&StepTrail>;
    /// Counts of all cores and phases so far.
    fn counts(&self) -> Counts;
    /// The weight of one synapse of a connection as a noiseless read sees it; synapses between the same
    /// neurons add.
    fn weight(&self, connection: usize, source: usize, target: usize) -> f64;
    /// What the latches of one synapse of a connection hold, as correlations: that of the first compared phase
    /// (the nudged one, or that of +beta) and that of the second (the free one, or that of -beta). An
    /// accumulating latch holds their difference alone, which is given as the first. Zeros where nothing is
    /// latched.
    fn latch(&self, connection: usize, source: usize, target: usize) -> [f64; 2];
    /// The input ports of every router in the order of its FIFOs: FIFO number node times ports plus port.
    /// Empty where there are no routers.
    fn ports(&self) -> &'static [&'static str];
    /// Links from the core `source` to the core `target`, and the cycles that a packet takes over them if it
    /// meets no other.
    fn distance(&self, source: usize, target: usize) -> (u64, u64);
}

/// Someone who looks.
pub trait Observer {
    /// How closely the step that begins at `clock` is looked at. Only what is asked for here is recorded.
    fn watches(&mut self, clock: Clock) -> Watch {
        let _ = clock;
        Watch::Nothing
    }
    /// A step has ended.
    fn step(&mut self, view: &dyn View);
    /// A state of the controller has ended; the steps within it have been seen.
    fn state(&mut self, span: &Span, view: &dyn View) {
        let _ = (span, view);
    }
}

/// Nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn step(&mut self, _: &dyn View) {}
}
