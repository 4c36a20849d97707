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
        let whole = (1_u64 << (N::WIDTH - N::FRACTION - 1)) as f64;
        let range = if params.weight_range == 0.0 { whole } else { params.weight_range };
        let least = N::nearest(-range).raw();
        let (code, low) = match params.weight_bits {
            0 => (1, least),
            bits => {
                let codes = 1_i64 << (bits - 1);
                let code = N::nearest(range / codes as f64).raw().max(1);
                (code, (least / code).max(-codes).min(-1))
            }
        };
        let shift = (code.count_ones() == 1).then(|| code.trailing_zeros());
        Self { code, low, high: -(low + 1), shift }
    }

    /// Bits that number all codes.
    pub(crate) fn bits(&self) -> u32 {
        i64::BITS - self.high.leading_zeros() + 1
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
        let code = (weight.raw() / self.code).saturating_add(pulses.into());
        N::from_raw(code.clamp(self.low, self.high) * self.code)
    }

    /// The largest size of a weight, in raw LSB.
    pub(crate) fn largest(&self) -> i64 {
        self.low.saturating_neg().saturating_mul(self.code)
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
    fn without_bits_of_its_own_a_table_holds_every_number_of_the_format() {
        fn holds_all<N: Number>(weights: &[f64]) {
            let params = TableParams { weight_bits: 0, weight_range: 0.0, ..Default::default() };
            let grid = WeightGrid::new::<N>(&params);
            for weight in weights.iter().map(|&weight| N::nearest(weight)).chain([N::MIN, N::MAX, N::DELTA]) {
                assert_eq!(grid.hold::<N>(weight.raw()), weight);
                assert_eq!(grid.pulsed(weight, 0), weight);
            }
            assert_eq!((grid.pulsed(N::MAX, 1), grid.pulsed(N::MIN, -1)), (N::MAX, N::MIN));
            assert_eq!(grid.bits(), N::WIDTH);
        }
        holds_all::<I8F24>(&[0.003, -4.0, 127.9, 1e-7]);
        holds_all::<I16F48>(&[0.003, -4.0, 32_767.9, 1e-14]);
        let four = grid(0, 4.0);
        assert_eq!([held(&four, 900.0), held(&four, -900.0)], [4.0 - f64::from(I8F24::DELTA), -4.0]);
        assert_eq!(four.bits(), 27);
        assert_eq!(held(&grid(8, 0.0), -500.0), -128.0);
    }

    #[test]
    fn one_bit_is_a_weight_or_none() {
        let grid = grid(1, 1.0);
        assert_eq!((held(&grid, -0.9), held(&grid, 0.9)), (-1.0, 0.0));
    }
}
