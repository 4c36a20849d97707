//! The record of the run so far.

use crate::chip::Chip;
use crate::core::Unit;
use crate::pace::Pace;
use equipoise_base::Number;
use equipoise_base::record::{EventBook, LearningShape, MemoryBits, Record, SettlingBook};
use equipoise_base::synapses::StoreBits;

impl<N: Number> Chip<N> {
    pub(crate) fn write_record(&self) -> Record {
        Record {
            seed: self.derived.seed,
            digest: crate::Machine::digest(self),
            steps: self.clock.step,
            cycles: self.clock.cycle,
            updates: self.updates,
            phase_cycles: self.timeline.phase_cycles,
            phase_steps: self.timeline.phase_steps,
            cores: self.cores.iter().map(|core| core.book.clone()).collect(),
            nodes: self.pace.nodes(),
            events: EventBook {
                in_flight: self.events.fan_out_total - self.events.delivered,
                ..self.events.clone()
            },
            settling: SettlingBook { last_oscillation: self.last_oscillation(), ..self.settling.clone() },
            memory: self.memory(),
            shape: self.shape.clone(),
            links: self.pace.link_traffic(),
            peak: self.windows.finish(),
            structure: self.structure.clone(),
            ..Record::default()
        }
    }

    /// Bits of memory by purpose, summed over the cores.
    pub(crate) fn memory(&self) -> MemoryBits {
        let mut memory = MemoryBits::default();
        let activity_bits = self.derived.activity_bits;
        for core in &self.cores {
            memory.weights += core.bias.len() as u64 * u64::from(N::WIDTH);
            match &core.unit {
                Unit::Free(neurons) => memory.state += neurons.len() as u64 * neurons.bits_per_neuron(),
                Unit::Clamped(clamped) => memory.io += clamped.value.len() as u64 * activity_bits,
            }
            if let Some(nudge) = &core.nudge {
                memory.io += nudge.target.len() as u64 * u64::from(N::WIDTH);
            }
            for block in &core.blocks {
                let StoreBits { weights, delays, routing } = block.store.bits();
                memory.weights += weights;
                memory.routing += routing;
                memory.delays += delays + block.axon.bits(activity_bits as u32);
                memory.delays += block.own.as_ref().map_or(0, |own| own.bits(activity_bits as u32));
                memory.latches += block.controller.as_ref().map_or(0, |controller| controller.bits());
            }
            memory.latches += core.bias_controller.as_ref().map_or(0, |controller| controller.bits());
        }
        if let Pace::Free(run) = &self.pace {
            memory.delays += run.drive_registers() * u64::from(N::WIDTH);
        }
        memory.restart = self.derived.restart_bits;
        memory
    }
}

/// The shape of learning of a network: what alternatives are compared by.
pub(crate) fn shape_of(params: &crate::Params, state_bits: u64) -> LearningShape {
    let crate::Params { network, learning, phases, .. } = params;
    let bits = u64::from(learning.latch.bits);
    LearningShape {
        synapses: network.plastic_synapses(),
        free_neurons: network.free_neurons(),
        input_neurons: network.input.map_or(0, |input| network.populations[input].size as u64),
        free_steps: u64::from(phases.free_steps),
        nudged_steps: u64::from(phases.nudged_steps),
        nudged_phases: u64::from(learning.nudging.phases()),
        latch_bits: if bits == 0 { state_bits } else { bits },
        state_bits,
        gradient_bits: 24,
        latch: learning.latch.kind.word().to_owned(),
        layers: network.layers.clone(),
    }
}
