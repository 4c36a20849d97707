//! The whole chip: relaxation steps and updates, with rates in the field's units and a digest of the result.
//!
//! `cargo bench -p equipoise-tests --bench chip`

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use equipoise_base::Instruction;
use equipoise_chip::catalog::{NeuronModel, Nudging};
use equipoise_chip::{Machine, Params, Unobserved, build};
use equipoise_tests::{bench_chip, layered, sample, uniform};
use std::hint::black_box;

/// Digits-sized and MNIST-sized networks on the ideal chip.
const SHAPES: [&[usize]; 2] = [&[64, 64, 10], &[784, 512, 10]];

fn chip(layers: &[usize]) -> Params {
    let mut params = bench_chip(layered(layers, &NeuronModel::default(), 0.01, 1));
    params.hardware.hold_clamped = true;
    params.hardware.core.arrays = 1024;
    params.hardware.core.neurons = 1 << 16;
    params
}

fn input(size: usize) -> Vec<f32> {
    // One value in five is not zero, as in MNIST.
    uniform(size, 2, 0).into_iter().map(|v| if v > 0.6 { v as f32 } else { 0.0 }).collect()
}

fn execute(chip: &mut dyn Machine, program: &[Instruction]) {
    for instruction in program {
        assert!(chip.execute(instruction, &mut Unobserved).is_ok(), "the benchmark's program fits");
    }
}

/// Steps per second of a free phase, as multiply-adds of the arrays that are read in every step.
fn steps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chip/step");
    for layers in SHAPES {
        let mut machine = build(&chip(layers)).expect("the benchmark's chip can be built");
        let input = input(layers[0]);
        execute(&mut *machine, &[Instruction::Present { input: input.into(), target: None }]);
        let settle = [Instruction::Settle { steps: Some(100) }];
        // The upper array is read forward and transposed; the clamped drive is held.
        group.throughput(Throughput::Elements(100 * 2 * (layers[1] * layers[2]) as u64));
        group.bench_function(format!("{layers:?} multiply-adds"), |bencher| {
            bencher.iter(|| execute(black_box(&mut *machine), &settle));
        });
    }
    group.finish();
}

/// Updates per second: 20 free and 4 nudged steps, two latches, one update.
fn updates(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("chip/update");
    group.sample_size(20);
    for layers in SHAPES {
        let mut params = chip(layers);
        params.phases.nudged_steps = 4;
        let mut machine = build(&params).expect("the benchmark's chip can be built");
        let program = sample(&input(layers[0]), 1, Nudging::OneSided);
        execute(&mut *machine, &program);
        println!("digest after one update of {layers:?}: {:016x}", machine.digest());
        group.throughput(Throughput::Elements(1));
        group.bench_function(format!("{layers:?} updates"), |bencher| {
            bencher.iter(|| execute(black_box(&mut *machine), &program));
        });
    }
    group.finish();
}

criterion_group!(benches, steps, updates);
criterion_main!(benches);
