//! The controller of the bias registers of one core, and of the neuron latches where activities are latched.

use crate::correlations::{Slot, Window};
use crate::params::{Latch, LatchKind};
use equipoise_base::{Action, Counts, Digest, Number, Rounding};

/// Latches the core's own activities and updates its bias registers: `b += rate * gain * (first - second)`.
#[derive(Clone, Debug)]
pub struct BiasController<N> {
    latch: Latch,
    rate: f64,
    neurons: usize,
    running: Window<N>,
    slots: [Window<N>; 2],
}

impl<N: Number> BiasController<N> {
    /// A controller for `neurons` registers.
    #[must_use]
    pub fn new(latch: Latch, rate: f64, neurons: usize) -> Self {
        Self {
            latch,
            rate,
            neurons,
            running: Window::default(),
            slots: [Window::default(), Window::default()],
        }
    }

    /// A phase begins.
    pub fn begin_phase(&mut self) {
        self.running.clear();
    }

    /// One step's activities.
    pub fn observe(&mut self, post: &[N]) {
        self.running.push(post, self.latch.window as usize);
    }

    /// `LATCH`: the window's mean activities go into a latch.
    pub fn latch(&mut self, slot: Slot, counts: &mut Counts) {
        let held = &mut self.slots[slot as usize];
        held.clear();
        for step in self.running.held() {
            held.push(step, self.latch.window as usize);
        }
        counts.add(Action::LatchWrite, self.neurons as u64);
    }

    /// Mean activity of `neuron` in a latch, in LSB of the latch.
    fn code(&self, slot: Slot, neuron: usize) -> i64 {
        let held = self.slots[slot as usize].held();
        if held.is_empty() {
            return 0;
        }
        let code = self.mean(held, neuron);
        if self.latch.bits == 0 {
            code
        } else {
            code.clamp(-(1 << self.fraction()), (1 << self.fraction()) - 1)
        }
    }

    /// Mean of `neuron` over the steps held, to nearest, ties up.
    fn mean(&self, held: &[Vec<N>], neuron: usize) -> i64 {
        let spare = N::FRACTION - self.fraction();
        if N::WIDTH == 32 && held.len().is_power_of_two() {
            let shift = spare + held.len().trailing_zeros();
            let sum = held.iter().map(|step| step[neuron].raw()).sum::<i64>();
            return Rounding::Nearest.shift(sum, shift);
        }
        let divisor = (held.len() as i128) << spare;
        let sum: i128 = held.iter().map(|step| i128::from(step[neuron].raw())).sum();
        (sum + divisor / 2).div_euclid(divisor) as i64
    }

    fn fraction(&self) -> u32 {
        if self.latch.bits == 0 { N::FRACTION } else { self.latch.bits }
    }

    /// The estimate of `-dL/db` that the latches hold, before the rate.
    #[must_use]
    pub fn estimate(&self, neuron: usize, gain: f64) -> f64 {
        let difference = self.code(Slot::First, neuron) - self.code(Slot::Second, neuron);
        difference as f64 * gain / (1_u64 << self.fraction()) as f64
    }

    /// Updates the registers; the change is rounded to nearest in the format's LSB.
    pub fn update(&mut self, scale: f64, gain: f64, bias: &mut [N], counts: &mut Counts) {
        let per_code = self.rate * scale * gain * (1_u64 << (N::FRACTION - self.fraction())) as f64;
        let factor = (per_code * f64::from(1_u32 << 30)).round() as i128;
        for (neuron, register) in bias.iter_mut().enumerate() {
            let difference = self.code(Slot::First, neuron) - self.code(Slot::Second, neuron);
            if difference == 0 {
                continue;
            }
            let change = Rounding::Nearest.shift_wide(i128::from(difference) * factor, 30);
            *register =
                N::from_raw(equipoise_base::number::saturate_i128(i128::from(register.raw()) + change));
        }
        counts.add(Action::LatchRead, 2 * self.neurons as u64);
        counts.add(Action::UpdateMultiply, 2 * self.neurons as u64);
    }

    /// Bits of the two latches per neuron.
    #[must_use]
    pub fn bits(&self) -> u64 {
        let word = if self.latch.bits == 0 { u64::from(N::WIDTH) } else { u64::from(self.latch.bits) };
        2 * self.neurons as u64 * word
    }

    /// True if these latches also serve the synapses (`latch.kind = "state"`).
    #[must_use]
    pub fn serves_synapses(&self) -> bool {
        self.latch.kind == LatchKind::State
    }

    /// Folds the latches into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        for slot in &self.slots {
            slot.digest(digest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixed::types::I8F24;

    #[test]
    fn a_register_moves_by_rate_times_the_scaled_difference() {
        let mut controller = BiasController::<I8F24>::new(Latch { bits: 10, ..Latch::default() }, 0.05, 1);
        for (slot, activity) in [(Slot::Second, 0.25), (Slot::First, 0.75)] {
            controller.begin_phase();
            controller.observe(&[I8F24::nearest(activity)]);
            controller.latch(slot, &mut Counts::default());
        }
        let mut bias = [I8F24::nearest(0.1)];
        controller.update(0.5, 2.0, &mut bias, &mut Counts::default());
        assert!((bias[0].value() - (0.1 + 0.05 * 0.5 * 2.0 * 0.5)).abs() < 1e-6);
        assert!((controller.estimate(0, 2.0) - 1.0).abs() < 1e-12);
    }
}
