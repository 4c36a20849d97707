//! The roots of `z^(d+1) - keep z^d - feed`: the modes of one unit that keeps a share of its state and hears itself
//! d steps late.

use nalgebra::Complex;
use std::f64::consts::TAU;

/// The roots of `z^(d+1) - keep z^d - feed`, but for those at 0 where `feed` is 0. All are found at once by the
/// Aberth-Ehrlich iteration: Newton's method, with each root pushed away from the others.
pub(crate) fn roots(keep: f64, feed: Complex<f64>, d: usize) -> Vec<Complex<f64>> {
    if d == 0 || feed.norm() == 0.0 {
        return vec![feed + keep];
    }
    let radius = outer_radius(keep, feed.norm(), d);
    let angle = |k: usize| (feed.arg() + TAU * k as f64) / (d + 1) as f64;
    let mut roots: Vec<_> = (0..=d).map(|k| Complex::from_polar(radius, angle(k))).collect();
    for _ in 0..200 {
        let mut moved: f64 = 0.0;
        for k in 0..roots.len() {
            let z = roots[k];
            let power = z.powu(d as u32 - 1);
            let value = power * z * (z - keep) - feed;
            let slope = power * (z * (d + 1) as f64 - d as f64 * keep);
            let others = roots.iter().enumerate().filter(|(j, _)| *j != k).map(|(_, r)| (z - r).inv());
            let push: Complex<f64> = others.sum();
            let correction = (slope / value - push).inv();
            if correction.is_finite() {
                roots[k] -= correction;
                moved = moved.max(correction.norm());
            }
        }
        if moved < 1e-15 * radius {
            break;
        }
    }
    roots
}

/// The radius of a circle around all roots: the positive solution of `r^(d+1) = keep r^d + |feed|`.
fn outer_radius(keep: f64, feed: f64, d: usize) -> f64 {
    let (mut low, mut high) = (0.0, keep + feed.max(1.0));
    for _ in 0..60 {
        let r = 0.5 * (low + high);
        if r.powi(d as i32) * (r - keep) < feed {
            low = r;
        } else {
            high = r;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::roots;
    use nalgebra::Complex;

    #[test]
    fn the_roots_are_distinct_and_solve_the_trinomial() {
        for (keep, d) in [(0.0, 1), (0.5, 2), (0.95, 7), (0.9, 40), (0.5, 80), (0.99, 200)] {
            for feed in [(-1.5, 0.0), (0.4, 0.0), (0.1, 0.9), (-1e-3, 2e-3), (-1e-12, 0.0)] {
                let feed = Complex::new(feed.0, feed.1);
                let found = roots(keep, feed, d);
                assert_eq!(found.len(), d + 1);
                for z in &found {
                    let residual = z.powu(d as u32) * (z - keep) - feed;
                    // Relative to the terms that cancel in it.
                    let terms = z.norm().powi(d as i32) * (z.norm() + keep) + feed.norm();
                    assert!(residual.norm() < 1e-12 * terms, "{keep} {feed} {d}: {z}");
                }
                // Vieta: a root found twice in place of another would spoil the sum or the product.
                let sum: Complex<f64> = found.iter().sum();
                assert!((sum - keep).norm() < 1e-11, "{keep} {feed} {d}: sum {sum}");
                let product: Complex<f64> = found.iter().product();
                let expected = if d % 2 == 0 { feed } else { -feed };
                assert!((product / expected - 1.0).norm() < 1e-10, "{keep} {feed} {d}: product {product}");
            }
        }
    }

    #[test]
    fn a_unit_that_hears_nothing_only_leaks() {
        assert_eq!(roots(0.75, Complex::new(0.0, 0.0), 9), vec![Complex::new(0.75, 0.0)]);
    }

    #[test]
    fn a_double_root_is_found_to_half_the_digits() {
        // z^2 - z/2 + 1/16 = (z - 1/4)^2: rounding moves a double root by the square root of its size.
        for root in roots(0.5, Complex::new(-0.0625, 0.0), 1) {
            assert!((root - 0.25).norm() < 1e-7, "{root}");
        }
    }
}
