//! The yardstick: equilibrium propagation as bare mathematics, 784-512-10, one sample at a time, in `f32`.
//!
//! Nothing is counted, rounded or sent. It is the loop that a patient programmer would write for speed: the
//! input's drive once per sample from the pixels that are not zero, both products with the upper weights in one
//! pass, and every function compiled for several instruction sets and chosen at run time.

use equipoise_base::noise::{Noise, Stream, StreamKind};

/// Inputs, hidden neurons and outputs.
pub const SHAPE: [usize; 3] = [INPUTS, HIDDEN, OUTPUTS];
const INPUTS: usize = 784;
const HIDDEN: usize = 512;
const OUTPUTS: usize = 10;
/// Numbers worked on side by side.
const LANES: usize = 16;
/// The share of the way to its target that a state moves in one step.
const STEP: f32 = 0.5;

/// How the network learns.
#[derive(Clone, Copy)]
pub struct Settings {
    pub free_steps: usize,
    pub nudged_steps: usize,
    pub beta: f32,
    pub rates: [f32; 2],
}

/// A network and its scratch.
pub struct Bare {
    settings: Settings,
    lower: Box<Aligned<[[f32; HIDDEN]; INPUTS]>>,
    upper: Box<Aligned<[[f32; HIDDEN]; OUTPUTS]>>,
    hidden_bias: [f32; HIDDEN],
    output_bias: [f32; OUTPUTS],
    active: Vec<(u32, f32)>,
}

/// At the start of a cache line: elsewhere every vector would lie on two of them, and the loop's speed would depend by
/// a fifth on where the allocator puts its weights.
#[repr(align(64))]
struct Aligned<T>(T);

/// States of the free neurons.
#[derive(Clone)]
#[repr(align(64))]
struct States {
    hidden: [f32; HIDDEN],
    output: [f32; OUTPUTS],
}

impl Bare {
    /// A network with uniform start weights (Glorot and Bengio 2010) drawn from `seed`.
    pub fn new(settings: Settings, seed: u64) -> Self {
        let mut lower = Box::new(Aligned([[0.0; HIDDEN]; INPUTS]));
        let mut upper = Box::new(Aligned([[0.0; HIDDEN]; OUTPUTS]));
        draw(seed, 0, (6.0 / (INPUTS + HIDDEN) as f64).sqrt(), lower.0.as_flattened_mut());
        draw(seed, 1, (6.0 / (HIDDEN + OUTPUTS) as f64).sqrt(), upper.0.as_flattened_mut());
        let (hidden_bias, output_bias, active) = ([0.0; HIDDEN], [0.0; OUTPUTS], Vec::new());
        Self { settings, lower, upper, hidden_bias, output_bias, active }
    }

    /// One sample and its update; returns true if the free phase classified it correctly.
    pub fn train(&mut self, input: &[f32], class: usize) -> bool {
        self.active.clear();
        let lines = input.iter().enumerate();
        self.active.extend(lines.filter(|(_, x)| **x != 0.0).map(|(line, &x)| (line as u32, x)));
        let mut drive = Aligned(self.hidden_bias);
        add_rows(&self.lower.0, &self.active, &mut drive.0);
        let mut free = States { hidden: [0.0; HIDDEN], output: [0.0; OUTPUTS] };
        let Settings { free_steps, nudged_steps, beta, rates } = self.settings;
        relax(&self.upper.0, &drive.0, &self.output_bias, &mut free, free_steps, 0.0, class);
        let mut nudged = free.clone();
        relax(&self.upper.0, &drive.0, &self.output_bias, &mut nudged, nudged_steps, beta, class);
        self.learn(&free, &nudged, rates.map(|rate| rate / beta));
        let best = (0..OUTPUTS).max_by(|&a, &b| free.output[a].total_cmp(&free.output[b]));
        best == Some(class)
    }

    fn learn(&mut self, free: &States, nudged: &States, rates: [f32; 2]) {
        let mut change = [0.0; HIDDEN];
        for (change, (after, before)) in change.iter_mut().zip(nudged.hidden.iter().zip(&free.hidden)) {
            *change = rates[0] * (after - before);
        }
        add_outer(&mut self.lower.0, &self.active, &change);
        self.hidden_bias.iter_mut().zip(&change).for_each(|(bias, change)| *bias += change);
        for k in 0..OUTPUTS {
            let (after, before) = (rates[1] * nudged.output[k], rates[1] * free.output[k]);
            for (j, weight) in self.upper.0[k].iter_mut().enumerate() {
                *weight += after * nudged.hidden[j] - before * free.hidden[j];
            }
            self.output_bias[k] += after - before;
        }
    }
}

