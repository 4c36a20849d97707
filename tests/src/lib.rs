//! Small chips for whole-chip tests; the tests themselves are in `tests/`.

pub mod delay_cases;
pub mod ep_case;
pub mod rtl;
pub mod trail;

use equipoise_base::Instruction;
use equipoise_base::instruction::{LatchSlot, Target};
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_chip::catalog::{NeuronModel, Nudging, RouterModel, SendPolicy};
use equipoise_chip::params::Mesh;
use equipoise_chip::{Connection, Machine, Network, Params, Population, Sign, Unobserved, Weights, build};

/// A layered network with symmetric couplings between neighbours; weights are drawn from `seed` within +-1.
#[must_use]
pub fn layered(layers: &[usize], neuron: &NeuronModel, rate: f64, seed: u64) -> Network {
    let layer = |(depth, &size): (usize, &usize)| {
        let neuron = (depth > 0).then(|| neuron.clone());
        population(&format!("layer{depth}"), size, neuron)
    };
    let couple = |from: usize| {
        let weights = uniform(layers[from] * layers[from + 1], seed, from as u32);
        Connection { symmetric: true, rate, ..connection(from, from + 1, Weights::Dense(weights), 1) }
    };
    Network {
        populations: layers.iter().enumerate().map(layer).collect(),
        connections: (0..layers.len() - 1).map(couple).collect(),
        input: Some(0),
        output: Some(layers.len() - 1),
        layers: layers.iter().map(|&n| n as u64).collect(),
        ids: Vec::new(),
    }
}

/// A population that starts at zero without biases; no `neuron` makes it a clamped input.
#[must_use]
pub fn population(name: &str, size: usize, neuron: Option<NeuronModel>) -> Population {
    let name = name.to_owned();
    Population { name, size, neuron, sign: Sign::Any, bias: Vec::new(), start: Vec::new(), bias_rate: 0.0 }
}

/// Frozen synapses of one direction, every axon with the same delay in steps.
#[must_use]
pub fn connection(from: usize, to: usize, weights: Weights, delay: u32) -> Connection {
    Connection { from, to, weights, delay: vec![delay], return_delay: vec![1], symmetric: false, rate: 0.0 }
}

/// `count` numbers within +-1.
#[must_use]
pub fn uniform(count: usize, seed: u64, stream: u32) -> Vec<f64> {
    let noise = Noise::at(seed, Stream::of(StreamKind::Test, stream), 0);
    (0..count as u32).map(|lane| 2.0 * noise.uniform(lane) - 1.0).collect()
}

/// A mesh router with T_R = T_L = 1 and that FIFO depth.
#[must_use]
pub fn mesh(fifo_depth: u32) -> RouterModel {
    let mut router =
        RouterModel::defaults().into_iter().find(|r| r.kind() == "mesh").expect("the family has a mesh");
    if let RouterModel::Mesh(mesh) = &mut router {
        (mesh.fifo_depth, mesh.router_cycles, mesh.link_cycles) = (fifo_depth, 1, 1);
    }
    router
}

/// Sending of values that moved by at least `threshold`.
#[must_use]
pub fn on_change(threshold: f64) -> SendPolicy {
    let mut policy =
        SendPolicy::defaults().into_iter().find(|p| p.kind() == "on_change").expect("the family has it");
    if let SendPolicy::OnChange(on_change) = &mut policy {
        on_change.threshold = threshold;
    }
    policy
}

/// The chip of the hand-worked cases: ideal cells, times (1, 4, 1, 2), one converter per array, every input
/// sent and read at every step, at most three pulses of two cycles per update.
#[must_use]
pub fn bench_chip(network: Network) -> Params {
    let mut params = Params { network, seed: 1, ..Params::default() };
    let hardware = &mut params.hardware;
    hardware.hold_clamped = false;
    hardware.activity_bits = 0;
    hardware.mesh = Mesh::Auto;
    hardware.update.max_pulses = 3;
    params.phases.free_steps = 20;
    params.phases.nudged_steps = 10;
    params
}

/// One training sample of the nudging scheme: what an experiment's program does for every sample.
#[must_use]
pub fn sample(input: &[f32], class: u32, nudging: Nudging) -> Vec<Instruction> {
    let target = Some(Target::Class(class));
    let mut program =
        vec![Instruction::Present { input: input.into(), target }, Instruction::Settle { steps: None }];
    if nudging.latches_free() {
        program.push(Instruction::Latch(LatchSlot::Free));
    }
    for index in 1..=nudging.phases() {
        program.push(Instruction::Nudge { index, steps: None });
        program.push(Instruction::Latch(LatchSlot::Nudged));
    }
    program.extend([Instruction::Update, Instruction::Done]);
    program
}

/// Builds a chip and executes `program`.
///
/// # Panics
/// If the chip refuses: a test's mistake.
#[must_use]
pub fn ran(params: &Params, program: &[Instruction]) -> Box<dyn Machine> {
    let mut chip = build(params).expect("the test's chip can be built");
    for instruction in program {
        chip.execute(instruction, &mut Unobserved).expect("the test's program fits");
    }
    chip
}
