//! The state register: the saturated sum in front of it, the leaky step into it, and its range.

use equipoise_base::{Number, Refusal, Rounding, words};

/// Writes `drive + bias + force`, saturated once to the format, to `target`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn saturated_sum<N: Number>(drive: &[i64], bias: &[N], force: Option<&[N]>, target: &mut [N]) {
    let count = target.len();
    assert!(drive.len() == count && bias.len() == count, "one drive and one bias per neuron");
    match force {
        None => {
            for ((target, &drive), &bias) in target.iter_mut().zip(drive).zip(bias) {
                *target = N::from_raw(sum::<N>(drive, bias.raw()));
            }
        }
        Some(force) => {
            assert_eq!(force.len(), count, "one force per neuron");
            for (((target, &drive), &bias), &force) in target.iter_mut().zip(drive).zip(bias).zip(force) {
                *target = N::from_raw(sum::<N>(drive, sum::<N>(bias.raw(), force.raw())));
            }
        }
    }
}

/// `a + b`; only the wide format can come near the end of `i64`.
#[inline]
fn sum<N: Number>(a: i64, b: i64) -> i64 {
    if N::WIDTH < i64::BITS { a + b } else { a.saturating_add(b) }
}

/// A register that moves a fixed share of the way to a target in every step, and then clips:
/// `u <- clip(u + share (target - u))`.
///
/// It is computed as `(1 - share) u + share target`, which is the same number: the products are exact in
/// words of twice the width, the sum is rounded once, to nearest (ties up), to the register's grid, and no
/// intermediate value can overflow because the two shares add up to one.
#[derive(Clone, Debug)]
pub(crate) struct LeakyRegister {
    /// The share of the old state, raw.
    keep: i64,
    /// The share of the target, raw.
    share: i64,
    /// Bits by which the products are wider than the register's grid.
    shift: u32,
    /// The register's range and grid.
    range: Range,
}

impl LeakyRegister {
    /// A register in `range` that moves by `share` (from 0 to 1, rounded to nearest) in every step.
    pub(crate) fn new<N: Number>(share: f64, range: Range) -> Self {
        let share = N::nearest(share).raw().clamp(0, N::one_raw());
        Self { keep: N::one_raw() - share, share, shift: N::FRACTION + range.grid, range }
    }

    /// One step of every state toward its target; returns the largest change.
    pub(crate) fn advance<N: Number>(&self, state: &mut [N], target: &[N]) -> N {
        let largest = if N::WIDTH == 32 && self.share == self.keep {
            i64::from(advance_half(&self.range, state, target))
        } else if N::WIDTH == 32 {
            i64::from(advance_narrow(self, state, target))
        } else {
            i64::try_from(advance_wide(self, state, target)).unwrap_or(i64::MAX)
        };
        N::from_raw(largest)
    }
}

/// Half of the way: a rounded mean, which needs neither products nor words wider than 32 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn advance_half<N: Number>(range: &Range, state: &mut [N], target: &[N]) -> u32 {
    let (low, high, grid) = (range.low as i32, range.high as i32, range.grid);
    let mut largest = 0;
    let pairs = state.iter_mut().zip(target);
    if grid == 0 {
        for (state, target) in pairs {
            let (old, target) = (state.raw() as i32, target.raw() as i32);
            // The mean, rounded up: what both have, and half of what one of them has.
            let new = ((old | target) - ((old ^ target) >> 1)).clamp(low, high);
            largest = new.abs_diff(old).max(largest);
            *state = N::from_raw(new.into());
        }
        return largest;
    }
    for (state, target) in pairs {
        let (old, target) = (state.raw() as i32, target.raw() as i32);
        // Half an LSB that the mean loses cannot carry it over half a grid.
        let mean = (old & target) + ((old ^ target) >> 1);
        let code = ((mean >> (grid - 1)) + 1) >> 1;
        let new = code.clamp(low, high) << grid;
        largest = new.abs_diff(old).max(largest);
        *state = N::from_raw(new.into());
    }
    largest
}

