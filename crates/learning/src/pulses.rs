//! From differences of latched correlations to whole device pulses.
//!
//! The controller multiplies a difference (an integer) with one constant, rate x gain x latch LSB / weight per
//! pulse, held as a 30-bit mantissa and a shift. The fraction of a pulse that is left over is rounded to
//! nearest, rounded stochastically, or gathered in a digital accumulator.

use crate::kernels::{self, NarrowFactor, Register};
use crate::params::UpdateScheme;
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
        let cap = if self.direct { i32::MAX } else { self.max_pulses as i32 };
        if gathers {
            let fraction = self.accumulator_fraction;
            let widths = Register { fraction, top: (1 << (self.accumulator_bits - 1)) - 1, cap };
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
    /// One accumulator per synapse, row-major; empty for the other schemes.
    accumulators: Vec<i16>,
    gathers: bool,
    // Scratch.
    dither: Vec<u32>,
    some: Gathered,
}

/// Scratch: some columns of a row, side by side.
#[derive(Clone, Debug, Default)]
struct Gathered {
    words: Vec<[u32; 4]>,
    blocks: Vec<u32>,
    dither: Vec<u32>,
    registers: Vec<i16>,
    pulses: Vec<i32>,
    /// The most pulses that the last call wrote.
    pulsed: u32,
}

/// Some columns of a block, ascending, and where their dither is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// The columns.
    pub list: Vec<u32>,
    /// Blocks of four columns that hold any of them.
    blocks: Vec<u32>,
    /// The place of each column's word among the words of those blocks.
    words: Vec<u32>,
}

impl Columns {
    /// Lists `columns`, ascending.
    pub fn set(&mut self, columns: impl Iterator<Item = u32>) {
        self.list.clear();
        self.blocks.clear();
        self.words.clear();
        for column in columns {
            if self.blocks.last() != Some(&(column / 4)) {
                self.blocks.push(column / 4);
            }
            self.words.push(4 * (self.blocks.len() as u32 - 1) + column % 4);
            self.list.push(column);
        }
    }

    /// Adds what `all` holds in these columns to `some`.
    fn take<T: Copy>(&self, all: &[T], some: &mut Vec<T>) {
        if self.list.len() == all.len() {
            some.extend_from_slice(all);
        } else {
            some.extend(self.list.iter().map(|&column| all[column as usize]));
        }
    }

    /// Puts `some` into these columns of `all`; what other columns hold, pulses or accumulators, stays.
    fn put_back<T: Copy>(&self, some: &[T], all: &mut [T]) {
        if self.list.len() == all.len() {
            all.copy_from_slice(some);
            return;
        }
        for (&column, &value) in self.list.iter().zip(some) {
            all[column as usize] = value;
        }
    }

    /// Puts `some` into these columns of `all`, and zero into the others.
    pub fn put(&self, some: &[i32], all: &mut [i32]) {
        if self.list.len() < all.len() {
            all.fill(0);
        }
        self.put_back(some, all);
    }
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

/// Some columns of several rows that are turned into pulses together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch<'a> {
    /// The rows, ascending.
    pub rows: &'a [usize],
    /// The columns.
    pub columns: &'a Columns,
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
            accumulators: if gathers { vec![0; rows * columns] } else { Vec::new() },
            gathers,
            some: Gathered::default(),
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

    /// Is it worth to work on `some` columns of a row only? Each then costs more than one of a whole row, most so
    /// where accumulators are taken out and put back: the bounds are measured.
    pub(crate) fn pays(&self, some: usize) -> bool {
        4 * some < if self.gathers { 2 } else { 3 } * self.columns
    }

    /// True if a difference of zero moves nothing: then only the others need be looked at. What an accumulator
    /// holds back is less than a pulse, unless the cap is smaller than what it can hold.
    #[must_use]
    pub fn zero_is_idle(&self) -> bool {
        let most = 1_u64 << (self.params.accumulator_bits - 1) >> self.params.accumulator_fraction;
        !self.gathers() || most <= u64::from(self.params.max_pulses)
    }

    /// Turns the differences of `row` in update number `update` into signed pulses, one per column; returns
    /// the most pulses of a cell. `narrow` says that all codes fit 32 bits.
    pub fn row(&mut self, row: Row, codes: &[i64], narrow: bool, pulses: &mut [i32]) -> u32 {
        self.draw(row);
        let first = row.row * self.columns;
        let registers = self.accumulators.get_mut(first..first + self.columns).unwrap_or_default();
        self.params.turn(self.gathers, row.factor, codes, narrow, &self.dither, registers, pulses)
    }

