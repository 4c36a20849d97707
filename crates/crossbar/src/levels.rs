//! How much every line of an array conducts: the G of a read's V^2 G t.

use equipoise_base::{Shape, Way};
use equipoise_device::{CodeScale, Codes, Conduction, LEVELS};

/// Levels of every row and every column, in units of 1/256 of a device's full conductance.
pub(crate) struct Levels {
    shape: Shape,
    conduction: Conduction,
    /// Codes are shifted by this to 32 bits, so that sums of their sizes fit 64; then `max` is the largest.
    shift: u32,
    max: f64,
    rows: Vec<u64>,
    /// Sums of the sizes of each row's codes, shifted.
    sizes: Vec<u64>,
    columns: Vec<u64>,
    /// Columns are added up when a transposed read asks, for many arrays are never read that way.
    columns_stale: bool,
    /// Scratch: the rows that have changed.
    changed: Vec<u32>,
}

impl Levels {
    pub fn new(shape: Shape, conduction: Conduction, scale: CodeScale) -> Self {
        let per_line = |cells: usize| match conduction {
            Conduction::Complementary => LEVELS * cells as u64,
            Conduction::Magnitude => 0,
        };
        let shift = (64 - scale.max.leading_zeros()).saturating_sub(32);
        Self {
            shape,
            conduction,
            shift,
            max: (scale.max >> shift) as f64,
            rows: vec![per_line(shape.columns); shape.rows],
            columns: vec![per_line(shape.rows); shape.columns],
            columns_stale: conduction == Conduction::Magnitude,
            sizes: vec![0; shape.rows],
            changed: Vec::new(),
        }
    }

    /// Takes the codes of changed `rows` over; `mirror` holds the codes column by column, where there is one.
    pub fn rows_changed(
        &mut self,
        rows: impl Iterator<Item = usize>,
        codes: Codes<'_>,
        mirror: Option<Codes<'_>>,
    ) {
        if self.conduction == Conduction::Complementary {
            return;
        }
        self.changed.clear();
        self.changed.extend(rows.map(|row| row as u32));
        let (columns, changed, sizes) = (self.shape.columns, &self.changed[..], &mut self.sizes[..]);
        // Rows of a narrow matrix are too short for a vector: there all rows are added up side by side.
        match mirror {
            Some(Codes::Narrow(codes)) => add_columns(codes, self.shift, sizes),
            Some(Codes::State(codes)) => add_columns(codes, self.shift, sizes),
            Some(Codes::Wide(codes)) => add_columns(codes, self.shift, sizes),
            None => match codes {
                Codes::Narrow(codes) => row_sizes_narrow(codes, columns, changed, sizes),
                Codes::State(codes) => row_sizes(codes, columns, self.shift, changed, sizes),
                Codes::Wide(codes) => row_sizes(codes, columns, self.shift, changed, sizes),
            },
        }
        for &row in &self.changed {
            self.rows[row as usize] = self.in_levels(self.sizes[row as usize]);
        }
        self.columns_stale = true;
    }

    /// Levels of the driving lines of a read.
    pub fn of(&mut self, way: Way, codes: Codes<'_>) -> &[u64] {
        if way == Way::Forward {
            return &self.rows;
        }
        if self.columns_stale {
            let sizes = match codes {
                Codes::Narrow(codes) => column_sizes(codes, self.shape.columns, self.shift),
                Codes::State(codes) => column_sizes(codes, self.shape.columns, self.shift),
                Codes::Wide(codes) => column_sizes(codes, self.shape.columns, self.shift),
            };
            self.columns = sizes.into_iter().map(|size| self.in_levels(size)).collect();
            self.columns_stale = false;
        }
        &self.columns
    }

    fn in_levels(&self, size: u64) -> u64 {
        // To nearest, ties up, without the call that `round` is: levels are far below 2^53.
        let levels = size as f64 * LEVELS as f64 / self.max;
        let whole = levels as i64;
        (whole + i64::from(levels - whole as f64 >= 0.5)) as u64
    }
}

/// The sums of the sizes of 16-bit codes of those rows that have `changed`; 65,536 of them fit a 32-bit sum.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn row_sizes_narrow(codes: &[i16], columns: usize, changed: &[u32], sizes: &mut [u64]) {
    for &row in changed {
        let mut size = 0;
        for codes in codes[row as usize * columns..][..columns].chunks(1 << 16) {
            let mut part = 0_u32;
            for code in codes {
                part += u32::from(code.unsigned_abs());
            }
            size += u64::from(part);
        }
        sizes[row as usize] = size;
    }
}

/// The sums of the sizes of the codes of those rows that have `changed`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn row_sizes<C: Copy + Into<i64>>(
    codes: &[C],
    columns: usize,
    shift: u32,
    changed: &[u32],
    sizes: &mut [u64],
) {
    for &row in changed {
        let mut size = 0;
        for &code in &codes[row as usize * columns..][..columns] {
            let code: i64 = code.into();
            size += code.unsigned_abs() >> shift;
        }
        sizes[row as usize] = size;
    }
}

/// The sums of the sizes of all rows' codes, which lie column by column.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_columns<C: Copy + Into<i64>>(codes: &[C], shift: u32, sizes: &mut [u64]) {
    sizes.fill(0);
    for column in codes.chunks_exact(sizes.len()) {
        for (size, &code) in sizes.iter_mut().zip(column) {
            let code: i64 = code.into();
            *size += code.unsigned_abs() >> shift;
        }
    }
}

/// The sum of the sizes of every column's codes.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn column_sizes<C: Copy + Into<i64>>(codes: &[C], columns: usize, shift: u32) -> Vec<u64> {
    let mut totals = vec![0; columns];
    for row in codes.chunks_exact(columns) {
        for (total, &code) in totals.iter_mut().zip(row) {
            let code: i64 = code.into();
            *total += code.unsigned_abs() >> shift;
        }
    }
    totals
}
