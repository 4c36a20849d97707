//! Noise of the reads of a whole chip: every array and every step has its own.

use equipoise_base::Instruction;
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Network, Weights};
use equipoise_tests::delay_cases::{chip, follower};
use equipoise_tests::trail::watched;
use equipoise_tests::{connection, population};

const NEURONS: usize = 8;
const STEPS: usize = 500;
const NOISE: f64 = 0.02;

/// What noise adds to the states of two populations that follow the same input through equal synapses of their own, step
/// by step.
fn noises() -> [Vec<f64>; 2] {
    let listener = |name| population(name, NEURONS, Some(follower()));
    let synapses = |to| connection(0, to, Weights::Dense(vec![0.25; 2 * NEURONS]), 1);
    let network = Network {
        populations: vec![population("x", 2, None), listener("a"), listener("b")],
        connections: vec![synapses(1), synapses(2)],
        input: Some(0),
        ..Network::default()
    };
    let mut params = chip(network, CoreKind::Analog);
    params.hardware.adc.noise = NOISE;
    params.hardware.adc.range_forward = 2.0;
    let program = [
        Instruction::Present { input: [1.0, 0.5].into(), target: None },
        Instruction::Settle { steps: Some(STEPS as u32) },
    ];
    let trail = watched(&params, &program, &[1, 2]);
    [0, 1].map(|which| {
        trail.steps.iter().flat_map(|step| step.states[which].iter().map(|u| u - 0.375)).collect()
    })
}

fn mean_product<'a>(a: impl Iterator<Item = &'a f64>, b: impl Iterator<Item = &'a f64>) -> f64 {
    let products: Vec<f64> = a.zip(b).map(|(a, b)| a * b).collect();
    products.iter().sum::<f64>() / products.len() as f64
}

#[test]
fn arrays_and_steps_have_noises_of_their_own_of_the_stated_size() {
    let [a, b] = noises();
    let variance = (NOISE * 2.0) * (NOISE * 2.0);
    // Five standard errors, of a variance and of a covariance of independent numbers.
    let allowed = 5.0 * variance / ((NEURONS * STEPS) as f64).sqrt();
    for noise in [&a, &b] {
        let found = mean_product(noise.iter(), noise.iter());
        assert!((found - variance).abs() < allowed * 2.0_f64.sqrt(), "{found}, not {variance}");
        let later = |steps: usize| mean_product(noise.iter(), noise.iter().skip(steps * NEURONS));
        assert!(later(1).abs() < allowed && later(2).abs() < allowed, "{} {}", later(1), later(2));
    }
    let between = mean_product(a.iter(), b.iter());
    assert!(between.abs() < allowed, "two arrays: {between}");
}
