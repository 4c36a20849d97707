//! What the free phase of a sample came to.

use crate::settling::Cycle;
use equipoise_base::record::PhaseClass;

/// The outputs at the end of the last free phase, seen from outside: reading them here costs the chip nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Values that the loss looks at, one per output neuron; empty before the first free phase.
    pub outputs: Vec<f64>,
    /// The output with the largest value, the first of equals.
    pub class: u32,
    /// The class that was wanted, if the target named one.
    pub wanted: Option<u32>,
    /// The loss, if there was a target.
    pub loss: Option<f64>,
    /// Did the phase settle?
    pub settled: bool,
    /// What the last phase, free or nudged, came to.
    pub phase: PhaseClass,
    /// The cycle that the last phase ran in, if any.
    pub cycle: Option<Cycle>,
}

impl Outcome {
    /// Was the wanted class the largest output? `None` where no class was wanted.
    #[must_use]
    pub fn correct(&self) -> Option<bool> {
        self.wanted.map(|wanted| wanted == self.class)
    }
}

/// Index of the largest value, the first of equals.
pub(crate) fn largest(values: &[f64]) -> u32 {
    let better = |best: usize, i: usize| if values[i] > values[best] { i } else { best };
    (1..values.len()).fold(0, better) as u32
}
