//! When a phase ends, and what an update does after a phase that did not settle.

use equipoise_base::record::PhaseClasses;
use equipoise_base::{Instruction, Phase};
use equipoise_chip::catalog::{Activation, CostOn, Flow, NeuronModel, Nudging, RateParams};
use equipoise_chip::params::{CoreKind, Settle, StateFormat};
use equipoise_chip::{
    Connection, Machine, Network, Params, Population, SettleRule, Unsettled, Weights, build,
};
use equipoise_oracle as oracle;
use equipoise_oracle::EnergyNetwork;
use equipoise_tests::delay_cases::{alone, chip};
use equipoise_tests::trail::watched;
use equipoise_tests::{bench_chip, connection, layered, population, ran, sample};

const INPUT: [f32; 4] = [0.75, 0.25, 0.5, 1.0];

fn by_tolerance(tolerance: f64, limit: u32) -> Params {
    let neuron = NeuronModel::Rate(RateParams {
        flow: Flow::CohenGrossberg,
        cost_on: CostOn::Activity,
        ..RateParams::default()
    });
    let mut params = bench_chip(layered(&[4, 3, 2], &neuron, 0.1, 3));
    params.network.populations[1..].iter_mut().for_each(|p| p.bias = vec![0.25; p.size]);
    params.phases.settle = Settle { rule: SettleRule::Tolerance, tolerance, limit, ..Settle::default() };
    params
}

