//! Several rows of a narrow block at once.
//!
//! A row of ten or of 64 cells is over before its loops have begun. Of a stretch of rows in a narrow block, those
//! that are not silent therefore go through differences and pulses as one flat row, and where all of them are
//! clamped only the columns that moved do; where that cannot be done rows go one by one. The pulses are the
//! same, and so is everything counted.

use crate::comparison::RowKind;
use crate::kernels::Span;
use crate::pulses::{Factor, Stretch};
use crate::synapse::SynapseController;
use equipoise_base::{Action, Counts, Number};
use std::ops::Range;

/// Narrow rows are put together up to about so many cells.
const CELLS: usize = 4_096;
/// Blocks of fewer columns are narrow.
const NARROW: usize = 128;

/// Scratch: rows that are not silent, and the differences and pulses of some of their columns, row by row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flat {
    rows: Vec<usize>,
    codes: Vec<i64>,
    pulses: Vec<i32>,
}

/// What several rows ask of their devices.
#[derive(Clone, Copy, Debug)]
pub struct Requests<'a> {
    /// Signed pulses, row by row; those of a row mean nothing where its `most` is zero.
    pub pulses: &'a [i32],
    /// The most pulses of a cell of each row.
    pub most: &'a [u32],
}

impl<N: Number> SynapseController<N> {
    /// The rows that [`SynapseController::update_rows`] works on at once, at least one.
    #[must_use]
    pub fn rows_together(&self) -> usize {
        let columns = self.shape.columns.max(1);
        if columns < NARROW { CELLS / columns } else { 1 }
    }

    /// Turns the latched differences of `first` and the rows after it, as many as go together, into pulses.
    pub fn update_rows(
        &mut self,
        first: usize,
        update: u64,
        factor: Factor,
        counts: &mut Counts,
    ) -> Requests<'_> {
        let together = self.rows_together();
        if together == 1 {
            let most = self.update_row(first, update, factor, counts).map_or(0, |request| request.most);
            self.most.clear();
            self.most.push(most);
            return Requests { pulses: &self.pulses, most: &self.most };
        }
        let rows = first..(first + together).min(self.shape.rows);
        self.prepare();
        let idle = self.sparse && self.pulser.zero_is_idle();
        if idle && self.comparison.is_narrow() && self.present.is_none() {
            self.update_flat(rows, update, factor, counts);
        } else {
            self.update_singly(rows, update, factor, counts);
        }
        Requests { pulses: &self.flat_pulses, most: &self.most }
    }

    /// The rows one by one.
    fn update_singly(&mut self, rows: Range<usize>, update: u64, factor: Factor, counts: &mut Counts) {
        let (mut pulses, mut mosts) = (std::mem::take(&mut self.flat_pulses), std::mem::take(&mut self.most));
        pulses.clear();
        mosts.clear();
        for row in rows {
            let most = self.update_row(row, update, factor, counts).map_or(0, |request| request.most);
            pulses.extend_from_slice(&self.pulses);
            mosts.push(most);
        }
        (self.flat_pulses, self.most) = (pulses, mosts);
    }

    /// The rows that are not silent as one flat row.
    fn update_flat(&mut self, rows: Range<usize>, update: u64, factor: Factor, counts: &mut Counts) {
        let columns = self.shape.columns;
        self.most.clear();
        self.most.resize(rows.len(), 0);
        let Self { flat, comparison, pulser, .. } = self;
        flat.rows.clear();
        flat.rows.extend(rows.clone().filter(|&row| comparison.kind(row) != RowKind::Silent));
        if flat.rows.is_empty() {
            return;
        }
        let bits = (flat.rows.len() * columns) as u64 * pulser.accumulator_bits();
        counts.add(Action::SramRead, bits);
        counts.add(Action::SramWrite, bits);
        let only_moving = flat.rows.iter().all(|&row| comparison.kind(row) == RowKind::Same)
            && pulser.pays(comparison.moving().list.len());
        let span = comparison.rows(&flat.rows, only_moving, &mut flat.codes);
        if span == Span::Zero {
            return;
        }
        let some = if only_moving { comparison.moving() } else { comparison.every() };
        let stretch = Stretch { rows: &flat.rows, columns: some, update, factor };
        if pulser.rows(stretch, &flat.codes, span != Span::Wide, &mut flat.pulses) == 0 {
            return;
        }
        self.flat_pulses.resize(rows.len() * columns, 0);
        for (&row, some_pulses) in flat.rows.iter().zip(flat.pulses.chunks_exact(some.list.len())) {
            let most = some_pulses.iter().fold(0, |most, pulses| most.max(pulses.unsigned_abs()));
            self.most[row - rows.start] = most;
            if most > 0 {
                let pulses = &mut self.flat_pulses[(row - rows.start) * columns..][..columns];
                some.put(some_pulses, pulses);
            }
        }
    }
}
