//! Rates of array reads (multiply-adds per second) and pulse updates (cells per second).
//!
//! Activities change completely between reads unless a name says otherwise, so that no read is answered from
//! the sums of the one before. Every configuration prints a digest of its results: equal digests, equal bits.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use equipoise_base::{Axons, Counts, Digest, Number, Shape, Synapses, Way};
use equipoise_crossbar::{Adc, Crossbar, DeviceModel, Params, Sign};
use equipoise_device::models::{ideal, soft_bounds};
use fixed::types::I8F24;
use std::hint::black_box;

const SHAPES: [Shape; 4] = [
    Shape { rows: 128, columns: 128 },
    Shape { rows: 512, columns: 512 },
    Shape { rows: 784, columns: 512 },
    Shape { rows: 512, columns: 10 },
];

fn plain16() -> Params {
    let device = DeviceModel::Ideal(ideal::Params { w_max: 2.0, weight_bits: 16 });
    Params { device, activity_bits: 8, ..Params::default() }
}

fn edge() -> Params {
    let adc = Adc { bits: 8, noise: 0.01, gain_spread: 0.02, offset_spread: 0.005, ..Adc::default() };
    let device = DeviceModel::SoftBounds(soft_bounds::Params::default());
    Params { device, activity_bits: 8, adc, ..Params::default() }
}

fn full_width() -> Params {
    Params::default()
}

/// Numbers between 0 and 1 from a linear congruential generator.
fn uniform(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    (0..count).map(|_| next()).collect()
}

fn activities(lines: usize, seed: u64) -> Vec<I8F24> {
    uniform(lines, seed).into_iter().map(I8F24::nearest).collect()
}

fn programmed(params: &Params, shape: Shape) -> Crossbar<I8F24> {
    params.check::<I8F24>(shape).expect("the benchmark's parameters are accepted");
    let mut crossbar = Crossbar::<I8F24>::new(params, shape, Sign::Any, 1, 0);
    let weights: Vec<I8F24> =
        uniform(shape.synapses(), 2).into_iter().map(|w| I8F24::nearest(0.2 * w - 0.1)).collect();
    crossbar.program(&weights, &mut Counts::default());
    crossbar
}

fn name(shape: Shape) -> String {
    format!("{}x{}", shape.rows, shape.columns)
}

/// Prints the digest of a few reads both ways and of the cells.
fn print_digest(what: &str, params: &Params, shape: Shape) {
    let mut crossbar = programmed(params, shape);
    let mut digest = Digest::default();
    for step in 0..4 {
        for way in Way::BOTH {
            let (driving, lines) = shape.lines(way);
            let (x, mut drive) = (activities(driving, step), vec![0; lines]);
            crossbar.read(way, Axons::held(&x), step, &mut drive, &mut Counts::default());
            digest.words(drive.iter().map(|&raw| raw as u64));
        }
        crossbar.pulse_row(0, &vec![3; shape.columns], step, &mut Counts::default());
    }
    crossbar.digest(&mut digest);
    println!("digest {what} {}: {:016x}", name(shape), digest.value());
}

fn reads(criterion: &mut Criterion) {
    for (what, params) in [("plain16", plain16()), ("edge", edge()), ("full_width", full_width())] {
        for way in Way::BOTH {
            let mut group = criterion.benchmark_group(format!("read_{what}_{way:?}"));
            for shape in SHAPES {
                group.throughput(Throughput::Elements(shape.synapses() as u64));
                let mut crossbar = programmed(&params, shape);
                let (driving, lines) = shape.lines(way);
                let x: Vec<Vec<I8F24>> = (0..4).map(|seed| activities(driving, seed)).collect();
                let (mut drive, mut counts, mut step) = (vec![0; lines], Counts::default(), 0);
                group.bench_function(BenchmarkId::from_parameter(name(shape)), |bencher| {
                    bencher.iter(|| {
                        step += 1;
                        let axons = Axons::held(&x[step as usize % 4]);
                        crossbar.read(way, axons, step, black_box(&mut drive), &mut counts);
                    });
                });
            }
            group.finish();
        }
        SHAPES.iter().for_each(|&shape| print_digest(what, &params, shape));
    }
}

