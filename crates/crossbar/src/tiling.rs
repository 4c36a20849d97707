//! How a matrix lies on physical arrays, and what a read of it uses.

use crate::Params;
use equipoise_base::{Action, Counts, Shape, Way};
use equipoise_device::Sign;
use std::ops::Range;

/// A matrix of `shape` cut into tiles of at most `array_rows` x `array_columns`, row by row from the first
/// line on: only the last tile of a side can be smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// The whole matrix.
    pub shape: Shape,
    /// Rows of one array.
    pub array_rows: usize,
    /// Columns of one array.
    pub array_columns: usize,
}

/// The hardware blocks of a matrix: what area and leakage are charged for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blocks {
    /// Physical arrays.
    pub arrays: u64,
    /// Cells on them, unused ones included.
    pub cells: u64,
    /// Cells that hold a weight.
    pub cells_used: u64,
    /// Devices on them: two per cell for signed weights.
    pub devices: u64,
    /// Drivers of rows, for forward reads.
    pub row_drivers: u64,
    /// Drivers of columns, for transposed reads.
    pub column_drivers: u64,
    /// Converters; both directions share them, for they cannot overlap.
    pub converters: u64,
}

impl Tiling {
    /// The tiling of a matrix of `shape`.
    #[must_use]
    pub fn new(params: &Params, shape: Shape) -> Self {
        Self { shape, array_rows: params.array_rows, array_columns: params.array_columns }
    }

    /// Tiles down the rows.
    #[must_use]
    pub fn row_tiles(&self) -> usize {
        self.shape.rows.div_ceil(self.array_rows)
    }

    /// Tiles along the columns.
    #[must_use]
    pub fn column_tiles(&self) -> usize {
        self.shape.columns.div_ceil(self.array_columns)
    }

    /// Tiles on the driving side and on the side read out.
    #[must_use]
    pub fn tiles(&self, way: Way) -> (usize, usize) {
        match way {
            Way::Forward => (self.row_tiles(), self.column_tiles()),
            Way::Transposed => (self.column_tiles(), self.row_tiles()),
        }
    }

    /// The driving lines of each tile on the driving side.
    #[must_use]
    pub fn driving_groups(&self, way: Way) -> Vec<Range<usize>> {
        let side = match way {
            Way::Forward => self.array_rows,
            Way::Transposed => self.array_columns,
        };
        let (driving, _) = self.shape.lines(way);
        (0..driving).step_by(side).map(|first| first..(first + side).min(driving)).collect()
    }

    /// Most lines read out of any one array.
    #[must_use]
    pub fn most_lines(&self, way: Way) -> usize {
        match way {
            Way::Forward => self.array_columns.min(self.shape.columns),
            Way::Transposed => self.array_rows.min(self.shape.rows),
        }
    }

    /// What one read in direction `way` uses, its arrays driven `passes` times (once per activity bit where
    /// inputs are bit-serial). The first conversion of a line is a load, every further one an addition.
    #[must_use]
    pub fn read_counts(&self, way: Way, passes: u64) -> Counts {
        let (driving, lines) = self.shape.lines(way);
        let (driving_tiles, line_tiles) = self.tiles(way);
        let (driving, lines) = (driving as u64, lines as u64);
        let (driving_tiles, line_tiles) = (driving_tiles as u64, line_tiles as u64);
        let mut counts = Counts::default();
        counts.add(Action::ArrayRead, passes * driving_tiles * line_tiles);
        counts.add(Action::RowDrive, passes * driving * line_tiles);
        counts.add(Action::AdcConvert, passes * lines * driving_tiles);
        counts.add(Action::CellMac, passes * driving * lines);
        counts.add(Action::PartialAdd, lines * (passes * driving_tiles - 1));
        counts
    }

    /// The hardware that the matrix occupies.
    #[must_use]
    pub fn blocks(&self, converters_per_array: u32, sign: Sign) -> Blocks {
        let arrays = (self.row_tiles() * self.column_tiles()) as u64;
        let cells = arrays * self.array_rows as u64 * self.array_columns as u64;
        Blocks {
            arrays,
            cells,
            cells_used: self.shape.synapses() as u64,
            devices: cells * sign.devices_per_cell(),
            row_drivers: arrays * self.array_rows as u64,
            column_drivers: arrays * self.array_columns as u64,
            converters: arrays * u64::from(converters_per_array),
        }
    }
}
