//! The three neurons of `seed/g_limit_cycle.json`: what a delay does to them, and who can learn there.

use crate::files::{list, load, matrix, number, vector};
use equipoise_oracle::limit_cycle::{
    Amplitude, Case, Latch, LearningRule, Method, StaticTarget, Task, Trajectory, learn,
};
use equipoise_oracle::{
    Activation, Delayed, Delays, Fidelity, Matrix, Symmetric, bptt_delayed, finite_difference,
};
use serde_json::Value;

const FILE: &str = "seed/g_limit_cycle.json";

/// Rows of the file's delay sweep: D, peak to peak, period or null, error of BPTT, cosine of EP latched at the end
/// and over the window, relative error of the latter.
fn sweep(file: &Value) -> &[Value] {
    list(&file["delay_sweep"]["rows"])
}

fn delay_of(row: &Value) -> usize {
    number(&row[0]) as usize
}

fn agreement(estimate: &Symmetric, truth: &[f64]) -> Fidelity {
    Fidelity::of(&estimate.values, truth).expect("a gradient")
}

/// Differences of the loss along each parameter. A spacing of 1e-4 keeps both of their errors, of fourth order and
/// of rounding, near 1e-10 although a run on the cycle bends as much as it does.
fn differences(parameters: &Symmetric, loss: impl Fn(&Symmetric) -> f64) -> Vec<f64> {
    finite_difference::of_vector(&parameters.values, 1e-4, |values| loss(&parameters.with(values)))
}

#[test]
fn the_case_is_that_of_the_file() {
    let file = load(FILE);
    let (case, given) = (Case::with_delay(0), &file["params"]);
    assert_eq!(case.parameters, Symmetric::new(&matrix(&given["W"]), &vector(&given["b"])));
    assert_eq!((case.start, case.leak), (vector(&given["u_init"]), number(&given["alpha"])));
}

#[test]
fn the_spectrum_says_that_it_oscillates_from_thirteen_steps_on() {
    let file = load(FILE);
    let case = Case::with_delay(0);
    let network = case.network(&case.parameters);
    let point = network.fixed_point(&case.start).expect("it settles without delay");
    for (found, expected) in point.iter().zip(vector(&file["eq"]["u"])) {
        assert!((found - expected).abs() < 1e-12);
    }
    let near = network.linearise(&point);
    for row in list(&file["eq"]["zmax_by_D"]) {
        let mode = near.dominant(&Delays::Uniform(delay_of(row))).expect("eigenvalues");
        assert!((mode.radius() - number(&row[1])).abs() < 1e-9, "{row}");
    }
    let first = near.first_unstable(&Delays::Uniform(1), 20).expect("eigenvalues");
    assert_eq!(first.map(|(delay, _)| delay), Some(13));
    assert_eq!(file["eq"]["first_unstable_D"], 13);
}

/// Greatest minus least value of neuron 0 at the end of a run, and the mean distance of its upward crossings of the
/// mean.
fn oscillation(states: &[Vec<f64>]) -> (f64, Option<f64>) {
    let last: Vec<f64> = states.iter().map(|state| state[0]).collect();
    let mean = last.iter().sum::<f64>() / last.len() as f64;
    let extreme = |pick: fn(f64, f64) -> f64| last.iter().copied().reduce(pick).expect("a state");
    let upward = |k: &usize| last[*k] < mean && last[k + 1] >= mean;
    let crossings: Vec<usize> = (0..last.len() - 1).filter(upward).collect();
    let amplitude = extreme(f64::max) - extreme(f64::min);
    let period = (amplitude > 1e-3 && crossings.len() > 1)
        .then(|| (crossings[crossings.len() - 1] - crossings[0]) as f64 / (crossings.len() - 1) as f64);
    (amplitude, period)
}

#[test]
fn amplitudes_and_periods_are_those_of_the_file() {
    let file = load(FILE);
    for row in sweep(&file) {
        let task = StaticTarget::with_delay(delay_of(row));
        let states = task.case.run(&task.case.parameters, task.steps);
        let (amplitude, period) = oscillation(&states[states.len() - task.window..]);
        assert!((amplitude - number(&row[1])).abs() < 1e-9, "{row}: {amplitude}");
        match (period, row[2].as_f64()) {
            (Some(found), Some(expected)) => assert!((found - expected).abs() < 1e-9, "{row}: {found}"),
            (found, expected) => assert_eq!(found, expected, "{row}"),
        }
    }
}

