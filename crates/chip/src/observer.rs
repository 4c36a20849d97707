//! Read-only looks at a running chip: probes, progress, tests. What they see cannot change a result.

use equipoise_base::Phase;
use equipoise_scheduler::Clock;

/// The chip at the end of a step.
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
}

/// Someone who looks.
pub trait Observer {
    /// A step has ended.
    fn step(&mut self, view: &dyn View);
}

/// Nobody looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn step(&mut self, _: &dyn View) {}
}
