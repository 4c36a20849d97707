//! The DACs: activities become the codes that drive the lines.

use crate::activity::Activity;
use equipoise_base::number::Wire;
use equipoise_base::{Axons, Number, Rounding};

/// Whole bits of an activity that the widest drivers still hold; so sums of 65,536 lines with the largest
/// weights fit 128 bits.
const WHOLE_BITS: u32 = 8;
/// The largest activity that the widest drivers hold.
pub const MOST_ACTIVITY: f64 = (1_u32 << WHOLE_BITS) as f64;

/// The drivers of one side of an array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drivers {
    /// Bits of a magnitude; 0: the full width of the state.
    bits: u32,
    /// The bits are driven one after the other, each at full strength.
    pub serial: bool,
}

impl Drivers {
    pub fn new(activity_bits: u32, serial: bool) -> Self {
        Self { bits: activity_bits, serial }
    }

    /// The code of activity one.
    pub fn full_code<N: Number>(self) -> u64 {
        match self.bits {
            0 => 1 << N::FRACTION,
            bits => (1 << bits) - 1,
        }
    }

    /// The codes of `axons` into `codes`; returns the sum of their sizes.
    pub fn drive<N: Number, X: Activity>(self, axons: Axons<'_, N>, codes: &mut [X]) -> u128 {
        assert_eq!(axons.value.len(), codes.len(), "one activity per driving line");
        if let Some(spikes) = axons.spikes {
            codes.fill(X::default());
            let mut size = 0;
            for line in spikes.iter() {
                let code = self.code(axons.value[line]);
                codes[line] = X::from_code(code);
                size += u128::from(code.unsigned_abs());
            }
            return size;
        }
        match self.bits {
            0 => drive_full(axons.value, codes),
            bits @ 1..=22 if N::WIDTH == 32 && N::FRACTION == 24 => drive_narrow(axons.value, bits, codes),
            bits if N::FRACTION + bits < 63 => drive_rounded(axons.value, bits, codes),
            _ => {
                let mut size = 0;
                for (code, &value) in codes.iter_mut().zip(axons.value) {
                    let rounded = self.code(value);
                    *code = X::from_code(rounded);
                    size += u128::from(rounded.unsigned_abs());
                }
                size
            }
        }
    }

    /// The code of one activity: its size rounded to nearest, ties up, clipped to one; its sign kept.
    fn code<N: Number>(self, value: N) -> i64 {
        let raw = value.raw();
        if self.bits == 0 {
            return saturated::<N>(raw);
        }
        let size = i128::from(raw.unsigned_abs().min(1 << N::FRACTION));
        let scaled = size * ((1_i128 << self.bits) - 1);
        let code = Rounding::Nearest.shift_wide(scaled, N::FRACTION) as i64;
        if raw < 0 { -code } else { code }
    }
}

fn saturated<N: Number>(raw: i64) -> i64 {
    let limit = 1_i64 << (N::FRACTION + WHOLE_BITS);
    raw.clamp(-limit, limit)
}

/// [`Drivers::code`] of a whole side in words of 32 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn drive_narrow<N: Number, X: Activity>(values: &[N], bits: u32, codes: &mut [X]) -> u128 {
    const LINES: usize = 512; // so many codes of 22 bits fit 32 bits
    let mut total = 0_u64;
    for (codes, values) in codes.chunks_mut(LINES).zip(values.chunks(LINES)) {
        let mut size = 0_u32;
        for (code, value) in codes.iter_mut().zip(values) {
            let raw = value.raw() as i32;
            let rounded = Wire::code(bits, raw.unsigned_abs().min(1 << 24));
            size += rounded;
            let signed = rounded as i32;
            *code = X::from_code(if raw < 0 { -signed } else { signed }.into());
        }
        total += u64::from(size);
    }
    total.into()
}

/// [`Drivers::code`] of a whole side, for products that fit 64 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn drive_rounded<N: Number, X: Activity>(values: &[N], bits: u32, codes: &mut [X]) -> u128 {
    let one = 1_i64 << N::FRACTION;
    let (full, half) = ((1_i64 << bits) - 1, one / 2);
    let mut size = 0_i64;
    for (code, value) in codes.iter_mut().zip(values) {
        let raw = value.raw();
        let rounded = (raw.abs().min(one) * full + half) >> N::FRACTION;
        size += rounded;
        *code = X::from_code(if raw < 0 { -rounded } else { rounded });
    }
    size as u128
}

/// The raw words of a whole side.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn drive_full<N: Number, X: Activity>(values: &[N], codes: &mut [X]) -> u128 {
    const LINES: usize = 64; // so many words of 2^56 fit 64 bits
    let mut total = 0_u128;
    for (codes, values) in codes.chunks_mut(LINES).zip(values.chunks(LINES)) {
        let mut size = 0_u64;
        for (code, value) in codes.iter_mut().zip(values) {
            let raw = saturated::<N>(value.raw());
            size += raw.unsigned_abs();
            *code = X::from_code(raw);
        }
        total += u128::from(size);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use equipoise_base::SpikeSet;
    use fixed::types::{I8F24, I16F48};

    fn codes<N: Number>(bits: u32, values: &[f64]) -> Vec<i64> {
        let values: Vec<N> = values.iter().map(|&v| N::nearest(v)).collect();
        let mut codes = vec![0_i64; values.len()];
        let size = Drivers::new(bits, false).drive(Axons::held(&values), &mut codes);
        assert_eq!(size, codes.iter().map(|c| u128::from(c.unsigned_abs())).sum::<u128>());
        let singly: Vec<i64> = values.iter().map(|&v| Drivers::new(bits, false).code(v)).collect();
        assert_eq!(codes, singly);
        codes
    }

    #[test]
    fn eight_bits_make_multiples_of_one_255th_and_keep_both_ends() {
        let values = [0.0, 1.0, 0.5, 17.0 / 255.0, 0.49 / 255.0, 0.51 / 255.0, -1.0, -0.3, 3.0, -9.0];
        let wanted = [0, 255, 128, 17, 0, 1, -255, -77, 255, -255];
        assert_eq!(codes::<I8F24>(8, &values), wanted);
        assert_eq!(codes::<I16F48>(8, &values), wanted);
        assert_eq!(codes::<I16F48>(24, &[1.0, -0.25]), [16_777_215, -4_194_304]);
    }

    #[test]
    fn full_width_drivers_pass_the_raw_words_on() {
        assert_eq!(codes::<I8F24>(0, &[0.5, -127.0]), [1 << 23, -(127 << 24)]);
        assert_eq!(codes::<I16F48>(0, &[0.5, -255.0, 30_000.0]), [1 << 47, -(255 << 48), 1 << 56]);
    }

    #[test]
    fn spikes_drive_as_ones() {
        let mut spikes = SpikeSet::new(5);
        spikes.insert(1);
        spikes.insert(4);
        let values = [0, 1, 0, 0, 1].map(I8F24::from_num);
        let mut codes = [7_i16; 5];
        let size = Drivers::new(6, false).drive(Axons { value: &values, spikes: Some(&spikes) }, &mut codes);
        assert_eq!((codes, size), ([0, 63, 0, 0, 63], 126));
    }
}
