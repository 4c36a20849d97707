//! Leaky integrate-and-fire neurons against closed forms and hand-worked cases.

use equipoise_base::{Counts, Digest, Number};
use equipoise_neuron::{Fires, Integrator, LifParams, NeuronModel, Neurons, Reset};
use fixed::types::{I8F24, I16F48};

fn one<N: Number>(params: LifParams) -> Box<dyn Neurons<N>> {
    NeuronModel::Lif(params).build(&[N::ZERO])
}

/// One step with input `current`; did the neuron fire?
fn fires<N: Number>(neuron: &mut dyn Neurons<N>, current: f64) -> bool {
    neuron.update(&[N::nearest(current).raw()], &[N::ZERO], None, &mut Counts::default());
    neuron.activity()[0] != N::ZERO
}

/// The steps, counted from 1, at which a constant current makes the neuron fire.
fn train<N: Number>(params: LifParams, current: f64, steps: usize) -> Vec<usize> {
    let mut neuron = one::<N>(params);
    (1..=steps).filter(|_| fires(&mut *neuron, current)).collect()
}

/// n1 = ceil(ln(1 - theta/I) / ln lambda), ISI = n1 + n_ref, count = 1 + floor((T - n1) / ISI), theta = 1.
fn closed_form(lambda: f64, current: f64, refractory: usize, steps: usize) -> Vec<usize> {
    if current <= 1.0 {
        return Vec::new();
    }
    let first = (libm::log(1.0 - 1.0 / current) / libm::log(lambda)).ceil() as usize;
    (0..).map(|k| first + k * (first + refractory)).take_while(|&step| step <= steps).collect()
}

#[test]
fn every_spike_of_a_constant_current_is_where_the_closed_form_puts_it() {
    // I, tau, dt, refractory steps, T; then first spike, interval and count for exact and for euler.
    for (current, tau_ms, dt_ms, refractory_steps, steps, exact, euler) in [
        (2.0, 20.0, 1.0, 2, 500, (14, 16, 31), (14, 16, 31)),
        (1.5, 20.0, 1.0, 2, 500, (22, 24, 20), (22, 24, 20)),
        (1.1, 20.0, 1.0, 0, 500, (48, 48, 10), (47, 47, 10)),
        (1.01, 20.0, 1.0, 2, 500, (93, 95, 5), (90, 92, 5)),
        (5.0, 20.0, 0.1, 20, 5000, (45, 65, 77), (45, 65, 77)),
        (1.3, 10.0, 0.5, 3, 1000, (30, 33, 30), (29, 32, 31)),
        (0.99, 20.0, 1.0, 2, 500, (0, 0, 0), (0, 0, 0)),
    ] {
        let rows = [
            (Integrator::Exact, libm::exp(-dt_ms / tau_ms), exact),
            (Integrator::Euler, 1.0 - dt_ms / tau_ms, euler),
        ];
        for (integrator, lambda, (first, interval, count)) in rows {
            let params = LifParams { integrator, tau_ms, dt_ms, refractory_steps, ..Default::default() };
            let spikes = train::<I8F24>(params.clone(), current, steps);
            assert_eq!(spikes, closed_form(lambda, current, refractory_steps as usize, steps), "{params:?}");
            assert_eq!(spikes, train::<I16F48>(params.clone(), current, steps), "{params:?}");
            assert_eq!(spikes.len(), count, "{params:?}");
            if count > 1 {
                assert_eq!((spikes[0], spikes[1] - spikes[0]), (first, interval), "{params:?}");
            }
        }
    }
}

#[test]
fn the_first_spike_of_euler_tends_to_the_continuous_latency() {
    // tau = 20, theta = 1, I = 1.5: t1 = 20 ln 3 = 21.9722.
    for (dt_ms, latency) in [(1.0, 22.0), (0.1, 22.0), (0.01, 21.97)] {
        let params = LifParams { integrator: Integrator::Euler, dt_ms, ..Default::default() };
        let first = train::<I16F48>(params, 1.5, 3000)[0] as f64 * dt_ms;
        assert!((first - latency).abs() < 1e-9, "dt {dt_ms}: {first}");
        assert!((first - 20.0 * libm::log(3.0)).abs() < 1.1 * dt_ms);
    }
}

#[test]
fn an_exact_membrane_decays_as_the_exponential() {
    let mut neuron = one::<I16F48>(LifParams { tau_ms: 7.0, ..Default::default() });
    neuron.set_state(&[I16F48::nearest(0.9)]);
    for step in 1..=50 {
        fires(&mut *neuron, 0.0);
        let expected = 0.9 * libm::exp(-f64::from(step) / 7.0);
        assert!((neuron.state()[0].value() - expected).abs() < 1e-13, "step {step}");
    }
}

