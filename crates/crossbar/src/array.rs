//! The analog core model: a logical matrix on physical arrays, behind the interface of every weight store.

use crate::activity::{Form, Matrix};
use crate::channel::{Channel, ExactSums};
use crate::converter::{Converter, SumSpec, is_exact};
use crate::drivers::Drivers;
use crate::levels::Levels;
use crate::mirror::Mirror;
use crate::params::Params;
use crate::tiling::{Blocks, Tiling};
use crate::timing::read_cycles;
use equipoise_base::synapses::StoreBits;
use equipoise_base::{Action, Axons, Counts, Delay, Digest, Grain, Number, Requests, Shape, Synapses, Way};
use equipoise_device::{ArraySpec, Cells, CodeScale, Codes, LEVELS, Sign};

/// A matrix of weights on analog arrays.
pub struct Crossbar<N: Number> {
    shape: Shape,
    sign: Sign,
    /// State: the cells. All else is derived from them and from the parameters.
    cells: Box<dyn Cells<N>>,
    scale: CodeScale,
    mirror: Option<Mirror>,
    levels: Levels,
    tiling: Tiling,
    verify_reads: u32,
    converters_per_array: u32,
    /// Forward and transposed, in the order of [`Way::BOTH`].
    ways: [ReadWay<N>; 2],
}

/// One direction of reads.
struct ReadWay<N: Number> {
    channel: Box<dyn Channel<N>>,
    converter: Converter,
    /// Sums are in units of 2^drop products.
    drop: u32,
    /// See [`Matrix::stretch`].
    stretch: usize,
    /// Cells have changed since the last read.
    rewritten: bool,
    cycles: u64,
    /// What every read uses.
    counts: Counts,
    /// The `read_level` of the last read.
    read_level: u64,
}

impl<N: Number> Crossbar<N> {
    /// Arrays at zero weight for a matrix of `shape`. `seed` is the run's; `index`, below 2^24, is the number
    /// of this matrix among all analog matrices of the chip and the address of its random draws.
    ///
    /// `params` has passed [`Params::check`] for this shape and format.
    #[must_use]
    pub fn new(params: &Params, shape: Shape, sign: Sign, seed: u64, index: u32) -> Self {
        let tiling = Tiling::new(params, shape);
        let cells = params.device.build::<N>(ArraySpec { shape, sign, seed, index });
        let scale = cells.scale();
        let levels = Levels::new(shape, cells.conduction(), scale);
        let mut crossbar = Self {
            shape,
            sign,
            scale,
            mirror: Mirror::of(shape, cells.codes()),
            levels,
            tiling,
            verify_reads: params.verify_reads,
            converters_per_array: params.adc.count,
            ways: Way::BOTH.map(|way| ReadWay::new(params, way, &tiling, cells.as_ref(), seed, index)),
            cells,
        };
        // Stuck cells conduct from the start.
        crossbar.rows_changed(0..shape.rows);
        crossbar
    }

    /// The hardware that the matrix occupies.
    #[must_use]
    pub fn blocks(&self) -> Blocks {
        self.tiling.blocks(self.converters_per_array, self.sign)
    }

    /// How the matrix lies on its arrays.
    #[must_use]
    pub fn tiling(&self) -> &Tiling {
        &self.tiling
    }

    /// Takes over what the cells of `rows` became.
    fn rows_changed(&mut self, rows: impl Iterator<Item = usize> + Clone) {
        let codes = self.cells.codes();
        if let Some(mirror) = &mut self.mirror {
            mirror.copy_rows(self.shape, rows.clone(), codes);
        }
        self.levels.rows_changed(rows, codes, self.mirror.as_ref().map(Mirror::codes));
        self.ways.iter_mut().for_each(|way| way.rewritten = true);
    }
}

impl<N: Number> ReadWay<N> {
    fn new(params: &Params, way: Way, tiling: &Tiling, cells: &dyn Cells<N>, seed: u64, index: u32) -> Self {
        let (driving, lines) = tiling.shape.lines(way);
        let drivers = Drivers::new(params.activity_bits, params.bit_serial);
        let stretch = i32::MAX as u64 / (2 * drivers.full_code::<N>()) / cells.scale().max as u64;
        let width = Width::of::<N>(params.activity_bits, cells.codes(), stretch);
        // Exact sums of all tiles and bits are one exact sum.
        let exact = is_exact(params);
        let serial_bits = if params.bit_serial && !exact { params.activity_bits } else { 0 };
        let groups = if exact { std::iter::once(0..driving).collect() } else { tiling.driving_groups(way) };
        let activity_unit = if serial_bits > 0 { 1.0 } else { 1.0 / drivers.full_code::<N>() as f64 };
        let product_unit = cells.scale().weight_per_code * activity_unit;
        let drop = if width == Width::Wide { spare_bits::<N>(product_unit) } else { 0 };
        let unit = product_unit * (1_u64 << drop) as f64;
        let spec = SumSpec { lines, groups: groups.len(), serial_bits, unit, activity_unit };
        Self {
            channel: match width {
                Width::Narrow => Box::new(ExactSums::<i16>::new(drivers, groups, lines, serial_bits)),
                Width::State => Box::new(ExactSums::<i32>::new(drivers, groups, lines, serial_bits)),
                Width::Wide => Box::new(ExactSums::<i64>::new(drivers, groups, lines, serial_bits)),
            },
            converter: Converter::new::<N>(params, way, spec, seed, index),
            drop,
            stretch: stretch as usize,
            rewritten: true,
            cycles: read_cycles(params, tiling, way),
            counts: tiling.read_counts(way, params.passes()),
            read_level: 0,
        }
    }
}

