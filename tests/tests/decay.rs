//! Learning rates that fall: weights and biases move by rate x decay x what the latches hold.

use equipoise_base::Instruction;
use equipoise_chip::catalog::{NeuronModel, Nudging};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Machine, Unobserved, build};
use equipoise_tests::delay_cases::chip;
use equipoise_tests::{layered, sample};

const RATE: f64 = 0.05;
const BIAS_RATE: f64 = 0.125;

/// All weights, and all biases.
fn learnt(chip: &dyn Machine) -> [Vec<f64>; 2] {
    [[chip.weights(0).values(), chip.weights(1).values()].concat(), [chip.biases(1), chip.biases(2)].concat()]
}

#[test]
fn weights_and_biases_move_by_the_rate_times_its_decay() {
    // A table is written digitally, in codes of one LSB of the state.
    let mut params = chip(layered(&[4, 3, 2], &NeuronModel::default(), RATE, 3), CoreKind::Sram);
    for population in &mut params.network.populations[1..] {
        (population.bias, population.bias_rate) = (vec![0.25; population.size], BIAS_RATE);
    }
    params.learning.latch.bits = 0;
    (params.learning.decay_to, params.learning.decay_updates) = (0.2, 4);
    let mut chip = build(&params).expect("it fits");
    // Linear from 1 to a fifth over four updates, and a fifth from there on.
    for scale in [1.0, 0.8, 0.6, 0.4, 0.2, 0.2] {
        for instruction in sample(&[0.75, 0.25, 0.5, 1.0], 1, Nudging::OneSided) {
            let is_update = matches!(instruction, Instruction::Update);
            let before = learnt(chip.as_ref());
            let estimates = [
                [chip.weight_estimate(0).values(), chip.weight_estimate(1).values()].concat(),
                [chip.bias_estimate(1), chip.bias_estimate(2)].concat(),
            ];
            chip.execute(&instruction, &mut Unobserved).expect("it fits");
            if !is_update {
                continue;
            }
            let after = learnt(chip.as_ref());
            for (kind, rate) in [RATE, BIAS_RATE].into_iter().enumerate() {
                let largest = estimates[kind].iter().fold(0.0, |most: f64, e| most.max(e.abs()));
                assert!(largest > 1e-2, "something is learnt at {scale}");
                let moved = after[kind].iter().zip(&before[kind]).map(|(after, before)| after - before);
                for (moved, estimate) in moved.zip(&estimates[kind]) {
                    let expected = rate * scale * estimate;
                    assert!((moved - expected).abs() < 2e-7, "{moved}, not {expected}, at {scale}");
                }
            }
        }
    }
}
