//! The kernels of a read: every entry of a row, or of all rows, adds its share.

use crate::accumulator::Accumulator;
use crate::cost::{ReadCost, Widths};
use crate::ring::Ring;
use crate::wiring::{RunView, Wiring, slots};
use equipoise_base::{Axons, Number};
use std::ops::Range;

/// Rows of spikes that are fetched together.
const TOGETHER: usize = 64;

/// The table as the kernels see it.
#[derive(Clone, Copy)]
pub(crate) struct Entries<'a, N> {
    pub(crate) wiring: &'a Wiring,
    /// One weight per entry.
    pub(crate) weights: &'a [N],
}

/// A pending drive with one more weight; only words as wide as the sum can come to its ends.
#[inline(always)]
fn sum<N: Number>(due: i64, weight: N) -> i64 {
    if N::WIDTH < i64::BITS { due + weight.raw() } else { due.saturating_add(weight.raw()) }
}

impl<N: Number> Entries<'_, N> {
    /// Calls `visit(line, weight)` for every entry of a run, with the entry's target out of `lines`. Runs of
    /// consecutive targets are slices, so that their loop vectorises.
    #[inline]
    fn with_run<T>(&self, run: &RunView, lines: &[T], mut visit: impl FnMut(&T, N)) {
        let (targets, weights) = self.run(run);
        match targets.first() {
            Some(&first) if run.consecutive => {
                let lines = &lines[first as usize..][..weights.len()];
                lines.iter().zip(weights).for_each(|(line, &weight)| visit(line, weight));
            }
            _ => {
                for (&at, &weight) in targets.iter().zip(weights) {
                    visit(&lines[at as usize], weight);
                }
            }
        }
    }

    /// The same with lines that change.
    #[inline]
    fn with_run_mut<T>(&self, run: &RunView, lines: &mut [T], mut visit: impl FnMut(&mut T, N)) {
        let (targets, weights) = self.run(run);
        match targets.first() {
            Some(&first) if run.consecutive => {
                let lines = &mut lines[first as usize..][..weights.len()];
                lines.iter_mut().zip(weights).for_each(|(line, &weight)| visit(line, weight));
            }
            _ => {
                for (&at, &weight) in targets.iter().zip(weights) {
                    visit(&mut lines[at as usize], weight);
                }
            }
        }
    }

    fn run(&self, run: &RunView) -> (&[u32], &[N]) {
        (&self.wiring.places[run.entries.clone()], &self.weights[run.entries.clone()])
    }

    /// `drive[i] += sum_j w[j][i] x_j`, each activity as old as its synapse's delay says; `sums` is scratch.
    pub(crate) fn held_forward<A: Accumulator>(
        &self,
        history: &Ring<N>,
        sums: &mut Vec<A>,
        drive: &mut [i64],
    ) {
        sums.clear();
        sums.resize(drive.len(), A::default());
        for (number, row) in self.wiring.rows.iter().enumerate() {
            for run in self.wiring.runs_of(number) {
                let x = history.ago(run.extra_delay)[row];
                if x != N::ZERO {
                    self.with_run_mut(&run, sums, |sum, weight| sum.add_product(x, weight));
                }
            }
        }
        drive.iter_mut().zip(sums).for_each(|(drive, sum)| *drive += sum.drive::<N>());
    }

    /// `drive[j] += sum_i w[j][i] x_i`, the columns driving.
    pub(crate) fn held_transposed<A: Accumulator>(&self, history: &Ring<N>, drive: &mut [i64]) {
        for (number, row) in self.wiring.rows.iter().enumerate() {
            let mut sum = A::default();
            for run in self.wiring.runs_of(number) {
                let x = history.ago(run.extra_delay);
                self.with_run(&run, x, |x, weight| sum.add_product(*x, weight));
            }
            drive[row] += sum.drive::<N>();
        }
    }

    /// Puts the weights of every row that spikes where they will be due. A spike without synapses here costs its look
    /// at the row's pointers and nothing else. `heard` is scratch.
    pub(crate) fn spikes_forward(
        &self,
        axons: Axons<'_, N>,
        pending: &mut Ring<i64>,
        widths: &Widths,
        heard: &mut Vec<Range<u32>>,
    ) -> ReadCost {
        heard.clear();
        // All pointers first: none of these loads waits for another one.
        let spike = |row: usize| heard.push(self.wiring.pointers(row));
        let spikes = match axons.spikes {
            Some(spikes) => {
                self.wiring.rows.among(spikes, spike);
                spikes.count()
            }
            None => {
                let spiking = |(_, row): &(usize, usize)| axons.value[*row] != N::ZERO;
                self.wiring.rows.iter().enumerate().filter(spiking).map(|(number, _)| number).for_each(spike);
                axons.value.iter().filter(|&&value| value != N::ZERO).count()
            }
        };
        let mut cost = ReadCost::default();
        cost.add_times(widths.row(0, 0), (spikes - heard.len()) as u64);
        for rows in heard.chunks(TOGETHER) {
            self.touch(rows);
            for row in rows {
                cost.add(widths.row(row.len(), 0));
                self.add_row(row, pending);
            }
        }
        cost
    }

    /// Looks at both ends of rows, so that they are in the cache when they are walked: how long a row is decides
    /// where its loop ends, and a processor that guesses that wrong would wait for each row anew.
    fn touch(&self, rows: &[Range<u32>]) {
        let mut seen = 0_i64;
        for row in rows {
            for entry in [row.start as usize, row.end as usize - 1] {
                seen = seen.wrapping_add(i64::from(self.wiring.places[entry]) ^ self.weights[entry].raw());
            }
        }
        std::hint::black_box(seen);
    }

    /// Puts the weights of a row's `entries` where they will be due.
    #[inline]
    fn add_row(&self, entries: &Range<u32>, pending: &mut Ring<i64>) {
        let (slots, now) = pending.whole_turn();
        let entries = entries.start as usize..entries.end as usize;
        for (&place, &weight) in self.wiring.places[entries.clone()].iter().zip(&self.weights[entries]) {
            let place = now + place as usize;
            let due = &mut slots[if place < slots.len() { place } else { place - slots.len() }];
            *due = sum::<N>(*due, weight);
        }
    }

    /// The same with the columns driving: there is no index by target, so every row is walked.
    pub(crate) fn spikes_transposed(&self, axons: Axons<'_, N>, pending: &mut Ring<i64>) {
        for (number, row) in self.wiring.rows.iter().enumerate() {
            let entries = self.wiring.entries_of(number);
            let slots = slots(&self.wiring.places[entries.clone()], self.wiring.shape.columns);
            for ((extra_delay, column), weight) in slots.zip(&self.weights[entries]) {
                if axons.value[column] != N::ZERO {
                    let due = &mut pending.ahead(extra_delay)[row];
                    *due = sum::<N>(*due, *weight);
                }
            }
        }
    }
}