/// What the sums of the read before are worth: nothing changes, or one line in a hundred.
fn settled_reads(criterion: &mut Criterion) {
    let shape = SHAPES[1];
    for (what, params) in [("plain16", plain16()), ("edge", edge())] {
        let mut group = criterion.benchmark_group(format!("settled_read_{what}_Forward"));
        group.throughput(Throughput::Elements(shape.synapses() as u64));
        for (case, moving) in [("same", 0), ("5_lines_move", 5)] {
            let mut crossbar = programmed(&params, shape);
            let mut x = activities(shape.rows, 0);
            let (mut drive, mut counts, mut step) = (vec![0; shape.columns], Counts::default(), 0);
            group.bench_function(case, |bencher| {
                bencher.iter(|| {
                    step += 1;
                    x[..moving].fill(I8F24::from_bits((step as i32 % 2) << 23));
                    crossbar.read(Way::Forward, Axons::held(&x), step, black_box(&mut drive), &mut counts);
                });
            });
        }
        group.finish();
    }
}

/// The same sums, written down plainly: the yardstick of the run.
fn naive_reads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("naive_f32_Forward");
    for shape in SHAPES {
        group.throughput(Throughput::Elements(shape.synapses() as u64));
        let weights: Vec<f32> = uniform(shape.synapses(), 2).into_iter().map(|w| w as f32).collect();
        let x: Vec<f32> = uniform(shape.rows, 0).into_iter().map(|x| x as f32).collect();
        let mut drive = vec![0.0_f32; shape.columns];
        group.bench_function(BenchmarkId::from_parameter(name(shape)), |bencher| {
            bencher.iter(|| {
                drive.fill(0.0);
                for (row, &x) in black_box(&weights).chunks_exact(shape.columns).zip(&x) {
                    for (drive, &weight) in drive.iter_mut().zip(row) {
                        *drive += weight * x;
                    }
                }
                black_box(&mut drive);
            });
        });
    }
    group.finish();
}

/// A plain integer product of a matrix and a vector, for the machine's best instruction set: what a read would
/// cost without a converter, a ledger and noise.
fn naive_integer_reads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("naive_i16_Forward");
    for shape in SHAPES {
        group.throughput(Throughput::Elements(shape.synapses() as u64));
        let weights: Vec<i16> =
            uniform(shape.synapses(), 2).into_iter().map(|w| (2_000.0 * w) as i16 - 1_000).collect();
        let x: Vec<i16> = uniform(shape.rows, 0).into_iter().map(|x| (255.0 * x) as i16).collect();
        let mut sums = vec![0_i32; shape.columns];
        group.bench_function(BenchmarkId::from_parameter(name(shape)), |bencher| {
            bencher.iter(|| {
                product(black_box(&weights), &x, &mut sums);
                black_box(&mut sums);
            });
        });
    }
    group.finish();
}

#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn product(weights: &[i16], x: &[i16], sums: &mut [i32]) {
    sums.fill(0);
    let columns = sums.len();
    for (rows, x) in weights.chunks_exact(2 * columns).zip(x.chunks_exact(2)) {
        let (a, b) = rows.split_at(columns);
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += i32::from(a) * i32::from(x[0]) + i32::from(b) * i32::from(x[1]);
        }
    }
}

fn pulses(criterion: &mut Criterion) {
    let shape = SHAPES[1];
    // Requests of -3 to 3 pulses for every cell, and for one cell in 32.
    let dense: Vec<i32> = uniform(shape.columns, 5).into_iter().map(|u| (7.0 * u) as i32 - 3).collect();
    let sparse: Vec<i32> = (0..shape.columns).map(|column| i32::from(column % 32 == 7)).collect();
    for (what, params) in [("plain16", plain16()), ("edge", edge()), ("full_width", full_width())] {
        let mut group = criterion.benchmark_group(format!("pulse_row_{what}"));
        group.throughput(Throughput::Elements(shape.columns as u64));
        for (case, pulses) in [("dense", &dense), ("sparse", &sparse)] {
            let mut crossbar = programmed(&params, shape);
            let (mut counts, mut update) = (Counts::default(), 0_u64);
            group.bench_function(case, |bencher| {
                bencher.iter(|| {
                    update += 1;
                    crossbar.pulse_row(update as usize % shape.rows, black_box(pulses), update, &mut counts);
                });
            });
        }
        group.finish();
    }
}

fn quick() -> Criterion {
    Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_millis(1_000))
        .sample_size(20)
}

criterion_group! { name = benches; config = quick(); targets = naive_reads, naive_integer_reads, reads, settled_reads, pulses }
criterion_main!(benches);
