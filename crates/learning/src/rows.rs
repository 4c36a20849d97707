//! From latched differences to requests, many rows at once.
//!
//! Rows that are not silent go through one pass from activities to pulses, as many together as fit the nearest
//! cache, and of rows that were the same in both phases only the columns that matter do. Where that cannot be
//! done rows go one by one, and every difference is formed. The pulses are the same, and so is everything counted.

use crate::kernels::{self, Span};
use crate::pulses::{Factor, Row, Stretch};
use crate::synapse::SynapseController;
use equipoise_base::{Action, Counts, Number, Requests};

/// Rows are put together up to about so many cells.
const CELLS: usize = 2_048;

/// Scratch: pulses of some rows, and the most of each.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pulses {
    pulses: Vec<i32>,
    most: Vec<u32>,
}

impl<N: Number> SynapseController<N> {
    /// Turns the latched differences of the next rows that were not silent, of which `done` are done, into pulses;
    /// `None` where no row is left. The rows may have no pulses.
    pub fn update_rows(
        &mut self,
        done: &mut usize,
        update: u64,
        factor: Factor,
        counts: &mut Counts,
    ) -> Option<Requests<'_>> {
        self.compare(factor);
        if *done == self.comparison.awake.len() {
            return None;
        }
        let idle = self.sparse && self.pulser.zero_is_idle();
        Some(if idle && self.sparsity.is_none() && self.comparison.sweeps() {
            self.sweep_rows(done, update, factor, counts)
        } else {
            self.update_row(done, update, factor, counts)
        })
    }

    /// The next rows that can go together.
    fn sweep_rows(
        &mut self,
        done: &mut usize,
        update: u64,
        factor: Factor,
        counts: &mut Counts,
    ) -> Requests<'_> {
        let Self { shape, scratch: Pulses { pulses, most }, comparison, .. } = self;
        let (awake, columns) = comparison.together(*done, CELLS);
        *done = awake.end;
        let rows = &comparison.awake[awake.clone()];
        let bits = (rows.len() * shape.columns) as u64 * self.pulser.accumulator_bits();
        counts.add(Action::SramRead, bits);
        counts.add(Action::SramWrite, bits);
        let (sides, limits) = (comparison.sides(&awake, columns), comparison.limits());
        self.pulser.sweep(Stretch { rows, columns, sides, limits, update, factor }, pulses, most);
        let listed = (columns.list.len() < shape.columns).then_some(&columns.list[..]);
        Requests { rows, columns: listed, pulses, stride: columns.width(), most }
    }

    /// The next row alone, with the columns in which it has synapses.
    fn update_row(
        &mut self,
        done: &mut usize,
        update: u64,
        factor: Factor,
        counts: &mut Counts,
    ) -> Requests<'_> {
        let Self { shape, scratch: Pulses { pulses, most }, codes, .. } = self;
        let rows = &self.comparison.awake[*done..=*done];
        *done += 1;
        let row = rows[0] as usize;
        let columns = self.sparsity.as_ref().map(|cells| cells.row(row));
        let synapses = columns.map_or(shape.columns, <[u32]>::len);
        codes.resize(synapses, 0);
        self.correlations.difference_row(row, columns, &mut self.subtracted, codes);
        let bits = synapses as u64 * self.pulser.accumulator_bits();
        counts.add(Action::SramRead, bits);
        counts.add(Action::SramWrite, bits);
        let span = kernels::span(codes);
        pulses.resize(synapses, 0);
        most.clear();
        let idle = self.sparse && span == Span::Zero && self.pulser.zero_is_idle();
        let row = Row { row, update, factor };
        most.push(if idle { 0 } else { self.pulser.row(row, columns, codes, span != Span::Wide, pulses) });
        Requests { rows, columns, pulses, stride: synapses, most }
    }
}
