//! The networks of `oracles/ep`: as the oracle has them, and as a chip with exact parts runs them.
//!
//! A program's inputs are 32-bit floats, the files' inputs are not. What an input loses by rounding is put
//! into its weights, so the chip's drive is the file's; estimates are brought back the same way.

use equipoise_base::Instruction;
use equipoise_base::instruction::{LatchSlot, Target};
use equipoise_chip::catalog::{Activation, CostOn, Flow, Latch, NeuronModel, Nudging, RateParams};
use equipoise_chip::params::StateFormat;
use equipoise_chip::{Connection, Machine, Network, Params, Population, Unobserved, Weights, build};
use equipoise_oracle as oracle;
use oracle::EnergyNetwork;
use serde_json::Value;
use std::path::Path;

/// One file: a network, an input and a target.
#[derive(Clone, Debug)]
pub struct EpCase {
    /// The file.
    pub file: Value,
    /// The network of the file.
    pub network: oracle::Layered,
    /// Input of the file.
    pub input: Vec<f64>,
    /// Target of the file, whole numbers.
    pub target: Vec<f64>,
    /// The size of a step.
    pub a: f64,
}

/// The numbers in a JSON list, lists in lists one after the other.
///
/// # Panics
/// If there is something else in it.
#[must_use]
pub fn numbers(value: &Value) -> Vec<f64> {
    match value.as_array() {
        Some(list) => list.iter().flat_map(numbers).collect(),
        None => vec![value.as_f64().expect("a number")],
    }
}

/// One value for each parameter, in the order W1, W2, b1, b2; `pick` leads from a name's entry to its numbers.
///
/// # Panics
/// If a name is missing.
#[must_use]
pub fn flat(value: &Value, pick: impl Fn(&Value) -> &Value) -> Vec<f64> {
    ["W1", "W2", "b1", "b2"].iter().flat_map(|name| numbers(pick(&value[*name]))).collect()
}

impl EpCase {
    /// Reads a file below `tests/oracles/ep`.
    ///
    /// # Panics
    /// If it is not what its description says.
    #[must_use]
    pub fn load(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/ep").join(name);
        let text = std::fs::read_to_string(&path).expect("the file is there");
        let file: Value = serde_json::from_str(&text).expect("JSON");
        let a = file["eps"].as_f64().expect("a number");
        let activation =
            if is_smooth(&file) { oracle::Activation::Logistic } else { oracle::Activation::ClippedIdentity };
        let (input, target) = (numbers(&file["x"]), numbers(&file["d"]));
        let (b1, b2) = (numbers(&file["b1"]), numbers(&file["b2"]));
        let w1 = oracle::Matrix::from_row_slice(input.len(), b1.len(), &numbers(&file["W1"]));
        let w2 = oracle::Matrix::from_row_slice(b1.len(), b2.len(), &numbers(&file["W2"]));
        let neuron = oracle::Neuron::scellier(activation, a);
        let network = oracle::Layered::new(vec![w1, w2], vec![b1, b2], neuron).expect("shapes fit");
        Self { file, network, input, target, a }
    }

