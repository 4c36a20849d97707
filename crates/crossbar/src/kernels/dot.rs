//! Sums where the matrix lies along the driving lines: each line read out is one dot product.

use super::Sum;

/// Writes `sums[line] = sum over k of codes[line][first + k] * x[k]`. `codes` is `[sums.len()][length]`.
///
/// The caller has proved that `sum of |x| * max |code|` fits `A`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub fn dot<W, X, A>(codes: &[W], length: usize, first: usize, x: &[X], sums: &mut [A])
where
    W: Copy + Into<A>,
    X: Copy + Into<A>,
    A: Sum,
{
    for (sum, codes) in sums.iter_mut().zip(codes.chunks_exact(length)) {
        let mut total = A::default();
        for (&code, &x) in codes[first..first + x.len()].iter().zip(x) {
            total += code.into() * x.into();
        }
        *sum = total;
    }
}
