//! Random-sign nudging: one coin for each training sample, whatever becomes of the sample.

use equipoise_base::Instruction;
use equipoise_chip::catalog::{NeuronModel, Nudging};
use equipoise_chip::params::Settle;
use equipoise_chip::{Params, SettleRule, Unobserved, Unsettled, Weights, build};
use equipoise_tests::{bench_chip, layered, ran, sample};

const INPUT: [f32; 4] = [0.75, 0.25, 0.5, 1.0];

/// Two outputs that hear the inputs alone; free they rest in the middle of their range.
fn params(nudging: Nudging, seed: u64) -> Params {
    let mut params = bench_chip(layered(&[4, 2], &NeuronModel::default(), 0.1, 3));
    params.network.connections[0].weights = Weights::Dense(vec![0.1; 8]);
    params.network.populations[1].bias = vec![0.25; 2];
    params.network.populations[1].bias_rate = 0.1;
    params.learning.nudging = nudging;
    params.seed = seed;
    params
}

/// Tails is the negative sign.
fn tails(seed: u64, sample: u64) -> bool {
    Nudging::RandomSign.sign(1, seed, sample) < 0
}

#[test]
fn a_sample_is_one_of_positive_or_of_negative_nudging_and_learns_what_that_learns() {
    let learnt = |nudging, seed| {
        let chip = ran(&params(nudging, seed), &sample(&INPUT, 1, nudging));
        let estimates = [chip.weight_estimate(0).values(), chip.bias_estimate(1)].concat();
        // The second output is pulled up, whatever the sign of the nudge.
        assert!(estimates[8] < -0.2 && estimates[9] > 0.2, "{estimates:?}");
        ([chip.weights(0).values(), chip.biases(1)].concat(), estimates)
    };
    let mut seen = [0, 0];
    for seed in 0..20 {
        let alike = if tails(seed, 0) { Nudging::Negative } else { Nudging::OneSided };
        assert_eq!(learnt(Nudging::RandomSign, seed), learnt(alike, seed), "seed {seed}, {}", alike.word());
        // Where the next coin differs, a gain of the wrong sample would show.
        seen[usize::from(tails(seed, 0) != tails(seed, 1))] += 1;
    }
    assert!(seen[0] > 4 && seen[1] > 4, "{seen:?}");
}

/// Which of `samples` training samples are refused, where an evaluation stands before every one in `evaluations`.
fn refused(params: &Params, samples: usize, evaluations: bool) -> Vec<bool> {
    let mut chip = build(params).expect("it fits");
    let mut run = |program: &[Instruction]| {
        let before = chip.meter().refused;
        program.iter().for_each(|i| chip.execute(i, &mut Unobserved).expect("the program fits"));
        chip.meter().refused > before
    };
    let show = [
        Instruction::Train(false),
        Instruction::Present { input: INPUT.into(), target: None },
        Instruction::Settle { steps: None },
        Instruction::Train(true),
    ];
    let lesson = |_| {
        if evaluations {
            run(&show);
        }
        run(&sample(&INPUT, 1, params.learning.nudging))
    };
    (0..samples).map(lesson).collect()
}

/// With a = 1/2 and beta = 1 a positive nudge holds the outputs in one step (1 - 2 a is zero). A negative one takes their
/// leak away (1 - 0 a): they drift by 1/4 in each step to the end of their range, and are not at rest after five steps.
#[test]
fn a_refused_sign_is_not_drawn_again() {
    for seed in [1, 2, 3] {
        for evaluations in [false, true] {
            let mut params = params(Nudging::RandomSign, seed);
            params.learning.beta = 1.0;
            params.phases.settle =
                Settle { rule: SettleRule::Tolerance, tolerance: 0.05, limit: 5, ..Settle::default() };
            params.phases.unsettled = Unsettled::Refuse;
            // What is written would change what settles.
            (params.network.connections[0].rate, params.network.populations[1].bias_rate) = (0.0, 0.0);
            let expected: Vec<bool> = (0..200).map(|sample| tails(seed, sample)).collect();
            let found = refused(&params, 200, evaluations);
            assert_eq!(found, expected, "seed {seed}");
            let count = found.iter().filter(|refused| **refused).count();
            assert!((70..=130).contains(&count), "four standard errors of 200 coins: {count}");
        }
    }
}
