//! The kernels of a read: every entry of a row, or of all rows, adds its share.

use crate::accumulator::Accumulator;
use crate::cost::{ReadCost, Widths};
use crate::ring::Ring;
use crate::wiring::{RunView, Wiring, slots};
use equipoise_base::{Axons, Number};

/// The table as the kernels see it.
#[derive(Clone, Copy)]
pub(crate) struct Entries<'a, N> {
    pub(crate) wiring: &'a Wiring,
    /// One weight per entry.
    pub(crate) weights: &'a [N],
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
    /// at the row's pointers and nothing else.
    pub(crate) fn spikes_forward(
        &self,
        axons: Axons<'_, N>,
        pending: &mut Ring<i64>,
        widths: &Widths,
    ) -> ReadCost {
        let (slots, now) = pending.whole_turn();
        let (mut cost, mut heard) = (ReadCost::default(), 0);
        let spike = |row: usize| {
            let entries = self.wiring.entries_of(row);
            cost.add(widths.row(entries.len(), 0));
            heard += 1;
            for (&place, &weight) in self.wiring.places[entries.clone()].iter().zip(&self.weights[entries]) {
                let place = now + place as usize;
                slots[if place < slots.len() { place } else { place - slots.len() }] += weight.raw();
            }
        };
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
        cost.add_times(widths.row(0, 0), (spikes - heard) as u64);
        cost
    }

    /// The same with the columns driving: there is no index by target, so every row is walked.
    pub(crate) fn spikes_transposed(&self, axons: Axons<'_, N>, pending: &mut Ring<i64>) {
        for (number, row) in self.wiring.rows.iter().enumerate() {
            let entries = self.wiring.entries_of(number);
            let slots = slots(&self.wiring.places[entries.clone()], self.wiring.shape.columns);
            for ((extra_delay, column), weight) in slots.zip(&self.weights[entries]) {
                if axons.value[column] != N::ZERO {
                    pending.ahead(extra_delay)[row] += weight.raw();
                }
            }
        }
    }
}
