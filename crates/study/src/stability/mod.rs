//! How far the network on a chip is from oscillating: its phases as equations in `f64`, with the weights, biases, signs
//! and delays that the chip has, near the equilibrium that they have for one input.
//!
//! The equations are those of full-width numbers, a step at a time (`sync = "barrier"`, every step sent): bits,
//! converters and noise are left out, so the margin says what the network does, not its last LSB.

mod equations;

use equations::Equations;
use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::{Machine, Network, Params};
use equipoise_oracle::critical_delay::CriticalDelay;
use equipoise_oracle::stability::{Margin, UniformDelay, margin};
use serde::Serialize;

/// Uniform delays are tried up to so many steps.
pub const LONGEST_DELAY_STEPS: u32 = 64;

/// What a run reports of its network's stability. Delays count from 1, which is no extra delay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stability {
    /// What is left after a step of the deviation that dies out last, in a free phase; above 1 it grows.
    pub spectral_radius: f64,
    /// 1 - spectral radius.
    pub margin: f64,
    /// Steps of one oscillation of that deviation; `None` if it does not oscillate.
    pub period_steps: Option<f64>,
    /// What one delay for all synapses would do, instead of their own: `unstable` from some delay on, `stable` at every
    /// delay, `stable_as_far_as_tried` (to [`LONGEST_DELAY_STEPS`]), or `unknown`.
    pub uniform_delay: &'static str,
    /// The first delay of all synapses at which the equilibrium is unstable.
    pub first_unstable_delay_steps: Option<u64>,
    /// The delay at which the continuous network, whose steps are very small, begins to oscillate, in time constants of
    /// the leak; 0 if it is unstable without delay, `None` if at no delay, or unknown.
    pub critical_delay_time_constants: Option<f64>,
    /// The period of the oscillation that begins there.
    pub critical_period_time_constants: Option<f64>,
    /// Neurons at a state where their response bends: the prediction holds on one side of it only.
    pub neurons_on_kink: u64,
    /// The least stable of the nudged phases, with their delays; `None` where nothing is learned from the sample, or no
    /// equilibrium was found.
    pub nudged: Option<NudgedStability>,
}

/// A nudged phase near its own equilibrium.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct NudgedStability {
    /// What is left after a step of the deviation that dies out last; above 1 it grows.
    pub spectral_radius: f64,
    /// 1 - spectral radius.
    pub margin: f64,
    /// Steps of one oscillation of that deviation; `None` if it does not oscillate.
    pub period_steps: Option<f64>,
}

/// What is clamped, and what the outputs are nudged to.
#[derive(Clone, Copy, Debug)]
pub struct Sample<'a> {
    /// What the input registers hold.
    pub input: &'a [f64],
    /// The class, where there is one to learn.
    pub class: Option<u32>,
}

/// Whether the margin of such a network can be known: what was found instead, where it cannot.
///
/// # Errors
/// If there are neurons that are no rate neurons.
pub fn check(network: &Network) -> Result<(), String> {
    let is_rate = |model: &NeuronModel| matches!(model, NeuronModel::Rate(_));
    if !network.populations.iter().filter_map(|p| p.neuron.as_ref()).all(is_rate) {
        return Err("true for neurons that are no rate neurons".to_owned());
    }
    Ok(())
}

/// The stability of the network that `machine`, which was built from `params`, has now.
///
/// # Errors
/// Why it is not known: what [`check`] says, cores without a barrier, no equilibrium, or modes that cannot be told apart.
pub fn measure(params: &Params, machine: &dyn Machine, sample: Sample<'_>) -> Result<Stability, String> {
    check(&params.network)?;
    if let Some(steps) = machine.steps_in_transport() {
        return Err(format!(
            "without a barrier (hardware.sync = \"free\") everything sent is late by its time in transport as well, here \
             up to {steps} steps of the slowest core in an empty mesh; the theory is about steps that all cores take together"
        ));
    }
    let equations = Equations::of(&params.network, machine, sample.input);
    let nowhere = || "no equilibrium was reached from the start state without delays".to_owned();
    let free = equations.free().map_err(|error| error.to_string())?;
    let state = free.equilibrium(&equations.start).map_err(|_| nowhere())?;
    let tried = LONGEST_DELAY_STEPS as usize - 1;
    let margin = margin(&free.at(&state), tried)
        .map_err(|_| "the modes of the equilibrium lie too close together to be told apart".to_owned())?;
    let nudged = sample.class.and_then(|class| equations.nudged(params, &state, class));
    Ok(reported(&margin, nudged))
}

fn reported(margin: &Margin, nudged: Option<NudgedStability>) -> Stability {
    let (uniform_delay, first) = match margin.uniform {
        UniformDelay::From(extra) => ("unstable", Some(extra as u64 + 1)),
        UniformDelay::NotUpTo(_) => ("stable_as_far_as_tried", None),
        UniformDelay::Never => ("stable", None),
        UniformDelay::Unknown => ("unknown", None),
    };
    let (critical_delay, critical_period) = match margin.continuous {
        Some(CriticalDelay::Oscillates(onset)) => (Some(onset.tau), Some(onset.period())),
        Some(CriticalDelay::UnstableWithoutDelay) => (Some(0.0), None),
        Some(CriticalDelay::StableForEveryDelay) | None => (None, None),
    };
    Stability {
        spectral_radius: margin.spectral_radius(),
        margin: margin.margin(),
        period_steps: margin.dominant.period_steps(),
        uniform_delay,
        first_unstable_delay_steps: first,
        critical_delay_time_constants: critical_delay,
        critical_period_time_constants: critical_period,
        neurons_on_kink: margin.on_kink.len() as u64,
        nudged,
    }
}

#[cfg(test)]
mod tests;
