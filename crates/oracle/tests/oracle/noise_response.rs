//! Noise around an equilibrium, against the variances of autoregressions.

use equipoise_oracle::stability::Linearisation;
use equipoise_oracle::{Delays, Matrix};

fn response(jacobian: &[f64], leak: f64, delays: &Delays, drive: &[f64], steps: usize) -> Vec<f64> {
    let n = drive.len();
    let linear = Linearisation { jacobian: Matrix::from_row_slice(n, n, jacobian), leak };
    let radius = linear.dominant(delays).expect("eigenvalues").radius();
    linear.noise(delays, radius, drive, steps)
}

fn close(found: f64, expected: f64) {
    assert!((found / expected - 1.0).abs() < 1e-6, "{found} instead of {expected}");
}

#[test]
fn a_unit_that_leaks_is_an_autoregression_of_order_one() {
    for (leak, coupling) in [(0.5, 0.0), (0.1, 0.0), (0.25, 0.7), (0.25, -2.0)] {
        let z: f64 = 1.0 - leak + leak * coupling;
        let found = response(&[coupling], leak, &Delays::Uniform(0), &[0.02], 10_000);
        close(found[0], 0.02 * leak / (1.0 - z * z).sqrt());
    }
}

/// `e(t+1) = p e(t) + q e(t-1) + xi`: the variance is (1 - q) / ((1 + q) ((1 - q)^2 - p^2)) of that of xi.
#[test]
fn a_delay_of_one_extra_step_makes_it_one_of_order_two() {
    for (leak, coupling) in [(0.5, -0.8), (0.25, -1.2), (0.1, 0.5), (0.5, -1.9)] {
        let (p, q): (f64, f64) = (1.0 - leak, leak * coupling);
        let variance = (1.0 - q) / ((1.0 + q) * ((1.0 - q) * (1.0 - q) - p * p));
        let found = response(&[coupling], leak, &Delays::Uniform(1), &[0.02], 100_000);
        close(found[0], 0.02 * leak * variance.sqrt());
    }
}

#[test]
fn units_that_do_not_meet_keep_their_own_noise_and_a_follower_adds_that_of_its_source() {
    let jacobian = [0.0, 0.0, 0.0, 1.5, 0.0, 0.0, 0.0, 0.0, -0.5];
    let late = Delays::PerPair(vec![vec![0, 0, 0], vec![7, 0, 0], vec![0, 0, 0]]);
    let found = response(&jacobian, 0.5, &late, &[0.1, 0.02, 0.0], 1_000);
    let alone = |drive: f64| drive * 0.5 / 0.75_f64.sqrt();
    close(found[0], alone(0.1));
    // The source's noise passes two leaks: responses a^2 t (1-a)^(t-1), whose squares add up to a^4 (1 + x) / (1 - x)^3
    // with x = (1-a)^2.
    let through = 0.1 * 1.5 * (0.0625_f64 * 1.25 / (0.75 * 0.75 * 0.75)).sqrt();
    close(found[1], (alone(0.02) * alone(0.02) + through * through).sqrt());
    assert_eq!(found[2], 0.0);
}

#[test]
fn at_the_margin_noise_wanders_with_the_square_root_of_time_and_beyond_it_no_further() {
    let walk = |coupling: f64, steps| response(&[coupling], 0.1, &Delays::Uniform(0), &[0.02], steps)[0];
    close(walk(1.0, 400), 0.002 * 20.0);
    close(walk(1.0, 6_400), 0.002 * 80.0);
    close(walk(1.5, 6_400), 0.002 * 80.0);
}
