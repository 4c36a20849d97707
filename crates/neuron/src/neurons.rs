//! The interface of every neuron model.

use equipoise_base::{Counts, Digest, Number, SpikeSet};

/// One slice of one population of neurons: all slices below have one element per neuron.
///
/// The order of a step is the machine's: the core sums drives, the controller looks at
/// [`Neurons::observed`] and computes its force, [`Neurons::update`] integrates, and from then on
/// [`Neurons::activity`] is what the axons carry.
pub trait Neurons<N: Number>: Send {
    /// How many neurons.
    fn len(&self) -> usize {
        self.state().len()
    }

    /// True without neurons.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts every neuron in its start state, as at the beginning of a free phase.
    fn start(&mut self);

    /// Sets every state variable `u` (the membrane potential of a spiking model, whose refractory times and
    /// spikes are cleared), rounded to the state's register and clipped to its range.
    ///
    /// # Panics
    /// If `state` has another length: the caller's bug.
    fn set_state(&mut self, state: &[N]);

    /// The least and the greatest state that a register holds.
    fn range(&self) -> (f64, f64);

    /// The states `u`.
    fn state(&self) -> &[N];

    /// The values on the wires: rounded to the population's activity bits; a spike is one, no spike zero.
    fn activity(&self) -> &[N];

    /// The values that a loss looks at: the `o` of `force = -beta dC/do`.
    fn observed(&self) -> &[N];

    /// Adds to `sum` the cost that a pull of target minus observed descends, neuron by neuron, up to a constant that no
    /// parameter moves: half the squared difference, unless the model's flow turns that pull into another gradient.
    fn add_cost(&self, target: &[N], sum: &mut f64) {
        add_half_squares(self.observed(), target, sum);
    }

    /// The neurons that spiked in the last update; `None` for models without spikes.
    fn spikes(&self) -> Option<&SpikeSet>;

    /// One relaxation step.
    ///
    /// `drive` is the exact sum of everything that arrives, in raw LSB of `N`; it may exceed the format (its
    /// size must stay below 2^62) and is saturated here, once, together with `bias` and `force`. `force` is
    /// `-beta dC/d(observed)` of the present state; it enters undelayed, inside the step factor.
    ///
    /// Returns the largest change of a state in this step: the settling measure.
    ///
    /// # Panics
    /// If a slice has another length: the caller's bug.
    fn update(&mut self, drive: &[i64], bias: &[N], force: Option<&[N]>, counts: &mut Counts) -> N;

    /// Copies the state to the shadow registers.
    fn save(&mut self);

    /// Copies the shadow registers back; before any [`Neurons::save`] they hold the start state.
    fn restore(&mut self);

    /// Folds the state into a digest.
    fn digest(&self, digest: &mut Digest);

    /// Bits of state that one neuron holds on the chip, without shadow registers and latches.
    fn bits_per_neuron(&self) -> u64;
}

/// Adds (observed - target)^2 / 2 of every neuron to `sum`.
pub(crate) fn add_half_squares<N: Number>(observed: &[N], target: &[N], sum: &mut f64) {
    for (value, target) in observed.iter().zip(target) {
        let error = value.value() - target.value();
        *sum += 0.5 * error * error;
    }
}
