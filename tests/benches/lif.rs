//! Workload A: synaptic events per second of the chip's blocks, of whole chips with mesh and ledger, and of the
//! naive loop, in one run.

mod clock;
#[path = "../tests/workload/mod.rs"]
mod workload;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use equipoise_base::{Action, Instruction};
use equipoise_chip::catalog::{LifParams, NeuronModel};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Edge, Network, Params, Population, Unobserved, Weights, build};
use equipoise_neuron::{Fires, Integrator};
use equipoise_tests::{bench_chip, connection, mesh, population};
use workload::{FAN_OUT, THRESHOLD, Workload, weight};

const STEPS: usize = 1_000;

fn lif(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("lif");
    group.sample_size(10);
    for (neurons, max_delay) in [(1_000, 6), (10_000, 1), (10_000, 6), (10_000, 8)] {
        let workload = Workload::new(neurons, max_delay);
        let mut chip = workload.chip();
        let (naive, ours) = (workload.naive(STEPS), chip.run(STEPS));
        assert_eq!(naive, ours, "both run the same net");
        println!(
            "N = {neurons}, D = {max_delay}: {} spikes, hash {:016x}, digest {:016x}",
            ours.spikes,
            ours.hash,
            chip.digest()
        );
        group.throughput(Throughput::Elements(ours.spikes * FAN_OUT as u64));
        let name = format!("{neurons}_neurons_delay_{max_delay}");
        group.bench_function(BenchmarkId::new("naive", &name), |bencher| {
            bencher.iter(|| workload.naive(STEPS));
        });
        group.bench_function(BenchmarkId::new("chip", &name), |bencher| {
            bencher.iter_batched_ref(|| workload.chip(), |chip| chip.run(STEPS), BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// The net on the synapse tables of a whole chip.
fn whole(workload: &Workload, neurons_per_core: usize) -> Params {
    let unit = 1.0 / 64.0;
    let edge = |synapse: usize| Edge {
        source: (synapse / FAN_OUT) as u32,
        target: workload.targets[synapse],
        weight: f64::from(weight(synapse / FAN_OUT)) * unit,
        delay: u32::from(workload.delays[synapse]),
    };
    let edges = (0..workload.targets.len()).map(edge).collect();
    let lif = NeuronModel::Lif(LifParams {
        integrator: Integrator::Shift,
        fires: Fires::Above,
        threshold: f64::from(THRESHOLD) * unit,
        state_bits: 6,
        ..LifParams::default()
    });
    let net = Population {
        bias: workload.bias.iter().map(|&bias| f64::from(bias) * unit).collect(),
        ..population("net", workload.neurons, Some(lif))
    };
    let connections = vec![connection(0, 0, Weights::Edges(edges), 1)];
    let mut params = bench_chip(Network { populations: vec![net], connections, ..Network::default() });
    let hardware = &mut params.hardware;
    (hardware.core.kind, hardware.core.neurons) = (CoreKind::Sram, neurons_per_core as u32);
    (hardware.table.weight_bits, hardware.table.weight_range) = (9, 2.0);
    hardware.router = mesh(4);
    params
}

/// Whole chips by turns with the naive loop: processor time, the best of a few turns of both.
fn whole_chips(_: &mut Criterion) {
    let measure = std::env::args().any(|argument| argument == "--bench");
    let (turns, steps) = if measure { (5, STEPS) } else { (1, 10) };
    let workload = Workload::new(10_000, 6);
    for cores in [1, 4, 16] {
        let params = whole(&workload, workload.neurons.div_ceil(cores));
        let (mut naive_s, mut chip_s, mut spikes) = (f64::INFINITY, f64::INFINITY, 0);
        for _ in 0..turns {
            let start = clock::now_s();
            spikes = workload.naive(steps).spikes;
            naive_s = naive_s.min(clock::now_s() - start);
            let mut chip = build(&params).expect("it fits");
            let present = Instruction::Present { input: [].into(), target: None };
            chip.execute(&present, &mut Unobserved).expect("the program fits");
            let settle = Instruction::Settle { steps: Some(steps as u32) };
            let start = clock::now_s();
            chip.execute(&settle, &mut Unobserved).expect("the program fits");
            chip_s = chip_s.min(clock::now_s() - start);
            assert_eq!(chip.record().count(Action::Spike), spikes, "both run the same net");
        }
        let rate = |seconds: f64| (spikes * FAN_OUT as u64) as f64 / seconds / 1e6;
        println!(
            "whole chip, 10,000 neurons on {cores} cores: {:.0} M synaptic events/s, naive loop {:.0}, ratio {:.2}",
            rate(chip_s),
            rate(naive_s),
            naive_s / chip_s
        );
    }
}

criterion_group!(benches, lif, whole_chips);
criterion_main!(benches);
