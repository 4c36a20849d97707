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
    let row = |line: u32| &codes[line as usize * length..][..length];
    // Four lines at once load and store each sum once for four products.
    let mut fours = driven.chunks_exact(4);
    for four in &mut fours {
        let [(k, w), (l, x), (m, y), (n, z)] = [four[0], four[1], four[2], four[3]];
        let (a, b, c, d) = (row(k), row(l), row(m), row(n));
        let (w, x, y, z): (A, A, A, A) = (w.into(), x.into(), y.into(), z.into());
        for i in 0..length {
            sums[i] += a[i].into() * w + b[i].into() * x + c[i].into() * y + d[i].into() * z;
        }
    }
    for &(line, x) in fours.remainder() {
        let (codes, x): (_, A) = (row(line), x.into());
        for (sum, &code) in sums.iter_mut().zip(codes) {
            *sum += code.into() * x;
        }
    }
}
