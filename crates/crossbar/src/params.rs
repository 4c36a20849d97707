//! The parameters of arrays, drivers and converters.

use equipoise_base::{Number, Refusal, Shape, Way, words};
use equipoise_device::DeviceModel;

/// Most rows and most columns of one matrix; sums of so many products fit 128 bits in every format.
pub const MAX_SIDE: usize = 65_536;

equipoise_base::choice! {
    /// How a converter works: what decides how long a conversion takes where nobody says so.
    pub enum ConverterKind {
        /// Not said.
        Given = "given",
        /// Successive approximation.
        Sar = "sar",
        /// A ramp that is compared and counted.
        Ramp = "ramp",
        /// A current-controlled oscillator that is counted.
        Oscillator = "oscillator",
    }
}

equipoise_base::params! {
    /// The converters at the lines that are read out.
    pub struct Adc {
        /// Bits of a code; 0: the sum is passed on exactly.
        bits: u32 = 0, "bits", 0..=16;
        /// Converters of one array; its lines take turns.
        count: u32 = 1, "converters per array", 1..=65536;
        /// Half range R of a forward read: the converter spans -R to R.
        range_forward: f64 = 2.0, "activity x weight", 0.000001..=1000000.0;
        /// Half range R of a transposed read.
        range_transposed: f64 = 0.5, "activity x weight", 0.000001..=1000000.0;
        /// Standard deviation of the noise of every conversion.
        noise: f64 = 0.0, "fraction of R", 0.0..=1.0;
        /// Standard deviation of the gain, drawn once per line and direction of each array.
        gain_spread: f64 = 0.0, "1", 0.0..=1.0;
        /// Standard deviation of the offset, drawn once per line and direction of each array.
        offset_spread: f64 = 0.0, "fraction of R", 0.0..=1.0;
        /// How a converter works; it gives the cycles of a conversion unless `read.adc_cycles` does.
        kind: ConverterKind = ConverterKind::Given, "";
    }
}

equipoise_base::params! {
    /// The times of a read.
    pub struct Timing {
        /// Cycles until the drivers have settled.
        dac_cycles: u32 = 1, "cycles", 0..=1000000;
        /// Cycles of integration on the lines.
        integrate_cycles: u32 = 4, "cycles", 0..=1000000;
        /// Cycles of sample and hold.
        hold_cycles: u32 = 1, "cycles", 0..=1000000;
        /// Cycles of one conversion; where `adc.kind` is said and this is not, they follow from kind and bits.
        adc_cycles: u32 = 2, "cycles", 0..=1000000;
        /// Double-buffered sample and hold: the next read integrates while this one is converted.
        pipelined: bool = false, "";
    }
}

equipoise_base::params! {
    /// An analog core's arrays.
    pub struct Params {
        /// Rows of one physical array.
        array_rows: usize = 128, "rows", 1..=65536;
        /// Columns of one physical array.
        array_columns: usize = 128, "columns", 1..=65536;
        /// The cells.
        device: DeviceModel = DeviceModel::default(), "";
        /// Bits of a driver's magnitude: an activity from -1 to 1 becomes a multiple of 1/(2^bits - 1),
        /// and more is clipped; 0: the full width of the chip's state, unclipped.
        activity_bits: u32 = 0, "bits", 0..=24;
        /// Drives the lines one activity bit after the other, and converts and adds each bit's sums.
        bit_serial: bool = false, "";
        /// Standard deviation of a cell's weight at every read, independent between cells and reads.
        cell_noise: f64 = 0.0, "fraction of w_max", 0.0..=1.0;
        /// Verifying reads of each cell during the initial programming.
        verify_reads: u32 = 0, "reads per cell", 0..=1000000;
        /// The converters.
        adc: Adc = Adc::default(), "";
        /// The times of a read.
        timing: Timing = Timing::default(), "";
    }
}

impl Adc {
    /// Half range R in direction `way`, in activity x weight.
    #[must_use]
    pub fn range(&self, way: Way) -> f64 {
        match way {
            Way::Forward => self.range_forward,
            Way::Transposed => self.range_transposed,
        }
    }
}

impl Adc {
    /// Checks what a chip of format `N` cannot hold: of converters, the ends of their range.
    ///
    /// # Errors
    /// Names the key and what is accepted.
    pub fn check<N: Number>(&self) -> Result<(), Refusal> {
        if self.bits == 0 {
            return Ok(());
        }
        let largest = |key: &str, range: f64| {
            // The range ends a code below its upper end.
            let last = range - range / f64::from(1_u32 << (self.bits - 1));
            words::check_range::<N>(key, last).map_err(|refusal| {
                let found = format!("{}, whose last code is {}", words::shown(range), refusal.found);
                Refusal { found, ..refusal }
            })
        };
        largest("range_forward", self.range_forward)?;
        largest("range_transposed", self.range_transposed)
    }
}

impl Params {
    /// Checks what the ranges of single keys cannot, for a matrix of `shape` on a chip of format `N`.
    ///
    /// # Errors
    /// Names the key, relative to this section, and what is accepted.
    pub fn check<N: Number>(&self, shape: Shape) -> Result<(), Refusal> {
        self.device.check().map_err(|refusal| refusal.within("device"))?;
        if self.bit_serial && self.activity_bits == 0 {
            let accepted = "1 to 24 bits where bit_serial = true, for a bit must be driven after the other";
            return Err(Refusal::new("activity_bits", "0 (the state's full width)", accepted));
        }
        let largest = N::MAX.to_num::<f64>();
        if self.device.w_max() > largest {
            let accepted = format!("at most {largest}, the largest number of the chip's state");
            return Err(Refusal::new("device.w_max", self.device.w_max().to_string(), accepted));
        }
        let found = format!("a matrix of {} x {}", shape.rows, shape.columns);
        let sides = [shape.rows, shape.columns];
        if sides.iter().any(|side| !(1..=MAX_SIDE).contains(side)) {
            let accepted = format!("1 to {MAX_SIDE} rows and columns: cut the layer over cores");
            return Err(Refusal::new("array_rows", found, accepted));
        }
        // Noise lanes are 32-bit numbers: one per cell, and one per conversion of a read.
        let cells: u64 = sides.iter().map(|side| side.next_multiple_of(4) as u64).product();
        if cells * self.passes() > u64::from(u32::MAX) {
            let accepted =
                "fewer than 2^32 cells (times activity bits, if bit-serial): cut the layer over cores";
            return Err(Refusal::new("array_rows", found, accepted));
        }
        Ok(())
    }

    /// How often the arrays are driven for one read: once, or once per activity bit.
    #[must_use]
    pub fn passes(&self) -> u64 {
        if self.bit_serial { u64::from(self.activity_bits) } else { 1 }
    }
}
