//! The three neurons of `oracles/seed/g_limit_cycle.json` on a chip with wide words: the latches hold the gradient
//! up to a delay of 12 steps (11 extra ones), and from 14 steps on, where the network oscillates, they do not.
//!
//! Only neuron 0 is nudged, so it is a population of its own: `y` with its coupling to itself, `h` with theirs
//! (both triangles stored), and one array between the two that is read both ways.

use equipoise_base::Instruction;
use equipoise_base::instruction::{LatchSlot, Target};
use equipoise_chip::catalog::{Activation, CostOn, Flow, Latch, NeuronModel, Nudging, RateParams};
use equipoise_chip::params::StateFormat;
use equipoise_chip::{Connection, Machine, Network, Params, Population, Weights, build};
use equipoise_oracle::limit_cycle::{self, StaticTarget, Task};
use equipoise_oracle::{Fidelity, finite_difference};
use equipoise_tests::ep_case::lsb;
use equipoise_tests::trail::{Trail, follow};
use equipoise_tests::{bench_chip, connection, population};

/// The task with the target that a program can give: a 32-bit float.
fn task(extra_delay: usize) -> StaticTarget {
    StaticTarget { target: f64::from(0.1_f32), ..StaticTarget::with_delay(extra_delay) }
}

fn chip(task: &StaticTarget) -> Params {
    let case = &task.case;
    let (w, bias) = (case.parameters.weights(), case.parameters.bias());
    let neuron = NeuronModel::Rate(RateParams {
        flow: Flow::CohenGrossberg,
        cost_on: CostOn::State,
        activation: Activation::Tanh,
        a: case.leak,
        ..RateParams::default()
    });
    let neurons = |name, range: std::ops::Range<usize>| Population {
        bias: bias[range.clone()].to_vec(),
        start: case.start[range.clone()].to_vec(),
        bias_rate: 0.1,
        ..population(name, range.len(), Some(neuron.clone()))
    };
    let steps = case.delay as u32 + 1;
    let join = |from, to, weights: &[(usize, usize)]| Connection {
        rate: 0.1,
        symmetric: from != to,
        return_delay: vec![steps],
        ..connection(from, to, Weights::Dense(weights.iter().map(|&at| w[at]).collect()), steps)
    };
    let network = Network {
        populations: vec![neurons("y", 0..1), neurons("h", 1..3)],
        connections: vec![
            join(0, 0, &[(0, 0)]),
            join(0, 1, &[(0, 1), (0, 2)]),
            join(1, 1, &[(1, 1), (1, 2), (2, 1), (2, 2)]),
        ],
        output: Some(0),
        ..Network::default()
    };
    let mut params = bench_chip(network);
    params.hardware.state = StateFormat::Wide;
    params.learning.nudging = Nudging::Centered;
    params.learning.beta = task.beta;
    params.learning.latch = Latch { bits: 0, ..Latch::default() };
    params
}

/// What the latches hold, as a gradient in the order of the case: the upper triangle, then the biases.
fn latched_gradient(chip: &dyn Machine) -> Vec<f64> {
    let [y, between, h] = [0, 1, 2].map(|connection| chip.weight_estimate(connection).values());
    // A latch holds r_i r_j; of a neuron's coupling with itself the energy has only half.
    let mut gradient = vec![0.5 * y[0], between[0], between[1], 0.5 * h[0], h[1], 0.5 * h[3]];
    gradient.extend([chip.bias_estimate(0), chip.bias_estimate(1)].concat());
    gradient.iter_mut().for_each(|g| *g = -*g);
    gradient
}

/// A free phase and both nudged ones: the gradient in the latches, and the states seen on the way.
fn sample(task: &StaticTarget) -> (Vec<f64>, Trail) {
    let steps = Some(task.steps as u32);
    let mut program = vec![
        Instruction::Present { input: [].into(), target: Some(Target::Values([task.target as f32].into())) },
        Instruction::Settle { steps },
    ];
    for index in 1..=2 {
        program.extend([Instruction::Nudge { index, steps }, Instruction::Latch(LatchSlot::Nudged)]);
    }
    let mut chip = build(&chip(task)).expect("the chip can be built");
    let trail = follow(chip.as_mut(), &program, &[0, 1]);
    (latched_gradient(chip.as_ref()), trail)
}

