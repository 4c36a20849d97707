//! What the controllers' words cannot hold of the parameters of learning, asked before anything is built.

use crate::correlations::Correlations;
use crate::params::UpdateScheme;
use crate::pulses::Factor;
use crate::synapse::SynapseParams;
use equipoise_base::words::{half_step, shown};
use equipoise_base::{Grain, Number, Refusal};

/// Dither has so many bits: what it adds to is lost below the last of them.
const DITHER_BITS: i32 = 32;

impl SynapseParams {
    /// Checks the way from a difference of latches to pulses that do what `grain` says. `gain` is one over the distance
    /// of the betas, and no two correlations differ by more than `largest`.
    ///
    /// # Errors
    /// If no difference is large enough for a pulse, or the factor of the rate is too large for its word, at `rate`; if
    /// an accumulator holds no whole pulse, at `accumulator_bits`.
    pub fn check<N: Number>(&self, grain: Grain, gain: f64, largest: f64) -> Result<(), Refusal> {
        let crate::pulses::PulseParams { scheme, accumulator_bits, accumulator_fraction, .. } = self.pulses;
        let gathers = scheme == UpdateScheme::Accumulator && !grain.direct;
        if gathers && accumulator_bits < accumulator_fraction + 2 {
            let found = format!("{accumulator_bits} with `accumulator_fraction` = {accumulator_fraction}");
            let accepted =
                format!("at least {}, so that a whole pulse fits beside the sign", accumulator_fraction + 2);
            return Err(Refusal::new("accumulator_bits", found, accepted));
        }
        let parts = if gathers { f64::from(1_u32 << accumulator_fraction) } else { 1.0 };
        let grain_weight = grain.weight_per_pulse / parts;
        let is_rounded = scheme == UpdateScheme::PulsesRounded || grain.direct;
        let least = if is_rounded { 0.5 } else { 1.0 / (1_u64 << DITHER_BITS) as f64 };
        check_least(self.rate, gain * largest, least * grain_weight)?;
        let lsb = 1.0 / (1_u64 << Correlations::<N>::new(self.latch.clone()).fraction()) as f64;
        let per_code = self.rate * gain * lsb / grain_weight;
        if Factor::exceeds(per_code) {
            let most = self.rate * Factor::nearest(per_code).value().abs() / per_code.abs();
            let found = format!("{} at a gain of {}", shown(self.rate), shown(gain.abs()));
            let accepted = format!("at most {}, or a larger `learning.beta`", shown(most));
            return Err(Refusal::new("rate", found, accepted));
        }
        Ok(())
    }
}

/// Checks the rate of bias registers of format `N`.
///
/// # Errors
/// If it moves no register, at `bias_rate`.
pub fn check_bias_rate<N: Number>(rate: f64, gain: f64) -> Result<(), Refusal> {
    // Two activities differ by two at most.
    check_least(rate, gain * 2.0, half_step::<N>())
        .map_err(|refusal| Refusal { key: "bias_rate".to_owned(), ..refusal })
}

