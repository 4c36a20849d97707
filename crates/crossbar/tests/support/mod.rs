//! What the tests of the crossbar share: random numbers, and arrays with known weights.
#![allow(dead_code)] // each test file uses its part

use equipoise_base::{Action, Axons, Counts, Number, Shape, Synapses, Way};
use equipoise_crossbar::{Crossbar, DeviceModel, Params, Sign};
use equipoise_device::models::ideal;

/// A 64-bit linear congruential generator: independent of the simulator's own noise.
pub struct Lcg(pub u64);

impl Lcg {
    pub fn word(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32
    }
    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        f64::from(self.word()) / f64::from(1_u32 << 31)
    }
    /// Uniform in [-1, 1).
    pub fn signed(&mut self) -> f64 {
        2.0 * self.unit() - 1.0
    }
    pub fn below(&mut self, bound: usize) -> usize {
        self.word() as usize % bound
    }
}

/// Ideal cells of `weight_bits`, weights up to `w_max`.
pub fn ideal(w_max: f64, weight_bits: u32) -> DeviceModel {
    DeviceModel::Ideal(ideal::Params { w_max, weight_bits })
}

/// A crossbar with random weights up to `size`, and the weights `[row][column]` that it holds.
pub fn random<N: Number>(params: &Params, shape: Shape, size: f64, seed: u64) -> (Crossbar<N>, Vec<N>) {
    params.check::<N>(shape).expect("accepted");
    let mut crossbar = Crossbar::<N>::new(params, shape, Sign::Any, seed, 3);
    let mut lcg = Lcg(seed);
    let weights: Vec<N> = (0..shape.synapses()).map(|_| N::nearest(size * lcg.signed())).collect();
    crossbar.program(&weights, &mut Counts::default());
    let held = held_weights(&crossbar);
    (crossbar, held)
}

/// The weights that the arrays hold, `[row][column]`.
pub fn held_weights<N: Number>(crossbar: &Crossbar<N>) -> Vec<N> {
    let shape = crossbar.shape();
    let mut weights = vec![N::default(); shape.synapses()];
    for (row, out) in weights.chunks_exact_mut(shape.columns).enumerate() {
        crossbar.weights_row(row, out);
    }
    weights
}

/// The drives of one read at `step`, and its counts.
pub fn read_at<N: Number>(crossbar: &mut Crossbar<N>, way: Way, x: &[N], step: u64) -> (Vec<i64>, Counts) {
    let mut drive = vec![0; crossbar.shape().lines(way).1];
    let mut counts = Counts::default();
    crossbar.read(way, Axons::held(x), step, &mut drive, &mut counts);
    (drive, counts)
}

pub fn read<N: Number>(crossbar: &mut Crossbar<N>, way: Way, x: &[N]) -> Vec<i64> {
    read_at(crossbar, way, x, 0).0
}

/// The drives in units of one.
pub fn values<N: Number>(drive: &[i64]) -> Vec<f64> {
    drive.iter().map(|&raw| raw as f64 / N::one_raw() as f64).collect()
}

/// Activities from 0 to 1, some of them zero.
pub fn activities<N: Number>(lines: usize, lcg: &mut Lcg) -> Vec<N> {
    (0..lines).map(|_| if lcg.below(4) == 0 { N::default() } else { N::nearest(lcg.unit()) }).collect()
}

/// The drives that plain `f64` sums give.
pub fn plain(shape: Shape, weights: &[f64], way: Way, x: &[f64]) -> Vec<f64> {
    let (driving, lines) = shape.lines(way);
    (0..lines)
        .map(|line| {
            let weight = |from: usize| match way {
                Way::Forward => weights[from * shape.columns + line],
                Way::Transposed => weights[line * shape.columns + from],
            };
            (0..driving).map(|from| x[from] * weight(from)).sum()
        })
        .collect()
}

pub fn floats<N: Number>(numbers: &[N]) -> Vec<f64> {
    numbers.iter().map(|&n| n.value()).collect()
}

pub fn total(counts: &Counts, actions: &[Action]) -> Vec<u64> {
    actions.iter().map(|&action| counts[action]).collect()
}