fn integrator() -> LifParams {
    LifParams { integrator: Integrator::Shift, leak_shift: 0, ..Default::default() }
}

#[test]
fn the_integrator_fires_when_the_second_weight_arrives() {
    // Weights .6 and .6, threshold 1, no leak, delays 2 and 5 from spikes at step 0: fires at step 5 only.
    let mut neuron = one::<I8F24>(integrator());
    let fired: Vec<usize> = (1..=12)
        .filter(|&step| fires(&mut *neuron, if step == 2 || step == 5 { 0.6 } else { 0.0 }))
        .collect();
    assert_eq!(fired, [5]);
    assert_eq!(neuron.state()[0], I8F24::ZERO);
}

#[test]
fn at_the_threshold_ge_fires_and_gt_does_not() {
    for (rule, at_threshold) in [(Fires::AtLeast, true), (Fires::Above, false)] {
        let mut neuron = one::<I8F24>(LifParams { fires: rule, ..integrator() });
        assert_eq!(fires(&mut *neuron, 1.0), at_threshold);
        let mut neuron = one::<I8F24>(LifParams { fires: rule, ..integrator() });
        assert!(fires(&mut *neuron, 1.0 + I8F24::DELTA.value()), "one LSB above");
        let mut neuron = one::<I8F24>(LifParams { fires: rule, ..integrator() });
        assert!(!fires(&mut *neuron, 1.0 - I8F24::DELTA.value()), "one LSB below");
    }
}

#[test]
fn subtracting_keeps_the_excess_and_a_value_replaces_it() {
    let mut neuron = one::<I8F24>(LifParams { reset: Reset::Subtract, ..integrator() });
    assert!(fires(&mut *neuron, 1.75));
    assert_eq!(neuron.state()[0], 0.75);
    let mut neuron = one::<I8F24>(LifParams { reset_value: -0.25, ..integrator() });
    assert!(fires(&mut *neuron, 1.75));
    assert_eq!(neuron.state()[0], -0.25);
}

#[test]
fn a_refractory_membrane_is_held_and_ignores_its_input() {
    let params = LifParams { refractory_steps: 2, reset_value: 0.25, ..integrator() };
    let mut neuron = one::<I8F24>(params);
    let history: Vec<(bool, f64)> =
        (0..5).map(|_| (fires(&mut *neuron, 5.0), neuron.state()[0].value())).collect();
    assert_eq!(history, [(true, 0.25), (false, 0.25), (false, 0.25), (true, 0.25), (false, 0.25)]);
    assert_eq!(neuron.bits_per_neuron(), 32 + 2);
}

#[test]
fn the_shift_leak_is_fifteen_sixteenths_toward_zero_on_the_grid() {
    // In units of 1/64, as v * 15 / 16 with the truncating division of integers.
    let params =
        LifParams { integrator: Integrator::Shift, state_bits: 6, threshold: 100.0, ..Default::default() };
    for start in [-8000, -130, -128, -17, -16, -15, -1, 0, 1, 15, 16, 17, 1000, 6000] {
        let mut neuron = one::<I8F24>(params.clone());
        neuron.set_state(&[I8F24::nearest(f64::from(start) / 64.0)]);
        let mut expected = start;
        for _ in 0..40 {
            fires(&mut *neuron, 3.0 / 64.0);
            expected = expected * 15 / 16 + 3;
            assert_eq!(neuron.state()[0].value() * 64.0, f64::from(expected), "from {start}");
        }
    }
}

#[test]
fn a_force_is_an_input_current() {
    let mut pushed = one::<I8F24>(LifParams::default());
    let mut driven = one::<I8F24>(LifParams::default());
    let (quarter, half) = (I8F24::nearest(0.25), I8F24::nearest(0.5));
    pushed.update(&[quarter.raw()], &[I8F24::ZERO], Some(&[quarter]), &mut Counts::default());
    driven.update(&[half.raw()], &[I8F24::ZERO], None, &mut Counts::default());
    assert_eq!(pushed.state(), driven.state());
    assert_ne!(pushed.state(), [I8F24::ZERO]);
}

#[test]
fn membranes_that_look_alike_but_wait_differently_have_other_digests() {
    let after = |steps: usize| {
        let mut neuron = one::<I8F24>(LifParams { refractory_steps: 5, ..integrator() });
        assert!(fires(&mut *neuron, 5.0));
        assert!((0..steps).all(|_| !fires(&mut *neuron, 0.0)));
        let mut digest = Digest::default();
        neuron.digest(&mut digest);
        (neuron.state().to_vec(), digest.value())
    };
    let (early, late) = (after(1), after(2));
    assert_eq!(early.0, late.0, "both are held at the reset value");
    assert_ne!(early.1, late.1, "but one of them may fire sooner");
}
