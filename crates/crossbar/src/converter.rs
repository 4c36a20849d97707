//! The ADCs: an exact sum becomes what its converter reports.
//!
//! A conversion of a line is, in units of activity x weight,
//!
//! ```text
//! y = s (1 + gain) + offset R + sqrt((noise R)^2 + (cell_noise w_max)^2 sum_j x_j^2) xi
//! code = round(y / LSB), clipped to -2^(bits-1) ..= 2^(bits-1) - 1,   LSB = 2 R / 2^bits
//! ```
//!
//! The last term is exact for cell noise that is independent between cells: a sum of Gaussians is a Gaussian,
//! so one draw per conversion stands for one per cell. Codes of the tiles (and bits) of a line are added
//! digitally and become a drive with one rounding.

use crate::channel::Channel;
use crate::params::Params;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Number, Rounding, Way};
use std::ops::Range;

/// What one direction's converters must know about the sums that they get.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SumSpec {
    pub lines: usize,
    /// Tiles on the driving side, each converted on its own.
    pub groups: usize,
    /// Activity bits that are converted one after the other; 0: activities are driven at once.
    pub serial_bits: u32,
    /// Activity x weight of a sum of one.
    pub unit: f64,
    /// Activity of a driver code of one; of a set bit, where bits are serial.
    pub activity_unit: f64,
}

impl SumSpec {
    /// How often the groups are driven for one read.
    pub fn passes(&self) -> usize {
        self.serial_bits.max(1) as usize
    }

    /// What the sums of pass `pass` count in the whole: bit p of b bits is worth 2^p / (2^b - 1).
    fn worth(&self, pass: usize) -> f64 {
        match self.serial_bits {
            0 => 1.0,
            bits => f64::from(1_u32 << pass) / f64::from((1_u32 << bits) - 1),
        }
    }

    /// First noise lane of the sums of `block` (a group of a pass): blocks follow each other, padded to fours.
    fn first_lane(&self, block: usize) -> usize {
        block * self.lines.next_multiple_of(4)
    }

    /// Groups of all passes.
    fn blocks(&self) -> usize {
        self.passes() * self.groups
    }
}

/// The converters of one direction.
pub(crate) enum Converter {
    /// No converter and no noise: the sum itself, rounded once to the state's format.
    Exact(Scale),
    /// Real converters.
    Sampled(Box<Sampled>),
}

/// Raw words of the state per sum of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scale {
    /// Two to the minus this.
    Shift(u32),
    /// Any other factor, applied to the sum's leading 53 bits.
    Factor(f64),
}

impl Scale {
    /// The scale of `factor`.
    pub fn of(factor: f64) -> Self {
        let bits = factor.to_bits();
        let (fraction, exponent) = (bits & ((1 << 52) - 1), (bits >> 52) as i64 - 1023);
        match u32::try_from(-exponent) {
            Ok(shift) if fraction == 0 && shift < 63 => Self::Shift(shift),
            _ => Self::Factor(factor),
        }
    }
}

/// Converters and their noise. There is no state: noise is addressed and not taken.
pub(crate) struct Sampled {
    seed: u64,
    stream: Stream,
    spec: SumSpec,
    derived: Derived,
    scratch: Scratch,
}

/// Computed once.
struct Derived {
    /// `[group][line]`: LSB per sum, gain included; offset in LSB.
    slope: Vec<f64>,
    offset: Vec<f64>,
    /// Variances in LSB^2, of a conversion and per square of a driver code.
    conversion_variance: f64,
    cell_variance: f64,
    /// First and last code, if codes are limited.
    codes: Option<(f64, f64)>,
    /// Raw words per LSB.
    raw_per_lsb: f64,
}

/// Reused by every read.
struct Scratch {
    squares: Vec<f64>,
    xi: Vec<f32>,
    /// What the converters reported last, in LSB, and how many of them met the end of their range.
    totals: Vec<f64>,
    clips: u64,
}

impl Converter {
    /// The converters of direction `way` of array `index`.
    pub fn new<N: Number>(params: &Params, way: Way, spec: SumSpec, seed: u64, index: u32) -> Self {
        if is_exact(params) {
            return Self::Exact(Scale::of(spec.unit * N::one_raw() as f64));
        }
        Self::Sampled(Box::new(Sampled::new::<N>(params, way, spec, seed, index)))
    }

    /// Standard deviation of a line's drive from read to read, in units of activity x weight, at full activity of the
    /// driving lines in `groups`.
    pub fn noise<N: Number>(&self, groups: &[Range<usize>]) -> f64 {
        match self {
            Self::Exact(_) => 0.0,
            Self::Sampled(sampled) => sampled.variance(groups).sqrt() / N::one_raw() as f64,
        }
    }

