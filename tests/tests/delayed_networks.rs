//! Networks with delays: rings, integrators, arrays against tables, equilibria, and learning.

use equipoise_base::{Action, Instruction};
use equipoise_chip::catalog::{LifParams, NeuronModel, Nudging, RateParams, SendPolicy};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Connection, Edge, Network, Params, Population, Weights, build};
use equipoise_neuron::Integrator;
use equipoise_tests::delay_cases::{adder, alone, chip, rate_policies, recording};
use equipoise_tests::trail::{follow, watched};
use equipoise_tests::{connection, layered, mesh, population, sample, uniform};

/// A spike of input line 0 in step 0 starts neuron 0 of a ring whose every synapse takes `delay` steps.
/// The delay is kept with the synapses or in the axons.
fn ring(neurons: usize, delay: u32, input_delay: u32, by_synapse: bool) -> Network {
    let next = |i: usize| (i + 1) % neurons;
    let around = if by_synapse {
        let edge = |i: usize| Edge { source: i as u32, target: next(i) as u32, weight: 1.0, delay };
        connection(1, 1, Weights::Edges((0..neurons).map(edge).collect()), 1)
    } else {
        let pairs = (0..neurons * neurons).map(|at| f64::from(next(at / neurons) == at % neurons));
        connection(1, 1, Weights::Dense(pairs.collect()), delay)
    };
    let into_first = Weights::Dense((0..neurons).map(|i| f64::from(i == 0)).collect());
    Network {
        populations: vec![population("key", 1, None), population("ring", neurons, Some(adder(0)))],
        connections: vec![connection(0, 1, into_first, input_delay), around],
        input: Some(0),
        ..Network::default()
    }
}

