//! The one interface of everything that stores weights: analog arrays and SRAM synapse tables.
//!
//! A store holds the synapses from `rows` presynaptic lines to `columns` neurons of one core. It is read
//! forward (rows drive, columns are read) and, where it can, transposed (columns drive, rows are read).

use crate::{Counts, Delay, Digest, Number, Requests, SpikeSet};

/// The direction of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Rows drive, columns are read: `drive[i] = sum_j x[j] w[j][i]`.
    Forward,
    /// Columns drive, rows are read: `drive[j] = sum_i x[i] w[j][i]`.
    Transposed,
}

impl Way {
    /// Both, in the order in which a core reads them.
    pub const BOTH: [Self; 2] = [Self::Forward, Self::Transposed];
}

/// Rows (presynaptic lines) and columns (postsynaptic neurons) of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Presynaptic lines.
    pub rows: usize,
    /// Postsynaptic neurons.
    pub columns: usize,
}

impl Shape {
    /// Rows times columns.
    #[must_use]
    pub fn synapses(self) -> usize {
        self.rows * self.columns
    }

    /// Lines that drive and lines that are read out, for a read in direction `way`.
    #[must_use]
    pub fn lines(self, way: Way) -> (usize, usize) {
        match way {
            Way::Forward => (self.rows, self.columns),
            Way::Transposed => (self.columns, self.rows),
        }
    }
}

/// The values on the driving lines of a read.
#[derive(Clone, Copy, Debug)]
pub struct Axons<'a, N> {
    /// One activity per driving line; a spike is one, no spike is zero. May be empty for spiking axons of a store
    /// that asks only who spikes, as synapse tables do where rows drive.
    pub value: &'a [N],
    /// For spiking axons, the lines that spike: the rest of `value` is zero.
    pub spikes: Option<&'a SpikeSet>,
}

impl<'a, N> Axons<'a, N> {
    /// Held (rate) activities.
    pub fn held(value: &'a [N]) -> Self {
        Self { value, spikes: None }
    }
}

/// What one programming pulse does to a weight of a store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grain {
    /// The weight change of one pulse in the middle of the range, in units of weight.
    pub weight_per_pulse: f64,
    /// True where a write is digital: any number of grains is written in one access, so a request counts as
    /// one write and its size is not limited by a pulse cap.
    pub direct: bool,
}

/// Bits that a store needs on a chip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreBits {
    /// Bits of weight (for an analog cell: the bits that its levels stand for).
    pub weights: u64,
    /// Bits of stored delays and of what they hold in flight.
    pub delays: u64,
    /// Bits of source and target addresses.
    pub routing: u64,
}

/// A store of synapses. Implementations count their own actions.
pub trait Synapses<N: Number>: Send {
    /// Rows and columns.
    fn shape(&self) -> Shape;

    /// Programs the start weights, row-major `[row][column]`, of length `rows * columns`, with the store's
    /// programming error. Values beyond the store's range are clipped to it.
    fn program(&mut self, weights: &[N], counts: &mut Counts);

    /// Replaces each of `weights` by what an error-free programming leaves of it: rounded to the store's codes, clipped
    /// to its range.
    fn hold(&self, weights: &mut [N]);

    /// Tells the store that a relaxation begins in which its driving lines hold `axons`: stores with delays of
    /// their own fill their history with it (spiking stores empty theirs). Not counted.
    fn start(&mut self, way: Way, axons: Axons<'_, N>);

    /// Reads in direction `way` and writes the result to `drive` (raw LSB of `N`, one per line read out).
    ///
    /// `step` is the chip's running step number: the time of the noise. Stores with per-synapse delays see
    /// here the activities that arrive with the shortest delay (one step) and hold back the rest; they are
    /// read in every step.
    fn read(&mut self, way: Way, axons: Axons<'_, N>, step: u64, drive: &mut [i64], counts: &mut Counts);

    /// Cycles of one such read, from the first driven line to the last converted one.
    fn read_cycles(&self, way: Way) -> u64;

    /// For how many steps the store itself holds back what enters on `row`, for the slowest of its synapses there;
    /// `None` where it knows of no synapse on the row. Stores without delays of their own hold back nothing.
    fn holds_back(&self, _row: usize) -> Option<u32> {
        Some(0)
    }

    /// Standard deviation of the drive of one line from read to read, in units of activity x weight: at most, with all
    /// driving lines at full activity and each conversion's rounding taken for noise. Digital stores have none.
    fn read_noise(&self, _way: Way) -> f64 {
        0.0
    }

    /// What one pulse does.
    fn grain(&self) -> Grain;

    /// Applies `pulses[column]` signed programming pulses to the cells of `row`; `update` is the running
    /// number of the update: the time of the pulse noise.
    fn pulse_row(&mut self, row: usize, pulses: &[i32], update: u64, counts: &mut Counts);

    /// Applies the pulses of several rows: the same as [`Synapses::pulse_row`] for each row that has any.
    fn pulse_rows(&mut self, requests: Requests<'_>, update: u64, counts: &mut Counts) {
        let columns = self.shape().columns;
        requests.for_each_row(columns, |row, pulses| self.pulse_row(row, pulses, update, counts));
    }

    /// Calls `visit` for every synapse of `row` with its column, its own delay and its weight as a noiseless
    /// forward read sees it: for probes, checks and saved weights, not for blocks of the chip.
    fn synapses_of(&self, row: usize, visit: &mut dyn FnMut(usize, Delay, N));

    /// The weights of `row`, one per column: those of parallel synapses add, and without a synapse it is zero.
    fn weights_row(&self, row: usize, out: &mut [N]) {
        out.fill(N::ZERO);
        self.synapses_of(row, &mut |column, _, weight| out[column] = out[column].saturating_add(weight));
    }

    /// Most rows in use in any one array: the rows that a row-serial update walks while arrays work in
    /// parallel.
    fn update_rows(&self) -> usize;

    /// The range of one array's rows that a row-serial update walks at the same time as `row`: arrays in
    /// parallel write row `r` of each tile together. Returns the slot number, below [`Synapses::update_rows`].
    fn update_slot(&self, row: usize) -> usize;

    /// Bits of memory.
    fn bits(&self) -> StoreBits;

    /// Copies what is in flight inside the store (delay histories) to its shadow registers.
    fn save(&mut self);

    /// Copies the shadow registers back.
    fn restore(&mut self);

    /// Folds the state (weights, cells, what is in flight) into a digest.
    fn digest(&self, digest: &mut Digest);
}
