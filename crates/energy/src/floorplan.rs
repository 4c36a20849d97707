//! How large a core is, and so how long the links between two cores.

use crate::design::Design;
use crate::evidence::Figure;
use crate::models::sram::latch_bytes;
use crate::words::{SynapseStore, UpdateScheme};
use equipoise_base::record::Block;

/// Words that a neuron holds: its state, its bias, a held drive and what a further nudged phase restarts from.
const WORDS_OF_A_NEURON: f64 = 4.0;

/// Square millimetres of a core with everything that it has room for, by the areas of one of each block.
pub(crate) fn core_mm2(design: &Design, areas: &[Option<Figure>]) -> f64 {
    let of = |block: Block, count: f64| count * areas[block as usize].map_or(0.0, |figure| figure.value);
    let Design { rows, columns, arrays, neurons, lanes, adc_count, .. } = *design;
    let logic = of(Block::Neuron, lanes)
        + of(Block::Controller, 1.0)
        + of(Block::Router, 1.0)
        + of(Block::State, neurons * WORDS_OF_A_NEURON * design.state.0);
    if design.store == SynapseStore::Sram {
        return logic;
    }
    let gathers = design.scheme == UpdateScheme::Accumulator;
    let accumulators = if gathers { rows * columns * design.accumulator_bits } else { 0.0 };
    let array = of(Block::Array, 1.0)
        + of(Block::Adc, adc_count)
        + of(Block::Dac, rows + columns)
        + of(Block::Latches, 8.0 * latch_bytes(design))
        + of(Block::Accumulators, accumulators);
    logic + arrays * array
}
