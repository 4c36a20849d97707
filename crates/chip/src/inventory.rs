//! What exists: the blocks of a core that the network uses, of a core with everything that it has room for, and of
//! the whole chip.
//!
//! Circuits come in whole arrays, cores and routers. Memory is counted in bits. A core has room for latches and
//! accumulators at every cell of its arrays (R x C cells and words of b bits: 2 R C b for product latches, R C b for
//! accumulating ones, 2 (R + C) b for states) and for the registers of all its neurons. No key says how large tables,
//! delay lines and the registers of axons and host are, so that they are as large as the network needs.

use crate::block::Block;
use crate::core::{Core, Unit};
use crate::pace::Pace;
use crate::params::{CoreKind, Params};
use crate::timing::CorePlan;
use equipoise_base::Number;
use equipoise_base::record::{Block as Circuit, LinkTraffic, PerBlock};
use equipoise_learning::{Latch, LatchKind, UpdateScheme};
use equipoise_router::Transport;

/// What works in the steps of a core, and for how long.
#[derive(Clone, Debug, Default)]
pub(crate) struct Circuits {
    /// While neurons update: their lanes and registers.
    pub update: PerBlock,
    /// While a block of synapses is read, block by block: arrays with drivers and converters, or tables, and what
    /// holds the values that drive them.
    pub reads: Vec<PerBlock>,
}

impl Circuits {
    /// Block-cycles of work of a step.
    pub(crate) fn at_work(&self, plan: &CorePlan) -> PerBlock {
        let mut active = PerBlock::default();
        active.add_times(&self.update, plan.update_cycles);
        for (block, &cycles) in self.reads.iter().zip(&plan.return_ready) {
            active.add_times(block, cycles);
        }
        active
    }
}

/// What a read of `block` works with: the circuits of its `store`, and what holds the values that drive it.
pub(crate) fn of_read<N: Number>(block: &Block<N>, store: PerBlock, activity_bits: u64) -> PerBlock {
    let mut blocks = store;
    for axon in std::iter::once(&block.axon).chain(&block.own) {
        blocks.add(Circuit::Delays, axon.bits(activity_bits as u32));
        blocks.add(Circuit::Axons, axon.register_bits(activity_bits as u32));
    }
    blocks
}

/// What neurons of a core work with: lanes, and the registers of `neurons` neurons.
fn of_neurons(lanes: u64, neurons: u64, state_bits: u64, word_bits: u64, drives: u64) -> PerBlock {
    let mut blocks = PerBlock::default();
    blocks.add(Circuit::Neuron, lanes);
    blocks.add(Circuit::State, neurons * state_bits);
    blocks.add(Circuit::Biases, neurons * word_bits);
    blocks.add(Circuit::Drives, neurons * drives * word_bits);
    blocks
}

/// What the update of `core`'s neurons works with; nothing where inputs are clamped.
pub(crate) fn of_update<N: Number>(core: &Core<N>, lanes: u64) -> PerBlock {
    let Unit::Free(neurons) = &core.unit else { return PerBlock::default() };
    let held = core.blocks.iter().filter(|block| block.held.is_some()).count() as u64;
    of_neurons(lanes, neurons.len() as u64, neurons.bits_per_neuron(), u64::from(N::WIDTH), held)
}

/// What the network uses of `core`, but for what lies on the way to it.
fn of_core<N: Number>(core: &Core<N>, activity_bits: u64) -> PerBlock {
    let mut blocks = core.circuits.update;
    core.circuits.reads.iter().for_each(|read| blocks += read);
    for controller in core.blocks.iter().filter_map(|block| block.controller.as_ref()) {
        blocks.add(Circuit::Latches, controller.latch_bits());
        blocks.add(Circuit::Accumulators, controller.accumulator_bits());
    }
    if let Some(controller) = core.bias_controller.as_ref().filter(|c| !c.serves_synapses()) {
        blocks.add(Circuit::Latches, controller.bits());
    }
    match &core.unit {
        Unit::Clamped(clamped) => blocks.add(Circuit::Io, clamped.value.len() as u64 * activity_bits),
        Unit::Free(_) => blocks.add(Circuit::Controller, 1),
    }
    if let Some(nudge) = &core.nudge {
        blocks.add(Circuit::Io, nudge.target.len() as u64 * u64::from(N::WIDTH));
    }
    blocks
}

/// What a core has, used or not, with words of `word_bits` in its registers.
fn of_full_core(params: &Params, word_bits: u64) -> PerBlock {
    let Params { hardware, learning, .. } = params;
    let neurons = u64::from(hardware.core.neurons);
    let drives = u64::from(hardware.hold_clamped);
    let mut blocks = of_neurons(u64::from(hardware.neuron.lanes), neurons, word_bits, word_bits, drives);
    blocks.add(Circuit::Restart, neurons * word_bits);
    blocks.add(Circuit::Controller, 1);
    if hardware.core.kind == CoreKind::Analog {
        let arrays = u64::from(hardware.core.arrays);
        let (rows, columns) = (u64::from(hardware.array.rows), u64::from(hardware.array.columns));
        blocks.add(Circuit::Array, arrays);
        blocks.add(Circuit::Adc, arrays * u64::from(hardware.adc.count));
        blocks.add(Circuit::Dac, arrays * (rows + columns));
        let Latch { kind, .. } = learning.latch;
        let biases = if kind == LatchKind::State { 0 } else { 2 * neurons };
        let latches = arrays * kind.words(rows, columns, rows * columns) + biases;
        blocks.add(Circuit::Latches, latches * learning.latch.word_bits(word_bits));
        let scheme = learning.update.unwrap_or(hardware.update.scheme);
        if scheme == UpdateScheme::Accumulator && !hardware.device.is_direct() {
            let bits = u64::from(hardware.update.accumulator_bits);
            blocks.add(Circuit::Accumulators, arrays * rows * columns * bits);
        }
    }
    blocks
}

/// Writes into the books of `cores` what the network uses of them; returns everything that a chip of `nodes` cores
/// has.
pub(crate) fn take_stock<N: Number>(
    params: &Params,
    nodes: u64,
    cores: &mut [Box<Core<N>>],
    activity_bits: u64,
    pace: &Pace,
) -> PerBlock {
    let full = of_full_core(params, u64::from(N::WIDTH));
    let mut chip = PerBlock::default();
    chip.add_times(&full, nodes.saturating_sub(cores.len() as u64));
    for (number, core) in cores.iter_mut().enumerate() {
        let mut blocks = of_core(core, activity_bits);
        if let Pace::Free(run) = pace {
            blocks.add(Circuit::Delays, run.drive_registers(number) * u64::from(N::WIDTH));
        }
        if params.learning.nudging.phases() > 1 {
            // A further nudged phase goes on from the free one.
            blocks.add(Circuit::Restart, blocks.get(Circuit::State) + blocks.get(Circuit::Delays));
        }
        chip += &full.at_least(&blocks);
        core.book.inventory = blocks;
    }
    chip.add(Circuit::Router, pace.transport().routers() as u64);
    chip
}

/// Routers with a core of the network beside them, on one of `nodes`, or with packets passing through them.
pub(crate) fn routers_in_use(
    nodes: impl Iterator<Item = u32>,
    transport: &dyn Transport,
    links: &[LinkTraffic],
) -> u64 {
    let mut used = vec![false; transport.routers()];
    nodes.filter_map(|node| transport.router_of(node)).for_each(|router| used[router as usize] = true);
    for link in links.iter().filter(|link| link.packets > 0) {
        used[link.from as usize] = true;
        used[link.to as usize] = true;
    }
    used.into_iter().filter(|&used| used).count() as u64
}
