//! How long an update takes.

equipoise_base::choice! {
    /// Which cells are written together.
    pub enum WriteMode {
        /// Row after row, arrays in parallel.
        RowSerial = "row_serial",
        /// All rows at once: a parallel outer product.
        OuterProduct = "outer_product",
    }
}

equipoise_base::choice! {
    /// How many pulse slots a row gets.
    pub enum UpdateSlots {
        /// As many as the largest count in the row asks for.
        AsNeeded = "as_needed",
        /// Always the cap.
        Fixed = "fixed",
    }
}

equipoise_base::params! {
    /// Cycles of the `UPDATE` state.
    pub struct UpdateTiming {
        /// Which cells are written together.
        write: WriteMode = WriteMode::RowSerial, "";
        /// How many pulse slots a row gets.
        slots: UpdateSlots = UpdateSlots::AsNeeded, "";
        /// Cycles of one pulse slot.
        pulse_cycles: u32 = 2, "cycles", 0..=1_000_000;
        /// Cycles of one row's accumulators, where there are any.
        accumulator_cycles: u32 = 1, "cycles", 0..=1_000_000;
        /// Most pulses on one cell in one update.
        max_pulses: u32 = 16, "pulses", 1..=65535;
    }
}

impl UpdateTiming {
    /// Cycles of an update: `largest[slot]` is the largest pulse count on any cell of row slot `slot` (rows
    /// of different arrays that are written together share a slot). `gathers` says if accumulators take part.
    #[must_use]
    pub fn cycles(&self, largest: &[u32], gathers: bool) -> u64 {
        let cap = u64::from(self.max_pulses);
        let rows = largest.len() as u64;
        let slots = match (self.write, self.slots) {
            (WriteMode::RowSerial, UpdateSlots::Fixed) => rows * cap,
            (WriteMode::RowSerial, UpdateSlots::AsNeeded) => largest.iter().map(|&n| u64::from(n)).sum(),
            (WriteMode::OuterProduct, UpdateSlots::Fixed) => cap,
            (WriteMode::OuterProduct, UpdateSlots::AsNeeded) => {
                largest.iter().copied().max().map_or(0, u64::from)
            }
        };
        let accumulators = if gathers { rows * u64::from(self.accumulator_cycles) } else { 0 };
        slots * u64::from(self.pulse_cycles) + accumulators
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_serial_and_outer_product_follow_their_closed_forms() {
        let fixed = UpdateTiming { slots: UpdateSlots::Fixed, max_pulses: 3, ..UpdateTiming::default() };
        assert_eq!(fixed.cycles(&[0; 4], false), 24, "4 rows, 3 pulses of 2 cycles");
        assert_eq!(fixed.cycles(&[0; 4], true), 28);
        let needed = UpdateTiming::default();
        assert_eq!(needed.cycles(&[0, 5, 1, 0], false), 12);
        let outer = UpdateTiming { write: WriteMode::OuterProduct, ..UpdateTiming::default() };
        assert_eq!(outer.cycles(&[0, 5, 1, 0], false), 10);
    }
}
