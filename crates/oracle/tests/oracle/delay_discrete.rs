//! Every row of `delay/delay_discrete.json`: stability with integer delays, and simulated runs.

use crate::files::{Case, assert_close, count, list, load, matrix, number, vector};
use equipoise_oracle::stability::Linearisation;
use equipoise_oracle::{Activation, Complex, Delayed, Delays, Layered, Matrix, Neuron};
use serde_json::Value;

/// The delays of a row for its unit delay 1: all equal, or the row's matrix.
fn pattern(row: &Value) -> Delays {
    match row["delay_matrix"].as_array() {
        None => Delays::Uniform(1),
        Some(rows) => Delays::PerPair(rows.iter().map(|r| list(r).iter().map(count).collect()).collect()),
    }
}

fn network(row: &Value, d: usize) -> Delayed {
    let activation = match row["phi"].as_str() {
        Some("tanh") => Activation::Tanh,
        Some("clip") => Activation::HardSigmoid,
        other => panic!("phi {other:?}"),
    };
    let (weights, current) = (matrix(&row["W"]), vector(&row["I"]));
    Delayed::new(weights, current, pattern(row).times(d), number(&row["a"]), activation).expect("shapes fit")
}

fn linearised(row: &Value) -> Linearisation {
    network(row, 0).linearise(&vector(&row["fixed_point"]))
}

#[test]
fn the_equilibria_and_their_eigenvalues_are_those_of_the_reference() {
    for row in list(&load("delay/delay_discrete.json")) {
        let expected = vector(&row["fixed_point"]);
        let found = network(row, 0).fixed_point(&vec![0.0; expected.len()]).unwrap();
        assert_close(&row["name"].to_string(), &found, &expected, 1e-10);
        let by_parts = |values: &mut Vec<Complex<f64>>| {
            // Rounded, as parts that are equal but for rounding would come in an arbitrary order.
            values.sort_by_key(|z| ((z.re * 1e9).round() as i64, (z.im * 1e9).round() as i64));
        };
        let (re, im) = (vector(&row["J_eigs_re"]), vector(&row["J_eigs_im"]));
        let mut expected: Vec<_> = re.iter().zip(&im).map(|(re, im)| Complex::new(*re, *im)).collect();
        let mut found = linearised(row).eigenvalues().unwrap();
        by_parts(&mut expected);
        by_parts(&mut found);
        for (f, e) in found.iter().zip(&expected) {
            assert!((f - e).norm() < 1e-10, "{}: {found:?} against {expected:?}", row["name"]);
        }
    }
}

#[test]
fn the_spectral_radius_at_every_delay_is_that_of_the_reference() {
    for row in list(&load("delay/delay_discrete.json")) {
        let linearised = linearised(row);
        for (d, expected) in list(&row["d"]).iter().zip(vector(&row["spectral_radius"])) {
            let found = linearised.dominant(&pattern(row).times(count(d))).unwrap().radius();
            assert_close(&format!("{} d {d}", row["name"]), &[found], &[expected], 1e-9);
        }
    }
}

#[test]
fn oscillation_begins_at_the_delay_and_with_the_period_of_the_reference() {
    for row in list(&load("delay/delay_discrete.json")) {
        let last = list(&row["d"]).len() - 1;
        let found = linearised(row).first_unstable(&pattern(row), last).unwrap();
        let Some(expected) = row["first_unstable_d"].as_u64() else {
            assert_eq!(found, None, "{}", row["name"]);
            continue;
        };
        let (d, mode) = found.unwrap();
        assert_eq!(d as u64, expected, "{}", row["name"]);
        let onset = &row["onset"];
        assert_eq!(count(&onset["d"]), d);
        let found = [mode.radius(), mode.angle(), mode.period_steps().unwrap()];
        let expected =
            ["dominant_abs", "dominant_angle", "linear_period_steps"].map(|name| number(&onset[name]));
        assert_close(&row["name"].to_string(), &found, &expected, 1e-9);
    }
}

#[test]
fn simulated_runs_are_those_of_the_reference() {
    for row in list(&load("delay/delay_discrete.json")) {
        let equilibrium = vector(&row["fixed_point"]);
        let start = beside(&equilibrium);
        for run in list(&row["sim"]) {
            let what = format!("{} a {} d {}", row["name"], row["a"], run["d"]);
            let steps = count(&run["steps"]);
            let states = network(row, count(&run["d"])).simulate(&start, steps);
            for (state, expected) in states[1..].iter().zip(list(&run["first10"])) {
                assert_close(&what, state, &vector(expected), 1e-10);
            }
            // 12,000 steps amplify rounding by nothing that a limit cycle does not forget, but for its phase.
            assert_close(&what, &states[steps], &vector(&run["last_state"]), 1e-10);
            let window = &states[states.len() - 4000..];
            let swings: Vec<f64> = (0..start.len()).map(|i| swing(window, i)).collect();
            assert_close(&what, &swings, &vector(&run["peak_to_peak"]), 1e-10);
            let apart =
                states[steps].iter().zip(&equilibrium).map(|(s, x)| (s - x).abs()).fold(0.0, f64::max);
            assert_close(&what, &[apart], &[number(&run["dist_to_fp"])], 1e-10);
            if let Some(expected) = run["period_steps"].as_f64() {
                let greatest = (0..swings.len()).rev().max_by(|i, j| swings[*i].total_cmp(&swings[*j]));
                assert_close(&what, &[period(window, greatest.unwrap())], &[expected], 1e-6);
            }
        }
    }
}