/// The first step, counted from 1, after which no unit of the exact network moved by `tolerance` or more.
fn steps_of_the_oracle(params: &Params, tolerance: f64) -> usize {
    let matrix = |connection: usize, rows, columns| match &params.network.connections[connection].weights {
        equipoise_chip::Weights::Dense(dense) => oracle::Matrix::from_row_slice(rows, columns, dense),
        equipoise_chip::Weights::Edges(_) => unreachable!("a layered network is dense"),
    };
    let biases = params.network.populations[1..].iter().map(|p| p.bias.clone()).collect();
    let neuron = oracle::Neuron::cohen_grossberg(oracle::Activation::HardSigmoid, 0.5);
    let network =
        oracle::Layered::new(vec![matrix(0, 4, 3), matrix(1, 3, 2)], biases, neuron).expect("shapes fit");
    let input = INPUT.map(f64::from);
    let sample = oracle::Sample { input: &input, target: &[0.0, 0.0] };
    let states = oracle::relax(&network, sample, 0.0, &network.zero_state(), 200);
    let change =
        |k: usize| states[k].iter().zip(&states[k - 1]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    (1..=200).find(|&k| change(k) < tolerance).expect("it settles")
}

#[test]
fn a_phase_by_tolerance_ends_in_the_step_in_which_the_exact_network_stands_still() {
    for tolerance in [1e-1, 1e-2, 1e-3, 1e-4] {
        let mut params = by_tolerance(tolerance, 500);
        params.hardware.state = StateFormat::Wide;
        let program =
            [Instruction::Present { input: INPUT.into(), target: None }, Instruction::Settle { steps: None }];
        let trail = watched(&params, &program, &[]);
        let expected = steps_of_the_oracle(&params, tolerance);
        assert_eq!(trail.steps.len(), expected, "tolerance {tolerance}");
        let settling = ran(&params, &program).record().settling;
        assert_eq!((settling.phases, settling.unsettled), (1, 0));
        assert_eq!(settling.steps.into_iter().collect::<Vec<_>>(), [(expected as u32, 1)]);
    }
}

#[test]
fn a_given_number_of_steps_is_taken_whatever_the_rule() {
    let params = by_tolerance(1e-1, 500);
    let program =
        [Instruction::Present { input: INPUT.into(), target: None }, Instruction::Settle { steps: Some(37) }];
    assert_eq!(watched(&params, &program, &[]).steps.len(), 37);
}

/// What an update left of a chip: weights and biases.
fn learnt(chip: &dyn Machine) -> Vec<f64> {
    [chip.weights(0).values(), chip.weights(1).values(), chip.biases(1), chip.biases(2)].concat()
}

fn after_a_sample(params: &Params) -> Box<dyn Machine> {
    ran(params, &sample(&INPUT, 1, params.learning.nudging))
}

#[test]
fn an_update_after_an_unsettled_phase_is_refused_and_counted() {
    let limit = 3;
    for nudging in [Nudging::OneSided, Nudging::Centered] {
        let mut params = by_tolerance(1e-4, limit);
        params.learning.nudging = nudging;
        params.network.populations[1..].iter_mut().for_each(|p| p.bias_rate = 0.1);
        let before = learnt(build(&params).expect("it fits").as_ref());
        let chip = after_a_sample(&params);
        let record = chip.record();
        let phases = 1 + u64::from(nudging.phases());
        assert_eq!(learnt(chip.as_ref()), before, "nothing is written");
        assert_eq!((record.settling.phases, record.settling.unsettled), (phases, phases));
        assert_eq!((record.settling.refused, record.updates), (1, 0));
        assert_eq!(record.steps, phases * u64::from(limit), "every phase went to its limit");

        params.phases.unsettled = Unsettled::Write;
        let written = after_a_sample(&params);
        assert_ne!(learnt(written.as_ref()), before);
        assert_eq!((written.record().settling.refused, written.record().updates), (0, 1));
    }
}

#[test]
fn a_settled_sample_is_written_and_fixed_steps_are_written_settled_or_not() {
    let settled = after_a_sample(&by_tolerance(1e-3, 500)).record();
    assert_eq!((settled.settling.unsettled, settled.settling.refused, settled.updates), (0, 0, 1));

    let mut params = by_tolerance(1e-4, 500);
    params.phases.settle.rule = SettleRule::Steps;
    (params.phases.free_steps, params.phases.nudged_steps) = (2, 2);
    let fixed = after_a_sample(&params).record();
    assert_eq!((fixed.settling.unsettled, fixed.settling.refused, fixed.updates), (2, 0, 1));

    params.phases.unsettled = Unsettled::Refuse;
    let refused = after_a_sample(&params).record();
    assert_eq!((refused.settling.refused, refused.updates), (1, 0));
}

#[test]
fn a_refusal_is_forgotten_with_the_next_sample() {
    let params = by_tolerance(1e-3, 500);
    let mut program = vec![
        Instruction::Present { input: INPUT.into(), target: None },
        Instruction::Settle { steps: Some(1) },
    ];
    program.extend(sample(&INPUT, 1, Nudging::OneSided));
    let record = ran(&params, &program).record();
    assert_eq!((record.settling.unsettled, record.settling.refused, record.updates), (1, 0, 1));
}

/// With delays a network can stand still while what will move it is still on its way.
#[test]
fn a_phase_does_not_end_while_values_are_on_their_way() {
    let mut params = by_tolerance(1e-3, 500);
    for connection in &mut params.network.connections {
        (connection.delay, connection.return_delay) = (vec![40], vec![40]);
    }
    let by_steps = [
        Instruction::Present { input: INPUT.into(), target: None },
        Instruction::Settle { steps: Some(4_000) },
    ];
    let settled = watched(&params, &by_steps, &[1, 2]).steps.pop().expect("steps").states.concat();
    let by_rule =
        [Instruction::Present { input: INPUT.into(), target: None }, Instruction::Settle { steps: None }];
    let trail = watched(&params, &by_rule, &[1, 2]);
    let found = trail.steps.last().expect("steps").states.concat();
    let apart = found.iter().zip(&settled).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(apart < 1e-2, "it ended after {} steps, {apart} away from where it settles", trail.steps.len());
}

/// Three outputs that inhibit each other late, which swing; one input that drives them.
fn swinging(delay: u32) -> Params {
    let neuron = NeuronModel::Rate(RateParams { activation: Activation::Tanh, ..RateParams::default() });
    let inhibition = (0..9).map(|at| if at / 3 == at % 3 { 0.0 } else { -1.25 }).collect();
    let input = Connection { rate: 0.1, ..connection(0, 1, Weights::Dense(vec![0.5, 0.25, 0.125]), 1) };
    let mut params = bench_chip(Network {
        populations: vec![population("x", 1, None), population("y", 3, Some(neuron))],
        connections: vec![input, connection(1, 1, Weights::Dense(inhibition), delay)],
        input: Some(0),
        output: Some(1),
        ..Network::default()
    });
    (params.phases.free_steps, params.phases.nudged_steps) = (400, 400);
    params
}

#[test]
fn a_phase_that_oscillates_writes_no_weights_and_says_so() {
    let steps = [false, true].map(|by_tolerance| {
        let mut params = swinging(6);
        if by_tolerance {
            params.phases.settle = Settle { rule: SettleRule::Tolerance, limit: 400, ..Settle::default() };
        }
        let before = build(&params).expect("it fits").weights(0);
        let chip = ran(&params, &sample(&[1.0], 1, Nudging::OneSided));
        let record = chip.record();
        let book = &record.settling;
        assert_eq!((chip.weights(0), record.updates), (before.clone(), 0), "{book:?}");
        assert_eq!((book.phases, book.unsettled, book.oscillating, book.refused), (2, 2, 2, 1));
        assert_eq!(book.classes, PhaseClasses { limit_cycle: 2, ..PhaseClasses::default() });
        let last = book.last_oscillation.clone().expect("an oscillation");
        assert_eq!((last.phase, &last.connections[..]), (Phase::Nudge, &["y -> y".to_owned()][..]));
        assert_eq!(last.neurons.len(), 3);
        assert!(last.period_steps > 12.0 && last.period_steps < 24.0, "{}", last.period_steps);
        assert!(last.amplitude > 0.5 && last.step <= record.steps, "{last:?}");

        params.phases.unsettled = Unsettled::Write;
        let written = ran(&params, &sample(&[1.0], 1, Nudging::OneSided));
        assert_ne!(written.weights(0), before);
        let book = written.record().settling;
        assert_eq!((book.oscillating, book.refused, written.record().updates), (2, 0, 1));
        record.steps
    });
    assert_eq!(steps, [800, 800]);
}

#[test]
fn a_network_that_settles_writes_whether_oscillations_are_looked_for_or_not() {
    let with = |detect: bool, delay: u32| {
        let mut params = swinging(delay);
        params.phases.detect = detect;
        let record = ran(&params, &sample(&[1.0], 1, Nudging::OneSided)).record();
        (record.updates, record.settling.oscillating, record.settling.classes)
    };
    for detect in [true, false] {
        let (updates, oscillating, classes) = with(detect, 1);
        assert_eq!((updates, oscillating, classes.fixed_point + classes.granular), (1, 0, 2), "{detect}");
    }
    let (updates, oscillating, classes) = with(false, 6);
    assert_eq!((updates, oscillating, classes.limit_cycle), (1, 0, 0), "nobody looked");
}

/// Of 40 samples of different inputs, how many phases settle at each noise of the converters.
fn settled_on_a_ladder(phases: &dyn Fn(&mut Params)) -> Vec<u64> {
    let ladder = [0.0, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0];
    let settled = |&noise: &f64| {
        let mut params = bench_chip(layered(&[4, 8, 3], &NeuronModel::default(), 0.0, 3));
        params.hardware.adc.noise = noise;
        phases(&mut params);
        let program: Vec<_> = (0..40)
            .flat_map(|i| sample(&INPUT.map(|x| x * (0.1 + 0.02 * i as f32)), i % 3, Nudging::OneSided))
            .collect();
        let settling = ran(&params, &program).record().settling;
        assert_eq!(settling.phases, 80);
        assert_eq!(settling.unsettled == 80, settling.classes.fixed_point == 0, "{settling:?}");
        assert!(noise < 0.1 || settling.classes.hidden == 80, "{settling:?}");
        settling.phases - settling.unsettled
    };
    ladder.iter().map(settled).collect()
}

#[test]
fn more_noise_never_makes_more_phases_settle() {
    for steps in [10, 20, 60, 200] {
        let found = settled_on_a_ladder(&|params| {
            (params.phases.free_steps, params.phases.nudged_steps) = (steps, steps);
        });
        assert!(found.is_sorted_by(|less, more| less >= more), "{steps} steps: {found:?}");
        assert_eq!(found[9], 0, "{steps} steps");
        // Long phases tell, and the longer the more noise there may be.
        assert!(steps < 200 || found[..6].iter().all(|&settled| settled == 80), "{steps} steps: {found:?}");
    }
    let found = settled_on_a_ladder(&|params| {
        params.phases.settle = Settle { rule: SettleRule::Tolerance, limit: 200, ..Settle::default() };
    });
    assert!(found.is_sorted_by(|less, more| less >= more), "by tolerance: {found:?}");
    assert_eq!((found[4], found[9]), (80, 0));
}

/// One neuron that is driven to 1 - u: it goes between `apart` LSB of 2^-24 around a half for ever.
fn flipping(apart: f64, state_bits: u32) -> Params {
    let neuron = NeuronModel::Rate(RateParams { a: 1.0, state_bits, ..RateParams::default() });
    let back = connection(0, 0, Weights::Dense(vec![-1.0]), 1);
    let alone = Population {
        bias: vec![1.0],
        start: vec![0.5 + 0.5 * apart / f64::from(1 << 24)],
        ..population("u", 1, Some(neuron))
    };
    let network = Network { populations: vec![alone], connections: vec![back], ..Network::default() };
    let mut params = chip(network, CoreKind::Sram);
    // Nothing counts as standing still.
    params.phases.settle.tolerance = 0.0;
    params
}

#[test]
fn the_grain_of_words_ends_where_it_is_said_to_end() {
    let classes = |params: &Params| ran(params, &alone(100)).record().settling.classes;
    let granular = PhaseClasses { granular: 1, ..PhaseClasses::default() };
    let cycle = PhaseClasses { limit_cycle: 1, ..PhaseClasses::default() };
    // 64 LSB of the number format.
    for (apart, expected) in
        [(2.0, granular), (64.0, granular), (66.0, cycle), (400.0, cycle), (4096.0, cycle)]
    {
        assert_eq!(classes(&flipping(apart, 0)), expected, "{apart} LSB apart");
    }
    // Eight LSB of a register of 12 bits of fraction.
    for (apart, expected) in [(8.0, granular), (10.0, cycle)] {
        assert_eq!(classes(&flipping(apart * 4096.0, 12)), expected, "{apart} LSB of the register apart");
    }
    // Two codes of an activity of 8 bits: states go between a code and what is missing to one.
    for (codes, expected) in [(1.0, granular), (3.0, cycle)] {
        let mut params = flipping(f64::from(1 << 24) * codes / 255.0, 0);
        params.hardware.activity_bits = 8;
        assert_eq!(classes(&params), expected, "{codes} codes apart");
    }
}
