//! Every critical delay of `delay/delay_continuous.json`.

use crate::files::{assert_close, load, matrix, number, vector};
use equipoise_oracle::critical_delay::{CriticalDelay, critical_delay};
use equipoise_oracle::{Activation, Complex, Delayed, Delays};
use std::f64::consts::TAU;

#[test]
fn critical_delays_and_frequencies_are_those_of_the_reference() {
    for (name, case) in load("delay/delay_continuous.json").as_object().expect("one entry for each network") {
        let (weights, current) = (matrix(&case["W"]), vector(&case["I"]));
        let network = Delayed::new(weights, current, Delays::Uniform(0), 1.0, Activation::Tanh).unwrap();
        let expected = vector(&case["fixed_point"]);
        let equilibrium = network.fixed_point(&vec![0.0; expected.len()]).unwrap();
        assert_close(name, &equilibrium, &expected, 1e-10);
        assert_eq!(case["stable_at_tau0"].as_bool(), Some(true));

        let found = critical_delay(&network.linearise(&equilibrium).eigenvalues().unwrap());
        if case["tau_c"].is_null() {
            assert_eq!(found, CriticalDelay::StableForEveryDelay, "{name}");
            continue;
        }
        let CriticalDelay::Oscillates(onset) = found else { panic!("{name}: {found:?}") };
        let found = [onset.tau, onset.omega, onset.period()];
        let expected = ["tau_c", "omega_c", "period_c"].map(|key| number(&case[key]));
        assert_close(name, &found, &expected, 1e-9);
        let eigenvalue = vector(&case["critical_lambda"]);
        // Of a conjugate pair either may be named.
        let found = [onset.eigenvalue.re, onset.eigenvalue.im.abs()];
        assert_close(name, &found, &[eigenvalue[0], eigenvalue[1].abs()], 1e-9);
        // The reference also measured the growth of a small deviation in simulated runs; its step limits that.
        let simulated = number(&case["tau_c_numeric"]);
        assert!((onset.tau / simulated - 1.0).abs() < 2e-4, "{name}: {simulated} simulated");
    }
}

#[test]
fn a_single_inhibited_mode_has_the_closed_form() {
    // (pi - arctan omega) / omega with omega = sqrt(mu^2 - 1): the mode -mu, its critical delay and its period.
    let table = [
        (1.2, 3.8532, 9.472),
        (1.5, 2.0577, 5.620),
        (2.0, 1.2092, 3.628),
        (3.0, 0.6755, 2.221),
        (5.0, 0.3617, 1.283),
    ];
    for (mu, tau, period) in table {
        let CriticalDelay::Oscillates(onset) = critical_delay(&[Complex::new(-mu, 0.0)]) else {
            panic!("a loop gain below -1 oscillates")
        };
        assert!((onset.tau - tau).abs() < 6e-5 && (onset.period() - period).abs() < 6e-4, "{mu}: {onset:?}");
    }
}

#[test]
fn the_onset_solves_the_characteristic_equation_for_complex_eigenvalues() {
    for (re, im) in [(0.5, 1.8), (-0.3, 1.4), (-2.0, 0.4), (0.9, 0.6)] {
        let pair = [Complex::new(re, im), Complex::new(re, -im)];
        let CriticalDelay::Oscillates(onset) = critical_delay(&pair) else { panic!("outside the unit disc") };
        let s = Complex::new(0.0, onset.omega);
        let residual = s + 1.0 - onset.eigenvalue * (-s * onset.tau).exp();
        assert!(residual.norm() < 1e-12, "{residual}");
        assert!(onset.tau > 0.0 && onset.tau < TAU / onset.omega, "the first crossing lies within one turn");
    }
}

#[test]
fn the_unit_disc_and_the_line_of_real_part_one_bound_what_delay_can_do() {
    let of = |re, im| critical_delay(&[Complex::new(re, im), Complex::new(re, -im)]);
    assert_eq!(of(-0.6, 0.79), CriticalDelay::StableForEveryDelay);
    assert_eq!(of(1.01, 0.3), CriticalDelay::UnstableWithoutDelay);
    assert!(matches!(of(-0.61, 0.8), CriticalDelay::Oscillates(_)));
}
