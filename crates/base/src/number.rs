//! The chip's numbers: fixed point end to end.
//!
//! The interfaces speak [`Number`], one of two `fixed` types; inner loops work on its raw integers and name
//! the [`Rounding`] of every conversion. Sums are exact and wide, with one saturation at the register.

use fixed::traits::FixedSigned;
use fixed::types::{I8F24, I16F48};

/// The format of the chip's state: potentials, drives, activities and weights on the wires.
///
/// `I8F24` (the default) holds -128 .. 128 in steps of 2^-24; `I16F48` is the wide format with which the
/// ideal chip approaches the `f64` oracle.
pub trait Number: FixedSigned + Default + Send + Sync + 'static {
    /// Fraction bits; one LSB is 2^-FRACTION.
    const FRACTION: u32;
    /// All bits of a word, the sign included.
    const WIDTH: u32;
    /// The word for the format in files.
    const NAME: &'static str;
    /// The raw integer, in LSB.
    fn raw(self) -> i64;
    /// The number with that raw integer, saturated to the format.
    fn from_raw(raw: i64) -> Self;

    /// The nearest number to `value` (of two that are equally near, the even one), saturated; NaN becomes zero.
    #[inline]
    fn nearest(value: f64) -> Self {
        let value = if value.is_nan() { 0.0 } else { value };
        if Self::WIDTH > 32 {
            return Self::saturating_from_num(value);
        }
        // Adding 1.5 * 2^52 rounds, to even, and leaves the whole number in the low bits of the word.
        const SHIFTED: f64 = 6_755_399_441_055_744.0;
        let scaled = value * (1_u64 << Self::FRACTION) as f64;
        let limited = scaled.clamp(Self::MIN.raw() as f64, Self::MAX.raw() as f64);
        Self::from_raw((limited + SHIFTED).to_bits() as i64 - SHIFTED.to_bits() as i64)
    }

    /// The value as `f64`; exact for the default format, nearest for the wide one.
    fn value(self) -> f64 {
        self.to_num::<f64>()
    }

    /// The raw integer that stands for one.
    fn one_raw() -> i64 {
        1 << Self::FRACTION
    }

    /// The product, rounded to nearest with ties up, saturated.
    fn times(self, other: Self) -> Self {
        let wide = i128::from(self.raw()) * i128::from(other.raw());
        let half = 1_i128 << (Self::FRACTION - 1);
        Self::from_raw(saturate_i128((wide + half) >> Self::FRACTION))
    }
}

macro_rules! number {
    ($type:ty, $bits:ty, $fraction:literal, $width:literal, $name:literal) => {
        impl Number for $type {
            const FRACTION: u32 = $fraction;
            const WIDTH: u32 = $width;
            const NAME: &'static str = $name;
            #[inline]
            fn raw(self) -> i64 {
                i64::from(self.to_bits())
            }
            #[inline]
            #[allow(irrefutable_let_patterns)]
            fn from_raw(raw: i64) -> Self {
                let clamped = raw.clamp(i64::from(<$bits>::MIN), i64::from(<$bits>::MAX));
                Self::from_bits(clamped as $bits)
            }
        }
    };
}
number!(I8F24, i32, 24, 32, "i8f24");
number!(I16F48, i64, 48, 64, "i16f48");

/// `value` saturated to the range of `i64`.
#[must_use]
pub fn saturate_i128(value: i128) -> i64 {
    value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

/// How a value that falls between two codes becomes one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest code; a tie goes up, as an adder with a half-LSB carry-in does it.
    Nearest,
    /// Toward zero: the sign-magnitude truncation.
    TowardZero,
    /// Down: the lower bits are dropped (two's complement truncation).
    Floor,
}

impl Rounding {
    /// `raw / 2^shift`, rounded. A shift of 63 or more leaves only the sign's share.
    #[inline]
    #[must_use]
    pub fn shift(self, raw: i64, shift: u32) -> i64 {
        if shift == 0 {
            return raw;
        }
        let shift = shift.min(62);
        match self {
            Self::Nearest => ((raw >> (shift - 1)) + 1) >> 1,
            Self::Floor => raw >> shift,
            Self::TowardZero => raw / (1 << shift),
        }
    }

    /// The same for a 128-bit value.
    #[inline]
    #[must_use]
    pub fn shift_wide(self, raw: i128, shift: u32) -> i128 {
        if shift == 0 {
            return raw;
        }
        let shift = shift.min(126);
        match self {
            Self::Nearest => ((raw >> (shift - 1)) + 1) >> 1,
            Self::Floor => raw >> shift,
            Self::TowardZero => raw / (1 << shift),
        }
    }
}

