//! Rate neurons against the equations in `f64` and against worked cases.

use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Counts, Number};
use equipoise_neuron::{Activation, CostOn, Flow, NeuronModel, Neurons, RateParams};
use fixed::types::{I8F24, I16F48};

const NEURONS: usize = 40;

fn built<N: Number>(params: &RateParams, neurons: usize) -> Box<dyn Neurons<N>> {
    NeuronModel::Rate(params.clone()).build(&vec![N::ZERO; neurons])
}

/// rho and rho' in f64, from their definitions.
fn response(activation: Activation, u: f64) -> (f64, f64) {
    match activation {
        Activation::HardSigmoid => (u.clamp(0.0, 1.0), 1.0),
        Activation::Logistic => {
            let rho = 1.0 / (1.0 + libm::exp(-(4.0 * u - 2.0)));
            (rho, 4.0 * rho * (1.0 - rho))
        }
        Activation::Tanh => (libm::tanh(u), 1.0 - libm::tanh(u) * libm::tanh(u)),
    }
}

/// One step of the equation in f64.
fn step(params: &RateParams, u: f64, drive: f64, bias: f64, force: f64) -> f64 {
    let scellier = params.flow == Flow::Scellier;
    let slope = if scellier { response(params.activation, u).1 } else { 1.0 };
    let next = u + params.a * (-u + slope * (drive + bias) + force);
    if scellier && params.activation == Activation::HardSigmoid {
        next.clamp(0.0, 1.0)
    } else {
        next.clamp(-params.register_range, params.register_range)
    }
}

/// The largest difference to one step in `f64` from the same state, in LSB of `N`: over 100 steps with random
/// drives, biases and nudges.
fn largest_error_lsb<N: Number>(params: &RateParams) -> f64 {
    let mut neurons = built::<N>(params, NEURONS);
    let mut largest: f64 = 0.0;
    for time in 0..100 {
        let noise = Noise::at(5, Stream::of(StreamKind::Test, 1), time);
        let fixed = |lane: usize, scale: f64| N::nearest(scale * (noise.uniform(lane as u32) - 0.4));
        let drive: Vec<N> = (0..NEURONS).map(|i| fixed(i, 4.0)).collect();
        let bias: Vec<N> = (0..NEURONS).map(|i| fixed(NEURONS + i, 0.5)).collect();
        let force: Vec<N> = (0..NEURONS).map(|i| fixed(2 * NEURONS + i, 1.0)).collect();
        let raw: Vec<i64> = drive.iter().map(|d| d.raw()).collect();
        let before = neurons.state().to_vec();
        neurons.update(&raw, &bias, Some(&force), &mut Counts::default());
        for (i, u) in before.iter().enumerate() {
            let truth = step(params, u.value(), drive[i].value(), bias[i].value(), force[i].value());
            let rho = response(params.activation, truth).0;
            let state_error = (neurons.state()[i].value() - truth).abs();
            let activity_error = (neurons.activity()[i].value() - rho).abs();
            largest = largest.max(state_error).max(activity_error);
        }
    }
    largest / N::DELTA.value()
}

#[test]
fn one_step_is_within_a_few_lsb_of_f64_in_both_formats() {
    for &(activation, _, _) in Activation::ALL {
        for &(flow, _, _) in Flow::ALL {
            for a in [0.5, 0.2] {
                let params = RateParams { activation, flow, a, ..Default::default() };
                // In LSB: the slope's rounding times a drive below 3 (1.5) and the product's (0.5), times a;
                // the state's (0.5), the activity's (0.5); and a's own rounding, half an LSB times |t - u| < 5.
                let bound = 0.5 * (1.5 + 0.5) + 0.5 + 0.5 + 2.5;
                for error in [largest_error_lsb::<I8F24>(&params), largest_error_lsb::<I16F48>(&params)] {
                    assert!(error < bound, "{params:?}: {error} LSB");
                    assert!(error > 0.4, "no arithmetic of this width is this good: {error} LSB, {params:?}");
                }
            }
        }
    }
}

#[test]
fn half_of_the_way_per_step_is_the_default() {
    let mut neurons = built::<I8F24>(&RateParams::default(), 1);
    let (drive, bias) = ([I8F24::nearest(0.75).raw()], [I8F24::nearest(0.25)]);
    for expected in [0.5, 0.75, 0.875] {
        let change = neurons.update(&drive, &bias, None, &mut Counts::default());
        assert_eq!(neurons.state()[0], expected);
        assert_eq!(change, 1.0 - expected);
    }
}

#[test]
fn cohen_grossberg_keeps_u_in_the_register_and_scellier_between_zero_and_one() {
    let drives = [I8F24::nearest(100.0).raw(), I8F24::nearest(-100.0).raw()];
    for (flow, range, low, high) in [
        (Flow::CohenGrossberg, 8.0, -8.0, 8.0),
        (Flow::CohenGrossberg, 2.5, -2.5, 2.5),
        (Flow::Scellier, 8.0, 0.0, 1.0),
    ] {
        let mut neurons =
            built::<I8F24>(&RateParams { flow, register_range: range, ..Default::default() }, 2);
        neurons.update(&drives, &[I8F24::ZERO; 2], None, &mut Counts::default());
        assert_eq!(neurons.state(), [high, low]);
        assert_eq!(neurons.activity(), [1, 0]);
    }
}

