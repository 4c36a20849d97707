//! Step by step, the nudged phase of an ideal chip is backpropagation through time (Ernoult et al. 2019).

use equipoise_base::Instruction;
use equipoise_chip::catalog::Nudging;
use equipoise_chip::params::StateFormat;
use equipoise_oracle::EnergyNetwork;
use equipoise_tests::ep_case::{EpCase, flat, lsb, numbers};
use equipoise_tests::trail::{Step, watched};
use serde_json::Value;

const HIDDEN_AND_OUTPUT: [usize; 2] = [1, 2];

fn cases() -> [EpCase; 2] {
    ["smooth", "clip"].map(|kind| EpCase::load(&format!("ep_bptt_{kind}.json")))
}

fn count(value: &Value) -> u32 {
    value.as_u64().expect("a count") as u32
}

/// How far rounding may take any state of the wide chip from the reference.
fn state_tolerance(case: &EpCase) -> f64 {
    case.state_error_lsb(0.0) * lsb(StateFormat::Wide)
}

/// States of the nudged phase at t = 0 (the settled free state) to K.
fn nudged_states(case: &EpCase, beta: f64) -> Vec<Vec<f64>> {
    let (free, nudged) = (count(&case.file["T_free"]), count(&case.file["K"]));
    let program = [
        case.present(),
        Instruction::Settle { steps: Some(free) },
        Instruction::Nudge { index: 1, steps: Some(nudged) },
    ];
    let params = case.chip(StateFormat::Wide, Nudging::OneSided, beta);
    let trail = watched(&params, &program, &HIDDEN_AND_OUTPUT);
    assert_eq!(trail.steps.len(), (free + nudged) as usize);
    trail.steps[free as usize - 1..].iter().map(|step: &Step| step.states.concat()).collect()
}

fn largest_distance(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

/// Entry `t` of the lists of h and of y, as one state.
fn state_at(h: &Value, y: &Value, t: usize) -> Vec<f64> {
    [numbers(&h[t]), numbers(&y[t])].concat()
}

#[test]
fn the_first_steps_of_the_free_phase_are_the_references() {
    for case in cases() {
        let program = [case.present(), Instruction::Settle { steps: Some(5) }];
        let params = case.chip(StateFormat::Wide, Nudging::OneSided, 0.1);
        let trail = watched(&params, &program, &HIDDEN_AND_OUTPUT);
        for (t, step) in trail.steps.iter().enumerate() {
            let expected = state_at(&case.file["free_traj_first5_h"], &case.file["free_traj_first5_y"], t);
            let apart = largest_distance(&step.states.concat(), &expected);
            assert!(apart <= state_tolerance(&case), "step {}: {apart:e}", t + 1);
        }
    }
}

/// EP(beta, t): the change of the correlations in step t + 1 over beta, in the order W1, W2, b1, b2.
fn ep_curves(case: &EpCase, states: &[Vec<f64>], beta: f64) -> Vec<Vec<f64>> {
    let correlation =
        |state: &Vec<f64>| case.network.correlation(&case.input, &case.network.activity(state)).flat();
    let held: Vec<Vec<f64>> = states.iter().map(correlation).collect();
    let change = |pair: &[Vec<f64>]| pair[1].iter().zip(&pair[0]).map(|(b, a)| (b - a) / beta).collect();
    held.windows(2).map(change).collect()
}

#[test]
fn every_state_and_every_change_of_the_nudged_phase_is_the_references_to_the_word_length() {
    for case in cases() {
        let tolerance = state_tolerance(&case);
        for (beta, strength) in [("0.1", 0.1), ("0.01", 0.01), ("0.001", 0.001)] {
            let expected = &case.file["ep"][beta];
            let states = nudged_states(&case, strength);
            let mut worst: f64 = 0.0;
            for (t, state) in states.iter().enumerate() {
                worst = worst.max(largest_distance(state, &state_at(&expected["h"], &expected["y"], t)));
            }
            assert!(worst <= tolerance, "beta {beta}: {worst:e} > {tolerance:e}");
            for (t, curve) in ep_curves(&case, &states, strength).iter().enumerate() {
                let reference = flat(expected, |name| &name[t]);
                let allowed = 2.0 * case.correlation_error_lsb(0.0) * lsb(StateFormat::Wide) / strength;
                let apart = largest_distance(curve, &reference);
                assert!(apart <= allowed, "EP({beta}, {t}): {apart:e} > {allowed:e}");
            }
        }
    }
}

#[test]
fn the_changes_over_beta_approach_minus_the_gradients_of_bptt_as_beta_falls() {
    for case in cases() {
        let steps = count(&case.file["K"]) as usize;
        let bptt: Vec<f64> = (0..steps).flat_map(|t| flat(&case.file["bptt"], |name| &name[t])).collect();
        let size = bptt.iter().map(|g| g * g).sum::<f64>().sqrt();
        let error = |beta: f64| {
            let curves = ep_curves(&case, &nudged_states(&case, beta), beta).concat();
            curves.iter().zip(&bptt).map(|(ep, g)| (ep + g) * (ep + g)).sum::<f64>().sqrt() / size
        };
        let errors = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5].map(error);
        for pair in errors.windows(2) {
            assert!((8.5..10.5).contains(&(pair[0] / pair[1])), "tenfold per decade: {errors:?}");
        }
        assert!(errors[4] < 2e-5, "{errors:?}");
    }
}
