//! What is computed once from the parameters: the constants of execution.

use crate::network::is_spiking;
use crate::params::{Params, Phases};
use crate::settling::{SettleRule, Unsettled};
use equipoise_learning::{Loss, Nudging, UpdateTiming};

/// Constants of a chip's execution.
#[derive(Clone, Debug)]
pub struct Derived {
    pub(crate) seed: u64,
    pub(crate) loss: Loss,
    pub(crate) nudging: Nudging,
    pub(crate) beta: f64,
    pub(crate) phases: Phases,
    /// Refuse to write after a phase that did not settle.
    pub(crate) refuse: bool,
    /// Refuse to write after a phase that oscillated.
    pub(crate) refuse_oscillating: bool,
    pub(crate) hold_clamped: bool,
    pub(crate) carry: bool,
    pub(crate) words_per_cycle: u64,
    pub(crate) activity_bits: u64,
    pub(crate) latch_cycles: u64,
    pub(crate) restore_cycles: u64,
    pub(crate) update: UpdateTiming,
    /// Last steps of a phase that the latches average over.
    pub(crate) window: u32,
    /// Learning rates end at this share of their start ...
    pub(crate) decay_to: f64,
    /// ... after this many updates; 0 for no decay.
    pub(crate) decay_updates: u64,
    pub(crate) input: Option<usize>,
    /// The input's lines carry spikes and no values.
    pub(crate) input_spikes: bool,
    pub(crate) output: Option<usize>,
    /// Bits of state and delay memory that a restart saves and restores.
    pub(crate) restart_bits: u64,
    /// Cycles of one conversion.
    pub(crate) conversion_cycles: u64,
}

impl Derived {
    pub(crate) fn new(params: &Params, activity_bits: u64, restart_bits: u64) -> Self {
        let Params { hardware, network, learning, phases, seed, .. } = params;
        let refuse = match phases.unsettled {
            Unsettled::Default => phases.settle.rule == SettleRule::Tolerance,
            Unsettled::Write => false,
            Unsettled::Refuse => true,
        };
        Self {
            seed: *seed,
            loss: learning.loss,
            nudging: learning.nudging,
            beta: learning.beta,
            phases: phases.clone(),
            refuse,
            refuse_oscillating: phases.unsettled != Unsettled::Write,
            hold_clamped: hardware.hold_clamped,
            carry: phases.between_samples == crate::params::BetweenSamples::Carry,
            words_per_cycle: u64::from(hardware.host.words_per_cycle),
            activity_bits,
            latch_cycles: u64::from(hardware.latch_cycles),
            restore_cycles: u64::from(hardware.restore_cycles),
            update: hardware.update.timing(),
            window: learning.latch.window,
            decay_to: learning.decay_to,
            decay_updates: learning.decay_updates,
            input: network.input,
            input_spikes: network.input.is_some_and(|input| is_spiking(network, input)),
            output: network.output,
            restart_bits,
            conversion_cycles: u64::from(hardware.read.adc_cycles),
        }
    }

    /// Steps of a phase of `steps` (or the experiment's rule) at most; `None` if it may end earlier.
    pub(crate) fn fixed(&self) -> bool {
        self.phases.settle.rule == SettleRule::Steps
    }

    /// What the learning rates are multiplied with in update number `update`.
    pub(crate) fn decay(&self, update: u64) -> f64 {
        if self.decay_updates == 0 {
            return 1.0;
        }
        let share = (update as f64 / self.decay_updates as f64).min(1.0);
        1.0 - (1.0 - self.decay_to) * share
    }
}