    /// The same for some columns of several rows, whose `codes` and `pulses` lie row by row. A code of zero must be
    /// idle.
    pub(crate) fn rows(
        &mut self,
        stretch: Stretch,
        codes: &[i64],
        narrow: bool,
        pulses: &mut Vec<i32>,
    ) -> u32 {
        self.draw_rows(stretch);
        let Stretch { rows, columns, factor, .. } = stretch;
        pulses.resize(codes.len(), 0);
        let Gathered { dither, registers, .. } = &mut self.some;
        registers.clear();
        if self.gathers {
            for &row in rows {
                columns.take(&self.accumulators[row * self.columns..][..self.columns], registers);
            }
        }
        let most = self.params.turn(self.gathers, factor, codes, narrow, dither, registers, pulses);
        if self.gathers {
            for (&row, registers) in rows.iter().zip(registers.chunks_exact(columns.list.len())) {
                columns.put_back(registers, &mut self.accumulators[row * self.columns..][..self.columns]);
            }
        }
        most
    }

    /// Draws the dither of some columns of several rows, row by row.
    fn draw_rows(&mut self, Stretch { rows, columns, update, .. }: Stretch) {
        let dithers = self.dithers();
        let Gathered { words, blocks, dither, .. } = &mut self.some;
        dither.clear();
        if !dithers {
            dither.resize(rows.len() * columns.list.len(), HALF);
            return;
        }
        blocks.clear();
        for &row in rows {
            let first = (row * self.columns.div_ceil(4)) as u32;
            blocks.extend(columns.blocks.iter().map(|block| first + block));
        }
        words.resize(blocks.len(), [0; 4]);
        Noise::at(self.seed, self.stream, update).fill_some_words(0, blocks, words);
        for words in words.chunks_exact(columns.blocks.len()) {
            let words = words.as_flattened();
            dither.extend(columns.words.iter().map(|&at| words[at as usize]));
        }
    }

    /// The same for some columns of the row, those to which `codes` belong. `pulses` must hold what the last call
    /// left there, or zeros if `fresh`.
    pub(crate) fn row_some(
        &mut self,
        row: Row,
        columns: &Columns,
        codes: &[i64],
        narrow: bool,
        fresh: bool,
        pulses: &mut [i32],
    ) -> u32 {
        self.draw_some(row, columns);
        let Gathered { dither, registers, pulses: some, pulsed, .. } = &mut self.some;
        if fresh {
            *pulsed = 0;
        }
        let mine = self.accumulators.get_mut(row.row * self.columns..).unwrap_or_default();
        registers.clear();
        if self.gathers {
            registers.extend(columns.list.iter().map(|&column| mine[column as usize]));
        }
        some.resize(columns.list.len(), 0);
        let most = self.params.turn(self.gathers, row.factor, codes, narrow, dither, registers, some);
        for (&column, &register) in columns.list.iter().zip(&*registers) {
            mine[column as usize] = register;
        }
        // Accumulators seldom let a pulse go: then nothing is written twice.
        if most > 0 || *pulsed > 0 {
            for (&column, &some) in columns.list.iter().zip(&*some) {
                pulses[column as usize] = some;
            }
        }
        *pulsed = most;
        most
    }

    /// Did the last call of [`Pulser::row_some`] write any pulse?
    pub(crate) fn has_pulsed(&self) -> bool {
        self.some.pulsed > 0
    }

    /// Draws the dither of some columns, side by side.
    fn draw_some(&mut self, Row { row, update, .. }: Row, columns: &Columns) {
        let dithers = self.dithers();
        let Gathered { words, dither, .. } = &mut self.some;
        if !dithers {
            dither.resize(columns.list.len(), HALF);
            return;
        }
        let first = (row * self.columns.next_multiple_of(4)) as u32;
        words.resize(columns.blocks.len(), [0; 4]);
        Noise::at(self.seed, self.stream, update).fill_some_words(first, &columns.blocks, words);
        let words = words.as_flattened();
        dither.clear();
        dither.extend(columns.words.iter().map(|&at| words[at as usize]));
    }

    /// True if fractions are rounded stochastically.
    fn dithers(&self) -> bool {
        self.params.scheme != UpdateScheme::PulsesRounded && !self.params.direct
    }

    /// Draws the row's dither; half a unit where rounding is to nearest.
    fn draw(&mut self, Row { row, update, .. }: Row) {
        // Rows are padded to whole noise blocks, so that a row's draws do not depend on other rows.
        let padded = self.columns.next_multiple_of(4);
        self.dither.resize(padded, HALF);
        if self.dithers() {
            let noise = Noise::at(self.seed, self.stream, update);
            noise.fill_words((row * padded) as u32, &mut self.dither);
        }
    }

    /// Folds the accumulators into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        digest.words(self.accumulators.iter().map(|&a| a as u64));
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
