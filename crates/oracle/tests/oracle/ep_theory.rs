//! What theory says about every network, whatever its neurons: nothing here needs a reference file.

use crate::files::assert_close;
use crate::networks::{Task, layered, recurrent};
use equipoise_oracle::{
    Activation, EnergyNetwork, Fidelity, Matrix, Neuron, Nudge, Nudging, Recurrent, Sample, Settling, Steps,
    bptt, cost, ep, finite_difference, fixed_point, implicit, relax, total_energy,
};

/// Runs a check on every network.
macro_rules! on_every_network {
    ($check:ident) => {
        layered().iter().for_each($check);
        recurrent().iter().for_each($check);
    };
}

fn relative_error(estimate: &[f64], reference: &[f64]) -> f64 {
    Fidelity::of(estimate, reference).expect("a gradient that is not zero").relative_error
}

#[test]
fn implicit_differentiation_agrees_with_finite_differences() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        let free = task.free_state();
        let implicit = implicit::gradient(&task.network, task.sample(), &free).unwrap().flat();
        let settling = Settling::default();
        let fd = finite_difference::loss_gradient(&task.network, task.sample(), &free, &settling).unwrap();
        assert!(relative_error(&implicit, &fd.flat()) < 1e-9, "{}", task.name());
    }
    on_every_network!(check);
}

#[test]
fn at_finite_beta_ep_is_exactly_the_gradient_of_the_surrogate() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        let (free, settling) = (task.free_state(), Settling::default());
        for nudging in [Nudging::OneSided, Nudging::Negative, Nudging::Centered] {
            let nudge = Nudge { nudging, beta: 0.25 };
            let (network, sample) = (&task.network, task.sample());
            let estimate = ep::at_fixed_points(network, sample, &free, nudge, &settling).unwrap();
            let fd = finite_difference::surrogate_gradient(network, sample, &free, nudge, &settling).unwrap();
            let error = relative_error(&estimate.gradient.flat(), &fd.flat());
            assert!(error < 1e-8, "{} {nudging:?}: {error:e}", task.name());
        }
    }
    on_every_network!(check);
}

#[test]
fn the_bias_of_ep_falls_with_beta_one_sided_and_with_its_square_centered() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        let free = task.free_state();
        let truth = implicit::gradient(&task.network, task.sample(), &free).unwrap().flat();
        for (nudging, order) in [(Nudging::OneSided, 1.0), (Nudging::Negative, 1.0), (Nudging::Centered, 2.0)]
        {
            let error = |beta| {
                let nudge = Nudge { nudging, beta };
                let settling = Settling::default();
                let estimate = ep::at_fixed_points(&task.network, task.sample(), &free, nudge, &settling);
                relative_error(&estimate.unwrap().gradient.flat(), &truth)
            };
            let slope = (error(0.01) / error(0.001)).log10();
            assert!((slope - order).abs() < 0.05, "{} {nudging:?}: slope {slope}", task.name());
        }
    }
    on_every_network!(check);
}

#[test]
fn the_surrogates_of_either_side_bracket_the_loss() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        let free = task.free_state();
        let loss = cost(&task.network, task.sample().target, &free);
        let surrogate = |nudging| {
            let (nudge, settling) = (Nudge { nudging, beta: 0.25 }, Settling::default());
            finite_difference::surrogate(&task.network, task.sample(), &free, nudge, &settling).unwrap()
        };
        let (below, above) = (surrogate(Nudging::OneSided), surrogate(Nudging::Negative));
        assert!(below < loss && loss < above, "{}: {below} {loss} {above}", task.name());
    }
    on_every_network!(check);
}

#[test]
fn each_step_of_ep_for_small_beta_is_minus_the_same_step_of_bptt() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        let (free, steps) = (task.free_state(), 40);
        let limit = ep::per_step_limit(&task.network, task.sample(), &free, steps);
        let bptt = bptt::through_time(&task.network, task.sample(), &free, steps);
        for (ep_step, bptt_step) in limit.iter().zip(&bptt.parameters) {
            assert_close(&task.name(), &ep_step.flat(), &bptt_step.map(|v| -v).flat(), 1e-13);
        }
        // The limit is carried forward by derivatives; the nudged phase itself must approach it.
        let nudged = ep::per_step(&task.network, task.sample(), 1e-6, &free, steps);
        for (ep_step, limit_step) in nudged.parameters.iter().zip(&limit) {
            assert_close(&task.name(), &ep_step.flat(), &limit_step.flat(), 1e-5);
        }
    }
    on_every_network!(check);
}

#[test]
fn bptt_from_an_unsettled_start_agrees_with_finite_differences() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        let start: Vec<f64> = (0..task.network.unit_count()).map(|i| 0.25 + 0.07 * i as f64).collect();
        let steps = 7;
        let bptt = bptt::through_time(&task.network, task.sample(), &start, steps);
        let loss = |network: &N| {
            let states = relax(network, task.sample(), 0.0, &start, steps);
            Ok::<f64, ()>(cost(network, task.sample().target, &states[steps]))
        };
        assert_eq!(loss(&task.network), Ok(bptt.loss));
        let fd = finite_difference::gradient(&task.network, finite_difference::SPACING, loss).unwrap();
        assert!(relative_error(&bptt.total.flat(), &fd.flat()) < 1e-9, "{}", task.name());
    }
    on_every_network!(check);
}

#[test]
fn bptt_over_many_steps_approaches_the_gradient_at_the_fixed_point() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        let free = task.free_state();
        let truth = implicit::gradient(&task.network, task.sample(), &free).unwrap().flat();
        let error = |steps| {
            let bptt = bptt::through_time(&task.network, task.sample(), &free, steps);
            relative_error(&bptt.total.flat(), &truth)
        };
        assert!(error(400) < 1e-6 && error(10) > 1e-4, "{}: {:e}", task.name(), error(400));
    }
    on_every_network!(check);
}