    /// Converts the sums of `channel` at `step` and writes them to `drive` in raw words; `changed` says that
    /// the sums are not those of the last call. Returns how many conversions met the end of the range.
    pub fn convert<N: Number>(
        &mut self,
        channel: &dyn Channel<N>,
        changed: bool,
        step: u64,
        drive: &mut [i64],
    ) -> u64 {
        match self {
            Self::Exact(scale) => {
                let (sums, largest) = (channel.sums(), channel.largest());
                match *scale {
                    Scale::Shift(shift) if largest < 1 << 62 && largest >> shift < N::MAX.raw() as u128 => {
                        write_shifted(sums, shift, drive);
                    }
                    scale => write_exact::<N>(sums, scale, drive),
                }
                0
            }
            Self::Sampled(sampled) => {
                if changed || sampled.is_noisy() {
                    sampled.sample(channel, step);
                }
                write_totals::<N>(&sampled.scratch.totals, sampled.derived.raw_per_lsb, drive);
                sampled.scratch.clips
            }
        }
    }
}

/// True where a read passes sums on without converters, noise or spread.
pub(crate) fn is_exact(params: &Params) -> bool {
    let adc = &params.adc;
    let spread = adc.noise > 0.0 || adc.gain_spread > 0.0 || adc.offset_spread > 0.0;
    adc.bits == 0 && !spread && params.cell_noise == 0.0
}

impl Sampled {
    fn new<N: Number>(params: &Params, way: Way, spec: SumSpec, seed: u64, index: u32) -> Self {
        let adc = &params.adc;
        let (range, raw_one) = (adc.range(way), N::one_raw() as f64);
        // Without a converter, noise and spread act on the raw word.
        let lsb = if adc.bits == 0 { 1.0 / raw_one } else { 2.0 * range / f64::from(1_u32 << adc.bits) };
        let half = f64::from(1_u32 << adc.bits) / 2.0;
        let gain = static_draws(spec, way, seed, index, 0);
        let offset = static_draws(spec, way, seed, index, 1);
        let conversion = adc.noise * range / lsb;
        let cell = params.cell_noise * params.device.w_max() * spec.activity_unit / lsb;
        let kind = match way {
            Way::Forward => StreamKind::ReadForward,
            Way::Transposed => StreamKind::ReadTransposed,
        };
        let derived = Derived {
            slope: gain.iter().map(|xi| spec.unit / lsb * (1.0 + adc.gain_spread * xi)).collect(),
            offset: offset.iter().map(|xi| adc.offset_spread * xi * range / lsb).collect(),
            conversion_variance: conversion * conversion,
            cell_variance: cell * cell,
            codes: (adc.bits > 0).then_some((-half, half - 1.0)),
            raw_per_lsb: lsb * raw_one,
        };
        let scratch = Scratch {
            squares: vec![0.0; spec.blocks()],
            xi: vec![0.0; spec.first_lane(spec.blocks())],
            totals: vec![0.0; spec.lines],
            clips: 0,
        };
        Self { seed, stream: Stream::of(kind, index), spec, derived, scratch }
    }

    /// Variance of a line's drive from read to read, in raw words squared, where the driving lines of each group are at
    /// full activity; rounding to codes counts as noise.
    fn variance(&self, groups: &[Range<usize>]) -> f64 {
        let Self { spec, derived, .. } = self;
        let full_code = 1.0 / spec.activity_unit;
        let rounding = if derived.codes.is_some() { 1.0 / 12.0 } else { 0.0 };
        let of_group = |group: &Range<usize>| {
            let squares = group.len() as f64 * full_code * full_code;
            derived.conversion_variance + derived.cell_variance * squares + rounding
        };
        let of_pass = |pass| spec.worth(pass) * spec.worth(pass);
        let codes = (0..spec.passes()).map(of_pass).sum::<f64>() * groups.iter().map(of_group).sum::<f64>();
        codes * derived.raw_per_lsb * derived.raw_per_lsb
    }

    fn is_noisy(&self) -> bool {
        self.derived.conversion_variance > 0.0 || self.derived.cell_variance > 0.0
    }

    /// One conversion of every line of every group and pass.
    fn sample<N: Number>(&mut self, channel: &dyn Channel<N>, step: u64) {
        let Self { seed, stream, spec, derived, scratch } = self;
        let noise = Noise::at(*seed, *stream, step);
        if derived.cell_variance > 0.0 {
            channel.squares(&mut scratch.squares);
        }
        if derived.conversion_variance > 0.0 || derived.cell_variance > 0.0 {
            // One stretch of draws for all blocks: short ones cost nearly as much as long ones.
            noise.fill_gaussian(0, &mut scratch.xi);
        }
        scratch.totals.fill(0.0);
        scratch.clips = 0;
        for (block, sums) in channel.sums().chunks_exact(spec.lines).enumerate() {
            let (pass, group) = (block / spec.groups, block % spec.groups);
            let variance = derived.conversion_variance + derived.cell_variance * scratch.squares[block];
            let lines = group * spec.lines..(group + 1) * spec.lines;
            let analog = Analog {
                sums,
                slope: &derived.slope[lines.clone()],
                offset: &derived.offset[lines],
                sigma: variance.sqrt(),
                xi: &scratch.xi[spec.first_lane(block)..][..spec.lines],
                worth: spec.worth(pass),
            };
            match derived.codes {
                Some((least, most)) => scratch.clips += add_codes(analog, least, most, &mut scratch.totals),
                None => add_analog(analog, &mut scratch.totals),
            }
        }
    }
}

