//! The interface of an array of cells: programmed by rows, read as integer codes.

use equipoise_base::{Counts, Digest, Grain, Number, Requests, Shape};

/// Levels of one device: its full conductance range is this many units of `read_level` and `pulse_level`.
pub const LEVELS: u64 = 256;

/// The signs that the weights of an array may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// Both: a cell is a differential pair of devices.
    Any,
    /// Zero and above: a cell is one device, as in arrays that follow Dale's law.
    NonNegative,
}

impl Sign {
    /// Devices in one cell.
    #[must_use]
    pub fn devices_per_cell(self) -> u64 {
        match self {
            Self::Any => 2,
            Self::NonNegative => 1,
        }
    }
}

/// Which array is built: its size and the address of its random draws.
#[derive(Clone, Copy, Debug)]
pub struct ArraySpec {
    /// Rows and columns of cells.
    pub shape: Shape,
    /// The signs of its weights.
    pub sign: Sign,
    /// Seed of the run.
    pub seed: u64,
    /// Number of the array among all arrays of the chip, below 2^24: the index of its noise streams.
    pub index: u32,
}

impl ArraySpec {
    /// The noise lane of the first cell of `row`. Rows are padded to a multiple of four lanes, so that a
    /// row of draws can be filled at once.
    #[must_use]
    pub fn first_lane(&self, row: usize) -> u32 {
        (row * self.shape.columns.next_multiple_of(4)) as u32
    }
}

/// The read codes of an array, `[row][column]` flat, in the narrowest word that holds them.
#[derive(Clone, Copy, Debug)]
pub enum Codes<'a> {
    /// Codes of up to 16 bits, the sign included.
    Narrow(&'a [i16]),
    /// Codes of up to 32 bits.
    State(&'a [i32]),
    /// Codes of up to 64 bits.
    Wide(&'a [i64]),
}

impl Codes<'_> {
    /// The code of cell `index`.
    #[must_use]
    pub fn at(&self, index: usize) -> i64 {
        match self {
            Self::Narrow(codes) => codes[index].into(),
            Self::State(codes) => codes[index].into(),
            Self::Wide(codes) => codes[index],
        }
    }

    /// Number of cells.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Narrow(codes) => codes.len(),
            Self::State(codes) => codes.len(),
            Self::Wide(codes) => codes.len(),
        }
    }

    /// True for an array without cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a read code means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CodeScale {
    /// No code is larger than this in size.
    pub max: i64,
    /// The weight of code one; a code is exactly this often that weight.
    pub weight_per_code: f64,
}

impl CodeScale {
    /// The weight of `code`, to the nearest number of the format; exact where the weight of code one is a
    /// power of two that the format holds.
    #[must_use]
    pub fn weight<N: Number>(&self, code: i64) -> N {
        N::nearest(code as f64 * self.weight_per_code)
    }
}

/// How much a cell conducts, whatever its sign: the G of the V^2 G t that a read costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduction {
    /// One device of a pair gains what the other loses: a cell always conducts [`LEVELS`].
    Complementary,
    /// A cell conducts in proportion to the size of its code: `LEVELS * |code| / max`.
    Magnitude,
}

/// An array of cells of one device model; `N` is the number format of the chip.
///
/// Rows are addressed from 0, slices have one entry per column. Implementations count their own actions.
pub trait Cells<N: Number>: Send {
    /// Programs `row` to the weights `targets`, with the model's programming error; targets beyond the
    /// range are clipped. Counts the pulses that an error-free device needs from zero weight.
    fn program_row(&mut self, row: usize, targets: &[N], counts: &mut Counts);

    /// Replaces each of `weights` by what an error-free programming leaves of it in a cell that is not stuck.
    fn hold(&self, weights: &mut [N]);

    /// Applies `pulses[column]` signed programming pulses to every cell of `row`. `update` is the running
    /// number of the update: the time of the pulse noise.
    ///
    /// Counts every pulse, with the levels of the cells that it meets; for models whose grain is `direct`
    /// one write per cell with a request.
    fn pulse_row(&mut self, row: usize, pulses: &[i32], update: u64, counts: &mut Counts);

    /// Applies the pulses of several rows: the same as [`Cells::pulse_row`] for each row that has any.
    fn pulse_rows(&mut self, requests: Requests<'_>, update: u64, counts: &mut Counts);

    /// The read codes of all cells.
    fn codes(&self) -> Codes<'_>;

    /// What a code means.
    fn scale(&self) -> CodeScale;

    /// How much a cell conducts.
    fn conduction(&self) -> Conduction;

    /// What one pulse does in the middle of the range.
    fn grain(&self) -> Grain;

    /// Bits of weight that one cell stands for.
    fn bits_per_cell(&self) -> u32;

    /// Folds the state of all cells into a digest.
    fn digest(&self, digest: &mut Digest);
}
