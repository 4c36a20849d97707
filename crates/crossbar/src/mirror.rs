//! A column-major copy of the codes of a narrow matrix.
//!
//! With few columns, the loops over a row are too short to fill a vector; along the columns they are long.
//! Only the simulator's memory layout changes: the sums are the same integers.

use equipoise_base::Shape;
use equipoise_device::Codes;

/// Matrices with fewer columns than this, and more rows than columns, are mirrored.
const NARROW_COLUMNS: usize = 64;

/// The codes of a narrow matrix, `[column][row]` flat.
pub(crate) enum Mirror {
    Narrow(Vec<i16>),
    State(Vec<i32>),
    Wide(Vec<i64>),
}

impl Mirror {
    /// A mirror of `codes` if `shape` is worth one.
    pub fn of(shape: Shape, codes: Codes<'_>) -> Option<Self> {
        if shape.columns >= NARROW_COLUMNS.min(shape.rows) {
            return None;
        }
        let mut mirror = match codes {
            Codes::Narrow(_) => Self::Narrow(vec![0; shape.synapses()]),
            Codes::State(_) => Self::State(vec![0; shape.synapses()]),
            Codes::Wide(_) => Self::Wide(vec![0; shape.synapses()]),
        };
        mirror.copy_rows(shape, 0..shape.rows, codes);
        Some(mirror)
    }

    /// Copies `rows` of `codes`, which are `[row][column]`.
    pub fn copy_rows(&mut self, shape: Shape, rows: impl Iterator<Item = usize>, codes: Codes<'_>) {
        match (self, codes) {
            (Self::Narrow(mirror), Codes::Narrow(codes)) => scatter(shape, rows, codes, mirror),
            (Self::State(mirror), Codes::State(codes)) => scatter(shape, rows, codes, mirror),
            (Self::Wide(mirror), Codes::Wide(codes)) => scatter(shape, rows, codes, mirror),
            _ => unreachable!("an array keeps the width of its codes"),
        }
    }

    pub fn codes(&self) -> Codes<'_> {
        match self {
            Self::Narrow(codes) => Codes::Narrow(codes),
            Self::State(codes) => Codes::State(codes),
            Self::Wide(codes) => Codes::Wide(codes),
        }
    }
}

fn scatter<C: Copy>(shape: Shape, rows: impl Iterator<Item = usize>, codes: &[C], mirror: &mut [C]) {
    for row in rows {
        let codes = &codes[row * shape.columns..][..shape.columns];
        for (slot, &code) in mirror[row..].iter_mut().step_by(shape.rows).zip(codes) {
            *slot = code;
        }
    }
}
