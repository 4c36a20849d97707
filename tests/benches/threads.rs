//! Two threads on a chip of 64 busy cores, against one thread on the same chip in the same run: EP on 512-2048-2048,
//! noisy arrays, mesh timing and full counting. The digests must agree; the ratio of the times is the result.
#![allow(clippy::disallowed_methods, reason = "a benchmark looks at the clock")]

use equipoise_base::record::CoreBook;
use equipoise_base::{Action, Instruction};
use equipoise_chip::catalog::{NeuronModel, Nudging};
use equipoise_chip::{Machine, Params, Unobserved, build};
use equipoise_tests::{bench_chip, layered, mesh, sample, uniform};
use std::time::{Duration, Instant};

fn chip() -> Params {
    let mut params = bench_chip(layered(&[512, 2048, 2048], &NeuronModel::default(), 0.01, 3));
    params.hardware.core.neurons = 64;
    params.hardware.core.arrays = 64;
    params.hardware.activity_bits = 8;
    params.hardware.adc.bits = 8;
    params.hardware.adc.noise = 0.005;
    params.hardware.router = mesh(8);
    params.hardware.hold_clamped = true;
    (params.phases.free_steps, params.phases.nudged_steps) = (20, 6);
    params
}

fn lesson(seed: u64) -> Vec<Instruction> {
    let input: Vec<f32> = uniform(512, seed, 0).iter().map(|&value| value.max(0.0) as f32).collect();
    sample(&input, 7, Nudging::default())
}

fn learn(chip: &mut dyn Machine, seed: u64) -> Duration {
    let start = Instant::now();
    for instruction in lesson(seed) {
        chip.execute(&instruction, &mut Unobserved).expect("the program fits");
    }
    start.elapsed()
}

fn main() {
    let (mut one, mut two) = (build(&chip()).expect("it fits"), build(&chip()).expect("it fits"));
    two.set_threads(2);
    // Turns alternate, so that a disturbance of the machine meets both.
    let mut times: Vec<(Duration, Duration)> =
        (0..9).map(|seed| (learn(&mut *one, seed), learn(&mut *two, seed))).collect();
    let updates = |core: &&CoreBook| core.counts.iter().any(|counts| counts[Action::NeuronUpdate] > 0);
    let busy = one.record().cores.iter().filter(updates).count();
    assert_eq!(one.digest(), two.digest(), "threads change no bit");
    times.remove(0);
    let mut ratios: Vec<f64> = times.iter().map(|(one, two)| one.as_secs_f64() / two.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    println!("{busy} busy cores, digest {:016x}", one.digest());
    println!(
        "two threads are {:.2} times as fast as one (median of {}; {:.2} to {:.2})",
        ratios[ratios.len() / 2],
        ratios.len(),
        ratios[0],
        ratios[ratios.len() - 1]
    );
}
