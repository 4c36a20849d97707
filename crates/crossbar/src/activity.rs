//! The three widths in which driver codes are held, and which sums are exact in which accumulator.

use crate::kernels::{axpy, dot, dot_split, split, subtract};
use equipoise_base::Rounding;
use equipoise_base::number::saturate_i128;
use equipoise_device::Codes;

/// A matrix of read codes as a read meets it.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    pub codes: Codes<'a>,
    pub form: Form,
    /// Driving lines.
    pub driving: usize,
    /// No code is larger in size.
    pub reach: u64,
    /// Sums are kept in units of 2^drop products.
    pub drop: u32,
    /// So many lines, driven by 16-bit codes or by differences of two, keep within 32 bits.
    pub stretch: usize,
}

/// How the codes lie in memory, seen from the direction of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `[driving line][line read out]`: driven lines add their rows, idle ones are skipped.
    ByDriver,
    /// `[line read out][driving line]`: every line read out is a dot product.
    ByReader,
}

impl Matrix<'_> {
    /// Do sums of products with codes of total size `size` fit `limit`?
    fn fits(&self, size: u128, limit: u64) -> bool {
        size.saturating_mul(u128::from(self.reach)) <= u128::from(limit)
    }

    /// Are the sums exact for driver codes of total size `size`?
    pub fn exact(&self, size: u128) -> bool {
        self.drop == 0 && self.fits(size, i64::MAX as u64)
    }
}

/// Accumulators that are narrower or wider than the sums themselves.
#[derive(Default)]
pub(crate) struct Accumulators {
    narrow: Vec<i32>,
    wide: Vec<i128>,
    /// What drives, without its common factor.
    without: Vec<(u32, i32)>,
    /// Driver codes in two pieces.
    low: Vec<i16>,
    high: Vec<i16>,
}

/// A driver code: its width decides the accumulators.
///
/// Both methods leave 64-bit sums: exact where [`Matrix::exact`] says so, for `size` the sum of |x| over
/// everything that the sums then hold; otherwise the exact sums rounded once to units of 2^drop, saturated.
pub(crate) trait Activity: Copy + Default + PartialEq + Into<i64> + Send + 'static {
    /// `code` in this width; the caller has chosen the width so that it fits.
    fn from_code(code: i64) -> Self;

    /// `to - from`, and whether the width does not hold it.
    fn difference(from: Self, to: Self) -> (Self, bool);

    /// Adds the products of the driven lines to `sums`; the codes lie [`Form::ByDriver`].
    fn add(
        matrix: Matrix<'_>,
        driven: &[(u32, Self)],
        size: u128,
        spare: &mut Accumulators,
        sums: &mut [i64],
    );

    /// Sets `sums` to the products of the driving lines `first ..`, whose codes are `x`; the codes lie
    /// [`Form::ByReader`]. `before` are the codes to which `sums` belong, where they belong to any.
    fn dot(
        matrix: Matrix<'_>,
        first: usize,
        x: &[Self],
        before: Option<&[Self]>,
        size: u128,
        spare: &mut Accumulators,
        sums: &mut [i64],
    );
}

fn zeroed<A: Copy + Default>(accumulators: &mut Vec<A>, length: usize) -> &mut [A] {
    accumulators.clear();
    accumulators.resize(length, A::default());
    accumulators
}

/// The codes of an array whose width was chosen together with that of its drivers.
fn narrow(codes: Codes<'_>) -> &[i16] {
    match codes {
        Codes::Narrow(codes) => codes,
        _ => unreachable!("16-bit drivers are chosen for 16-bit codes only"),
    }
}

impl Activity for i16 {
    fn from_code(code: i64) -> Self {
        code as Self
    }

    fn difference(from: Self, to: Self) -> (Self, bool) {
        to.overflowing_sub(from)
    }

    fn add(matrix: Matrix<'_>, driven: &[(u32, Self)], _: u128, spare: &mut Accumulators, sums: &mut [i64]) {
        let codes = narrow(matrix.codes);
        for stretch in driven.chunks(matrix.stretch) {
            let parts = zeroed(&mut spare.narrow, sums.len());
            axpy(codes, stretch, parts);
            add_parts(parts, 1, sums);
        }
    }

    fn dot(
        matrix: Matrix<'_>,
        first: usize,
        x: &[Self],
        _: Option<&[Self]>,
        _: u128,
        spare: &mut Accumulators,
        sums: &mut [i64],
    ) {
        let codes = narrow(matrix.codes);
        sums.fill(0);
        for (index, stretch) in x.chunks(matrix.stretch).enumerate() {
            let parts = zeroed(&mut spare.narrow, sums.len());
            dot(codes, matrix.driving, first + index * matrix.stretch, stretch, parts);
            add_parts(parts, 1, sums);
        }
    }
}

/// The sum of the sizes of what drives.
fn total(driven: &[(u32, i32)]) -> u128 {
    u128::from(driven.iter().map(|(_, x)| u64::from(x.unsigned_abs())).sum::<u64>())
}

#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_parts(parts: &[i32], factor: u32, sums: &mut [i64]) {
    for (sum, &part) in sums.iter_mut().zip(parts) {
        *sum += i64::from(part) * i64::from(factor as i32);
    }
}

