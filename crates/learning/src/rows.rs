//! Several rows of a narrow block at once.
//!
//! A row of ten cells is over before its loops have begun. Rows of a narrow block therefore go through
//! differences and pulses as one flat row; where that cannot be done they go one by one. The pulses are the
//! same, and so is everything counted.

use crate::comparison::RowKind;
use crate::kernels::Span;
use crate::pulses::{Factor, Row};
use crate::synapse::SynapseController;
use equipoise_base::{Action, Counts, Number};
use std::ops::Range;

/// Narrow rows are put together up to about so many cells.
const CELLS: usize = 512;

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
        if columns < CELLS / 8 { CELLS / columns } else { 1 }
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

    /// The rows as one flat row. Differences of silent rows come out as zeros, which do nothing.
    fn update_flat(&mut self, rows: Range<usize>, update: u64, factor: Factor, counts: &mut Counts) {
        let columns = self.shape.columns;
        self.most.clear();
        self.most.resize(rows.len(), 0);
        let active = rows.clone().filter(|&row| self.comparison.kind(row) != RowKind::Silent).count();
        if active == 0 {
            return;
        }
        let bits = (active * columns) as u64 * self.pulser.accumulator_bits();
        counts.add(Action::SramRead, bits);
        counts.add(Action::SramWrite, bits);
        self.flat_codes.resize(rows.len() * columns, 0);
        self.flat_pulses.resize(rows.len() * columns, 0);
        let span = self.comparison.rows(rows.clone(), &mut self.flat_codes);
        if span == Span::Zero {
            return;
        }
        let row = Row { row: rows.start, update, factor };
        if self.pulser.rows(row, &self.flat_codes, span != Span::Wide, &mut self.flat_pulses) == 0 {
            return;
        }
        for (most, pulses) in self.most.iter_mut().zip(self.flat_pulses.chunks_exact(columns)) {
            *most = pulses.iter().fold(0, |most, pulses| most.max(pulses.unsigned_abs()));
        }
    }
}
