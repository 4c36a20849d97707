//! Dot products of 16-bit codes with 16-bit sizes of either sign, in two pieces of a byte each.
//!
//! A product of 16 by 17 bits needs 64-bit sums, eight to a vector. With `x = 2^8 high + low` the products of each
//! piece are summed in 32 bits, two at a time in one instruction, over stretches that cannot overflow.

/// Splits every code of `x` into `2^8 high + low`, neither larger than 2^8 in size. Returns the larger of the two
/// sums of sizes, or `None` if any code does not fit 16 bits and a sign.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub fn split(x: &[i32], low: &mut [i16], high: &mut [i16]) -> Option<u64> {
    let (mut outside, mut sizes) = (0, [0_u32; 2]);
    for ((&x, low), high) in x.iter().zip(low).zip(high) {
        let upper = x.wrapping_add(1 << 7) >> 8;
        let lower = x.wrapping_sub(upper << 8);
        sizes[0] = sizes[0].wrapping_add(lower.unsigned_abs());
        sizes[1] = sizes[1].wrapping_add(upper.unsigned_abs());
        *low = lower as i16;
        *high = upper as i16;
        // 16 bits and a sign: the higher bits all repeat the sign.
        outside |= (x >> 16) ^ (x >> 31);
    }
    // Pieces that fit are too small to wrap a sum of less than 2^24 lines.
    (outside == 0).then_some(u64::from(sizes[0].max(sizes[1])))
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

/// Writes `to - from`; returns the sum of the sizes, or `None` if a difference does not fit 16 bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub fn subtract(to: &[i32], from: &[i32], differences: &mut [i16]) -> Option<u64> {
    let (mut outside, mut size) = (0, 0_u32);
    for ((slot, &to), &from) in differences.iter_mut().zip(to).zip(from) {
        let difference = to.wrapping_sub(from);
        let wraps = (to ^ from) & (to ^ difference);
        outside |= (difference >> 15) ^ (difference >> 31) | wraps >> 31;
        size = size.wrapping_add(difference.unsigned_abs());
        *slot = difference as i16;
    }
    // Sizes that fit are too small to wrap a sum of fewer than 2^17 lines.
    (outside == 0 && to.len() < 1 << 17).then_some(size.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_of_every_code_make_it_up_and_wider_codes_are_told() {
        let x: Vec<i32> = (-65_536..=65_535).collect();
        let (mut low, mut high) = (vec![0; x.len()], vec![0; x.len()]);
        let largest = split(&x, &mut low, &mut high);
        let mut sizes = [0_u64; 2];
        for ((&x, &low), &high) in x.iter().zip(&low).zip(&high) {
            assert_eq!(x, (i32::from(high) << 8) + i32::from(low));
            assert!(low.unsigned_abs() <= 1 << 8 && high.unsigned_abs() <= 1 << 8, "{x}");
            sizes[0] += u64::from(low.unsigned_abs());
            sizes[1] += u64::from(high.unsigned_abs());
        }
        assert_eq!(largest, sizes.into_iter().max());
        for outside in [65_536, -65_537, i32::MAX, i32::MIN] {
            assert_eq!(split(&[3, outside], &mut [0; 2], &mut [0; 2]), None, "{outside}");
        }
    }

    #[test]
    fn differences_of_more_than_16_bits_are_told() {
        let to = [40_000, -5, 70_000, 0];
        let mut differences = [0; 4];
        assert_eq!(
            subtract(&to, &[10_000, 5, 69_999, 32_768], &mut differences),
            Some(30_000 + 10 + 1 + 32_768)
        );
        assert_eq!(differences, [30_000, -10, 1, -32_768]);
        assert_eq!(subtract(&to, &[7_232, 0, 70_000, 0], &mut differences), None);
        assert_eq!(subtract(&[i32::MIN; 4], &[i32::MAX; 4], &mut differences), None);
    }

    #[test]
    fn largest_codes_and_weights_sum_as_in_wide_words_whatever_the_stretch() {
        let length = 600;
        let codes: Vec<i16> = (0..2 * length).map(|i| if i % 7 == 3 { 32_767 } else { -32_767 }).collect();
        let x: Vec<i32> =
            (0..length as i32).map(|i| if i % 2 == 0 { 65_535 - i } else { i - 65_535 }).collect();
        let (mut low, mut high) = (vec![0; length], vec![0; length]);
        assert!(split(&x, &mut low, &mut high).is_some());
        let wanted: Vec<i64> = codes
            .chunks_exact(length)
            .map(|row| row.iter().zip(&x).map(|(&w, &x)| i64::from(w) * i64::from(x)).sum())
            .collect();
        for stretch in [1, 100, 256] {
            let mut sums = [0; 2];
            dot_split(&codes, length, 0, [&low, &high], stretch, &mut sums);
            assert_eq!(sums[..], wanted, "{stretch}");
        }
    }
}
