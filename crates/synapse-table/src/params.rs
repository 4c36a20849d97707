//! What a table is told about itself.

use equipoise_base::params;

params! {
    /// Parameters of a synapse table.
    pub struct TableParams {
        /// Bits of a stored weight, two's complement.
        weight_bits: u32 = 8, "bits", 1..=48;
        /// Weights lie from minus this to this less one code.
        weight_range: f64 = 2.0, "1", 0.000001..=16384.0;
        /// Entries of a row that one cycle reads and accumulates.
        entries_per_cycle: u32 = 4, "entries", 1..=65536;
    }
}

/// What the driving lines of a table carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// Rate activities of so many bits, held until replaced: every row is read in every step.
    Held {
        /// Bits of one activity in the delay memory.
        activity_bits: u32,
    },
    /// Spikes: only the rows of axons that spike are read.
    Spikes,
}

/// How a table is used by its core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// What the driving lines carry.
    pub carried: Carried,
    /// True where the table is read transposed, too: symmetric connections.
    pub transposed: bool,
}
