//! What the latches hold: products of the activities in the last steps of each phase, settled or not.

use equipoise_base::Instruction;
use equipoise_chip::catalog::{Latch, LatchKind, NeuronModel, Nudging};
use equipoise_chip::{Params, build};
use equipoise_tests::trail::{Step, follow};
use equipoise_tests::{bench_chip, layered, sample};

const FREE: usize = 5;
const NUDGED: usize = 4;
const BETA: f64 = 0.5;
const LSB: f64 = 1.0 / (1 << 24) as f64;

/// A chip whose phases end long before it has settled.
fn hurried(nudging: Nudging, latch: Latch) -> Params {
    let mut params = bench_chip(layered(&[4, 3, 2], &NeuronModel::default(), 0.1, 3));
    for population in &mut params.network.populations[1..] {
        (population.bias, population.bias_rate) = (vec![0.3; population.size], 0.1);
    }
    (params.phases.free_steps, params.phases.nudged_steps) = (FREE as u32, NUDGED as u32);
    (params.learning.nudging, params.learning.beta, params.learning.latch) = (nudging, BETA, latch);
    params
}

/// The mean over the last `window` steps of a phase of `of` what a step holds.
fn mean(phase: &[Step], window: usize, of: impl Fn(&Step) -> f64) -> f64 {
    phase[phase.len() - window..].iter().map(of).sum::<f64>() / window as f64
}

/// What a latch of `kind` should hold for the synapse from neuron i of one layer to neuron j of the next.
fn correlation(kind: LatchKind, phase: &[Step], window: usize, (layer, i, j): (usize, usize, usize)) -> f64 {
    let pre = |step: &Step| step.activities[layer][i];
    let post = |step: &Step| step.activities[layer + 1][j];
    match kind {
        LatchKind::State => mean(phase, window, pre) * mean(phase, window, post),
        _ => mean(phase, window, |step| pre(step) * post(step)),
    }
}

/// The phases whose latches are compared, and the distance of their betas.
fn compared(nudging: Nudging, steps: &[Step]) -> (&[Step], &[Step], f64) {
    let (free, rest) = steps.split_at(FREE);
    let (first, second) = rest.split_at(NUDGED);
    match nudging {
        Nudging::Centered => (first, second, 2.0 * BETA),
        Nudging::Negative => (first, free, -BETA),
        _ => (first, free, BETA),
    }
}

#[test]
fn a_latched_estimate_is_the_difference_of_products_at_the_ends_of_two_phases() {
    for nudging in [Nudging::OneSided, Nudging::Negative, Nudging::Centered] {
        for (kind, _, word) in LatchKind::ALL {
            for window in [1, 3] {
                let latch = Latch { kind: *kind, bits: 0, window: window as u32 };
                let mut chip = build(&hurried(nudging, latch)).expect("it fits");
                let mut program = sample(&[0.9, 0.4, 0.1, 0.6], 1, nudging);
                program.retain(|instruction| !matches!(instruction, Instruction::Update));
                let trail = follow(chip.as_mut(), &program, &[0, 1, 2]);
                let (first, second, distance) = compared(nudging, &trail.steps);
                let estimates = [0, 1].map(|connection| chip.weight_estimate(connection).values());
                let mut largest: f64 = 0.0;
                for (layer, rows, columns) in [(0, 4, 3), (1, 3, 2)] {
                    for (i, j) in (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))) {
                        let of = |phase| correlation(*kind, phase, window, (layer, i, j));
                        let expected = (of(first) - of(second)) / distance;
                        let found = estimates[layer][i * columns + j];
                        // Each latch rounds to half an LSB; `state` rounds two means and their product.
                        let allowed = 3.0 * LSB / distance.abs();
                        assert!(
                            (found - expected).abs() <= allowed,
                            "{word}, window {window}: {found} of {expected}"
                        );
                        largest = largest.max(expected.abs());
                    }
                }
                assert!(largest > 1e-3, "something was learnt");
                for layer in [1, 2] {
                    for (i, found) in chip.bias_estimate(layer).into_iter().enumerate() {
                        let of = |phase| mean(phase, window, |step| step.activities[layer][i]);
                        let expected = (of(first) - of(second)) / distance;
                        assert!(
                            (found - expected).abs() <= LSB / distance.abs(),
                            "{word}: bias {i} of {layer}"
                        );
                    }
                }
            }
        }
    }
}
