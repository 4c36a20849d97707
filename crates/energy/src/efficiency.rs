//! Joules for each thing done.

use equipoise_base::record::Record;
use equipoise_base::{Action, Phase};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a run costs for each thing that it did. The names are those of `summary.json`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Efficiency {
    /// Multiply-adds in arrays, one for each cell (device pair) in each read.
    pub macs: u64,
    /// Picojoules of the whole run, learning and leakage included, over its multiply-adds; `None` without any.
    pub pj_per_mac: Option<f64>,
    /// Two operations per multiply-add, in 10^12 per joule: tera-operations per second and watt.
    pub tops_per_w: Option<f64>,
    /// Free phases of evaluation.
    pub inferences: u64,
    /// Joules of evaluation, static energy of its cycles included, for each of them; `None` without any.
    pub per_inference_j: Option<f64>,
    /// Joules of training, static energy of its cycles included, for each update; `None` without any.
    pub per_update_j: Option<f64>,
}

impl Efficiency {
    /// The efficiency of a run of `total_j`, divided by phase as `by_phase` says.
    #[must_use]
    pub fn new(record: &Record, total_j: f64, by_phase: &BTreeMap<&'static str, f64>) -> Self {
        let (macs, inferences) = (record.count(Action::CellMac), record.inferences);
        let each = |joules: f64, count: u64| (count > 0).then(|| joules / count as f64);
        let of = |phase: Phase| by_phase.get(phase.name()).copied().unwrap_or(0.0);
        let training_j = Phase::ALL.into_iter().filter(|phase| phase.trains()).map(of).sum();
        Self {
            macs,
            pj_per_mac: each(1e12 * total_j, macs),
            tops_per_w: (total_j > 0.0 && macs > 0).then(|| 2.0 * macs as f64 / total_j / 1e12),
            inferences,
            per_inference_j: each(of(Phase::Evaluate), inferences),
            per_update_j: each(training_j, record.updates),
        }
    }
}
