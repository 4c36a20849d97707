//! Cycles of reads.

use crate::{Params, Tiling, Timing};
use equipoise_base::Way;

/// Cycles of `reads` reads of one array in a row, `lines` lines read out through `converters` converters.
///
/// With A = dac + integrate + hold and B = ceil(lines / converters) * adc: each read takes A + B; with
/// double-buffered sample and hold a read integrates while the one before is converted, so
/// A + B + (reads - 1) max(A, B).
#[must_use]
pub fn pipeline_cycles(timing: &Timing, lines: u64, converters: u64, reads: u64) -> u64 {
    let sample =
        u64::from(timing.dac_cycles) + u64::from(timing.integrate_cycles) + u64::from(timing.hold_cycles);
    let convert = lines.div_ceil(converters) * u64::from(timing.adc_cycles);
    match (reads, timing.pipelined) {
        (0, _) => 0,
        (reads, true) => sample + convert + (reads - 1) * sample.max(convert),
        (reads, false) => reads * (sample + convert),
    }
}

/// Cycles of one read of a whole matrix in direction `way`: the arrays work in parallel, so those of the
/// fullest array; bit-serial inputs are as many reads in a row.
#[must_use]
pub fn read_cycles(params: &Params, tiling: &Tiling, way: Way) -> u64 {
    let lines = tiling.most_lines(way) as u64;
    pipeline_cycles(&params.timing, lines, u64::from(params.adc.count), params.passes())
}
