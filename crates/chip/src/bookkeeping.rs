//! The record of the run so far.

use crate::chip::Chip;
use crate::core::{Core, Unit};
use crate::inventory::routers_in_use;
use equipoise_base::Number;
use equipoise_base::record::{Block, Clipped, LearningShape, MemoryBits, Record, SettlingBook};

impl<N: Number> Chip<N> {
    pub(crate) fn write_record(&self) -> Record {
        let links = self.pace.link_traffic();
        let nodes = (0..self.cores.len()).map(|core| self.pace.seats().node(core));
        Record {
            seed: self.derived.seed,
            digest: crate::Machine::digest(self),
            steps: self.clock.step,
            cycles: self.clock.cycle,
            updates: self.updates,
            phase_cycles: self.timeline.phase_cycles,
            phase_steps: self.timeline.phase_steps,
            cores: self.cores.iter().map(|core| core.book.clone()).collect(),
            nodes: self.nodes,
            inventory: self.inventory,
            routers_in_use: routers_in_use(nodes, self.pace.transport(), &links),
            events: self.book_of_events(),
            settling: SettlingBook { last_oscillation: self.last_oscillation(), ..self.settling.clone() },
            memory: self.memory(),
            shape: self.shape.clone(),
            links,
            fifos: self.pace.fifo_use(),
            conversion_cycles: self.derived.conversion_cycles,
            inferences: self.inferences,
            peak: self.windows.finish(),
            clipped: self.clipped(),
            structure: self.structure.clone(),
            ..Record::default()
        }
    }

    /// What the chip could not take as it was given.
    fn clipped(&self) -> Clipped {
        let mut clipped = Clipped { inputs: self.inputs_clipped, ..Clipped::default() };
        self.cores.iter().flat_map(|core| &core.blocks).for_each(|block| clipped += block.clipped);
        clipped
    }

    /// Bits of memory by purpose, summed over the cores.
    fn memory(&self) -> MemoryBits {
        let mut memory = MemoryBits::default();
        for core in &self.cores {
            let bits = |block| core.book.inventory.get(block);
            // Cells of arrays hold bits as well.
            let stores = core.blocks.iter().map(|block| block.store.bits().weights);
            memory.weights += stores.sum::<u64>() + bits(Block::Biases);
            memory.latches += latch_bits(core) + bits(Block::Accumulators);
            memory.state += bits(Block::State);
            memory.drives += bits(Block::Drives);
            memory.axons += bits(Block::Axons);
            memory.delays += bits(Block::Delays);
            memory.routing += bits(Block::Routing);
            memory.restart += bits(Block::Restart);
            memory.io += bits(Block::Io);
        }
        memory
    }
}

/// Bits of latches that learning needs. States are latched once per neuron, beside the biases, however many arrays
/// form products with them.
fn latch_bits<N: Number>(core: &Core<N>) -> u64 {
    match &core.bias_controller {
        Some(biases) if biases.serves_synapses() => biases.bits(),
        _ => core.book.inventory.get(Block::Latches),
    }
}

/// The shape of learning of a network on `cores`: what alternatives are compared by.
pub(crate) fn shape_of<N: Number>(params: &crate::Params, cores: &[Box<Core<N>>]) -> LearningShape {
    let crate::Params { hardware, network, learning, phases, .. } = params;
    let register = |core: &Core<N>| match &core.unit {
        Unit::Free(neurons) => neurons.bits_per_neuron(),
        Unit::Clamped(_) => 0,
    };
    let mut controllers = cores.iter().flat_map(|core| &core.blocks).filter_map(|b| b.controller.as_ref());
    let gathers = controllers.any(|controller| controller.gathers());
    LearningShape {
        synapses: network.plastic_synapses(),
        free_neurons: network.free_neurons(),
        input_neurons: network.input.map_or(0, |input| network.populations[input].size as u64),
        free_steps: u64::from(phases.free_steps),
        nudged_steps: u64::from(phases.nudged_steps),
        nudged_phases: u64::from(learning.nudging.phases()),
        latch_bits: learning.latch.word_bits(u64::from(N::WIDTH)),
        accumulator_bits: if gathers { u64::from(hardware.update.accumulator_bits) } else { 0 },
        state_bits: cores.iter().map(|core| register(core)).max().unwrap_or(0),
        gradient_bits: 24,
        latch: learning.latch.kind.word().to_owned(),
        layers: network.layers.clone(),
    }
}