/// The start of all simulated runs: each unit pushed off its equilibrium.
fn beside(equilibrium: &[f64]) -> Vec<f64> {
    equilibrium.iter().enumerate().map(|(i, x)| x + 0.01 * [1.0, -0.5, 0.7][i % 3]).collect()
}

/// Greatest minus least value of unit `i`.
fn swing(window: &[Vec<f64>], i: usize) -> f64 {
    let values = || window.iter().map(|state| state[i]);
    values().fold(f64::MIN, f64::max) - values().fold(f64::MAX, f64::min)
}

/// Mean steps between upward crossings of the mean by unit `i`, interpolated.
fn period(window: &[Vec<f64>], i: usize) -> f64 {
    let mean = window.iter().map(|state| state[i]).sum::<f64>() / window.len() as f64;
    let crossings: Vec<f64> = window
        .windows(2)
        .enumerate()
        .map(|(t, pair)| (t as f64, pair[0][i] - mean, pair[1][i] - mean))
        .filter(|(_, before, after)| *before < 0.0 && *after >= 0.0)
        .map(|(t, before, after)| t - before / (after - before))
        .collect();
    (crossings[crossings.len() - 1] - crossings[0]) / (crossings.len() - 1) as f64
}

#[test]
fn one_delay_for_all_synapses_is_a_delay_matrix_of_equal_entries() {
    for row in list(&load("delay/delay_discrete.json")) {
        let n = list(&row["W"]).len();
        let linearised = linearised(row);
        for d in [0, 1, 2, 7] {
            let by_polynomial = linearised.dominant(&Delays::Uniform(d)).unwrap();
            let by_companion = linearised.dominant(&Delays::PerPair(vec![vec![d; n]; n])).unwrap();
            let radii = (by_polynomial.radius(), by_companion.radius());
            assert_close(&row["name"].to_string(), &[radii.0], &[radii.1], 1e-10);
        }
    }
}

#[test]
fn one_unit_that_inhibits_itself_becomes_unstable_at_the_known_delays() {
    // Worked out from z^(k+1) - (1-h) z^k - h mu = 0 with mu = -2.
    for (leak, expected) in [(1.0, 0), (0.5, 2), (0.2, 5), (0.1, 11), (0.05, 24)] {
        let linearised = Linearisation { jacobian: Matrix::from_element(1, 1, -2.0), leak };
        let (delay, mode) = linearised.first_unstable(&Delays::Uniform(1), 30).unwrap().unwrap();
        assert_eq!(delay, expected, "leak {leak}");
        assert!(mode.is_unstable());
    }
}

#[test]
fn each_synapse_has_the_delay_of_its_own_direction() {
    // Unit 0 has a current of 1/2 and hears half of unit 1 one step late; unit 1 hears unit 0 three steps late.
    let weights = Matrix::from_row_slice(2, 2, &[0.0, 0.5, 1.0, 0.0]);
    let delays = Delays::PerPair(vec![vec![0, 1], vec![3, 0]]);
    let network = Delayed::new(weights, vec![0.5, 0.0], delays, 1.0, Activation::HardSigmoid).unwrap();
    let states = network.simulate(&[0.0, 0.0], 12);
    // By hand: s_1(t+1) = s_0(t-3) and s_0(t+1) = 1/2 + s_1(t-1) / 2.
    for (t, state) in states.iter().enumerate() {
        let unit_0 = [(0, 0.0), (1, 0.5), (7, 0.75)].iter().rfind(|(since, _)| t >= *since).unwrap().1;
        let unit_1 = [(0, 0.0), (5, 0.5), (11, 0.75)].iter().rfind(|(since, _)| t >= *since).unwrap().1;
        assert_eq!(state, &[unit_0, unit_1], "step {t}");
    }
}

#[test]
fn a_one_way_ring_feels_the_sum_of_the_delays_along_it() {
    // Each unit hears w times the one before, without leak: z^(3 + sum of delays) = w^3.
    let w = -1.7_f64;
    let jacobian = Matrix::from_row_slice(3, 3, &[0.0, 0.0, w, w, 0.0, 0.0, 0.0, w, 0.0]);
    let linearised = Linearisation { jacobian, leak: 1.0 };
    // 0 to 1 takes three more steps, 1 to 2 two more; the delays against the ring belong to no synapse.
    let delays = Delays::PerPair(vec![vec![0, 9, 0], vec![3, 0, 9], vec![9, 2, 0]]);
    let radius = linearised.dominant(&delays).unwrap().radius();
    assert_close("radius", &[radius], &[(w * w * w).abs().sqrt().sqrt().sqrt()], 1e-12);
}

#[test]
fn a_layered_network_with_delays_runs_as_the_reference_does() {
    let case = Case::load("ep/ep_bptt_clip.json");
    let rows = load("delay/delay_discrete.json");
    for row in list(&rows).iter().filter(|row| row["name"] == "ep_4-5-3_clip") {
        let neuron = Neuron::cohen_grossberg(Activation::HardSigmoid, number(&row["a"]));
        let parameters = case.network.parameters.clone();
        let network = Layered::new(parameters.weights, parameters.biases, neuron).unwrap();
        for run in list(&row["sim"]) {
            let delays = Delays::Uniform(count(&run["d"]));
            let delayed = Delayed::from_network(&network, case.sample().input, delays).unwrap();
            let states = delayed.simulate(&beside(&vector(&row["fixed_point"])), 10);
            for (state, expected) in states[1..].iter().zip(list(&run["first10"])) {
                assert_close("state", state, &vector(expected), 1e-10);
            }
        }
    }
}
