//! From differences of latched correlations to whole device pulses.
//!
//! The controller multiplies a difference (an integer) with one constant, rate x gain x latch LSB / weight per
//! pulse, held as a 30-bit mantissa and a shift. The fraction of a pulse that is left over is rounded to
//! nearest, rounded stochastically, or gathered in a digital accumulator.

use crate::columns::Columns;
use crate::comparison::Wanted;
use crate::kernels::{self, NarrowFactor, Register};
use crate::params::UpdateScheme;
use crate::sweep::{self, Accumulators, LANES, Side, Sweep};
use equipoise_base::Digest;
use equipoise_base::noise::{Noise, Stream, StreamKind};

/// A constant factor as hardware holds it: mantissa / 2^shift.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factor {
    mantissa: i64,
    shift: u32,
}

const MANTISSA_BITS: i32 = 30;
const MAX_SHIFT: i32 = 62;

impl Factor {
    /// The nearest factor to `value`; its relative error is below 2^-29 for |value| from 2^-32 to 2^29, and larger
    /// values saturate.
    #[must_use]
    pub fn nearest(value: f64) -> Self {
        let mut shift = MAX_SHIFT;
        let mut scaled = value * (1_u64 << MAX_SHIFT) as f64;
        let largest = f64::from(1 << MANTISSA_BITS);
        while scaled.abs() >= largest && shift > 1 {
            scaled *= 0.5;
            shift -= 1;
        }
        Self { mantissa: scaled.round().clamp(-largest, largest) as i64, shift: shift as u32 }
    }

    /// True where `value` lies beyond all factors.
    pub(crate) fn exceeds(value: f64) -> bool {
        value.abs() > f64::from(1 << (MANTISSA_BITS - 1))
    }

    /// The factor's value.
    #[must_use]
    pub fn value(self) -> f64 {
        self.mantissa as f64 / (1_u64 << self.shift) as f64
    }

    /// The factor for codes of 32 bits.
    fn narrow(self) -> NarrowFactor {
        NarrowFactor { mantissa: self.mantissa as i32, shift: self.shift }
    }

    /// `code * factor`, rounded down after adding `dither / 2^32` of a unit.
    fn apply(self, code: i64, dither: u32) -> i64 {
        let product = i128::from(code) * i128::from(self.mantissa);
        let dither = ((u64::from(dither) << 32) >> (64 - self.shift)) as i128;
        ((product + dither) >> self.shift).clamp(-i128::from(i32::MAX), i128::from(i32::MAX)) as i64
    }
}

// |code| < 2^31, |mantissa| <= 2^30 and a dither below 2^62 stay within 64 bits.
const _: () = assert!(31 + MANTISSA_BITS < 62 && MAX_SHIFT <= 62);

/// Half a unit of dither: rounding to nearest, ties up.
const HALF: u32 = 1 << 31;

/// Parameters of the way to pulses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PulseParams {
    /// How a fraction of a pulse is treated.
    pub scheme: UpdateScheme,
    /// Most pulses on one cell in one update; ignored by digital writes.
    pub max_pulses: u32,
    /// Bits of the accumulator, its sign included.
    pub accumulator_bits: u32,
    /// Fraction bits of the accumulator: its grain is 2^-fraction of a pulse.
    pub accumulator_fraction: u32,
    /// True where the store is written digitally: any number of grains at once.
    pub direct: bool,
}

impl PulseParams {
    /// Most pulses of a cell.
    fn cap(&self) -> i32 {
        if self.direct { i32::MAX } else { self.max_pulses as i32 }
    }

    /// Widths of an accumulator.
    fn register(&self) -> Register {
        let top = (1 << (self.accumulator_bits - 1)) - 1;
        Register { fraction: self.accumulator_fraction, top, cap: self.cap() }
    }

    /// Pulses of cells with those `codes`, `dither` and (where fractions are gathered) `registers`.
    #[allow(clippy::too_many_arguments)] // one row, side by side
    fn turn(
        &self,
        gathers: bool,
        factor: Factor,
        codes: &[i64],
        narrow: bool,
        dither: &[u32],
        registers: &mut [i16],
        pulses: &mut [i32],
    ) -> u32 {
        let cap = self.cap();
        if gathers {
            let widths = self.register();
            if narrow {
                return kernels::gather(codes, dither, factor.narrow(), widths, registers, pulses);
            }
            gather_wide(codes, dither, factor, widths, registers, pulses);
        } else if narrow {
            return kernels::whole_pulses(codes, dither, factor.narrow(), cap, pulses);
        } else {
            let cap = i64::from(cap);
            for ((slot, &code), &dither) in pulses.iter_mut().zip(codes).zip(dither) {
                *slot = factor.apply(code, dither).clamp(-cap, cap) as i32;
            }
        }
        pulses.iter().map(|pulses| pulses.unsigned_abs()).max().unwrap_or(0)
    }
}