/// The words on a wire of so many bits of magnitude (and a sign): multiples of 1 / (2^bits - 1), each to the
/// nearest number of the format, so that the largest word is one and a converter of the same width has a code
/// for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wire {
    bits: u32,
    /// The largest code, 2^bits - 1.
    full: i64,
    /// Raw LSB of one code, times 2^bits.
    unit: i64,
}

impl Wire {
    /// The most bits of a wire whose words the format resolves.
    #[must_use]
    pub fn most_bits<N: Number>() -> u32 {
        N::FRACTION - 2
    }

    /// A wire of `bits` bits in format `N`; `None` where it carries the full width of the format: for 0, or for
    /// bits that the format does not resolve.
    #[must_use]
    pub fn new<N: Number>(bits: u32) -> Option<Self> {
        if bits == 0 || bits > Self::most_bits::<N>() {
            return None;
        }
        let full = (1_i64 << bits) - 1;
        let whole = 1_i128 << (N::FRACTION + bits);
        let unit = (whole + i128::from(full) / 2) / i128::from(full);
        Some(Self { bits, full, unit: unit as i64 })
    }

    /// The code, from 0 to 2^bits - 1, that is nearest to `size` / 2^24 (ties up), for a raw size of up to 2^24.
    ///
    /// It is floor((2^bits size - size + 2^23) / 2^24), with numerator and denominator divided by 2^drop so that
    /// the numerator stays below 2^32; the part that this cuts off cannot reach a whole number.
    #[inline]
    #[must_use]
    pub fn code(bits: u32, size: u32) -> u32 {
        let drop = bits.saturating_sub(8);
        let less = (size + ((1 << drop) - 1)) >> drop;
        // At `size` 2^24 the first term alone is 2^32, and the difference is below it again.
        (size << (bits - drop)).wrapping_add(1 << (23 - drop)).wrapping_sub(less) >> (24 - drop)
    }

    /// [`Wire::carry`] in words of 32 bits, for 24 fraction bits: twice as many fit a vector.
    #[inline]
    fn carry_narrow(self, raw: i32) -> i32 {
        let size = raw.unsigned_abs().min(1 << 24);
        let code = Self::code(self.bits, size);
        // A unit is a little more than 2^24 and the product with the rest stays below 2^25.
        let rest = (self.unit - (1 << 24)) as u32;
        let word = (code << (24 - self.bits)) + ((code * rest + (1 << (self.bits - 1))) >> self.bits);
        if raw < 0 { -(word as i32) } else { word as i32 }
    }

    /// `value`, limited to -1 .. 1, as the nearest word.
    #[inline]
    #[must_use]
    pub fn carry<N: Number>(self, value: N) -> N {
        let raw = value.raw();
        if N::WIDTH == 32 && N::FRACTION == 24 {
            return N::from_raw(self.carry_narrow(raw as i32).into());
        }
        self.carry_wide(value)
    }