#[test]
fn the_loss_sees_what_cost_on_names_at_full_width() {
    let state = [I8F24::nearest(1.7), I8F24::nearest(0.3)];
    for (cost_on, expected) in [(CostOn::Activity, [1.0, 0.3]), (CostOn::State, [1.7, 0.3])] {
        let mut neurons = built(&RateParams { cost_on, activity_bits: 2, ..Default::default() }, 2);
        neurons.set_state(&state);
        assert_eq!(neurons.observed(), expected.map(I8F24::nearest));
        assert_eq!(neurons.activity(), [1.0, 1.0 / 3.0].map(I8F24::nearest), "two bits: thirds");
    }
}

#[test]
fn a_wire_of_b_bits_rounds_to_nearest_and_ends_at_one() {
    let sevenths = |codes: [i32; 6]| codes.map(|code| I8F24::nearest(f64::from(code) / 7.0));
    let mut neurons = built::<I8F24>(&RateParams { activity_bits: 3, ..Default::default() }, 6);
    neurons.set_state(&[-0.1, 0.07, 0.072, 0.55, 0.92, 1.0].map(I8F24::nearest));
    assert_eq!(neurons.activity(), sevenths([0, 0, 1, 4, 6, 7]));
    let tanh = RateParams { activity_bits: 3, activation: Activation::Tanh, ..Default::default() };
    let mut neurons = built::<I8F24>(&tanh, 2);
    neurons.set_state(&[-7.0, 7.0].map(I8F24::nearest));
    assert_eq!(neurons.activity(), [-1.0, 1.0].map(I8F24::nearest));
    let mut full = built::<I8F24>(&RateParams::default(), 1);
    full.set_state(&[I8F24::nearest(3.0)]);
    assert_eq!(full.activity(), [1], "the full width has a code for one");
}

#[test]
fn a_narrow_register_stores_rounded_states_and_stalls_below_half_a_code() {
    let mut neurons = built::<I8F24>(&RateParams { state_bits: 4, a: 0.25, ..Default::default() }, 1);
    let mut states = Vec::new();
    for _ in 0..8 {
        neurons.update(&[I8F24::nearest(0.5).raw()], &[I8F24::ZERO], None, &mut Counts::default());
        states.push(neurons.state()[0].value() * 16.0);
    }
    // In units of 1/16 with target 8: u + (8 - u)/4 rounded to nearest, ties up; 6.5 -> 7 is the last tie.
    assert_eq!(states, [2.0, 4.0, 5.0, 6.0, 7.0, 7.0, 7.0, 7.0]);
    assert_eq!(neurons.bits_per_neuron(), 9, "-8 to 8 in sixteenths");
}

/// The cost of one neuron in state `u` with the target `d`.
fn cost(params: &RateParams, u: f64, d: f64) -> f64 {
    let mut neurons = built::<I16F48>(params, 1);
    neurons.set_state(&[I16F48::nearest(u)]);
    let mut sum = 0.0;
    neurons.add_cost(&[I16F48::nearest(d)], &mut sum);
    sum
}

/// The nudge pulls with d - o; what that descends is the integral of o - d over u (Scellier) or over rho(u).
#[test]
fn the_reported_cost_is_the_one_that_the_nudge_descends() {
    let (d, h) = (0.3, 1e-4);
    for &(flow, ..) in Flow::ALL {
        for &(cost_on, ..) in CostOn::ALL {
            for &(activation, ..) in Activation::ALL {
                let params = RateParams { flow, cost_on, activation, ..Default::default() };
                for u in [0.2, 0.45, 0.8] {
                    let (rho, slope) = response(activation, u);
                    let pull = if cost_on == CostOn::State { u - d } else { rho - d };
                    let wanted = if flow == Flow::Scellier { pull } else { slope * pull };
                    let found = (cost(&params, u + h, d) - cost(&params, u - h, d)) / (2.0 * h);
                    assert!((found - wanted).abs() < 1e-7, "{params:?} at {u}: {found}, not {wanted}");
                }
            }
        }
    }
}

#[test]
fn the_cost_on_the_state_of_tanh_units_is_the_published_one() {
    let params = RateParams { cost_on: CostOn::State, activation: Activation::Tanh, ..Default::default() };
    for (u, d) in [(0.8, 0.3), (-1.7, 0.5), (6.0, -1.0)] {
        let wanted = u * libm::tanh(u) - libm::log(libm::cosh(u)) - d * libm::tanh(u);
        assert!((cost(&params, u, d) - wanted).abs() < 1e-12, "{u}");
    }
    // A hard sigmoid stands still outside [0, 1], and so does its cost: rho^2 / 2 - d rho.
    let hard = RateParams { cost_on: CostOn::State, ..Default::default() };
    for (u, rho) in [(-0.5, 0.0), (0.25, 0.25), (1.0, 1.0), (3.0, 1.0)] {
        assert!((cost(&hard, u, 0.75) - (0.5 * rho * rho - 0.75 * rho)).abs() < 1e-12, "{u}");
    }
    let half = RateParams::default();
    assert!((cost(&half, 0.25, 0.75) - 0.125).abs() < 1e-12);
}
