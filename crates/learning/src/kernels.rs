//! The inner loops of an update, compiled for several instruction sets and chosen at run time. They are integer
//! arithmetic without overflow, so every one of them gives the same bits.

use equipoise_base::Number;

/// `sums[i] += x * post[i]`, raw; `x` and `post` fit 32 bits, as those of the default format do.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn add_products<N: Number>(x: i32, post: &[N], sums: &mut [i64]) {
    for (sum, y) in sums.iter_mut().zip(post) {
        *sum += i64::from(x) * i64::from(y.raw() as i32);
    }
}

/// Rounds every sum by 2^`shift` (nearest, ties up; at least 1) and limits it to `low ..= high`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn round_codes(sums: &mut [i64], shift: u32, low: i64, high: i64) {
    let half = 1_i64 << (shift - 1);
    for sum in sums {
        *sum = ((*sum + half) >> shift).clamp(low, high);
    }
}

/// True if every code fits 32 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn all_narrow(codes: &[i64]) -> bool {
    codes.iter().fold(0, |wide, &code| wide | (code ^ i64::from(code as i32))) == 0
}

/// What rows of codes are multiplied with: mantissa / 2^shift, shift 1 to 62.
#[derive(Clone, Copy)]
pub(crate) struct NarrowFactor {
    /// At most 2^30 in size.
    pub mantissa: i32,
    /// 1 to 62.
    pub shift: u32,
}

impl NarrowFactor {
    /// `code * factor`, rounded down after adding `dither / 2^32` of a unit; `code` fits 32 bits.
    #[inline(always)]
    fn apply(self, code: i64, dither: u32) -> i64 {
        let dither = ((u64::from(dither) << 32) >> (64 - self.shift)) as i64;
        (i64::from(code as i32) * i64::from(self.mantissa) + dither) >> self.shift
    }
}

/// `pulses = codes * factor`, limited to +-`cap`; all codes fit 32 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn whole_pulses(
    codes: &[i64],
    dither: &[u32],
    factor: NarrowFactor,
    cap: i32,
    pulses: &mut [i32],
) {
    let cap = i64::from(cap);
    for ((slot, &code), &dither) in pulses.iter_mut().zip(codes).zip(dither) {
        *slot = factor.apply(code, dither).clamp(-cap, cap) as i32;
    }
}

/// Widths of an accumulator.
#[derive(Clone, Copy)]
pub(crate) struct Register {
    /// Fraction bits.
    pub fraction: u32,
    /// Largest value, 2^(bits - 1) - 1.
    pub top: i32,
    /// Most pulses that leave at once.
    pub cap: i32,
}

/// Adds `codes * factor` to the accumulators, saturating, and moves whole pulses out, toward zero; all codes
/// fit 32 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn gather(
    codes: &[i64],
    dither: &[u32],
    factor: NarrowFactor,
    widths: Register,
    registers: &mut [i16],
    pulses: &mut [i32],
) {
    // Twice the register's range saturates it from any value.
    let reach = 2 * i64::from(widths.top) + 2;
    let carry = (1_i32 << widths.fraction) - 1;
    for (((slot, register), &code), &dither) in pulses.iter_mut().zip(registers).zip(codes).zip(dither) {
        let change = factor.apply(code, dither).clamp(-reach, reach) as i32;
        let sum = (i32::from(*register) + change).clamp(-widths.top - 1, widths.top);
        // Division by 2^fraction toward zero.
        let whole = ((sum + ((sum >> 31) & carry)) >> widths.fraction).clamp(-widths.cap, widths.cap);
        *register = (sum - (whole << widths.fraction)) as i16;
        *slot = whole;
    }
}