/// The width of driver codes, and with it of the accumulators.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Narrow,
    State,
    Wide,
}

impl Width {
    /// Narrow words pay where many products fit 32 bits before they are added up in 64.
    const LEAST_STRETCH: u64 = 8;

    fn of<N: Number>(activity_bits: u32, codes: Codes<'_>, stretch: u64) -> Self {
        match (activity_bits, codes) {
            (_, Codes::Wide(_)) => Self::Wide,
            (0, _) if N::WIDTH > 32 => Self::Wide,
            (1..=15, Codes::Narrow(_)) if stretch >= Self::LEAST_STRETCH => Self::Narrow,
            _ => Self::State,
        }
    }
}

/// Bits of a sum of products of `unit` that lie below the state's LSB.
fn spare_bits<N: Number>(unit: f64) -> u32 {
    let mut raw = unit * N::one_raw() as f64;
    let mut bits = 0;
    while raw <= 0.5 {
        raw *= 2.0;
        bits += 1;
    }
    bits
}

impl<N: Number> Synapses<N> for Crossbar<N> {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn program(&mut self, weights: &[N], counts: &mut Counts) {
        assert_eq!(weights.len(), self.shape.synapses(), "one weight per cell");
        for (row, targets) in weights.chunks_exact(self.shape.columns).enumerate() {
            self.cells.program_row(row, targets, counts);
        }
        self.rows_changed(0..self.shape.rows);
        counts.add(Action::ProgramVerify, u64::from(self.verify_reads) * self.shape.synapses() as u64);
    }

    fn hold(&self, weights: &mut [N]) {
        self.cells.hold(weights);
    }

    /// Nothing: arrays hold nothing in flight.
    fn start(&mut self, _way: Way, _axons: Axons<'_, N>) {}

    fn read(&mut self, way: Way, axons: Axons<'_, N>, step: u64, drive: &mut [i64], counts: &mut Counts) {
        let read = &mut self.ways[way as usize];
        let (driving, lines) = self.shape.lines(way);
        assert_eq!(drive.len(), lines, "one drive per line read out");
        let (codes, form) = match (&self.mirror, way) {
            (None, Way::Forward) => (self.cells.codes(), Form::ByDriver),
            (None, Way::Transposed) => (self.cells.codes(), Form::ByReader),
            (Some(mirror), Way::Forward) => (mirror.codes(), Form::ByReader),
            (Some(mirror), Way::Transposed) => (mirror.codes(), Form::ByDriver),
        };
        let ReadWay { drop, stretch, .. } = *read;
        let matrix = Matrix { codes, form, driving, reach: self.scale.max as u64, drop, stretch };
        let changed = read.channel.refresh(axons, matrix, read.rewritten);
        read.rewritten = false;
        if changed {
            let levels = self.levels.of(way, self.cells.codes());
            read.read_level = (read.channel.conducting(levels) * LEVELS as f64).round() as u64;
        }
        let clips = read.converter.convert(read.channel.as_ref(), changed, step, drive);
        *counts += &read.counts;
        counts.add(Action::ReadLevel, read.read_level);
        counts.add(Action::AdcClip, clips);
    }

    fn read_cycles(&self, way: Way) -> u64 {
        self.ways[way as usize].cycles
    }

    fn read_noise(&self, way: Way) -> f64 {
        self.ways[way as usize].converter.noise::<N>(&self.tiling.driving_groups(way))
    }

    fn grain(&self) -> Grain {
        self.cells.grain()
    }

    fn pulse_row(&mut self, row: usize, pulses: &[i32], update: u64, counts: &mut Counts) {
        assert_eq!(pulses.len(), self.shape.columns, "one request per column");
        if pulses.iter().all(|&pulses| pulses == 0) {
            return;
        }
        self.cells.pulse_row(row, pulses, update, counts);
        self.rows_changed(row..row + 1);
    }

    fn pulse_rows(&mut self, requests: Requests<'_>, update: u64, counts: &mut Counts) {
        self.cells.pulse_rows(requests, update, counts);
        self.rows_changed(requests.pulsed().map(|(row, _)| row));
    }

    fn synapses_of(&self, row: usize, visit: &mut dyn FnMut(usize, Delay, N)) {
        let (codes, columns) = (self.cells.codes(), self.shape.columns);
        for column in 0..columns {
            visit(column, Delay::ONE, self.scale.weight(codes.at(row * columns + column)));
        }
    }

    fn update_rows(&self) -> usize {
        self.tiling.most_lines(Way::Transposed)
    }

    fn update_slot(&self, row: usize) -> usize {
        row % self.tiling.array_rows
    }

    fn bits(&self) -> StoreBits {
        let weights = self.shape.synapses() as u64 * u64::from(self.cells.bits_per_cell());
        StoreBits { weights, ..StoreBits::default() }
    }

    /// Nothing: arrays hold nothing in flight.
    fn save(&mut self) {}

    /// Nothing: arrays hold nothing in flight.
    fn restore(&mut self) {}

    fn digest(&self, digest: &mut Digest) {
        self.cells.digest(digest);
    }
}