/// Turns rows of differences into rows of pulses.
#[derive(Clone, Debug)]
pub struct Pulser {
    params: PulseParams,
    seed: u64,
    stream: Stream,
    columns: usize,
    /// One accumulator per synapse, row-major, and a chunk of none; empty for the other schemes.
    accumulators: Vec<i16>,
    gathers: bool,
    // Scratch.
    blocks: Vec<u32>,
    spare: [Vec<i64>; 2],
    dither: Vec<[u32; 4]>,
}

/// Which row is turned into pulses, when, and by what factor.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The row.
    pub row: usize,
    /// Running number of the update.
    pub update: u64,
    /// Pulses (or grains of an accumulator) per unit of difference.
    pub factor: Factor,
}

/// Rows that are turned into pulses together.
#[derive(Clone, Copy)]
pub(crate) struct Stretch<'a> {
    /// The rows, ascending.
    pub rows: &'a [u32],
    /// The columns.
    pub columns: &'a Columns,
    /// What the latches hold of both.
    pub sides: [Side<'a>; 2],
    /// The ends of a difference.
    pub limits: (i64, i64),
    /// Running number of the update.
    pub update: u64,
    /// Pulses (or grains of an accumulator) per unit of difference.
    pub factor: Factor,
}

impl Pulser {
    /// A pulser for `rows` x `columns` synapses of block `index`.
    #[must_use]
    pub fn new(params: PulseParams, rows: usize, columns: usize, seed: u64, index: u32) -> Self {
        let gathers = params.scheme == UpdateScheme::Accumulator && !params.direct;
        Self {
            accumulators: if gathers { vec![0; rows * columns + LANES] } else { Vec::new() },
            gathers,
            blocks: Vec::new(),
            spare: [Vec::new(), Vec::new()],
            stream: Stream::of(StreamKind::UpdateRounding, index),
            dither: Vec::new(),
            params,
            seed,
            columns,
        }
    }

    /// True if fractions of a pulse are gathered in accumulators.
    #[must_use]
    pub fn gathers(&self) -> bool {
        self.gathers
    }

    /// Bits of one accumulator; 0 where there are none.
    #[must_use]
    pub fn accumulator_bits(&self) -> u64 {
        if self.gathers() { u64::from(self.params.accumulator_bits) } else { 0 }
    }

    /// The factor for a wanted change of `weight` per unit of difference, with `weight_per_pulse` per pulse.
    #[must_use]
    pub fn factor(&self, weight_per_code: f64, weight_per_pulse: f64) -> Factor {
        let grain = if self.gathers() { f64::from(1_u32 << self.params.accumulator_fraction) } else { 1.0 };
        Factor::nearest(weight_per_code / weight_per_pulse * grain)
    }

    /// Which columns can be moved by a difference times `factor`.
    pub(crate) fn wanted(&self, factor: Factor) -> Wanted {
        if self.dithers() {
            return Wanted { least: 1, chunks: true };
        }
        let least = (1_u64 << (factor.shift - 1)).checked_div(factor.mantissa.unsigned_abs());
        Wanted { least: least.unwrap_or(u64::MAX).max(1), chunks: false }
    }

    /// True if a difference of zero moves nothing: then only the others need be looked at. What an accumulator
    /// holds back is less than a pulse, unless the cap is smaller than what it can hold.
    #[must_use]
    pub fn zero_is_idle(&self) -> bool {
        let most = 1_u64 << (self.params.accumulator_bits - 1) >> self.params.accumulator_fraction;
        !self.gathers() || most <= u64::from(self.params.max_pulses)
    }

    /// Turns the differences of `row` in update number `update` into signed pulses, one for each of `columns`, or
    /// of all; returns the most pulses of a cell. `narrow` says that all codes fit 32 bits.
    pub fn row(
        &mut self,
        row: Row,
        columns: Option<&[u32]>,
        codes: &[i64],
        narrow: bool,
        pulses: &mut [i32],
    ) -> u32 {
        if let Some(columns) = columns {
            return self.sparse_row(row, columns, codes, narrow, pulses);
        }
        self.draw(row);
        let first = row.row * self.columns;
        let registers = self.accumulators.get_mut(first..first + self.columns).unwrap_or_default();
        let dither = self.dither.as_flattened();
        self.params.turn(self.gathers, row.factor, codes, narrow, dither, registers, pulses)
    }

