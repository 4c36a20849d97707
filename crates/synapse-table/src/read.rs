//! The kernels of a read: every entry of a row, or of all rows, adds its share.

use crate::accumulator::Accumulator;
use crate::cost::{ReadCost, Widths};
use crate::ring::Ring;
use crate::wiring::{RunView, Wiring};
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
        (&self.wiring.targets[run.entries.clone()], &self.weights[run.entries.clone()])
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
        for row in 0..self.wiring.shape.rows {
            for run in self.wiring.runs(row) {
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
        for (row, drive) in drive.iter_mut().enumerate() {
            let mut sum = A::default();
            for run in self.wiring.runs(row) {
                let x = history.ago(run.extra_delay);
                self.with_run(&run, x, |x, weight| sum.add_product(*x, weight));
            }
            *drive += sum.drive::<N>();
        }
    }

    /// Puts the weights of every row that spikes where they will be due.
    pub(crate) fn spikes_forward(
        &self,
        axons: Axons<'_, N>,
        pending: &mut Ring<i64>,
        widths: &Widths,
    ) -> ReadCost {
        let mut cost = ReadCost::default();
        let mut spike = |row: usize| {
            let mut runs = 0;
            for run in self.wiring.runs(row) {
                self.with_run_mut(&run, pending.ahead(run.extra_delay), |line, weight| *line += weight.raw());
                runs += 1;
            }
            cost.add(widths.row(self.wiring.row(row).len(), runs));
        };
        match axons.spikes {
            Some(spikes) => spikes.iter().for_each(spike),
            None => (0..axons.value.len()).filter(|&row| axons.value[row] != N::ZERO).for_each(&mut spike),
        }
        cost
    }

    /// The same with the columns driving: there is no index by target, so every row is walked.
    pub(crate) fn spikes_transposed(&self, axons: Axons<'_, N>, pending: &mut Ring<i64>) {
        for row in 0..self.wiring.shape.rows {
            for run in self.wiring.runs(row) {
                let due = &mut pending.ahead(run.extra_delay)[row];
                self.with_run(&run, axons.value, |x, weight| {
                    if *x != N::ZERO {
                        *due += weight.raw();
                    }
                });
            }
        }
    }
}
