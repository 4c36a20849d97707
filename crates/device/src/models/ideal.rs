//! The ideal cell: a weight is a number, a pulse is one LSB, a write is exact.
//!
//! A code stands for a weight of 2^-f; f is the state's fraction, or what `weight_bits` leave for it. The
//! pulses of one request are a 32-bit number, so where 32 bits of the finest LSB would not span the range
//! (the wide format) a pulse moves a power of two of LSBs.

use crate::{ArraySpec, Cells, CodeScale, Codes, Conduction, LEVELS, Refusal, Sign};
use equipoise_base::requests::CHUNK;
use equipoise_base::{Action, Counts, Digest, Grain, Number, Requests, Rounding, Shape};

equipoise_base::params! {
    /// Parameters of the ideal cell.
    pub struct Params {
        /// Largest weight; more is clipped.
        w_max: f64 = 8.0, "weight", 0.000001..=127.0;
        /// Bits of a weight with its sign; 0: the full width of the chip's state.
        weight_bits: u32 = 0, "bits", 0..=32;
    }
}

impl Params {
    /// Checks that the weight's bits resolve at least whole numbers.
    ///
    /// # Errors
    /// If `weight_bits` is 1, or leaves no bit below one for so large a `w_max`.
    pub fn check(&self) -> Result<(), Refusal> {
        let whole_bits = ceil_log2(self.w_max) + 1;
        let least = whole_bits.max(2);
        if self.weight_bits != 0 && i64::from(self.weight_bits) < i64::from(least) {
            let accepted = format!(
                "0 (the state's width) or {least} to 32 bits for w_max = {}: fewer leave steps above one",
                self.w_max
            );
            return Err(Refusal::new("weight_bits", self.weight_bits.to_string(), accepted));
        }
        Ok(())
    }

    /// Fraction bits of a code in format `N`.
    fn fraction<N: Number>(&self) -> u32 {
        match self.weight_bits {
            0 => N::FRACTION,
            bits => {
                let fraction = i64::from(bits) - 1 - i64::from(ceil_log2(self.w_max));
                fraction.clamp(0, i64::from(N::FRACTION)) as u32
            }
        }
    }
}

/// The least k with `value <= 2^k`.
fn ceil_log2(value: f64) -> i32 {
    let (mut power, mut exponent) = (1.0_f64, 0);
    while power < value {
        power *= 2.0;
        exponent += 1;
    }
    while power / 2.0 >= value {
        power /= 2.0;
        exponent -= 1;
    }
    exponent
}

/// 2^exponent, exact.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + i64::from(exponent)) as u64) << 52)
}

/// An integer that holds codes.
trait CodeWord: Copy + Default + Send + Into<i64> {
    fn from_code(code: i64) -> Self;
    /// The code moved by `pulses` steps of 2^`shift` LSB, kept in `least ..= most`.
    fn moved(self, pulses: i32, shift: u32, least: i64, most: i64) -> Self {
        Self::from_code(self.into().saturating_add(i64::from(pulses) << shift).clamp(least, most))
    }
    /// The sum of the sizes, shifted down by `shift`, of those `codes` that have a request.
    fn size_asked(codes: &[Self], pulses: &[i32], shift: u32) -> u64;
    fn codes(codes: &[Self]) -> Codes<'_>;
}