#[test]
fn bptt_equals_finite_differences_on_either_side_of_the_critical_delay() {
    for row in sweep(&load(FILE)) {
        let task = StaticTarget::with_delay(delay_of(row));
        let parameters = &task.case.parameters;
        let numeric = differences(parameters, |moved| task.loss_at(moved));
        let apart = agreement(&task.gradient(parameters), &numeric).relative_error;
        assert!(apart < 1e-9, "D = {}: {apart:e}", row[0]);
    }
}

#[test]
fn ep_is_the_gradient_up_to_eleven_steps_and_is_off_by_more_than_its_length_from_thirteen_on() {
    let file = load(FILE);
    for row in sweep(&file) {
        let task = StaticTarget::with_delay(delay_of(row));
        let parameters = &task.case.parameters;
        let truth = differences(parameters, |moved| task.matched_loss(&task.case.run(moved, task.steps)));
        let found = task.estimates(parameters, &[Latch::Step(task.latch_step()), Latch::Window]);
        let [end, window] = [&found[0], &found[1]].map(|estimate| agreement(estimate, &truth));
        match delay_of(row) {
            0..=11 => assert!(end.relative_error <= 1e-6 && window.relative_error <= 1e-6, "{row}"),
            12 => {} // What is left of the start decays by 0.25 % per step: slow, but neither of the two.
            _ => assert!(end.relative_error > 1.0 && window.relative_error > 1.0, "{row}"),
        }
        assert!((end.cosine - number(&row[4])).abs() < 1e-6, "{row}: {}", end.cosine);
        assert!((window.cosine - number(&row[5])).abs() < 1e-6, "{row}: {}", window.cosine);
        // Below the onset the error is beta^2 and the rounding of their differences; ours are the finer ones.
        let error = (window.relative_error - number(&row[6])).abs();
        assert!(error < 1e-8 + 1e-5 * number(&row[6]), "{row}: {}", window.relative_error);
    }
}

#[test]
fn the_gradient_of_the_amplitude_is_that_of_the_file() {
    let (file, task) = (load(FILE), Amplitude::doubled());
    let parameters = &task.case.parameters;
    let states = task.case.run(parameters, task.steps);
    assert!((task.power(&states) - number(&file["amp"]["P_init"])).abs() < 1e-12);
    assert!((task.target - number(&file["amp"]["P_star"])).abs() < 1e-12);
    let found = task.gradient(parameters);
    assert!(agreement(&found, &vector(&file["amp"]["grad_bptt"])).relative_error < 1e-9);
    let numeric = differences(parameters, |moved| task.loss_at(moved));
    assert!(agreement(&found, &numeric).relative_error < 1e-8);
}

#[test]
fn on_the_cycle_the_estimate_depends_on_when_it_is_latched() {
    let (file, task) = (load(FILE), Amplitude::doubled());
    let parameters = &task.case.parameters;
    let truth = task.gradient(parameters);
    let latches: Vec<Latch> = (300..400).map(Latch::Step).collect();
    let estimates = task.estimates(parameters, &latches);
    let cosines: Vec<f64> = estimates.iter().map(|e| agreement(e, &truth.values).cosine).collect();
    let expected = vector(&file["latch_phase"]["cos"]);
    assert_eq!(cosines.len(), expected.len());
    for (found, expected) in cosines.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-6, "{found} and {expected}");
    }
    let extreme = |pick: fn(f64, f64) -> f64| cosines.iter().copied().reduce(pick).expect("a cosine");
    assert!(extreme(f64::max) - extreme(f64::min) > 1.0);
}

/// Every tenth loss is the file's, to six digits: rounding grows along 300 updates on a cycle.
fn follows(losses: &[f64], expected: &Value) {
    for (found, expected) in losses.iter().step_by(10).zip(vector(expected)) {
        assert!((found - expected).abs() < 1e-6 * expected, "{found} and {expected}");
    }
}

#[test]
fn bptt_learns_the_trajectory_and_ep_does_not_however_it_is_latched() {
    let (file, task) = (load(FILE), Trajectory::of_teacher());
    let expected = &file["trajectory"];
    assert!(agreement(&task.teacher, &vector(&expected["teacher"])).relative_error < 1e-14);
    let numeric = differences(&task.case.parameters, |moved| task.loss_at(moved));
    assert!(agreement(&task.gradient(&task.case.parameters), &numeric).relative_error < 1e-9);
    let methods = [
        (Method::Bptt, "bptt"),
        (Method::EpAtFixedStep, "ep_end"),
        (Method::EpAtRandomPhase(5), "ep_jitter"),
        (Method::EpAveraged, "ep_avg"),
    ];
    for (method, name) in methods {
        let curve = learn(&task, method, &LearningRule::default());
        let known = &expected["curves"][name];
        follows(&curve.losses, &known["loss"]);
        assert!((curve.last() - number(&known["final"])).abs() < 1e-5 * number(&known["final"]), "{name}");
        assert!((curve.mean_cosine() - number(&known["mean_cos"])).abs() < 1e-5, "{name}");
        if method == Method::Bptt {
            assert!(curve.last() < 1e-3 * curve.first());
        } else {
            assert!(curve.last() > curve.first(), "{name}");
        }
    }
}