/// One spike in a ring: neuron i fires in steps d i + n d j. The spike enters through an input line, whose own
/// delay shifts everything: the line's spike of step 0 makes neuron 0 fire in step `input_delay`.
#[test]
fn a_spike_goes_round_a_ring_on_both_kinds_of_core() {
    for (neurons, delay, input_delay) in [(5, 3, 1), (5, 3, 3), (1, 4, 2), (2, 1, 1), (6, 7, 5)] {
        for kind in [CoreKind::Analog, CoreKind::Sram] {
            for by_synapse in [false, true] {
                for neurons_per_core in [1, 2, 8] {
                    let mut params = chip(ring(neurons, delay, input_delay, by_synapse), kind);
                    params.hardware.core.neurons = neurons_per_core;
                    params.hardware.router = mesh(1);
                    let trail = watched(&params, &recording(&[(0, 0)], 60), &[1]);
                    for i in 0..neurons {
                        let first = input_delay as usize + delay as usize * i;
                        let expected: Vec<usize> = (first..=60).step_by(neurons * delay as usize).collect();
                        assert_eq!(
                            trail.spike_steps(0, i),
                            expected,
                            "neuron {i} of {neurons}, {by_synapse}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn the_ring_of_five_with_delay_three_fires_every_third_step() {
    let params = chip(ring(5, 3, 1, false), CoreKind::Sram);
    let trail = watched(&params, &recording(&[(0, 0)], 17), &[1]);
    let firing: Vec<usize> = (1..=17).filter(|k| !trail.steps[k - 1].spikes[0].is_empty()).collect();
    // 0, 3, 6, 9, 12, 15, shifted by the input line's delay of one.
    assert_eq!(firing, [1, 4, 7, 10, 13, 16]);
}

#[test]
fn two_spikes_of_six_tenths_with_delays_two_and_five_fire_a_perfect_integrator_in_step_five_only() {
    let edges = [(0, 2), (1, 5)].map(|(source, delay)| Edge { source, target: 0, weight: 0.6, delay });
    let per_synapse = connection(0, 1, Weights::Edges(edges.to_vec()), 1);
    let per_axon = Connection { delay: vec![2, 5], ..connection(0, 1, Weights::Dense(vec![0.6, 0.6]), 1) };
    for synapses in [per_synapse, per_axon] {
        for kind in [CoreKind::Analog, CoreKind::Sram] {
            let network = Network {
                populations: vec![population("keys", 2, None), population("sum", 1, Some(adder(0)))],
                connections: vec![synapses.clone()],
                input: Some(0),
                ..Network::default()
            };
            let trail = watched(&chip(network, kind), &recording(&[(0, 0), (0, 1)], 40), &[1]);
            assert_eq!(trail.spike_steps(0, 0), [5], "{}", kind.word());
            let before: Vec<bool> = trail.state_of(0, 0)[..5].iter().map(|&v| v > 0.5).collect();
            assert_eq!(before, [false, true, true, true, false], "0.6 waits from step 2 on");
        }
    }
}

/// Synapses of random ends and delays up to 6, some parallel. Weights are multiples of 1/256, so that products
/// with states on that grid are exact however their sums are cut.
fn random_edges(sources: u32, targets: u32, count: usize, seed: u64) -> Vec<Edge> {
    let pick = |share: &f64, n: u32| (((share + 1.0) / 2.0 * f64::from(n)) as u32).min(n - 1);
    let (from, to) = (uniform(count, seed, 0), uniform(count, seed, 1));
    let (weight, delay) = (uniform(count, seed, 2), uniform(count, seed, 3));
    (0..count)
        .map(|i| Edge {
            source: pick(&from[i], sources),
            target: pick(&to[i], targets),
            weight: (weight[i] * 128.0).round() / 256.0,
            delay: 1 + pick(&delay[i], 6),
        })
        .collect()
}

fn scattered(neuron: &NeuronModel, symmetric: bool, seed: u64) -> Network {
    let bias = |n| uniform(n, seed, 9).iter().map(|b| 0.5 + 0.4 * b).collect();
    let free = |name, size| Population { bias: bias(size), ..population(name, size, Some(neuron.clone())) };
    let join = |from, to, edges| Connection { symmetric, ..connection(from, to, Weights::Edges(edges), 1) };
    Network {
        populations: vec![free("a", 12), free("b", 9)],
        connections: vec![
            join(0, 1, random_edges(12, 9, 60, seed)),
            connection(0, 0, Weights::Edges(random_edges(12, 12, 50, seed + 100)), 2),
        ],
        ..Network::default()
    }
}

#[test]
fn one_array_per_delay_does_what_a_table_of_delays_does() {
    let rate = NeuronModel::Rate(RateParams { state_bits: 8, ..RateParams::default() });
    let lif = NeuronModel::Lif(LifParams { integrator: Integrator::Shift, ..LifParams::default() });
    for neuron in [rate, lif] {
        for symmetric in [false, true] {
            for seed in 0..6 {
                let network = scattered(&neuron, symmetric, seed);
                let program = alone(60);
                let seen = |kind| -> Vec<_> {
                    let trail = watched(&chip(network.clone(), kind), &program, &[0, 1]);
                    trail.steps.into_iter().map(|step| (step.states, step.spikes)).collect()
                };
                let (arrays, table) = (seen(CoreKind::Analog), seen(CoreKind::Sram));
                assert_eq!(arrays, table, "symmetric {symmetric}, seed {seed}, {}", neuron.kind());
            }
        }
    }
}

/// Delays change the way to an equilibrium, not the equilibrium. The weights that reach a neuron sum to less
/// than one half in size, so the fixed point is the only one and attracts at any delay. Where a state stands
/// still, half an LSB is more than a = 1/2 of its distance to its target, which two reads take off by half an
/// LSB each; the coupling at most doubles that: 4 LSB. A cycle within the last LSB adds one.
#[test]
fn uniform_delays_lead_to_the_same_fixed_point_to_the_word_length() {
    let sizes = [6, 5, 4, 3];
    let mut network = layered(&sizes, &NeuronModel::default(), 0.0, 8);
    for connection in &mut network.connections {
        if let Weights::Dense(weights) = &mut connection.weights {
            weights.iter_mut().for_each(|w| *w *= 0.5 / 11.0);
        }
    }
    network.populations[1..].iter_mut().for_each(|p| p.bias = vec![0.4; p.size]);
    let settled = |delay: u32| {
        let mut params = chip(network.clone(), CoreKind::Analog);
        for connection in &mut params.network.connections {
            (connection.delay, connection.return_delay) = (vec![delay], vec![delay]);
        }
        let program = [
            Instruction::Present { input: [0.9, 0.1, 0.5, 1.0, 0.3, 0.7].into(), target: None },
            Instruction::Settle { steps: Some(60 * (delay + 1)) },
        ];
        let last = watched(&params, &program, &[1, 2, 3]).steps.pop().expect("a step");
        last.states.concat()
    };
    let without = settled(1);
    let lsb = 1.0 / f64::from(1 << 24);
    for delay in [2, 3, 7, 40] {
        for (with, without) in settled(delay).iter().zip(&without) {
            assert!((with - without).abs() <= 2.0 * 5.0 * lsb, "d = {delay}: {with} and {without}");
        }
    }
}

#[test]
fn the_second_nudged_phase_begins_with_the_states_and_the_delay_lines_of_the_first() {
    let run = |nudging: Nudging, send: &SendPolicy, kind, seed| {
        let mut params = chip(layered(&[5, 6, 4, 3], &NeuronModel::default(), 0.1, seed), kind);
        params.network.populations[1..].iter_mut().for_each(|p| p.bias = vec![0.5; p.size]);
        params.network.connections[1].delay = vec![4, 1, 2, 3, 1, 5];
        params.network.connections[1].return_delay = vec![3];
        params.network.connections[2].return_delay = vec![2, 1, 6];
        params.hardware.send = send.clone();
        params.learning.nudging = nudging;
        // Not settled at the end: what is in flight differs from what is held.
        (params.phases.free_steps, params.phases.nudged_steps) = (7, 9);
        let trail = watched(&params, &sample(&[0.9, 0.2, 0.6, 0.1, 0.8], 1, nudging), &[1, 2, 3]);
        trail.steps.into_iter().map(|step| step.states).collect::<Vec<_>>()
    };
    for send in &rate_policies() {
        for (kind, seed) in
            [CoreKind::Analog, CoreKind::Sram].iter().flat_map(|&k| (0..8).map(move |s| (k, s)))
        {
            let centered = run(Nudging::Centered, send, kind, seed);
            assert_eq!(centered[..16], run(Nudging::OneSided, send, kind, seed), "free, then +beta");
            assert_eq!(
                centered[16..],
                run(Nudging::Negative, send, kind, seed)[7..],
                "then -beta from there"
            );
        }
    }
}

/// 4-3-2 with a delay for every synapse, which counts in both directions, and without the synapse from the
/// first hidden neuron to the second output.
fn plastic_with_delays() -> Params {
    let mut network = layered(&[4, 3, 2], &NeuronModel::default(), 0.125, 3);
    network.populations[1..].iter_mut().for_each(|p| p.bias = vec![0.25; p.size]);
    for connection in &mut network.connections {
        let Weights::Dense(dense) = &connection.weights else { unreachable!("a layered network is dense") };
        let targets = dense.len() / network.populations[connection.from].size;
        let edge = |(at, &weight): (usize, &f64)| {
            let (source, target) = ((at / targets) as u32, (at % targets) as u32);
            Edge { source, target, weight: 0.5 * weight, delay: 1 + at as u32 % 4 }
        };
        let all = dense.iter().enumerate().map(edge);
        let from = connection.from;
        connection.weights =
            Weights::Edges(all.filter(|e| from == 0 || (e.source, e.target) != (0, 1)).collect());
    }
    let mut params = chip(network, CoreKind::Analog);
    params.learning.latch.bits = 0;
    (params.phases.free_steps, params.phases.nudged_steps) = (400, 400);
    params
}

/// Once settled, a synapse sees the same activities whatever its delay, so it moves by rate / beta times the
/// change of their product; a pulse and the two latches are each rounded to half an LSB.
#[test]
fn a_synapse_with_its_own_delay_learns_once_and_an_absent_one_does_not() {
    let input = [0.75, 0.25, 0.5, 1.0];
    let lsb = 1.0 / f64::from(1 << 24);
    for kind in [CoreKind::Analog, CoreKind::Sram] {
        let mut params = plastic_with_delays();
        params.hardware.core.kind = kind;
        let mut chip = build(&params).expect("it fits");
        let dense = |weights: Weights, connection: usize| {
            let sizes = [0, 1].map(|end| params.network.populations[connection + end].size);
            weights.dense(sizes[0], sizes[1]).into_owned()
        };
        let before = [dense(chip.weights(0), 0), dense(chip.weights(1), 1)];
        let program = sample(&input, 1, Nudging::OneSided);
        let trail = follow(chip.as_mut(), &program, &[0, 1, 2]);
        let [free, nudged] = [399, 799].map(|step: usize| &trail.steps[step].activities);
        assert_ne!(free, nudged);
        for connection in [0, 1] {
            let after = dense(chip.weights(connection), connection);
            let estimate = dense(chip.weight_estimate(connection), connection);
            let targets = free[connection + 1].len();
            for (at, (before, after)) in before[connection].iter().zip(after).enumerate() {
                let (i, j) = (at / targets, at % targets);
                let product = |a: &[Vec<f64>]| a[connection][i] * a[connection + 1][j];
                let is_absent = (connection, i, j) == (1, 0, 1);
                let expected = if is_absent { 0.0 } else { product(nudged) - product(free) };
                let what = format!("synapse {i} -> {j} of {connection}, {}", kind.word());
                assert!((estimate[at] - expected).abs() <= lsb, "{what}: {} of {expected}", estimate[at]);
                let moved = after - before;
                assert!((moved - 0.125 * expected).abs() <= lsb, "{what}: {moved} of {}", 0.125 * expected);
            }
        }
        let present = 4 * 3 + 3 * 2 - 1;
        assert_eq!(chip.record().count(Action::LatchWrite), 2 * present, "a latch for each that is there");
        assert_eq!(chip.record().shape.synapses, present);
    }
}
