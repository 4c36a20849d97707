//! What a table is told about itself.

use crate::weights::WeightGrid;
use equipoise_base::{Grain, Number, Refusal, params, words};

params! {
    /// Parameters of a synapse table.
    pub struct TableParams {
        /// Bits of a stored weight, two's complement; a code is at least one step of the chip's state. 0: codes of one such step.
        weight_bits: u32 = 8, "bits", 0..=48;
        /// Weights lie from minus this to this less one code; 0: the state's whole range.
        weight_range: f64 = 2.0, "1", 0.0..=16384.0;
        /// Entries of a row that one cycle reads and accumulates.
        entries_per_cycle: u32 = 4, "entries", 1..=65536;
    }
}

impl TableParams {
    /// Checks what a chip of format `N` cannot hold: the least weight is minus the range.
    ///
    /// # Errors
    /// Names the key and what is accepted.
    pub fn check<N: Number>(&self) -> Result<(), Refusal> {
        words::check_range::<N>("weight_range", -self.weight_range)
            .map_err(|refusal| Refusal { found: words::shown(self.weight_range), ..refusal })?;
        words::check_zero::<N>("weight_range", &words::shown(self.weight_range), self.weight_range)
    }

    /// What one pulse does: it moves a weight by a code.
    #[must_use]
    pub fn grain<N: Number>(&self) -> Grain {
        Grain { weight_per_pulse: N::from_raw(WeightGrid::new::<N>(self).code).value(), direct: true }
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