impl CodeWord for i16 {
    fn from_code(code: i64) -> Self {
        code as Self
    }
    #[inline(always)]
    fn moved(self, pulses: i32, shift: u32, least: i64, most: i64) -> Self {
        // 16-bit weights are coarser than the finest pulse; more than the whole range does what the whole range
        // does. So 32-bit lanes are enough.
        debug_assert_eq!(shift, 0, "a pulse is one LSB of a 16-bit weight");
        (i32::from(self) + pulses.clamp(-65_535, 65_535)).clamp(least as i32, most as i32) as Self
    }
    #[inline(always)]
    fn size_asked(codes: &[Self], pulses: &[i32], shift: u32) -> u64 {
        debug_assert_eq!(shift, 0, "16-bit codes need no shift");
        // 65,536 codes of 16 bits fit a 32-bit sum.
        let mut total = 0;
        for (codes, pulses) in codes.chunks(1 << 16).zip(pulses.chunks(1 << 16)) {
            let mut part = 0_u32;
            for (code, &pulses) in codes.iter().zip(pulses) {
                part += if pulses == 0 { 0 } else { u32::from(code.unsigned_abs()) };
            }
            total += u64::from(part);
        }
        total
    }
    fn codes(codes: &[Self]) -> Codes<'_> {
        Codes::Narrow(codes)
    }
}
impl CodeWord for i32 {
    fn from_code(code: i64) -> Self {
        code as Self
    }
    #[inline(always)]
    fn moved(self, pulses: i32, shift: u32, least: i64, most: i64) -> Self {
        // A pulse is at most two LSB of a 32-bit weight, so the sum is far from the ends of 64 bits.
        debug_assert!(shift <= 1, "a pulse is one or two LSB of a 32-bit weight");
        (i64::from(self) + (i64::from(pulses) << shift)).clamp(least, most) as Self
    }
    #[inline(always)]
    fn size_asked(codes: &[Self], pulses: &[i32], shift: u32) -> u64 {
        let mut total = 0;
        for (code, &pulses) in codes.iter().zip(pulses) {
            total += if pulses == 0 { 0 } else { u64::from(code.unsigned_abs()) >> shift };
        }
        total
    }
    fn codes(codes: &[Self]) -> Codes<'_> {
        Codes::State(codes)
    }
}
impl CodeWord for i64 {
    fn from_code(code: i64) -> Self {
        code
    }
    #[inline(always)]
    fn size_asked(codes: &[Self], pulses: &[i32], shift: u32) -> u64 {
        let mut total = 0;
        for (code, &pulses) in codes.iter().zip(pulses) {
            total += if pulses == 0 { 0 } else { code.unsigned_abs() >> shift };
        }
        total
    }
    fn codes(codes: &[Self]) -> Codes<'_> {
        Codes::Wide(codes)
    }
}

/// An array of ideal cells with codes of type `C`.
struct Ideal<C> {
    shape: Shape,
    derived: Derived,
    state: State<C>,
    /// Scratch: the codes of listed columns of a row.
    listed: Vec<C>,
}

/// What evolves.
struct State<C> {
    /// The code of each cell, and a chunk of none: rows of pulses may be padded.
    codes: Vec<C>,
}

/// Computed once.
#[derive(Clone, Copy)]
struct Derived {
    /// Smallest and largest code.
    least: i64,
    most: i64,
    /// Fraction bits of a code.
    fraction: u32,
    /// A pulse moves a cell by 2^this codes.
    pulse_shift: u32,
    /// Codes shifted by this fit 32 bits, so that sums of their sizes fit 64.
    level_shift: u32,
}

impl Derived {
    /// The code that stands for `weight`.
    fn code<N: Number>(&self, weight: N) -> i64 {
        Rounding::Nearest.shift(weight.raw(), N::FRACTION - self.fraction).clamp(self.least, self.most)
    }
}

/// The array for `params`: codes of 16 bits where they fit.
pub(super) fn build<N: Number>(params: &Params, spec: ArraySpec) -> Box<dyn Cells<N>> {
    match params.weight_bits {
        1..=16 => Box::new(Ideal::<i16>::new::<N>(params, spec)),
        17..=32 => Box::new(Ideal::<i32>::new::<N>(params, spec)),
        _ if N::WIDTH == 32 => Box::new(Ideal::<i32>::new::<N>(params, spec)),
        _ => Box::new(Ideal::<i64>::new::<N>(params, spec)),
    }
}

impl<C: CodeWord> Ideal<C> {
    fn new<N: Number>(params: &Params, spec: ArraySpec) -> Self {
        let fraction = params.fraction::<N>();
        let bits = if params.weight_bits == 0 { N::WIDTH } else { params.weight_bits };
        let most =
            (((1_u64 << (bits - 1)) - 1) as i64).min((params.w_max * power_of_two(fraction as i32)) as i64);
        // 2^31 pulses must cover the range 2 w_max.
        let finest_pulse = (30 - ceil_log2(params.w_max)).max(0) as u32;
        let derived = Derived {
            least: if spec.sign == Sign::Any { -most } else { 0 },
            most,
            fraction,
            pulse_shift: fraction.saturating_sub(finest_pulse),
            level_shift: (64 - most.leading_zeros()).saturating_sub(32),
        };
        let state = State { codes: vec![C::default(); spec.shape.synapses() + CHUNK] };
        Self { shape: spec.shape, derived, state, listed: Vec::new() }
    }

    fn row(&self, row: usize) -> std::ops::Range<usize> {
        row * self.shape.columns..(row + 1) * self.shape.columns
    }
}

/// What rows of pulses met: cells with an upward and with a downward request, and the levels of all of them,
/// rounded row by row.
#[derive(Default)]
struct Pulsed {
    up: u64,
    down: u64,
    levels: u64,
}