fn draw(seed: u64, stream: u32, size: f64, weights: &mut [f32]) {
    let noise = Noise::at(seed, Stream::of(StreamKind::Test, stream), 0);
    for (lane, weight) in weights.iter_mut().enumerate() {
        *weight = (size * (2.0 * noise.uniform(lane as u32) - 1.0)) as f32;
    }
}

/// `sums += x * weights[line]` for every active line, a block of columns at a time in registers.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_rows(weights: &[[f32; HIDDEN]; INPUTS], active: &[(u32, f32)], sums: &mut [f32; HIDDEN]) {
    const FUSED: bool = multiversion::target::target_cfg_f!(target_feature = "fma");
    const BLOCK: usize = 8 * LANES;
    for first in (0..HIDDEN).step_by(BLOCK) {
        let mut block = [0.0_f32; BLOCK];
        block.copy_from_slice(&sums[first..first + BLOCK]);
        for &(line, x) in active {
            let row = &weights[line as usize][first..first + BLOCK];
            for i in 0..BLOCK {
                block[i] = multiply_add::<FUSED>(row[i], x, block[i]);
            }
        }
        sums[first..first + BLOCK].copy_from_slice(&block);
    }
}

/// `weights[line] += x * change` for every active line.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+fma", "x86_64+avx2+fma"))]
fn add_outer(weights: &mut [[f32; HIDDEN]; INPUTS], active: &[(u32, f32)], change: &[f32; HIDDEN]) {
    const FUSED: bool = multiversion::target::target_cfg_f!(target_feature = "fma");
    for &(line, x) in active {
        for (weight, &change) in weights[line as usize].iter_mut().zip(change) {
            *weight = multiply_add::<FUSED>(change, x, *weight);
        }
    }
}

/// Synchronous Euler steps; the outputs are pulled toward `class` by `beta`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512dq+avx512vl+fma", "x86_64+avx2+fma"))]
fn relax(
    upper: &[[f32; HIDDEN]; OUTPUTS],
    drive: &[f32; HIDDEN],
    bias: &[f32; OUTPUTS],
    states: &mut States,
    steps: usize,
    beta: f32,
    class: usize,
) {
    const FUSED: bool = multiversion::target::target_cfg_f!(target_feature = "fma");
    let States { hidden, output } = states;
    for _ in 0..steps {
        let mut sums = [[0.0_f32; LANES]; OUTPUTS];
        for first in (0..HIDDEN).step_by(LANES) {
            let mut old = [0.0_f32; LANES];
            let mut target = [0.0_f32; LANES];
            old.copy_from_slice(&hidden[first..first + LANES]);
            target.copy_from_slice(&drive[first..first + LANES]);
            for k in 0..OUTPUTS {
                let mut row = [0.0_f32; LANES];
                row.copy_from_slice(&upper[k][first..first + LANES]);
                for i in 0..LANES {
                    sums[k][i] = multiply_add::<FUSED>(old[i], row[i], sums[k][i]);
                    target[i] = multiply_add::<FUSED>(row[i], output[k], target[i]);
                }
            }
            for i in 0..LANES {
                hidden[first + i] = clipped((1.0 - STEP) * old[i] + STEP * target[i]);
            }
        }
        for (k, sums) in sums.iter().enumerate() {
            let wanted = if k == class { 1.0 } else { 0.0 };
            let target = sums.iter().sum::<f32>() + bias[k] + beta * (wanted - output[k]);
            output[k] = clipped((1.0 - STEP) * output[k] + STEP * target);
        }
    }
}

/// `a * b + c`, in one instruction where the machine has it.
#[inline(always)]
#[allow(clippy::disallowed_methods)] // the yardstick need not give the same bits on every machine
fn multiply_add<const FUSED: bool>(a: f32, b: f32, c: f32) -> f32 {
    if FUSED { a.mul_add(b, c) } else { a * b + c }
}

#[inline(always)]
fn clipped(value: f32) -> f32 {
    let value = if value < 0.0 { 0.0 } else { value };
    if value > 1.0 { 1.0 } else { value }
}