fn relative_error(estimate: &[f64], truth: &[f64]) -> f64 {
    Fidelity::of(estimate, truth).expect("a gradient").relative_error
}

/// The delays of the file, in extra steps.
const DELAYS: [usize; 13] = [0, 2, 4, 6, 8, 10, 11, 12, 13, 14, 16, 20, 30];

/// Where a state may be after rounding, in LSB. A step rounds the two reads, the bias, the product with a and the
/// state, and its weights and activities are rounded numbers too: 1.25 LSB with rows of weights below 2.3 in sum.
/// A settling network forgets that; on a cycle, errors of phase stay, and 3,000 steps can add up.
fn allowed_lsb(extra_delay: usize) -> f64 {
    if extra_delay < 13 { 64.0 } else { 1.25 * 3_000.0 }
}

#[test]
fn the_free_run_is_the_oracles_to_the_word_length_settled_or_not() {
    for delay in DELAYS {
        let task = task(delay);
        let (_, trail) = sample(&task);
        let states = task.case.run(&task.case.parameters, task.steps);
        for (step, expected) in trail.steps.iter().zip(&states[1..]) {
            for (found, expected) in step.states.concat().iter().zip(expected) {
                let apart = (found - expected).abs() / lsb(StateFormat::Wide);
                assert!(apart <= allowed_lsb(delay), "D = {delay}: {apart} LSB");
            }
        }
    }
}

#[test]
fn the_latches_hold_the_gradient_up_to_eleven_extra_steps_and_not_from_thirteen_on() {
    for delay in DELAYS {
        let task = task(delay);
        let parameters = &task.case.parameters;
        let loss = |values: &[f64]| task.matched_loss(&task.case.run(&parameters.with(values), task.steps));
        let truth = finite_difference::of_vector(&parameters.values, 1e-4, loss);
        let (found, _) = sample(&task);
        let error = relative_error(&found, &truth);
        match delay {
            0..=11 => {
                assert!(error <= 1e-6, "D = {delay}: {error:e}");
                let latch = limit_cycle::Latch::Step(task.latch_step());
                let exact = &task.estimates(parameters, &[latch])[0];
                // Two latched correlations, each off by as much as its states may be.
                let words = 2.0 * allowed_lsb(delay) * lsb(StateFormat::Wide) / (2.0 * task.beta);
                let apart = relative_error(&found, &exact.values) * exact.norm();
                assert!(apart <= words, "D = {delay}: {apart:e} > {words:e}");
            }
            12 => {} // Still settling, by 0.25 % per step, when the latches look.
            _ => assert!(error > 1.0, "D = {delay}: {error:e}"),
        }
    }
}

/// A synapse's latch sees what its core holds: the neuron's activity now, and the axon's as it arrives, delayed. At
/// an equilibrium that is all the same; on a cycle it is one more way in which a latch depends on the phase.
#[test]
fn a_latch_multiplies_the_present_activity_with_the_delayed_one() {
    for delay in DELAYS {
        let task = task(delay);
        let (found, trail) = sample(&task);
        let last = trail.steps.len();
        let correlation = |end: usize| {
            let (now, before) = (&trail.steps[end - 1], &trail.steps[end - 1 - delay]);
            let (to, from) = (now.activities.concat(), before.activities.concat());
            let pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
            pairs.map(|(i, j)| if i == j { 0.5 * from[i] * to[j] } else { from[i] * to[j] })
        };
        let (plus, minus) = (correlation(last - task.steps), correlation(last));
        for (index, found) in found[..6].iter().enumerate() {
            let expected = (minus[index] - plus[index]) / (2.0 * task.beta);
            // Each of the two latches rounds its product to half an LSB.
            let rounding = 1.01 * lsb(StateFormat::Wide) / (2.0 * task.beta);
            assert!((found - expected).abs() <= rounding, "D = {delay}: {found} and {expected}");
        }
    }
}