#[test]
fn the_derivative_of_the_forces_is_that_of_one_nudged_step() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        let (n, a, h, beta) = (task.network.unit_count(), task.network.neuron().step_size, 1e-5, 0.5);
        // Between the limits, where no unit is held and no activation has its kink.
        let state: Vec<f64> = (0..n).map(|i| 0.45 + 0.01 * i as f64).collect();
        let jacobian = implicit::force_jacobian(&task.network, task.sample(), beta, &state);
        for from in 0..n {
            let step = |h: f64| {
                let mut moved = state.clone();
                moved[from] += h;
                relax(&task.network, task.sample(), beta, &moved, 1).swap_remove(1)
            };
            let (above, below) = (step(h), step(-h));
            for to in 0..n {
                let numeric = (above[to] - below[to]) / (2.0 * h);
                let exact = f64::from(to == from) + a * jacobian[(to, from)];
                assert!((numeric - exact).abs() < 1e-8, "{} {to} {from}", task.name());
            }
        }
    }
    on_every_network!(check);
}

#[test]
fn relaxation_never_raises_the_total_energy() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        for beta in [0.0, 0.5] {
            let states = relax(&task.network, task.sample(), beta, &task.network.zero_state(), 200);
            let energy = |state: &Vec<f64>| total_energy(&task.network, task.sample(), beta, state);
            let energies: Vec<f64> = states.iter().map(energy).collect();
            assert!(energies.windows(2).all(|pair| pair[1] <= pair[0] + 1e-14), "{}", task.name());
            assert!(energies[200] < energies[0] - 1e-3, "{}", task.name());
        }
    }
    on_every_network!(check);
}

#[test]
fn phases_of_fixed_length_end_where_settled_phases_do() {
    fn check<N: EnergyNetwork>(task: &Task<N>) {
        let nudge = Nudge { nudging: Nudging::Centered, beta: 0.1 };
        let (start, steps) = (task.network.zero_state(), Steps { free: 1500, nudged: 1500 });
        let counted = ep::after_steps(&task.network, task.sample(), &start, nudge, steps);
        let settling = Settling::default();
        let settled = ep::at_fixed_points(&task.network, task.sample(), &start, nudge, &settling).unwrap();
        for (c, s) in [&counted.free, &counted.lower, &counted.upper].into_iter().zip([
            &settled.free,
            &settled.lower,
            &settled.upper,
        ]) {
            assert_close(&task.name(), c, s, 1e-12);
        }
        assert_close(&task.name(), &counted.gradient.flat(), &settled.gradient.flat(), 1e-10);
    }
    on_every_network!(check);
}

#[test]
fn one_step_of_learning_along_ep_lowers_the_loss() {
    for task in &mut layered() {
        let free = task.free_state();
        let before = cost(&task.network, task.sample().target, &free);
        let nudge = Nudge { nudging: Nudging::Centered, beta: 0.01 };
        let settling = Settling::default();
        let estimate = ep::at_fixed_points(&task.network, task.sample(), &free, nudge, &settling).unwrap();
        task.network.parameters.add_scaled(-0.05, &estimate.gradient);
        let after = cost(&task.network, task.sample().target, &task.free_state());
        assert!(after < before, "{}: {before} to {after}", task.name());
    }
}

#[test]
fn a_layered_network_is_a_recurrent_one_with_blocks_of_zeros() {
    for task in &layered() {
        let network = &task.network;
        let bias = network.parameters.biases.concat();
        let constant = network.constant_drive(task.sample().input);
        let current: Vec<f64> = constant.iter().zip(&bias).map(|(c, b)| c - b).collect();
        let flat = Recurrent::new(network.couplings(), bias, network.outputs(), *network.neuron()).unwrap();
        let same = Sample { input: &current, target: task.sample().target };
        let nudge = Nudge { nudging: Nudging::OneSided, beta: 0.5 };
        let steps = Steps { free: 20, nudged: 7 };
        let start = network.zero_state();
        let one = ep::after_steps(network, task.sample(), &start, nudge, steps);
        let other = ep::after_steps(&flat, same, &start, nudge, steps);
        assert_close("state", &one.upper, &other.upper, 1e-14);
        assert_close("biases", &one.gradient.biases.concat(), &other.gradient.biases[0], 1e-13);
        // The synapse from unit 1 of layer 1 to unit 2 of layer 2, which are units 1 and 4 + 2 of the flat network.
        let (synapse, twice) = (one.gradient.weights[1][(1, 2)], &other.gradient.weights[0]);
        assert_close("synapse", &[synapse, synapse], &[twice[(1, 6)], twice[(6, 1)]], 1e-13);
    }
}

#[test]
fn a_network_that_oscillates_is_reported_and_not_called_settled() {
    // Two units that excite each other and update at once swap their states for ever.
    let weights = Matrix::from_row_slice(2, 2, &[0.0, 1.5, 1.5, 0.0]);
    let neuron = Neuron::cohen_grossberg(Activation::Tanh, 1.0);
    let network = Recurrent::new(weights, vec![0.0, 0.0], 1..2, neuron).unwrap();
    let sample = Sample { input: &[0.0, 0.0], target: &[0.0] };
    let settling = Settling { tolerance: 1e-6, limit: 500 };
    let error = fixed_point(&network, sample, 0.0, &[0.1, 0.0], &settling).unwrap_err();
    assert_eq!(error.steps, 500);
    assert!(error.last_change > 1.0, "{error}");
}
