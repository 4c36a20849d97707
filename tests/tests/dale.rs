//! Excitatory and inhibitory neurons that share one array: what returns from inhibitory columns is subtracted.

use equipoise_chip::params::CoreKind;
use equipoise_chip::{Connection, Network, Population, Sign, Weights};
use equipoise_tests::delay_cases::{alone, chip, follower};
use equipoise_tests::trail::watched;
use equipoise_tests::{connection, population};

/// Two neurons with biases of 3/4 and 1/2 that drive two others, through the same synapses both ways.
fn pair(signs: [Sign; 2], kind: CoreKind) -> Vec<[Vec<f64>; 2]> {
    let two = |name, sign| Population { sign, ..population(name, 2, Some(follower())) };
    let weights = [0.5, 0.25, 0.125, 0.75].map(|w| if signs[0] == Sign::Inhibitory { -w } else { w });
    let around = Connection { symmetric: true, ..connection(0, 1, Weights::Dense(weights.to_vec()), 1) };
    let network = Network {
        populations: vec![Population { bias: vec![0.75, 0.5], ..two("a", signs[0]) }, two("b", signs[1])],
        connections: vec![around],
        ..Network::default()
    };
    let trail = watched(&chip(network, kind), &alone(3), &[0, 1]);
    trail.steps.into_iter().map(|step| [step.states[0].clone(), step.states[1].clone()]).collect()
}

#[test]
fn what_excites_forward_inhibits_back_where_the_driven_neurons_are_inhibitory() {
    for kind in [CoreKind::Analog, CoreKind::Sram] {
        let states = pair([Sign::Excitatory, Sign::Inhibitory], kind);
        assert_eq!(states[0], [[0.75, 0.5], [0.0, 0.0]]);
        // 3/4 x 1/2 + 1/2 x 1/8 and 3/4 x 1/4 + 1/2 x 3/4.
        assert_eq!(states[1], [[0.75, 0.5], [0.4375, 0.5625]]);
        // 3/4 - (1/2 x 0.4375 + 1/4 x 0.5625) and 1/2 - (1/8 x 0.4375 + 3/4 x 0.5625).
        assert_eq!(states[2], [[0.390_625, 0.023_437_5], [0.4375, 0.5625]], "{}", kind.word());
    }
}

#[test]
fn each_direction_has_the_sign_of_its_driver() {
    for kind in [CoreKind::Analog, CoreKind::Sram] {
        let both = pair([Sign::Excitatory, Sign::Excitatory], kind);
        assert_eq!(both[2][0], [1.109_375, 0.976_562_5], "what returns is added");
        // Inhibitory neurons drive down, and an activity is never below zero.
        let down = pair([Sign::Inhibitory, Sign::Excitatory], kind);
        assert_eq!(down[1], [[0.75, 0.5], [-0.4375, -0.5625]], "{}", kind.word());
        assert_eq!(down[2][0], [0.75, 0.5]);
    }
}