/// The largest factor of all that drives, or 1 where that is beyond 2^16. Samples of 8 bits are multiples of 257 on
/// wires of 16 bits.
fn common_factor(driven: &[(u32, i32)]) -> u32 {
    let mut factor = 0;
    for (_, x) in driven {
        let mut of = x.unsigned_abs();
        // Euclid's, with the factor so far as the divisor: most divide at once.
        while factor != 0 && of % factor != 0 {
            (factor, of) = (of % factor, factor);
        }
        if factor == 0 {
            factor = of;
        }
        if factor == 1 {
            break;
        }
    }
    if (1..=1 << 16).contains(&factor) { factor } else { 1 }
}

impl Activity for i32 {
    fn from_code(code: i64) -> Self {
        code as Self
    }

    fn difference(from: Self, to: Self) -> (Self, bool) {
        to.overflowing_sub(from)
    }

    fn add(
        matrix: Matrix<'_>,
        driven: &[(u32, Self)],
        size: u128,
        spare: &mut Accumulators,
        sums: &mut [i64],
    ) {
        match matrix.codes {
            Codes::Narrow(codes) if matrix.exact(size) => {
                let total = total(driven);
                let fits = |factor: u32| matrix.fits(total / u128::from(factor), i32::MAX as u64);
                let factor = if fits(1) { 1 } else { common_factor(driven) };
                if !fits(factor) {
                    return axpy(codes, driven, sums);
                }
                let Accumulators { narrow, without, .. } = spare;
                let parts = zeroed(narrow, sums.len());
                if factor == 1 {
                    axpy(codes, driven, parts);
                } else {
                    without.clear();
                    without.extend(driven.iter().map(|&(line, x)| (line, x / factor as i32)));
                    axpy(codes, without, parts);
                }
                add_parts(parts, factor, sums);
            }
            Codes::State(codes) if matrix.exact(size) => axpy(codes, driven, sums),
            _ => add_wide(matrix, driven, spare, sums),
        }
    }

    fn dot(
        matrix: Matrix<'_>,
        first: usize,
        x: &[Self],
        before: Option<&[Self]>,
        size: u128,
        spare: &mut Accumulators,
        sums: &mut [i64],
    ) {
        match matrix.codes {
            Codes::Narrow(codes) if matrix.exact(size) => {
                let Accumulators { narrow, low, high, .. } = spare;
                low.resize(x.len(), 0);
                high.resize(x.len(), 0);
                let change = before.and_then(|before| subtract(x, before, low));
                if change.is_some_and(|change| matrix.fits(change.into(), i32::MAX as u64)) {
                    // Small changes need one piece, whose products fit 32 bits.
                    let parts = zeroed(narrow, sums.len());
                    dot(codes, matrix.driving, first, low, parts);
                    add_parts(parts, 1, sums);
                } else if let Some(pieces) = split(x, low, high) {
                    // Most activities are small enough for one stretch; no piece is larger than 2^8.
                    let whole = matrix.fits(pieces.into(), i32::MAX as u64);
                    let stretch = i32::MAX as u64 / (matrix.reach.max(1) << 8);
                    let stretch = if whole { x.len().max(1) } else { stretch as usize };
                    dot_split(codes, matrix.driving, first, [low, high], stretch, sums);
                } else {
                    dot(codes, matrix.driving, first, x, sums);
                }
            }
            Codes::State(codes) if matrix.exact(size) => dot(codes, matrix.driving, first, x, sums),
            _ => dot_wide(matrix, first, x, spare, sums),
        }
    }
}

impl Activity for i64 {
    fn from_code(code: i64) -> Self {
        code
    }

    fn difference(from: Self, to: Self) -> (Self, bool) {
        to.overflowing_sub(from)
    }

    fn add(matrix: Matrix<'_>, driven: &[(u32, Self)], _: u128, spare: &mut Accumulators, sums: &mut [i64]) {
        add_wide(matrix, driven, spare, sums);
    }

    fn dot(
        matrix: Matrix<'_>,
        first: usize,
        x: &[Self],
        _: Option<&[Self]>,
        _: u128,
        spare: &mut Accumulators,
        sums: &mut [i64],
    ) {
        dot_wide(matrix, first, x, spare, sums);
    }
}

/// [`Activity::add`] through 128-bit sums.
fn add_wide<X>(matrix: Matrix<'_>, driven: &[(u32, X)], spare: &mut Accumulators, sums: &mut [i64])
where
    X: Copy + Into<i128>,
{
    let wide = zeroed(&mut spare.wide, sums.len());
    match matrix.codes {
        Codes::Narrow(codes) => axpy(codes, driven, wide),
        Codes::State(codes) => axpy(codes, driven, wide),
        Codes::Wide(codes) => axpy(codes, driven, wide),
    }
    for (sum, &total) in sums.iter_mut().zip(wide.iter()) {
        let part = saturate_i128(Rounding::Nearest.shift_wide(total, matrix.drop));
        *sum = sum.saturating_add(part);
    }
}

/// [`Activity::dot`] through 128-bit sums.
fn dot_wide<X>(matrix: Matrix<'_>, first: usize, x: &[X], spare: &mut Accumulators, sums: &mut [i64])
where
    X: Copy + Into<i128>,
{
    let wide = zeroed(&mut spare.wide, sums.len());
    match matrix.codes {
        Codes::Narrow(codes) => dot(codes, matrix.driving, first, x, wide),
        Codes::State(codes) => dot(codes, matrix.driving, first, x, wide),
        Codes::Wide(codes) => dot(codes, matrix.driving, first, x, wide),
    }
    for (sum, &total) in sums.iter_mut().zip(wide.iter()) {
        *sum = saturate_i128(Rounding::Nearest.shift_wide(total, matrix.drop));
    }
}