    fn sparse_row(
        &mut self,
        row: Row,
        columns: &[u32],
        codes: &[i64],
        narrow: bool,
        pulses: &mut [i32],
    ) -> u32 {
        let place = |column: u32| row.row * self.columns + column as usize;
        let dither = self.draw_listed(row, columns);
        let registers = columns.iter().filter(|_| self.gathers);
        let mut held: Vec<i16> = registers.map(|&column| self.accumulators[place(column)]).collect();
        let most = self.params.turn(self.gathers, row.factor, codes, narrow, &dither, &mut held, pulses);
        for (&column, register) in columns.iter().zip(held) {
            let place = place(column);
            self.accumulators[place] = register;
        }
        most
    }

    /// The same for rows of which only the activities are known: writes their pulses, row by row in whole chunks, and
    /// the most of each. A difference of zero must be idle.
    pub(crate) fn sweep(&mut self, stretch: Stretch<'_>, pulses: &mut Vec<i32>, most: &mut Vec<u32>) {
        let Stretch { rows, columns, sides, limits, factor, .. } = stretch;
        most.clear();
        most.resize(rows.len(), 0);
        pulses.resize(rows.len() * columns.width(), 0);
        if columns.list.is_empty() {
            return;
        }
        let dithers = self.dithers();
        if dithers {
            self.draw_chunks(stretch);
        }
        let params = &self.params;
        let widths = params.register();
        let sweep = Sweep {
            sides,
            width: columns.width(),
            limits,
            factor: factor.narrow(),
            dither: if dithers { self.dither.as_flattened() } else { &[] },
            // Twice a register's range saturates it from any value.
            limit: if self.gathers { 2 * widths.top + 2 } else { params.cap() },
        };
        if self.gathers {
            let (registers, runs) = (&mut self.accumulators[..], &columns.runs[..]);
            let accumulators = Accumulators { widths, registers, columns: self.columns, rows, runs };
            sweep::gather_pulses(&sweep, accumulators, &mut self.spare, pulses, most);
        } else {
            sweep::whole_pulses(&sweep, &mut self.spare, pulses, most);
        }
    }

    /// Draws the dither of some chunks of columns of several rows, row by row.
    fn draw_chunks(&mut self, Stretch { rows, columns, update, .. }: Stretch<'_>) {
        let blocks_of_row = self.columns.div_ceil(4) as u32;
        self.blocks.clear();
        for &row in rows {
            let first = row * blocks_of_row;
            self.blocks.extend(columns.blocks.iter().map(|block| first + block));
        }
        self.dither.resize(self.blocks.len(), [0; 4]);
        Noise::at(self.seed, self.stream, update).fill_some_words(0, &self.blocks, &mut self.dither);
    }

    /// True if fractions are rounded stochastically.
    fn dithers(&self) -> bool {
        self.params.scheme != UpdateScheme::PulsesRounded && !self.params.direct
    }

    /// Draws the row's dither; half a unit where rounding is to nearest.
    fn draw(&mut self, Row { row, update, .. }: Row) {
        // Rows are padded to whole noise blocks, so that a row's draws do not depend on other rows.
        let blocks = self.columns.div_ceil(4);
        self.dither.clear();
        self.dither.resize(blocks, [HALF; 4]);
        if self.dithers() {
            let noise = Noise::at(self.seed, self.stream, update);
            noise.fill_words((4 * row * blocks) as u32, self.dither.as_flattened_mut());
        }
    }

    /// The same for the `columns` alone.
    fn draw_listed(&self, Row { row, update, .. }: Row, columns: &[u32]) -> Vec<u32> {
        if !self.dithers() {
            return vec![HALF; columns.len()];
        }
        let noise = Noise::at(self.seed, self.stream, update);
        let first = (4 * row * self.columns.div_ceil(4)) as u32;
        columns.iter().map(|column| noise.word(first.wrapping_add(*column))).collect()
    }

    /// Folds the accumulators into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        let held = self.accumulators.len().saturating_sub(LANES);
        digest.words(self.accumulators[..held].iter().map(|&a| a as u64));
    }
}

/// [`kernels::gather`] for codes of any width.
fn gather_wide(
    codes: &[i64],
    dither: &[u32],
    factor: Factor,
    widths: Register,
    registers: &mut [i16],
    pulses: &mut [i32],
) {
    let (top, cap) = (i64::from(widths.top), i64::from(widths.cap));
    for (((slot, register), &code), &dither) in pulses.iter_mut().zip(registers).zip(codes).zip(dither) {
        let sum = (i64::from(*register) + factor.apply(code, dither)).clamp(-top - 1, top);
        let whole = (sum / (1 << widths.fraction)).clamp(-cap, cap);
        *register = (sum - (whole << widths.fraction)) as i16;
        *slot = whole as i32;
    }
}

#[cfg(test)]
mod tests;