/// The same step in words of the format's own width: narrow words are what lets the loop vectorise.
///
/// States and targets enter the products in offset binary, v + 2^(width - 1): unsigned products need one
/// multiplication each on every machine, signed ones three. The shares add up to one, so the offset comes
/// out of the sum unchanged, and `zero` takes it off again.
macro_rules! advance {
    ($name:ident, $word:ty, $unsigned:ty, $product:ty) => {
        #[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
        fn $name<N: Number>(register: &LeakyRegister, state: &mut [N], target: &[N]) -> $unsigned {
            const OFFSET: $unsigned = 1 << (<$unsigned>::BITS - 1);
            let offset = |raw: i64| <$product>::from(raw as $unsigned ^ OFFSET);
            let (keep, share) = (register.keep as $product, register.share as $product);
            let (low, high) = (register.range.low as $word, register.range.high as $word);
            let (shift, grid) = (register.shift, register.range.grid);
            let half = (1 as $product) << (shift - 1);
            let zero = (<$product>::from(OFFSET) << N::FRACTION >> shift) as $word;
            let mut largest = 0;
            for (state, target) in state.iter_mut().zip(target) {
                let old = state.raw();
                let sum = offset(old) * keep + offset(target.raw()) * share;
                let code = (((sum + half) >> shift) as $word).wrapping_sub(zero);
                let new = code.clamp(low, high) << grid;
                largest = new.abs_diff(old as $word).max(largest);
                *state = N::from_raw(i64::from(new));
            }
            largest
        }
    };
}
advance!(advance_narrow, i32, u32, u64);
advance!(advance_wide, i64, u64, u128);

/// The codes that a register can hold: multiples of 2^`grid` raw LSB from `low` to `high`.
#[derive(Clone, Debug)]
pub(crate) struct Range {
    /// Bits of the format that the register does not have.
    pub(crate) grid: u32,
    /// Smallest code, in units of the grid.
    pub(crate) low: i64,
    /// Largest code, in units of the grid.
    pub(crate) high: i64,
}

impl Range {
    /// The codes from `low` to `high` with `fraction_bits` fraction bits (0: all that the format has).
    pub(crate) fn new<N: Number>(low: N, high: N, fraction_bits: u32) -> Self {
        let grid = match fraction_bits {
            0 => 0,
            bits => N::FRACTION.saturating_sub(bits),
        };
        let low_is_between_codes = low.raw() & ((1 << grid) - 1) != 0;
        Self { grid, low: (low.raw() >> grid) + i64::from(low_is_between_codes), high: high.raw() >> grid }
    }

    /// The least and the greatest value.
    pub(crate) fn ends<N: Number>(&self) -> (f64, f64) {
        let value = |code: i64| N::from_raw(code << self.grid).value();
        (value(self.low), value(self.high))
    }

    /// Refuses a number other than zero that this register would hold as zero; `key` names it.
    pub(crate) fn check_zero<N: Number>(&self, key: &str, value: f64) -> Result<(), Refusal> {
        if value == 0.0 || self.hold(N::nearest(value)) != N::ZERO {
            return Ok(());
        }
        let bits = N::FRACTION - self.grid;
        let found = format!("{}, which a register of {bits} fraction bits rounds to 0", words::shown(value));
        Err(Refusal::new(key, found, "0, a larger number, or more `state_bits`"))
    }

    /// `value` in this register: rounded to nearest, then clipped.
    pub(crate) fn hold<N: Number>(&self, value: N) -> N {
        let code = Rounding::Nearest.shift(value.raw(), self.grid).clamp(self.low, self.high);
        N::from_raw(code << self.grid)
    }

