//! What must not change a run: being watched, being repeated, the order in which cores are
//! evaluated, the number of threads.

use equipoise_base::Instruction;
use equipoise_base::instruction::TimedEvent;
use equipoise_base::record::Record;
use equipoise_chip::catalog::{DeviceModel, LifParams, NeuronModel, Nudging, UpdateScheme};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Machine, Network, Params, Weights, build};
use equipoise_tests::trail::{Trail, follow};
use equipoise_tests::{bench_chip, connection, layered, mesh, on_change, population, ran, sample, uniform};
use std::collections::BTreeSet;

/// A run to be repeated: a chip, a program, and the populations that are looked at.
struct Run {
    params: Params,
    program: Vec<Instruction>,
    populations: Vec<usize>,
}

/// A learning chip with every kind of noise, delays, a crowded mesh, and listeners with stale values.
fn noisy_learner(layers: &[usize], seed: u64) -> Params {
    let mut params = bench_chip(layered(layers, &NeuronModel::default(), 0.3, seed));
    let hardware = &mut params.hardware;
    hardware.array.cell_noise = 0.01;
    (hardware.adc.bits, hardware.adc.noise, hardware.adc.gain_spread) = (8, 0.01, 0.02);
    hardware.device =
        DeviceModel::defaults().into_iter().find(|d| d.kind() == "soft_bounds").expect("a device");
    hardware.update.scheme = UpdateScheme::PulsesStochastic;
    hardware.router = mesh(2);
    hardware.send = on_change(1.0 / 256.0);
    params.learning.nudging = Nudging::Centered;
    params.network.connections[1].delay = vec![2];
    params.network.connections[1].return_delay = vec![3];
    params.network.populations[1..].iter_mut().for_each(|p| p.bias_rate = 0.1);
    params
}

fn samples(lines: usize, count: u32) -> Vec<Instruction> {
    let input = |i: u32| uniform(lines, 77, i).iter().map(|x| x.abs() as f32).collect::<Vec<_>>();
    (0..count).flat_map(|i| sample(&input(i), i, Nudging::Centered)).collect()
}

/// Four layers cut over a dozen cores.
fn small_learner() -> Run {
    let mut params = noisy_learner(&[9, 12, 10, 7], 5);
    (params.hardware.array.rows, params.hardware.array.columns, params.hardware.core.arrays) = (4, 3, 4);
    Run { params, program: samples(9, 5), populations: vec![1, 2, 3] }
}

/// So many synapses (93,184) on its five cores that reads and updates are worth sharing among threads.
fn wide_learner() -> Run {
    let mut params = noisy_learner(&[300, 256, 64], 6);
    (params.hardware.array.rows, params.hardware.array.columns, params.hardware.core.arrays) = (64, 64, 5);
    (params.phases.free_steps, params.phases.nudged_steps) = (4, 3);
    Run { params, program: samples(300, 2), populations: vec![1, 2] }
}

/// Forty spiking neurons on synapse tables of four cores, with delays of their own, stirred by a recording.
fn spiking_network() -> Run {
    let lif = NeuronModel::Lif(LifParams { refractory_steps: 1, ..LifParams::default() });
    let edges = uniform(40 * 8, 3, 0)
        .into_iter()
        .zip(uniform(40 * 8, 3, 1))
        .enumerate()
        .map(|(i, (to, weight))| equipoise_chip::Edge {
            source: (i / 8) as u32,
            target: ((to + 1.0) * 19.99) as u32,
            weight: 1.5 * weight,
            delay: 1 + (i % 5) as u32,
        })
        .collect();
    let network = Network {
        populations: vec![population("keys", 4, None), population("net", 40, Some(lif))],
        connections: vec![
            connection(0, 1, Weights::Dense(uniform(160, 3, 2).iter().map(|w| 2.0 * w.abs()).collect()), 2),
            connection(1, 1, Weights::Edges(edges), 1),
        ],
        input: Some(0),
        ..Network::default()
    };
    let mut params = bench_chip(network);
    params.network.populations[1].bias = vec![3.0; 40];
    params.hardware.core.kind = CoreKind::Sram;
    params.hardware.core.neurons = 10;
    params.hardware.router = mesh(1);
    let events = (0..60).map(|i| TimedEvent { step: i / 3, axon: i % 4 }).collect();
    let program =
        vec![Instruction::Events { events, target: None }, Instruction::Settle { steps: Some(120) }];
    Run { params, program, populations: vec![1] }
}

fn runs() -> [Run; 3] {
    [small_learner(), wide_learner(), spiking_network()]
}

/// Everything of a run that can be compared, the states and cycles of every step included; prices see the
/// record and nothing else.
fn outcome(run: &Run, set_up: impl Fn(&mut dyn Machine)) -> (u64, Record, Trail) {
    let mut chip = build(&run.params).expect("it fits");
    set_up(chip.as_mut());
    let trail = follow(chip.as_mut(), &run.program, &run.populations);
    (chip.digest(), chip.record(), trail)
}

fn as_it_is(_: &mut dyn Machine) {}

#[test]
fn the_runs_do_something() {
    for run in runs() {
        let (digest, record, trail) = outcome(&run, as_it_is);
        let patterns: BTreeSet<String> =
            trail.steps.iter().map(|step| format!("{:?}", step.activities)).collect();
        assert!(patterns.len() >= 20, "{} patterns of activity", patterns.len());
        assert!(record.cores.len() >= 5 && record.events.packets > 1_000, "{:?}", record.events);
        let mut other = run;
        for population in &mut other.params.network.populations[1..] {
            population.start = vec![0.5; population.size];
        }
        assert_ne!(outcome(&other, as_it_is).0, digest, "another start, another digest");
    }
}

#[test]
fn a_repeated_run_is_the_same_in_every_bit() {
    for run in runs() {
        assert_eq!(outcome(&run, as_it_is), outcome(&run, as_it_is));
    }
}

#[test]
fn being_watched_changes_nothing() {
    for run in runs() {
        let unwatched = ran(&run.params, &run.program);
        let (digest, record, _) = outcome(&run, as_it_is);
        assert_eq!(unwatched.digest(), digest);
        assert_eq!(unwatched.record(), record);
    }
}

#[test]
fn leaving_out_differences_that_must_be_zero_cannot_change_a_run() {
    for run in runs() {
        assert_eq!(outcome(&run, |chip| chip.leave_out_zeros(false)), outcome(&run, as_it_is));
    }
}

#[test]
fn core_order_cannot_change_a_run() {
    for run in runs() {
        let reference = outcome(&run, as_it_is);
        let cores = reference.1.cores.len();
        let backward: Vec<usize> = (0..cores).rev().collect();
        let from_the_middle: Vec<usize> = (0..cores).map(|i| (i + cores / 2) % cores).collect();
        let odd_first: Vec<usize> = (1..cores).step_by(2).chain((0..cores).step_by(2)).collect();
        for order in [backward, from_the_middle, odd_first] {
            assert_eq!(outcome(&run, |chip| chip.set_core_order(&order)), reference, "{order:?}");
        }
    }
}

#[test]
fn the_number_of_threads_cannot_change_a_run() {
    for run in runs() {
        let reference = outcome(&run, as_it_is);
        for threads in [2, 3, 8] {
            assert_eq!(outcome(&run, |chip| chip.set_threads(threads)), reference, "{threads} threads");
        }
    }
}

#[test]
fn another_seed_gives_another_run_where_there_is_noise() {
    let mut run = small_learner();
    let first = outcome(&run, as_it_is);
    run.params.seed += 1;
    assert_ne!(outcome(&run, as_it_is).0, first.0);
}