    #[inline]
    fn carry_wide<N: Number>(self, value: N) -> N {
        let raw = value.raw();
        let size = raw.abs().min(N::one_raw());
        let word = if N::FRACTION + self.bits < 62 {
            let code = (size * self.full + N::one_raw() / 2) >> N::FRACTION;
            Rounding::Nearest.shift(code * self.unit, self.bits)
        } else {
            let code = Rounding::Nearest.shift_wide(i128::from(size) * i128::from(self.full), N::FRACTION);
            Rounding::Nearest.shift_wide(code * i128::from(self.unit), self.bits) as i64
        };
        N::from_raw(if raw < 0 { -word } else { word })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_words_saturate_instead_of_wrapping() {
        assert_eq!(I8F24::from_raw(i64::MAX), I8F24::MAX);
        assert_eq!(I8F24::nearest(1e9), I8F24::MAX);
        assert_eq!(I8F24::nearest(-1e9), I8F24::MIN);
        assert_eq!(I8F24::nearest(f64::NAN), I8F24::ZERO);
        assert_eq!(I16F48::from_raw(i64::MIN), I16F48::MIN);
    }

    #[test]
    fn the_nearest_number_is_that_of_the_fixed_point_library() {
        let lsb = 1.0 / f64::from(1 << 24);
        let some = (-4_000..4_000).map(|i| f64::from(i) * 0.25 * lsb);
        let more = (-4_000..4_000).map(|i| f64::from(i) * 0.037_123);
        for value in some.chain(more).chain([1e300, -1e300, f64::INFINITY, 1e-300, -0.0, 127.999_999_999]) {
            assert_eq!(I8F24::nearest(value), I8F24::saturating_from_num(value), "{value:e}");
        }
    }

    #[test]
    fn noise_of_any_size_is_rounded_as_by_the_fixed_point_library() {
        let noise =
            crate::noise::Noise::at(1, crate::noise::Stream::of(crate::noise::StreamKind::Test, 0), 0);
        for lane in 0..20_000 {
            let size = (1_u64 << (lane % 60)) as f64 / (1_u64 << 50) as f64;
            let halves = f64::from(noise.below(2 * lane + 1, 1 << 20)) - f64::from(1 << 19);
            for value in [(noise.uniform(2 * lane) - 0.5) * size, halves / f64::from(1 << 25)] {
                assert_eq!(I8F24::nearest(value), I8F24::saturating_from_num(value), "{value}");
                assert_eq!(I16F48::nearest(value), I16F48::saturating_from_num(value), "{value}");
            }
        }
        assert_eq!(I8F24::nearest(-0.0), I8F24::ZERO);
    }

    #[test]
    fn each_rounding_does_what_its_name_says() {
        for (raw, nearest, zero, floor) in
            [(5, 1, 1, 1), (6, 2, 1, 1), (-5, -1, -1, -2), (-6, -1, -1, -2), (-7, -2, -1, -2)]
        {
            assert_eq!(Rounding::Nearest.shift(raw, 2), nearest, "{raw}");
            assert_eq!(Rounding::TowardZero.shift(raw, 2), zero, "{raw}");
            assert_eq!(Rounding::Floor.shift(raw, 2), floor, "{raw}");
            assert_eq!(Rounding::Nearest.shift_wide(i128::from(raw), 2), i128::from(nearest));
        }
    }

    #[test]
    fn a_wires_words_are_the_codes_of_a_converter_of_its_width() {
        fn check<N: Number>(bits: u32) {
            let wire = Wire::new::<N>(bits).unwrap();
            let full = (1_i64 << bits) - 1;
            let lsb = 1.0 / (1_u64 << N::FRACTION) as f64;
            for code in (0..=full).step_by((full as usize / 1_000).max(1)).chain([full]) {
                let exact = code as f64 / full as f64;
                let word = wire.carry(N::nearest(exact));
                assert!((word.value() - exact).abs() <= lsb, "{code} of {bits} bits");
                assert_eq!(wire.carry(word), word, "a word is its own nearest word");
                assert_eq!((word.value() * full as f64).round() as i64, code);
                assert_eq!(wire.carry(-word), -word);
            }
            assert_eq!(wire.carry(N::nearest(7.0)), N::nearest(1.0));
        }
        (1..=16).for_each(check::<I8F24>);
        (1..=30).step_by(3).for_each(check::<I16F48>);
        assert_eq!((Wire::new::<I8F24>(0), Wire::new::<I8F24>(24)), (None, None));
    }

    #[test]
    fn narrow_words_are_the_wide_ones() {
        for bits in 1..=22 {
            let wire = Wire::new::<I8F24>(bits).unwrap();
            // Every size would take minutes: a stride without a common factor, and both ends.
            let sizes = (0..1_i64 << 24).step_by(1_001).chain((1 << 24) - 300..(1 << 24) + 300).chain(0..300);
            for raw in sizes.chain([i64::from(i32::MAX), i64::from(i32::MIN) + 1, i64::from(i32::MIN)]) {
                for raw in [raw, -raw] {
                    let value = I8F24::from_raw(raw);
                    assert_eq!(wire.carry(value), wire.carry_wide(value), "{raw} on {bits} bits");
                }
            }
            for code in 0..(1_i64 << bits).min(70_000) {
                // Both sides of the limit between two codes.
                let limit = ((2 * code + 1) << 24) / (2 * ((1 << bits) - 1));
                for raw in limit - 2..=limit + 2 {
                    let value = I8F24::from_raw(raw);
                    assert_eq!(wire.carry(value), wire.carry_wide(value), "{raw} on {bits} bits");
                }
            }
        }
    }

    #[test]
    fn a_product_is_within_half_an_lsb_of_the_real_one() {
        for (a, b) in [(0.3, 0.7), (-1.25, 3.1), (-0.001, -0.002), (7.9, -15.0)] {
            let (x, y) = (I8F24::nearest(a), I8F24::nearest(b));
            let error = x.times(y).value() - x.value() * y.value();
            assert!(error.abs() <= 0.5 / f64::from(1 << 24), "{a} * {b}");
        }
    }
}
