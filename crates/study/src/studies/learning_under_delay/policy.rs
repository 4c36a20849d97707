//! What a chip does about oscillation.

use super::Keys;
use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::params::Phases;
use equipoise_chip::{Params, Unsettled};

/// A policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    /// Latches and writes whatever the phase.
    Write,
    /// Writes nothing of a sample with a phase that did not settle.
    Refuse,
    /// Latches average over the last steps of a phase, and write.
    Average,
    /// Neurons move more slowly, and write.
    Damp,
}

/// All policies.
pub(super) const ALL: [Policy; 4] = [Policy::Write, Policy::Refuse, Policy::Average, Policy::Damp];

impl Policy {
    /// Its name in numbers and figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::Write => "write anyway",
            Self::Refuse => "refuse",
            Self::Average => "window average",
            Self::Damp => "damping",
        }
    }

    /// A chip with this policy whose synapses are all `extra` steps late.
    pub fn applied(self, params: &Params, extra: u32, keys: &Keys) -> Params {
        let mut params = params.late_by(extra);
        let unsettled = if self == Self::Refuse { Unsettled::Refuse } else { Unsettled::Write };
        params.phases = Phases { unsettled, ..params.phases };
        if self == Self::Average {
            params.learning.latch.window = keys.window;
        }
        for population in &mut params.network.populations {
            if let (Self::Damp, Some(NeuronModel::Rate(rate))) = (self, &mut population.neuron) {
                rate.a = keys.damped_a;
            }
        }
        params
    }
}
