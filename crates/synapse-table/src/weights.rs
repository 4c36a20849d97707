//! The codes of stored weights.

use crate::params::TableParams;
use equipoise_base::Number;

/// The weights that a table can store: multiples of one code's size, from `low` to `high` codes.
#[derive(Clone, Debug)]
pub(crate) struct WeightGrid {
    /// One code, in raw LSB.
    pub(crate) code: i64,
    low: i64,
    high: i64,
    /// Bits of a code's size, where it is a power of two: a shift is much cheaper than a division.
    shift: Option<u32>,
}

impl WeightGrid {
    /// 2^`weight_bits` codes over the range; a code is at least one LSB of the format.
    pub(crate) fn new<N: Number>(params: &TableParams) -> Self {
        let codes = 1_i64 << (params.weight_bits - 1);
        let code = N::nearest(params.weight_range / codes as f64).raw().max(1);
        let codes = codes.min(N::nearest(params.weight_range).raw() / code).max(1);
        let shift = (code.count_ones() == 1).then(|| code.trailing_zeros());
        Self { code, low: -codes, high: codes - 1, shift }
    }

    /// The stored weight for `raw` LSB: rounded to the nearest code (ties up), clipped to the range.
    pub(crate) fn hold<N: Number>(&self, raw: i64) -> N {
        let raised = raw.saturating_add(self.code / 2);
        let code = match self.shift {
            Some(bits) => raised >> bits,
            None => raised.div_euclid(self.code),
        };
        N::from_raw(code.clamp(self.low, self.high) * self.code)
    }

    /// `weight` after `pulses` pulses of one code each.
    pub(crate) fn pulsed<N: Number>(&self, weight: N, pulses: i32) -> N {
        let code = weight.raw() / self.code + i64::from(pulses);
        N::from_raw(code.clamp(self.low, self.high) * self.code)
    }

    /// The largest size of a weight, in raw LSB.
    pub(crate) fn largest(&self) -> i64 {
        -self.low * self.code
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixed::types::{I8F24, I16F48};

    fn grid(weight_bits: u32, weight_range: f64) -> WeightGrid {
        WeightGrid::new::<I8F24>(&TableParams { weight_bits, weight_range, ..Default::default() })
    }

    fn held(grid: &WeightGrid, weight: f64) -> f64 {
        grid.hold::<I8F24>(I8F24::nearest(weight).raw()).value()
    }

    #[test]
    fn weights_are_rounded_to_codes_and_clipped_like_twos_complement() {
        let grid = grid(4, 2.0);
        for (weight, stored) in
            [(0.3, 0.25), (0.375, 0.5), (-0.375, -0.25), (-0.4, -0.5), (9.0, 1.75), (-9.0, -2.0)]
        {
            assert_eq!(held(&grid, weight), stored, "{weight}");
        }
        assert_eq!(grid.pulsed(I8F24::nearest(1.5), 1), 1.75);
        assert_eq!(grid.pulsed(I8F24::nearest(1.5), 1000), 1.75);
        assert_eq!(grid.pulsed(I8F24::nearest(-1.5), i32::MIN), -2.0);
    }

    #[test]
    fn a_code_is_never_finer_than_the_format_and_the_range_stays() {
        let grid = grid(48, 2.0);
        assert_eq!(grid.code, 1);
        assert_eq!(held(&grid, 0.123), I8F24::nearest(0.123).value());
        assert_eq!(held(&grid, 3.0), (I8F24::nearest(2.0) - I8F24::DELTA).value());
        let wide = WeightGrid::new::<I16F48>(&TableParams { weight_bits: 48, ..Default::default() });
        assert_eq!(wide.code, 4, "2 / 2^47 in units of 2^-48");
    }

    #[test]
    fn one_bit_is_a_weight_or_none() {
        let grid = grid(1, 1.0);
        assert_eq!((held(&grid, -0.9), held(&grid, 0.9)), (-1.0, 0.0));
    }
}
