//! Exact sums of products, in words that are wide enough.

use equipoise_base::number::saturate_i128;
use equipoise_base::{Number, Rounding};

/// A sum of products of two raw numbers, in units of 2^-(2 fraction bits).
pub(crate) trait Accumulator: Copy + Default {
    /// Adds `x * w`.
    fn add_product<N: Number>(&mut self, x: N, w: N);
    /// The sum in raw LSB of `N`, rounded once, to nearest.
    fn drive<N: Number>(self) -> i64;
}

impl Accumulator for i64 {
    #[inline]
    fn add_product<N: Number>(&mut self, x: N, w: N) {
        *self += x.raw() * w.raw();
    }
    fn drive<N: Number>(self) -> i64 {
        Rounding::Nearest.shift(self, N::FRACTION)
    }
}

impl Accumulator for i128 {
    #[inline]
    fn add_product<N: Number>(&mut self, x: N, w: N) {
        *self += i128::from(x.raw()) * i128::from(w.raw());
    }
    fn drive<N: Number>(self) -> i64 {
        saturate_i128(Rounding::Nearest.shift_wide(self, N::FRACTION))
    }
}

/// Can `count` products of factors of at most `x` and `w` (in size, raw) be summed in an `i64`?
pub(crate) fn fits_narrow(count: usize, x: i64, w: i64) -> bool {
    // Both factors are below 2^63, so their product fits; the product with the count might not.
    let product = i128::from(x.unsigned_abs()) * i128::from(w.unsigned_abs());
    product.checked_mul(count as i128).is_some_and(|sum| sum < 1 << 62)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixed::types::I8F24;

    #[test]
    fn both_widths_give_the_same_drive_where_the_narrow_one_may_be_used() {
        let (x, w) = (I8F24::nearest(-0.3), I8F24::nearest(1.999));
        assert!(fits_narrow(8192, x.raw(), w.raw()));
        let (mut narrow, mut wide) = (0_i64, 0_i128);
        for _ in 0..8192 {
            narrow.add_product(x, w);
            wide.add_product(x, w);
        }
        assert_eq!(narrow.drive::<I8F24>(), wide.drive::<I8F24>());
        let real = 8192.0 * x.value() * w.value() * 16_777_216.0;
        assert!((narrow.drive::<I8F24>() as f64 - real).abs() <= 0.5);
    }

    #[test]
    fn the_narrow_sum_is_refused_before_it_could_overflow() {
        assert!(fits_narrow(1, 1 << 31, 1 << 30));
        assert!(!fits_narrow(2, 1 << 31, 1 << 30));
        assert!(!fits_narrow(usize::MAX, i64::MIN, i64::MIN));
    }
}