/// One number does not tell the methods apart: by luck of its phase, EP with a fixed latch doubles the amplitude.
#[test]
fn an_amplitude_is_learned_by_bptt_and_by_luck_and_killed_by_the_other_latches() {
    let (file, task) = (load(FILE), Amplitude::doubled());
    let curves = &file["learning"]["curves"];
    let methods = [
        (Method::Bptt, &curves["bptt"], true),
        (Method::EpAtFixedStep, &curves["ep_end"], true),
        (Method::EpAtRandomPhase(9), &file["amp_ep_jitter"], false),
        (Method::EpAveraged, &curves["ep_avg"], false),
    ];
    for (method, known, learns) in methods {
        let curve = learn(&task, method, &LearningRule::default());
        assert_eq!(curve.last() < 1e-3 * curve.first(), learns, "{method:?}: {}", curve.last());
        let expected = number(&known["final"]);
        assert!((curve.last() - expected).abs() < 1e-3 * expected, "{method:?}: {}", curve.last());
    }
}

/// Couplings and delays that differ by direction: three units, every delay another.
#[test]
fn bptt_through_a_directed_network_with_a_delay_for_every_synapse_equals_finite_differences() {
    let delays = Delays::PerPair(vec![vec![0, 3, 1], vec![7, 2, 0], vec![4, 5, 11]]);
    let network = |values: &[f64]| {
        let weights = Matrix::from_row_slice(3, 3, &values[..9]);
        Delayed::new(weights, values[9..].to_vec(), delays.clone(), 0.3, Activation::Tanh).expect("it fits")
    };
    let values = [0.4, -1.3, 0.7, 1.9, -0.2, -0.8, 0.1, 1.1, -0.6, 0.3, -0.2, 0.5];
    let start = [0.3, -0.4, 0.1];
    // A loss of all times, weighted differently.
    let weight = |t: usize| (t % 5) as f64 - 1.5;
    let loss = |states: &[Vec<f64>]| -> f64 {
        states.iter().enumerate().map(|(t, s)| weight(t) * s[0] * s[1] + 0.5 * s[2] * s[2]).sum()
    };
    let slope = |states: &[Vec<f64>]| -> Vec<Vec<f64>> {
        let at = |(t, s): (usize, &Vec<f64>)| vec![weight(t) * s[1], weight(t) * s[0], s[2]];
        states.iter().enumerate().map(at).collect()
    };
    let states = network(&values).simulate(&start, 60);
    let found = bptt_delayed::gradient(&network(&values), &states, slope(&states)).flat();
    let numeric =
        finite_difference::of_vector(&values, 1e-4, |moved| loss(&network(moved).simulate(&start, 60)));
    for (index, (found, numeric)) in found.iter().zip(&numeric).enumerate() {
        assert!((found - numeric).abs() < 1e-9, "parameter {index}: {found} and {numeric}");
    }
}

#[test]
fn a_run_goes_on_from_what_is_in_flight() {
    let case = Case::with_delay(20);
    let network = case.network(&case.parameters);
    let whole = network.simulate(&case.start, 100);
    let mut parts = network.simulate(&case.start, 37);
    let mut tail = parts.split_off(37 - 20);
    network.extend(&mut tail, 63, |_, _, _| {});
    parts.extend(tail);
    assert_eq!(parts, whole);
}

/// Slightly past the onset the period is that of the mode that grows, within the few per cent of a small excess.
#[test]
fn the_cycle_begins_with_the_period_of_the_growing_mode() {
    let file = load(FILE);
    let case = Case::with_delay(13);
    let network = case.network(&case.parameters);
    let near = network.linearise(&vector(&file["eq"]["u"]));
    let mode = near.dominant(&Delays::Uniform(13)).expect("eigenvalues");
    let period = mode.period_steps().expect("it oscillates");
    let row = sweep(&file).iter().find(|row| delay_of(row) == 13).expect("the row");
    assert!((period / number(&row[2]) - 1.0).abs() < 0.01, "{period}");
}