    /// The file's input and target.
    #[must_use]
    pub fn sample(&self) -> oracle::Sample<'_> {
        oracle::Sample { input: &self.input, target: &self.target }
    }

    /// An ideal chip of that word length with full-width activities, latches and arrays.
    #[must_use]
    pub fn chip(&self, state: StateFormat, nudging: Nudging, beta: f64) -> Params {
        let activation = if is_smooth(&self.file) { Activation::Logistic } else { Activation::HardSigmoid };
        let neuron = NeuronModel::Rate(RateParams {
            flow: Flow::Scellier,
            cost_on: CostOn::State,
            activation,
            a: self.a,
            ..RateParams::default()
        });
        let oracle::Parameters { weights, biases } = &self.network.parameters;
        let shares = self.input.iter().map(|&x| x / f64::from(x as f32));
        // nalgebra stores columns one after the other; the transpose is what lies row by row.
        let mut lower = weights[0].transpose();
        lower.column_iter_mut().zip(shares).for_each(|(mut row, share)| row *= share);
        let upper = weights[1].transpose();
        let free = |name, bias: &Vec<f64>| Population {
            bias: bias.clone(),
            bias_rate: 0.1,
            ..crate::population(name, bias.len(), Some(neuron.clone()))
        };
        let couple = |from, weights| Connection {
            symmetric: true,
            rate: 0.1,
            ..crate::connection(from, from + 1, Weights::Dense(weights), 1)
        };
        let network = Network {
            populations: vec![
                crate::population("x", self.input.len(), None),
                free("h", &biases[0]),
                free("y", &biases[1]),
            ],
            connections: vec![couple(0, lower.as_slice().to_vec()), couple(1, upper.as_slice().to_vec())],
            input: Some(0),
            output: Some(2),
            ..Network::default()
        };
        let mut params = crate::bench_chip(network);
        params.hardware.state = state;
        params.learning.nudging = nudging;
        params.learning.beta = beta;
        params.learning.latch = Latch { bits: 0, ..Latch::default() };
        params
    }

    /// `LOAD` of the input and the target.
    #[must_use]
    pub fn present(&self) -> Instruction {
        Instruction::Present {
            input: self.input.iter().map(|&x| x as f32).collect(),
            target: Some(Target::Values(self.target.iter().map(|&d| d as f32).collect())),
        }
    }

    /// The gradient that a chip's latches hold after a sample with phases of `steps` steps, in the order of
    /// [`oracle::Parameters::flat`].
    ///
    /// # Panics
    /// If the chip refuses: a test's mistake.
    #[must_use]
    pub fn gradient_on_chip(&self, state: StateFormat, nudging: Nudging, beta: f64, steps: u32) -> Vec<f64> {
        let mut chip = build(&self.chip(state, nudging, beta)).expect("the chip can be built");
        let mut program = vec![self.present(), Instruction::Settle { steps: Some(steps) }];
        if nudging.latches_free() {
            program.push(Instruction::Latch(LatchSlot::Free));
        }
        for index in 1..=nudging.phases() {
            program.push(Instruction::Nudge { index, steps: Some(steps) });
            program.push(Instruction::Latch(LatchSlot::Nudged));
        }
        for instruction in &program {
            chip.execute(instruction, &mut Unobserved).expect("the program fits");
        }
        self.latched_gradient(chip.as_ref())
    }

    fn latched_gradient(&self, chip: &dyn Machine) -> Vec<f64> {
        let mut first = chip.weight_estimate(0).values();
        let columns = first.len() / self.input.len();
        for (row, &x) in first.chunks_exact_mut(columns).zip(&self.input) {
            row.iter_mut().for_each(|estimate| *estimate *= x / f64::from(x as f32));
        }
        let rest = [chip.weight_estimate(1).values(), chip.bias_estimate(1), chip.bias_estimate(2)].concat();
        first.iter().chain(&rest).map(|estimate| -estimate).collect()
    }

    /// The settled free state of the file.
    #[must_use]
    pub fn free_state(&self) -> Vec<f64> {
        [numbers(&self.file["free_h"]), numbers(&self.file["free_y"])].concat()
    }

    /// How far rounding can take a state from exact arithmetic, in LSB, as a Euclidean norm over the units;
    /// nudges of `beta` at most. The errors of single steps are summed up by a relaxation that shrinks what is
    /// left of them by 1 - a (lambda - beta) in every step, lambda the least eigenvalue of the energy's Hessian.
    ///
    /// In a step, the two reads, the bias, the force and the product with the slope are each rounded to half an
    /// LSB, as is every activity (times its weights) and every weight (times its activity); the slope
    /// 4 rho (1 - rho) is off by at most 2.5 LSB (times the drive). The state takes a share a of all that,
    /// half an LSB of its own, and half an LSB of a times its distance to the target, which is below one.
    #[must_use]
    pub fn state_error_lsb(&self, beta: f64) -> f64 {
        let (network, free) = (&self.network, self.free_state());
        let activity = network.activity(&free);
        let largest = |values: &[f64]| values.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
        let sum = |values: &[f64]| values.iter().sum::<f64>();
        let driven = network.couple(&activity).into_iter().zip(network.constant_drive(&self.input));
        let drives: Vec<f64> = driven.map(|(coupled, constant)| coupled + constant).collect();
        let weights: Vec<f64> =
            network.couplings().row_iter().map(|row| row.iter().map(|w| w.abs()).sum()).collect();
        let (hidden, outputs) = activity.split_at(network.outputs().start);
        let activities = [sum(&self.input) + sum(outputs), sum(hidden)];
        let slope = if is_smooth(&self.file) { 2.5 * largest(&drives) } else { 0.0 };
        let target = 2.5 + 0.5 * largest(&weights) + 0.5 * largest(&activities) + slope;
        let step = self.a * target + 0.5 + 0.5;
        let hessian = -oracle::implicit::force_jacobian(network, self.sample(), 0.0, &free);
        let least = hessian.symmetric_eigenvalues().iter().copied().fold(f64::INFINITY, f64::min);
        (free.len() as f64).sqrt() * step / (self.a * (least - beta))
    }

    /// The same for all correlations (W1, W2, b1, b2) of a state together: products with an activity whose
    /// slope is at most one, each rounded by its latch to half an LSB.
    #[must_use]
    pub fn correlation_error_lsb(&self, beta: f64) -> f64 {
        let squares = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>();
        let activity = self.network.activity(&self.free_state());
        let spread = (squares(&self.input) + squares(&activity) + 1.0).sqrt();
        let latches = self.network.parameters().count() as f64;
        spread * self.state_error_lsb(beta) + 0.5 * latches.sqrt()
    }
}

fn is_smooth(file: &Value) -> bool {
    file["kind"] == "smooth"
}

/// One LSB of a state.
#[must_use]
pub fn lsb(state: StateFormat) -> f64 {
    match state {
        StateFormat::Default => 1.0 / (1_u64 << 24) as f64,
        StateFormat::Wide => 1.0 / (1_u64 << 48) as f64,
    }
}
