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

/// Adds the raw words of `values` to `sums`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn add_words<N: Number>(values: &[N], sums: &mut [i64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value.raw();
    }
}

/// `registers += (first - second) * factor / 2^30`, rounded to nearest, ties up; the products fit 62 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn add_changes<N: Number>(first: &[i64], second: &[i64], factor: i64, registers: &mut [N]) {
    for ((register, &first), &second) in registers.iter_mut().zip(first).zip(second) {
        let change = ((first - second) * factor + (1 << 29)) >> 30;
        *register = N::from_raw(register.raw() + change);
    }
}

/// A latched word: a sum of products over 2^`shift` (nearest, ties up; at least 1), kept in `low ..= high`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    pub shift: u32,
    pub low: i64,
    pub high: i64,
}

/// What rows of differences hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Zeros only.
    Zero,
    /// Numbers of 32 bits.
    Narrow,
    /// Wider ones.
    Wide,
}

impl Span {
    /// From all bits of the codes, and those by which any differs from its lower 32 bits.
    #[inline(always)]
    fn of(any: i64, wide: i64) -> Self {
        match (any, wide) {
            (0, _) => Self::Zero,
            (_, 0) => Self::Narrow,
            _ => Self::Wide,
        }
    }
}

/// Adds the bits that are set in each of `values`, those above 32 folded to the lower ones.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn add_set_bits<N: Number>(values: &[N], bits: &mut [u32]) {
    for (bits, value) in bits.iter_mut().zip(values) {
        *bits |= folded::<N>(value.raw());
    }
}

/// Adds the bits in which `a` and `b` differ, those above 32 folded to the lower ones.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn add_different_bits<N: Number>(a: &[N], b: &[N], bits: &mut [u32]) {
    for (bits, (a, b)) in bits.iter_mut().zip(a.iter().zip(b)) {
        *bits |= folded::<N>(a.raw() ^ b.raw());
    }
}

/// True if `a` and `b` hold the same.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn are_equal<N: Number>(a: &[N], b: &[N]) -> bool {
    let mut differ = 0;
    for (a, b) in a.iter().zip(b) {
        differ |= folded::<N>(a.raw() ^ b.raw());
    }
    differ == 0
}

#[inline(always)]
fn folded<N: Number>(raw: i64) -> u32 {
    if N::WIDTH > 32 { (raw | raw >> 32) as u32 } else { raw as u32 }
}

/// Adds how far `a` and `b` are apart, in raw words, which fit 32 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn add_distances<N: Number>(a: &[N], b: &[N], distances: &mut [u64]) {
    for (distance, (a, b)) in distances.iter_mut().zip(a.iter().zip(b)) {
        *distance += (a.raw() - b.raw()).unsigned_abs();
    }
}

/// The largest size of any of `values`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn largest(values: &[i32]) -> u32 {
    let mut largest = 0;
    for value in values {
        largest = value.unsigned_abs().max(largest);
    }
    largest
}

/// What `codes` hold.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn span(codes: &[i64]) -> Span {
    let (mut any, mut wide) = (0, 0);
    for &code in codes {
        any |= code;
        wide |= code ^ i64::from(code as i32);
    }
    Span::of(any, wide)
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
    pub(crate) fn apply(self, code: i64, dither: u32) -> i64 {
        let dither = ((u64::from(dither) << 32) >> (64 - self.shift)) as i64;
        (i64::from(code as i32) * i64::from(self.mantissa) + dither) >> self.shift
    }
}

/// `pulses = codes * factor`, limited to +-`cap`; all codes fit 32 bits. Returns the most pulses of a cell.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn whole_pulses(
    codes: &[i64],
    dither: &[u32],
    factor: NarrowFactor,
    cap: i32,
    pulses: &mut [i32],
) -> u32 {
    let cap = i64::from(cap);
    let mut most = 0;
    for ((slot, &code), &dither) in pulses.iter_mut().zip(codes).zip(dither) {
        let whole = factor.apply(code, dither).clamp(-cap, cap) as i32;
        most = whole.unsigned_abs().max(most);
        *slot = whole;
    }
    most
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
/// fit 32 bits. Returns the most pulses of a cell.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn gather(
    codes: &[i64],
    dither: &[u32],
    factor: NarrowFactor,
    widths: Register,
    registers: &mut [i16],
    pulses: &mut [i32],
) -> u32 {
    // Twice the register's range saturates it from any value.
    let reach = 2 * i64::from(widths.top) + 2;
    let carry = (1_i32 << widths.fraction) - 1;
    let mut most = 0;
    for (((slot, register), &code), &dither) in pulses.iter_mut().zip(registers).zip(codes).zip(dither) {
        let change = factor.apply(code, dither).clamp(-reach, reach) as i32;
        let sum = (i32::from(*register) + change).clamp(-widths.top - 1, widths.top);
        // Division by 2^fraction toward zero.
        let whole = ((sum + ((sum >> 31) & carry)) >> widths.fraction).clamp(-widths.cap, widths.cap);
        *register = (sum - (whole << widths.fraction)) as i16;
        most = whole.unsigned_abs().max(most);
        *slot = whole;
    }
    most
}
