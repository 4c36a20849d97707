//! The blocks that a chip is made of: what leaks in every cycle and takes area.

use serde::{Deserialize, Serialize};

/// A kind of block. Circuits are counted one by one, memories in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Block {
    /// One analog array of cells.
    Array,
    /// One analog-to-digital converter.
    Adc,
    /// One line driver (digital-to-analog converter).
    Dac,
    /// One neuron lane.
    Neuron,
    /// One router.
    Router,
    /// One learning controller.
    Controller,
    /// A bit of a weight in an SRAM synapse table.
    Weights,
    /// A bit of the targets and row pointers of an SRAM synapse table.
    Routing,
    /// A bit of a correlation latch, of a synapse or of a bias.
    Latches,
    /// A bit of an update accumulator beside an array.
    Accumulators,
    /// A bit of a neuron's state.
    State,
    /// A bit of a register that holds the drive of clamped inputs.
    Drives,
    /// A bit of a bias register.
    Biases,
    /// A bit of a register in which a listener holds what an axon brought last.
    Axons,
    /// A bit of a delay line: rings of axons, delays and pending drives of synapse tables, drives on the way.
    Delays,
    /// A bit of the shadow registers from which a further nudged phase restarts.
    Restart,
    /// A bit of the input and target registers that the host fills.
    Io,
}

/// Bits of memory that one figure of a preset pays for.
const KILOBIT: u64 = 1024;

impl Block {
    /// Every block, in the order of tables: circuits, then memories.
    pub const ALL: [Self; 17] = [
        Self::Array,
        Self::Adc,
        Self::Dac,
        Self::Neuron,
        Self::Router,
        Self::Controller,
        Self::Weights,
        Self::Routing,
        Self::Latches,
        Self::Accumulators,
        Self::State,
        Self::Drives,
        Self::Biases,
        Self::Axons,
        Self::Delays,
        Self::Restart,
        Self::Io,
    ];

    /// The keys under which presets give leakage, area and gating, in the order of tables.
    pub const KEYS: [&'static str; 7] =
        ["array", "adc", "dac", "neuron", "router", "controller", "sram_kilobit"];

    /// The name in results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Adc => "adc",
            Self::Dac => "dac",
            Self::Neuron => "neuron",
            Self::Router => "router",
            Self::Controller => "controller",
            Self::Weights => "weights",
            Self::Routing => "routing",
            Self::Latches => "latches",
            Self::Accumulators => "accumulators",
            Self::State => "state",
            Self::Drives => "drives",
            Self::Biases => "biases",
            Self::Axons => "axons",
            Self::Delays => "delays",
            Self::Restart => "restart",
            Self::Io => "io",
        }
    }

    /// True for what is counted in bits.
    #[must_use]
    pub fn is_memory(self) -> bool {
        self >= Self::Weights
    }

    /// The key under which presets give its figures: a kilobit of SRAM pays for all memories.
    #[must_use]
    pub fn key(self) -> &'static str {
        if self.is_memory() { "sram_kilobit" } else { self.name() }
    }

    /// How many of it one figure of a preset pays for.
    #[must_use]
    pub fn per_figure(self) -> u64 {
        if self.is_memory() { KILOBIT } else { 1 }
    }
}

/// A number for each block: how many there are, or how many block-cycles they worked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PerBlock(pub [u64; Block::ALL.len()]);

impl PerBlock {
    /// Adds `amount` to one block's number.
    pub fn add(&mut self, block: Block, amount: u64) {
        self.0[block as usize] += amount;
    }

    /// One block's number.
    #[must_use]
    pub fn get(&self, block: Block) -> u64 {
        self.0[block as usize]
    }

    /// Adds `other` `times` times.
    pub fn add_times(&mut self, other: &Self, times: u64) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs * times;
        }
    }

    /// The larger number of each block.
    #[must_use]
    pub fn at_least(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = theirs.max(*mine);
        }
        self
    }

    /// What is left of each block without `other`; nothing where there is less.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = mine.saturating_sub(theirs);
        }
        self
    }
}

impl std::ops::AddAssign<&PerBlock> for PerBlock {
    fn add_assign(&mut self, other: &PerBlock) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stand_in_their_order_under_names_of_their_own() {
        for (place, block) in Block::ALL.into_iter().enumerate() {
            assert_eq!(block as usize, place);
            assert!(Block::ALL[..place].iter().all(|other| other.name() != block.name()));
            assert!(Block::KEYS.contains(&block.key()));
        }
    }

    #[test]
    fn a_kilobit_of_memory_is_1024_bits() {
        assert_eq!((Block::Latches.key(), Block::Latches.per_figure()), ("sram_kilobit", 1024));
        assert_eq!((Block::Adc.key(), Block::Adc.per_figure()), ("adc", 1));
    }
}
