//! From latched differences to requests, many rows at once.
//!
//! Rows that are not silent go through one pass from activities to pulses, as many together as fit the nearest
//! cache, and of rows that were the same in both phases only the columns that matter do. Where that cannot be
//! done rows go one by one, and every difference is formed. The pulses are the same, and so is everything counted.

use crate::comparison::RowKind;
use crate::kernels::{self, Span};
use crate::pulses::{Factor, Row, Stretch};
use crate::synapse::{SynapseController, keep};
use equipoise_base::{Action, Counts, Number, Requests};

/// Rows are put together up to about so many cells.
const CELLS: usize = 2_048;

/// Scratch: rows, what they did in each latch, and their pulses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    rows: Vec<u32>,
    pre: [Vec<i32>; 2],
    pulses: Vec<i32>,
    most: Vec<u32>,
}

impl<N: Number> SynapseController<N> {
    /// Turns the latched differences of the next rows, from `next` on, into pulses; `None` where no row is left that
    /// was not silent. The rows may have no pulses.
    pub fn update_rows(
        &mut self,
        next: &mut usize,
        update: u64,
        factor: Factor,
        counts: &mut Counts,
    ) -> Option<Requests<'_>> {
        self.compare(factor);
        let idle = self.sparse && self.pulser.zero_is_idle();
        if idle && self.present.is_none() && self.comparison.sweeps() {
            self.sweep_rows(next, update, factor, counts)
        } else {
            self.update_row(next, update, factor, counts)
        }
    }

    /// The next rows that can go together.
    fn sweep_rows(
        &mut self,
        next: &mut usize,
        update: u64,
        factor: Factor,
        counts: &mut Counts,
    ) -> Option<Requests<'_>> {
        let Self { shape, scratch: Rows { rows, pre, pulses, most }, comparison, correlations, .. } = self;
        rows.clear();
        pre.iter_mut().for_each(Vec::clear);
        let mut common = None;
        while *next < shape.rows {
            let kind = comparison.kind(*next);
            if kind != RowKind::Silent {
                let kind = if comparison.is_dense() { RowKind::Moving } else { kind };
                let full = rows.len() * comparison.columns(kind).list.len() >= CELLS;
                if full || *common.get_or_insert(kind) != kind {
                    break;
                }
                rows.push(*next as u32);
                comparison.take_row(correlations, *next, pre);
            }
            *next += 1;
        }
        let columns = comparison.columns(common?);
        let bits = (rows.len() * shape.columns) as u64 * self.pulser.accumulator_bits();
        counts.add(Action::SramRead, bits);
        counts.add(Action::SramWrite, bits);
        let (sides, limits) = (comparison.sides(columns, pre), comparison.limits());
        self.pulser.sweep(Stretch { rows, columns, sides, limits, update, factor }, pulses, most);
        let listed = (columns.list.len() < shape.columns).then_some(&columns.list[..]);
        Some(Requests { rows, columns: listed, pulses: &pulses[..rows.len() * columns.list.len()], most })
    }

    /// The next row alone.
    fn update_row(
        &mut self,
        next: &mut usize,
        update: u64,
        factor: Factor,
        counts: &mut Counts,
    ) -> Option<Requests<'_>> {
        let row = (*next..self.shape.rows).find(|&row| self.comparison.kind(row) != RowKind::Silent);
        *next = row.map_or(self.shape.rows, |row| row + 1);
        let row = row?;
        let Self { shape, scratch: Rows { rows, pulses, most, .. }, codes, .. } = self;
        self.correlations.difference_row(row, &mut self.subtracted, codes);
        let mut synapses = shape.columns;
        if let Some(present) = &self.present {
            synapses = keep(present, row, codes);
        }
        let bits = synapses as u64 * self.pulser.accumulator_bits();
        counts.add(Action::SramRead, bits);
        counts.add(Action::SramWrite, bits);
        let span = kernels::span(codes);
        pulses.resize(shape.columns, 0);
        rows.clear();
        rows.push(row as u32);
        most.clear();
        let idle = self.sparse && span == Span::Zero && self.pulser.zero_is_idle();
        let row = Row { row, update, factor };
        most.push(if idle { 0 } else { self.pulser.row(row, codes, span != Span::Wide, pulses) });
        Some(Requests { rows, columns: None, pulses, most })
    }
}