/// The lines' own Gaussians, `[group][line]`, the same in every read; `what` tells gains (0) from offsets (1).
fn static_draws(spec: SumSpec, way: Way, seed: u64, index: u32, what: u64) -> Vec<f64> {
    let noise = Noise::at(seed, Stream::of(StreamKind::Converter, index), 2 * way as u64 + what);
    let mut row = vec![0.0_f32; spec.lines];
    let mut draws = Vec::with_capacity(spec.groups * spec.lines);
    for group in 0..spec.groups {
        noise.fill_gaussian(spec.first_lane(group) as u32, &mut row);
        draws.extend(row.iter().map(|&xi| f64::from(xi)));
    }
    draws
}

/// What arrives at the converters of one tile, before they decide; all slices have one entry per line.
#[derive(Clone, Copy)]
struct Analog<'a> {
    sums: &'a [i64],
    slope: &'a [f64],
    offset: &'a [f64],
    sigma: f64,
    xi: &'a [f32],
    worth: f64,
}

/// Adds the clipped codes of a tile to `totals`; returns how many were clipped.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_codes(analog: Analog<'_>, least: f64, most: f64, totals: &mut [f64]) -> u64 {
    let lines = totals.len();
    let Analog { sums, slope, offset, sigma, xi, worth } = analog;
    let (sums, slope, offset, xi) = (&sums[..lines], &slope[..lines], &offset[..lines], &xi[..lines]);
    let mut clips = 0;
    for i in 0..lines {
        let code = (sums[i] as f64 * slope[i] + offset[i] + sigma * f64::from(xi[i]) + 0.5).floor();
        let clipped = between(code, least, most);
        clips += u64::from(code != clipped);
        totals[i] += clipped * worth;
    }
    clips
}

/// Adds what arrives at the end of a tile's lines to `totals`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_analog(analog: Analog<'_>, totals: &mut [f64]) {
    let lines = totals.len();
    let Analog { sums, slope, offset, sigma, xi, worth } = analog;
    let (sums, slope, offset, xi) = (&sums[..lines], &slope[..lines], &offset[..lines], &xi[..lines]);
    for i in 0..lines {
        let value = sums[i] as f64 * slope[i] + offset[i] + sigma * f64::from(xi[i]);
        totals[i] += value * worth;
    }
}

/// Writes exact sums of which none is beyond the format, and none as large as 2^62, to `drive`, rounded to nearest
/// (ties up).
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn write_shifted(sums: &[i64], shift: u32, drive: &mut [i64]) {
    let half = (1_i64 << shift) >> 1;
    for (drive, &sum) in drive.iter_mut().zip(sums) {
        *drive = (sum + half) >> shift;
    }
}

/// Writes exact sums to `drive`, rounded to nearest (ties up) and saturated to the format.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn write_exact<N: Number>(sums: &[i64], scale: Scale, drive: &mut [i64]) {
    let (least, most) = (N::MIN.raw(), N::MAX.raw());
    match scale {
        Scale::Shift(shift) => {
            for (drive, &sum) in drive.iter_mut().zip(sums) {
                *drive = Rounding::Nearest.shift(sum, shift).clamp(least, most);
            }
        }
        Scale::Factor(factor) => {
            for (drive, &sum) in drive.iter_mut().zip(sums) {
                *drive = rounded::<N>(sum as f64 * factor);
            }
        }
    }
}

/// Writes converted totals to `drive`, rounded to nearest (ties up) and saturated to the format.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn write_totals<N: Number>(totals: &[f64], raw_per_lsb: f64, drive: &mut [i64]) {
    for (drive, &total) in drive.iter_mut().zip(totals) {
        *drive = rounded::<N>(total * raw_per_lsb);
    }
}

/// `value` kept in `least ..= most`, with comparisons that become vector instructions.
#[inline(always)]
fn between(value: f64, least: f64, most: f64) -> f64 {
    let value = if value < least { least } else { value };
    if value > most { most } else { value }
}

/// The raw word nearest to `value`, ties up, saturated to the format.
#[inline(always)]
fn rounded<N: Number>(value: f64) -> i64 {
    let whole = (value + 0.5).floor();
    if N::WIDTH > 32 {
        return whole as i64;
    }
    // Adding 1.5 * 2^52 leaves a whole number below 2^51 in the low bits of the word: the conversion to an
    // integer that every vector unit has.
    const SHIFTED: f64 = 6_755_399_441_055_744.0;
    let whole = between(whole, N::MIN.raw() as f64, N::MAX.raw() as f64);
    (whole + SHIFTED).to_bits() as i64 - SHIFTED.to_bits() as i64
}
