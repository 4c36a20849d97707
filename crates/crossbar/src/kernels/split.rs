//! Dot products of 16-bit codes with 16-bit sizes of either sign, in two pieces of a byte each.
//!
//! A product of 16 by 17 bits needs 64-bit sums, eight to a vector. With `x = 2^8 high + low` the products of each
//! piece are summed in 32 bits, two at a time in one instruction, over stretches that cannot overflow.

/// Splits every code of `x` into `2^8 high + low`, `0 <= low < 2^8` and `|high| <= 2^8`. Returns false if any
/// does not fit 16 bits and a sign.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub fn split(x: &[i32], low: &mut [i16], high: &mut [i16]) -> bool {
    let mut outside = 0;
    for ((&x, low), high) in x.iter().zip(low).zip(high) {
        *low = (x & 0xff) as i16;
        *high = (x >> 8) as i16;
        // 16 bits and a sign: the higher bits all repeat the sign.
        outside |= (x >> 16) ^ (x >> 31);
    }
    outside == 0
}

/// Writes `sums[line] = sum over k of codes[line][first + k] * (2^8 high[k] + low[k])`. `codes` is
/// `[sums.len()][length]`.
///
/// The caller has proved that products of `stretch` codes with either piece fit 32 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub fn dot_split(
    codes: &[i16],
    length: usize,
    first: usize,
    [low, high]: [&[i16]; 2],
    stretch: usize,
    sums: &mut [i64],
) {
    for (sum, codes) in sums.iter_mut().zip(codes.chunks_exact(length)) {
        let codes = codes[first..first + low.len()].chunks(stretch);
        let mut total = 0;
        for (codes, (low, high)) in codes.zip(low.chunks(stretch).zip(high.chunks(stretch))) {
            total += i64::from(dot_narrow(codes, low)) + (i64::from(dot_narrow(codes, high)) << 8);
        }
        *sum = total;
    }
}

#[inline(always)]
fn dot_narrow(codes: &[i16], x: &[i16]) -> i32 {
    let mut total = 0;
    for (&code, &x) in codes.iter().zip(x) {
        total += i32::from(code) * i32::from(x);
    }
    total
}
