//! Watts: on average, and in the dearest stretch of the run.

use crate::gating::GatingPolicy;
use crate::prices::Prices;
use crate::static_energy::{StaticRow, ungated_w};
use equipoise_base::record::{Block, Record, Window};
use equipoise_base::{Counts, Phase};
use serde::Serialize;

/// Watts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Power {
    /// Total energy, initial programming included, over the chip's seconds; `None` without a cycle.
    pub average: Option<f64>,
    /// An upper bound of the mean over any window of the run, and never below the average. Programming takes no
    /// cycles in the books, so that all of it lies in the first window. `None` without a cycle.
    pub peak: Option<f64>,
    /// The same without the initial programming: an upper bound once the chip runs.
    pub peak_running: Option<f64>,
}

impl Power {
    /// The power of a run of `total_j`, whose static energy is that of `rows`.
    ///
    /// Peaks are the dearest window's counts times prices over its length, plus what may flow besides: the leakage of
    /// everything on the chip without gating, the idle clocks of all blocks whose clock runs on, and wake-ups at the rate
    /// of the phase that has most of them.
    #[must_use]
    pub fn new(record: &Record, rows: &[StaticRow], total_j: f64, prices: &Prices) -> Self {
        let seconds = |cycles: u64| cycles as f64 / prices.clock_hz();
        if record.cycles == 0 {
            return Self { average: None, peak: None, peak_running: None };
        }
        let average = total_j / seconds(record.cycles);
        let beside_w = ungated_w(&record.inventory, prices)
            + idle_clocks_w(record, prices)
            + waking_w(record, rows, prices);
        let watts = |counts: &Counts, cycles: u64| prices.dynamic_j(counts) / seconds(cycles);
        let (peak, ends) = (&record.peak, [&record.peak.first, &record.peak.last]);
        let ends = || ends.into_iter().filter(|end| end.cycles > 0);
        let full = peak.windows.iter().map(|counts| watts(counts, peak.window_cycles));
        let running = full.chain(ends().map(|end| watts(&end.counts, end.cycles))).fold(0.0, f64::max);
        let programming_j = prices.dynamic_j(&record.total(|phase| phase == Phase::Program));
        let starting = |end: &Window| watts(&end.counts, end.cycles) + programming_j / seconds(end.cycles);
        let start = ends().filter(|end| end.is_start).map(starting).fold(0.0, f64::max);
        Self {
            average: Some(average),
            // Where the run is one window, the two are the same sum in another order.
            peak: Some((running.max(start) + beside_w).max(average)),
            peak_running: Some(running + beside_w),
        }
    }
}

/// Watts of the idle clocks of every block whose clock runs on.
fn idle_clocks_w(record: &Record, prices: &Prices) -> f64 {
    let clocked = |block: &Block| prices.gating(*block).gating.policy == GatingPolicy::None;
    let cycle_j =
        |block: Block| record.inventory.get(block) as f64 * prices.gating(block).gating.idle_cycle_j;
    Block::ALL.into_iter().filter(clocked).map(cycle_j).sum::<f64>() * prices.clock_hz()
}

/// Watts of wake-ups in the phase that has most of them.
fn waking_w(record: &Record, rows: &[StaticRow], prices: &Prices) -> f64 {
    let mut by_phase = [0.0; Phase::ALL.len()];
    for (phase, row) in rows.iter().filter_map(|row| Some((row.phase?, row))) {
        by_phase[phase as usize] += row.cycles.wake_ups as f64 * prices.gating(row.block).gating.wake_j;
    }
    let rate = |(joules, cycles): (&f64, &u64)| if *cycles > 0 { joules / *cycles as f64 } else { 0.0 };
    by_phase.iter().zip(&record.phase_cycles).map(rate).fold(0.0, f64::max) * prices.clock_hz()
}
