//! Parts of chips on which delays are watched.

use equipoise_base::Instruction;
use equipoise_base::instruction::TimedEvent;
use equipoise_chip::catalog::{LifParams, NeuronModel, RateParams, SendPolicy};
use equipoise_chip::params::CoreKind;
use equipoise_chip::{Network, Params};
use equipoise_neuron::Integrator;

/// The bench chip with cores of `kind`, large enough for an array per delay.
#[must_use]
pub fn chip(network: Network, kind: CoreKind) -> Params {
    let mut params = crate::bench_chip(network);
    params.hardware.core.kind = kind;
    params.hardware.core.arrays = 64;
    // So many codes over +-2 that one is one LSB of the state: tables then hold what arrays hold.
    params.hardware.table.weight_bits = 32;
    params
}

/// A neuron whose state is its drive.
#[must_use]
pub fn follower() -> NeuronModel {
    NeuronModel::Rate(RateParams { a: 1.0, ..RateParams::default() })
}

/// A neuron that adds up what it gets and fires at one.
#[must_use]
pub fn adder(refractory_steps: u32) -> NeuronModel {
    let integrator = Integrator::Shift;
    NeuronModel::Lif(LifParams { integrator, leak_shift: 0, refractory_steps, ..LifParams::default() })
}

/// When a rate axon sends: always, or with so large a threshold that listeners hold noticeably stale values.
#[must_use]
pub fn rate_policies() -> [SendPolicy; 2] {
    [SendPolicy::default(), crate::on_change(1.0 / 16.0)]
}

/// A recording of (step, line), and `steps` steps that play it.
#[must_use]
pub fn recording(events: &[(u32, u32)], steps: u32) -> [Instruction; 2] {
    let events = events.iter().map(|&(step, axon)| TimedEvent { step, axon }).collect();
    [Instruction::Events { events, target: None }, Instruction::Settle { steps: Some(steps) }]
}

/// A network without inputs relaxes for `steps` steps from its start.
#[must_use]
pub fn alone(steps: u32) -> [Instruction; 2] {
    [Instruction::Present { input: [].into(), target: None }, Instruction::Settle { steps: Some(steps) }]
}
