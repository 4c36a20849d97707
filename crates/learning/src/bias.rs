//! The controller of the bias registers of one core, and of the neuron latches where activities are latched.

use crate::correlations::{Slot, Window};
use crate::kernels;
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
    /// Scratch: the latched codes.
    codes: [Vec<i64>; 2],
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
            codes: [Vec::new(), Vec::new()],
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
        if let Some([first, second]) = self.narrow_codes(factor) {
            kernels::add_changes(first, second, factor as i64, bias);
        } else {
            self.update_widely(factor, bias);
        }
        counts.add(Action::LatchRead, 2 * self.neurons as u64);
        counts.add(Action::UpdateMultiply, 2 * self.neurons as u64);
    }

    /// All latched codes, where a shift makes them and their products with `factor` fit 64 bits.
    fn narrow_codes(&mut self, factor: i128) -> Option<[&[i64]; 2]> {
        let (spare, bits) = (N::FRACTION - self.fraction(), self.latch.bits);
        let reach = if bits == 0 { N::WIDTH } else { bits + 1 };
        let (low, high) = if bits == 0 { (i64::MIN, i64::MAX) } else { (-(1 << bits), (1 << bits) - 1) };
        if N::WIDTH > 32 || factor.unsigned_abs() >= 1 << (61 - reach) {
            return None;
        }
        for (slot, codes) in self.slots.iter().zip(&mut self.codes) {
            let steps = slot.held().len();
            let shift = spare + steps.trailing_zeros();
            if !steps.is_power_of_two() || (shift == 0 && bits != 0) {
                return None;
            }
            codes.clear();
            codes.resize(self.neurons, 0);
            slot.held().iter().for_each(|step| kernels::add_words(step, codes));
            if shift > 0 {
                kernels::round_codes(codes, shift, low, high);
            }
        }
        let [first, second] = &self.codes;
        Some([first, second])
    }

    /// One register after the other, in 128 bits.
    fn update_widely(&self, factor: i128, bias: &mut [N]) {
        for (neuron, register) in bias.iter_mut().enumerate() {
            let difference = self.code(Slot::First, neuron) - self.code(Slot::Second, neuron);
            if difference == 0 {
                continue;
            }
            let change = Rounding::Nearest.shift_wide(i128::from(difference) * factor, 30);
            *register =
                N::from_raw(equipoise_base::number::saturate_i128(i128::from(register.raw()) + change));
        }
    }

    /// Bits of the two latches per neuron.
    #[must_use]
    pub fn bits(&self) -> u64 {
        2 * self.neurons as u64 * self.latch.word_bits(u64::from(N::WIDTH))
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

    #[test]
    fn codes_of_64_bits_move_registers_as_wide_ones_do() {
        for (bits, window) in [(0, 1), (0, 2), (10, 1), (10, 4), (24, 1), (24, 2)] {
            let latch = Latch { bits, window, ..Latch::default() };
            let mut controller = BiasController::<I8F24>::new(latch, 0.3, 50);
            let mut counts = Counts::default();
            for (slot, start) in [(Slot::Second, 0.7), (Slot::First, 0.2)] {
                controller.begin_phase();
                for step in 0..window {
                    let value = |n| I8F24::nearest(start + 0.013 * f64::from(n) * f64::from(step + 1) - 0.3);
                    controller.observe(&(0..50).map(value).collect::<Vec<_>>());
                }
                controller.latch(slot, &mut counts);
            }
            for (scale, gain) in [(1.0, 2.0), (0.001, -0.5)] {
                let start: Vec<I8F24> = (0..50).map(|n| I8F24::nearest(f64::from(n) - 25.0)).collect();
                let (mut narrow, mut wide) = (start.clone(), start);
                controller.update(scale, gain, &mut narrow, &mut counts);
                let per_code = 0.3 * scale * gain * (1_u64 << (24 - controller.fraction())) as f64;
                controller.update_widely((per_code * f64::from(1_u32 << 30)).round() as i128, &mut wide);
                assert_eq!(narrow, wide, "{bits} bits, {window} steps");
            }
        }
    }
}
