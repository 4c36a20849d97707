//! Sums where the matrix lies along the lines that are read out: each driven line adds its own row.

use super::Sum;

/// Adds `x * codes[line][..]` to `sums` for every `(line, x)` of `driven`. `codes` is `[line][sums.len()]`.
///
/// The caller has proved that `sum of |x| * max |code|`, on top of what `sums` holds, fits `A`. Lines that
/// are not driven cost nothing.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub fn axpy<W, X, A>(codes: &[W], driven: &[(u32, X)], sums: &mut [A])
where
    W: Copy + Into<A>,
    X: Copy + Into<A>,
    A: Sum,
{
    let length = sums.len();
    if length > WIDE {
        return add_lines(codes, driven, sums);
    }
    let (blocks, rest) = sums.as_chunks_mut::<BLOCK>();
    for (block, sums) in blocks.iter_mut().enumerate() {
        add_block(codes, length, block * BLOCK, driven, sums);
    }
    for &(line, x) in driven {
        let row = &codes[line as usize * length..][..length];
        let (codes, x): (_, A) = (&row[length - rest.len()..], x.into());
        for (sum, &code) in rest.iter_mut().zip(codes) {
            *sum += code.into() * x;
        }
    }
}

/// Rows that are longer than this go by as a whole: in pieces they would come too slowly from memory.
const WIDE: usize = 256;

/// Whole rows, four at once, which load and store each sum once for four products.
#[inline(always)]
fn add_lines<W, X, A>(codes: &[W], driven: &[(u32, X)], sums: &mut [A])
where
    W: Copy + Into<A>,
    X: Copy + Into<A>,
    A: Sum,
{
    let length = sums.len();
    let row = |line: u32| &codes[line as usize * length..][..length];
    let (fours, rest) = driven.as_chunks::<4>();
    for &[(k, w), (l, x), (m, y), (n, z)] in fours {
        let (a, b, c, d) = (row(k), row(l), row(m), row(n));
        let (w, x, y, z): (A, A, A, A) = (w.into(), x.into(), y.into(), z.into());
        for i in 0..length {
            sums[i] += a[i].into() * w + b[i].into() * x + c[i].into() * y + d[i].into() * z;
        }
    }
    let (pair, last) = rest.as_chunks::<2>();
    for &[(k, w), (l, x)] in pair {
        let (a, b, w, x): (_, _, A, A) = (row(k), row(l), w.into(), x.into());
        for i in 0..length {
            sums[i] += a[i].into() * w + b[i].into() * x;
        }
    }
    for &(line, x) in last {
        let (codes, x): (_, A) = (row(line), x.into());
        for (sum, &code) in sums.iter_mut().zip(codes) {
            *sum += code.into() * x;
        }
    }
}

/// Sums that stay in registers while the lines go by.
const BLOCK: usize = 32;

/// The sums of one block of columns, which begins at column `first` of `length`.
#[inline(always)]
fn add_block<W, X, A>(codes: &[W], length: usize, first: usize, driven: &[(u32, X)], sums: &mut [A; BLOCK])
where
    W: Copy + Into<A>,
    X: Copy + Into<A>,
    A: Sum,
{
    let row = |line: u32| &codes[line as usize * length + first..][..BLOCK];
    let mut totals = *sums;
    let (pairs, last) = driven.as_chunks::<2>();
    for &[(k, x), (l, y)] in pairs {
        let (a, b, x, y): (_, _, A, A) = (row(k), row(l), x.into(), y.into());
        for i in 0..BLOCK {
            totals[i] += a[i].into() * x + b[i].into() * y;
        }
    }
    for &(line, x) in last {
        let (a, x): (_, A) = (row(line), x.into());
        for i in 0..BLOCK {
            totals[i] += a[i].into() * x;
        }
    }
    *sums = totals;
}