/// Moves the codes of rows of `columns` cells by their pulses; `some` is scratch.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn pulse<C: CodeWord>(
    codes: &mut [C],
    columns: usize,
    requests: Requests<'_>,
    derived: Derived,
    some: &mut Vec<C>,
) -> Pulsed {
    let mut met = Pulsed::default();
    for (row, pulses) in requests.pulsed() {
        let codes = &mut codes[row * columns..];
        let Some(listed) = requests.columns else {
            // The zeros behind the pulses leave the next row as it is.
            pulse_side_by_side(&mut codes[..pulses.len()], pulses, derived, &mut met);
            continue;
        };
        some.clear();
        some.extend(listed.iter().map(|&column| codes[column as usize]));
        some.resize(pulses.len(), C::default());
        pulse_side_by_side(some, pulses, derived, &mut met);
        for (&column, &code) in listed.iter().zip(&*some) {
            codes[column as usize] = code;
        }
    }
    met
}

/// Moves every code of a row by its pulses.
#[inline(always)]
fn pulse_side_by_side<C: CodeWord>(codes: &mut [C], pulses: &[i32], derived: Derived, met: &mut Pulsed) {
    let Derived { least, most, pulse_shift, level_shift, .. } = derived;
    let size = C::size_asked(codes, pulses, level_shift);
    met.levels += nearest(size as f64 * LEVELS as f64 / (most >> level_shift) as f64);
    let (mut up, mut down) = (0_u32, 0_u32);
    for (code, &pulses) in codes.iter_mut().zip(pulses) {
        up += u32::from(pulses > 0);
        down += u32::from(pulses < 0);
        *code = code.moved(pulses, pulse_shift, least, most);
    }
    met.up += u64::from(up);
    met.down += u64::from(down);
}

/// `value`, from 0 to 2^53, to the nearest integer, ties up, without the call that `round` is.
#[inline(always)]
fn nearest(value: f64) -> u64 {
    let whole = value as i64;
    (whole + i64::from(value - whole as f64 >= 0.5)) as u64
}

impl<N: Number, C: CodeWord> Cells<N> for Ideal<C> {
    fn program_row(&mut self, row: usize, targets: &[N], counts: &mut Counts) {
        let range = self.row(row);
        for (code, target) in self.state.codes[range].iter_mut().zip(targets) {
            *code = C::from_code(self.derived.code(*target));
            match (*code).into() {
                0 => {}
                up if up > 0 => counts.add(Action::ProgramPulseUp, 1),
                _ => counts.add(Action::ProgramPulseDown, 1),
            }
        }
    }

    fn hold(&self, weights: &mut [N]) {
        for weight in weights {
            *weight = N::from_raw(self.derived.code(*weight) << (N::FRACTION - self.derived.fraction));
        }
    }

    fn pulse_row(&mut self, row: usize, pulses: &[i32], update: u64, counts: &mut Counts) {
        let requests =
            Requests { rows: &[row as u32], columns: None, pulses, stride: pulses.len(), most: &[1] };
        Cells::<N>::pulse_rows(self, requests, update, counts);
    }

    fn pulse_rows(&mut self, requests: Requests<'_>, _: u64, counts: &mut Counts) {
        let Self { shape, derived, state, listed } = self;
        let Pulsed { up, down, levels } = pulse(&mut state.codes, shape.columns, requests, *derived, listed);
        counts.add(Action::ProgramPulseUp, up);
        counts.add(Action::ProgramPulseDown, down);
        counts.add(Action::PulseLevel, levels);
    }

    fn codes(&self) -> Codes<'_> {
        C::codes(&self.state.codes[..self.shape.synapses()])
    }

    fn scale(&self) -> CodeScale {
        CodeScale { max: self.derived.most, weight_per_code: power_of_two(-(self.derived.fraction as i32)) }
    }

    fn conduction(&self) -> Conduction {
        Conduction::Magnitude
    }

    fn grain(&self) -> Grain {
        let exponent = self.derived.pulse_shift as i32 - self.derived.fraction as i32;
        Grain { weight_per_pulse: power_of_two(exponent), direct: true }
    }

    fn bits_per_cell(&self) -> u32 {
        // The largest code and its sign.
        64 - self.derived.most.leading_zeros() + u32::from(self.derived.least < 0)
    }

    fn digest(&self, digest: &mut Digest) {
        digest.words(self.state.codes[..self.shape.synapses()].iter().map(|&code| {
            let code: i64 = code.into();
            code as u64
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_two_are_found_from_both_sides() {
        for (value, log) in
            [(1.0, 0), (1.1, 1), (2.0, 1), (8.0, 3), (0.5, -1), (0.4, -1), (0.25, -2), (127.0, 7)]
        {
            assert_eq!(ceil_log2(value), log, "{value}");
        }
        assert_eq!(power_of_two(-24), 1.0 / f64::from(1 << 24));
        assert_eq!(power_of_two(3), 8.0);
    }
}