/// Refuses a rate with which a difference of `largest` betas moves a weight by less than `least`.
fn check_least(rate: f64, largest: f64, least: f64) -> Result<(), Refusal> {
    if rate == 0.0 || rate * largest.abs() >= least {
        return Ok(());
    }
    let found = format!("{}, with which every change is rounded to 0", shown(rate));
    let accepted = format!("0, or at least {} at this `learning.beta`", shown(least / largest.abs()));
    Err(Refusal::new("rate", found, accepted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::correlations::Slot;
    use crate::params::{Latch, LatchKind};
    use crate::pulses::PulseParams;
    use crate::{BiasController, SynapseController};
    use equipoise_base::{Counts, Shape};
    use fixed::types::I8F24;

    fn params(rate: f64, scheme: UpdateScheme) -> SynapseParams {
        let pulses = PulseParams {
            scheme,
            max_pulses: 16,
            accumulator_bits: 8,
            accumulator_fraction: 5,
            direct: false,
        };
        SynapseParams {
            latch: Latch { kind: LatchKind::Product, bits: 0, window: 1 },
            pulses,
            rate,
            sign: 1.0,
        }
    }

    /// The pulses of the largest difference there can be.
    fn most_pulses(params: &SynapseParams, grain: Grain) -> i32 {
        let shape = Shape { rows: 1, columns: 1 };
        let mut controller = SynapseController::<I8F24>::new(params.clone(), shape, None, grain, 1, 0);
        let mut counts = Counts::default();
        for (slot, pre) in [(Slot::Second, -1.0), (Slot::First, 1.0)] {
            controller.begin_phase();
            controller.observe(&[I8F24::nearest(pre)], &[I8F24::nearest(1.0)]);
            controller.latch(slot, &mut counts);
        }
        let (factor, mut most) = (controller.factor(1.0, 1.0), 0);
        for update in 0..64 {
            let mut done = 0;
            while let Some(requests) = controller.update_rows(&mut done, update, factor, &mut counts) {
                requests.for_each_row(1, |_, pulses| most = most.max(pulses[0]));
            }
        }
        most
    }

    #[test]
    fn a_rate_is_refused_where_the_largest_difference_makes_no_pulse() {
        let grain = Grain { weight_per_pulse: 0.01, direct: false };
        for rate in [0.1, 0.0026, 0.0024, 1e-4, 1e-13] {
            let rounded = params(rate, UpdateScheme::PulsesRounded);
            let refused = rounded.check::<I8F24>(grain, 1.0, 2.0).is_err();
            assert_eq!(refused, most_pulses(&rounded, grain) == 0, "{rate}");
        }
        // Dither lets small changes through now and then.
        assert!(params(1e-4, UpdateScheme::PulsesStochastic).check::<I8F24>(grain, 1.0, 2.0).is_ok());
        let refusal = params(1e-14, UpdateScheme::Accumulator).check::<I8F24>(grain, 1.0, 2.0).unwrap_err();
        assert_eq!(refusal.key, "rate");
        assert!(refusal.found.contains("rounded to 0"), "{refusal}");
    }

    #[test]
    fn a_rate_whose_factor_has_no_word_is_refused() {
        let grain = Grain { weight_per_pulse: 1.0 / f64::from(1 << 24), direct: true };
        let most = f64::from(1 << 29);
        for (rate, fits) in [(0.99 * most, true), (1.01 * most, false)] {
            assert_eq!(
                params(rate, UpdateScheme::PulsesRounded).check::<I8F24>(grain, 1.0, 2.0).is_ok(),
                fits
            );
        }
    }

    #[test]
    fn an_accumulator_that_holds_no_whole_pulse_is_refused() {
        let grain = Grain { weight_per_pulse: 0.01, direct: false };
        for (bits, fraction) in [(8, 5), (7, 5), (6, 5), (2, 0), (2, 1), (16, 14)] {
            let mut params = params(1.0, UpdateScheme::Accumulator);
            (params.pulses.accumulator_bits, params.pulses.accumulator_fraction) = (bits, fraction);
            let refused = params.check::<I8F24>(grain, 1.0, 2.0).is_err();
            assert_eq!(refused, most_pulses(&params, grain) == 0, "{bits} bits, {fraction} of them fraction");
        }
    }

    #[test]
    fn a_bias_rate_is_refused_where_no_register_would_move() {
        for rate in [1e-3, 1.6e-8, 1.4e-8, 1e-12] {
            let mut controller = BiasController::<I8F24>::new(Latch { bits: 0, ..Latch::default() }, rate, 1);
            let mut counts = Counts::default();
            for (slot, activity) in [(Slot::Second, -1.0), (Slot::First, 1.0)] {
                controller.begin_phase();
                controller.observe(&[I8F24::nearest(activity)]);
                controller.latch(slot, &mut counts);
            }
            let mut bias = [I8F24::ZERO];
            controller.update(1.0, 1.0, &mut bias, &mut counts);
            assert_eq!(check_bias_rate::<I8F24>(rate, 1.0).is_err(), bias[0] == I8F24::ZERO, "{rate}");
        }
    }
}
