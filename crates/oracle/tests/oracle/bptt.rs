//! Every number of `ep/ep_bptt_{smooth,clip}.json`: the free phase, BPTT, and EP step by step.

use crate::files::{Case, assert_close, count, list, number, parameters, parameters_at, state, vector};
use equipoise_oracle::{EnergyNetwork, Fidelity, Parameters, bptt, cost, ep, relax};

const TOLERANCE: f64 = 1e-10;

fn cases() -> [Case; 2] {
    ["smooth", "clip"].map(|kind| Case::load(&format!("ep/ep_bptt_{kind}.json")))
}

/// The settled free state, reached by our own relaxation.
fn free_state(case: &Case) -> Vec<f64> {
    let steps = count(&case.file["T_free"]);
    relax(&case.network, case.sample(), 0.0, &case.network.zero_state(), steps).swap_remove(steps)
}

#[test]
fn the_free_phase_follows_the_reference() {
    for case in cases() {
        let (file, network) = (&case.file, &case.network);
        let states = relax(network, case.sample(), 0.0, &network.zero_state(), 5);
        for t in 0..5 {
            let expected = state(&file["free_traj_first5_h"][t], &file["free_traj_first5_y"][t]);
            assert_close("a state of the first five", &states[t + 1], &expected, TOLERANCE);
        }
        let free = free_state(&case);
        assert_close("free state", &free, &state(&file["free_h"], &file["free_y"]), TOLERANCE);
        let loss = cost(network, case.sample().target, &free);
        assert_close("loss", &[loss], &[number(&file["free_loss"])], TOLERANCE);
        let again = relax(network, case.sample(), 0.0, &free, 1);
        assert_close("free state, one step later", &again[1], &free, 1e-15);
        assert!(number(&file["free_residual"]) < 1e-15);
    }
}

#[test]
fn bptt_gives_every_gradient_of_the_reference() {
    for case in cases() {
        let file = &case.file;
        let steps = count(&file["K"]);
        let found = bptt::through_time(&case.network, case.sample(), &free_state(&case), steps);
        assert_close("loss", &[found.loss], &[number(&file["free_loss"])], TOLERANCE);
        assert_eq!((found.parameters.len(), found.state.len()), (steps, steps + 1));
        for t in 0..steps {
            let expected = parameters_at(&file["bptt"], t).flat();
            assert_close("gradient of one copy", &found.parameters[t].flat(), &expected, TOLERANCE);
            let expected = state(&file["bptt_state"]["h"][t], &file["bptt_state"]["y"][t]);
            assert_close("gradient of one state", &found.state[t], &expected, TOLERANCE);
        }
        assert_close("total", &found.total.flat(), &parameters(&file["bptt_total"]).flat(), TOLERANCE);
    }
}

#[test]
fn ep_at_finite_beta_gives_every_curve_of_the_reference() {
    for case in cases() {
        let (file, free) = (&case.file, free_state(&case));
        let steps = count(&file["K"]);
        let reference = bptt::through_time(&case.network, case.sample(), &free, steps).parameters;
        for (beta, expected) in file["ep"].as_object().expect("one entry for each beta") {
            let strength: f64 = beta.parse().expect("beta");
            let found = ep::per_step(&case.network, case.sample(), strength, &free, steps);
            for t in 0..=steps {
                let expected = state(&expected["h"][t], &expected["y"][t]);
                assert_close("nudged state", &found.states[t], &expected, TOLERANCE);
            }
            for t in 0..steps {
                let expected = parameters_at(expected, t).flat();
                assert_close(&format!("EP({beta}, t)"), &found.parameters[t].flat(), &expected, TOLERANCE);
            }
            // The error of each curve as a whole, one parameter array at a time.
            for (array, name) in ["W1", "W2", "b1", "b2"].iter().enumerate() {
                let curve = |steps: &[Parameters], sign: f64| -> Vec<f64> {
                    steps.iter().flat_map(|p| array_of(p, array)).map(|v| sign * v).collect()
                };
                let fidelity =
                    Fidelity::of(&curve(&found.parameters, 1.0), &curve(&reference, -1.0)).unwrap();
                let expected = number(&expected["rel_err"][name]);
                assert_close("relative error", &[fidelity.relative_error], &[expected], 1e-9);
            }
        }
    }
}

/// W1, W2, b1 or b2, for 0 to 3.
fn array_of(p: &Parameters, array: usize) -> Vec<f64> {
    match array {
        0 | 1 => p.weights[array].iter().copied().collect(),
        _ => p.biases[array - 2].clone(),
    }
}

#[test]
fn the_limit_of_ep_for_small_beta_is_minus_bptt_step_by_step() {
    for case in cases() {
        let (file, free) = (&case.file, free_state(&case));
        let steps = count(&file["K"]);
        let limit = ep::per_step_limit(&case.network, case.sample(), &free, steps);
        let reference = bptt::through_time(&case.network, case.sample(), &free, steps).parameters;
        for t in 0..steps {
            let expected = parameters_at(&file["ep_limit"], t).flat();
            assert_close("limit against the reference", &limit[t].flat(), &expected, TOLERANCE);
            let minus_bptt = reference[t].map(|v| -v).flat();
            assert_close("limit against BPTT", &limit[t].flat(), &minus_bptt, 1e-15);
        }
        for difference in
            file["max_abs_diff_ep_limit_vs_minus_bptt"].as_object().expect("one a name").values()
        {
            assert!(number(difference) < 1e-15);
        }
    }
}

#[test]
fn the_error_signal_reaches_each_layer_one_step_after_the_one_above() {
    for case in cases() {
        let (file, network) = (&case.file, &case.network);
        let bptt = bptt::through_time(network, case.sample(), &free_state(&case), 2);
        assert!(vector(&file["x"]).len() == network.input_count() && list(&file["d"]).len() == 3);
        assert!(
            bptt.parameters[0].biases[0].iter().all(|g| *g == 0.0),
            "layer 1 cannot know in the last step"
        );
        assert!(bptt.parameters[1].biases[0].iter().any(|g| *g != 0.0), "it does one step earlier");
    }
}