    /// Bits that number all codes.
    pub(crate) fn bits(&self) -> u64 {
        let codes_less_one = (i128::from(self.high) - i128::from(self.low)).unsigned_abs();
        u64::from(u128::BITS - codes_less_one.leading_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixed::types::{I8F24, I16F48};

    /// The step in exact rational arithmetic: floor((u + share (t - u)) / grid + 1/2), in i128.
    fn exact<N: Number>(u: N, t: N, share: f64, range: &Range) -> i64 {
        let share = i128::from(N::nearest(share).raw());
        let (u, t) = (i128::from(u.raw()), i128::from(t.raw()));
        let value = (u << N::FRACTION) + share * (t - u);
        let unit = 1_i128 << (N::FRACTION + range.grid);
        let code = (2 * value + unit).div_euclid(2 * unit);
        (code.clamp(i128::from(range.low), i128::from(range.high)) << range.grid) as i64
    }

    fn steps_are_exact<N: Number>(fraction_bits: u32) {
        let range = Range::new(N::nearest(-8.0), N::nearest(8.0), fraction_bits);
        let values = [-1e9, -128.0, -8.0, -7.3, -1.0, -0.3, -1e-7, 0.0, 1e-7, 0.5, 0.7, 1.0, 7.9, 8.0, 1e9];
        for share in [0.0, 0.1, 0.5, 0.777, 1.0] {
            let register = LeakyRegister::new::<N>(share, range.clone());
            for start in values.map(|v| range.hold(N::nearest(v))) {
                for target in values.map(N::nearest) {
                    let mut state = [start];
                    let moved = register.advance(&mut state, &[target]);
                    assert_eq!(
                        state[0].raw(),
                        exact(start, target, share, &range),
                        "{start} {target} {share}"
                    );
                    assert_eq!(moved.raw(), (state[0].raw() - start.raw()).abs());
                }
            }
        }
    }

    #[test]
    fn a_step_is_the_exact_one_rounded_once_in_both_formats_and_on_every_grid() {
        for fraction_bits in [0, 1, 6, 13, 24] {
            steps_are_exact::<I8F24>(fraction_bits);
            steps_are_exact::<I16F48>(fraction_bits);
        }
    }

    #[test]
    fn the_sum_saturates_once_so_opposite_excess_cancels() {
        let mut target = [I8F24::ZERO];
        let beyond = 200_i64 << 24;
        let bias = [I8F24::nearest(-100.0)];
        saturated_sum(&[beyond], &bias, None, &mut target);
        assert_eq!(target[0], 100);
        saturated_sum(&[beyond], &[I8F24::ZERO], Some(&[I8F24::nearest(-99.5)]), &mut target);
        assert_eq!(target[0], 100.5);
        saturated_sum(&[beyond], &[I8F24::ZERO], None, &mut target);
        assert_eq!(target[0], I8F24::MAX);
        let mut wide = [I16F48::ZERO];
        saturated_sum(&[i64::MIN], &[I16F48::nearest(-1.0)], Some(&[I16F48::nearest(-1.0)]), &mut wide);
        assert_eq!(wide[0], I16F48::MIN);
    }

    #[test]
    fn a_range_that_ends_between_codes_ends_at_the_last_code_inside() {
        let range = Range::new(I8F24::nearest(-2.3), I8F24::nearest(2.3), 1);
        assert_eq!(
            [-9.0, -2.1, 2.3, 9.0].map(|v| range.hold(I8F24::nearest(v)).value()),
            [-2.0, -2.0, 2.0, 2.0]
        );
        let mut state = [I8F24::ZERO];
        LeakyRegister::new::<I8F24>(1.0, range).advance(&mut state, &[I8F24::nearest(-2.3)]);
        assert_eq!(state, [-2.0]);
    }

    #[test]
    fn a_registers_bits_are_those_of_its_codes() {
        assert_eq!(Range::new(I8F24::nearest(0.0), I8F24::nearest(1.0), 8).bits(), 9);
        assert_eq!(Range::new(I8F24::nearest(-8.0), I8F24::nearest(8.0), 4).bits(), 9);
        assert_eq!(Range::new(I8F24::MIN, I8F24::MAX, 0).bits(), 32);
        assert_eq!(Range::new(I16F48::MIN, I16F48::MAX, 0).bits(), 64);
    }
}
