//! The files that a run leaves in its folder.

use crate::probe::Probes;
use crate::run::Run;
use crate::summary::Summary;
use crate::{Error, weights_file};
use equipoise_base::config::Table;
use equipoise_base::record::{EpochRow, Record};
use equipoise_chip::{Machine, Network};
use equipoise_energy::bill::{Bill, epoch_j};
use equipoise_energy::{Prices, ledger};
use equipoise_trace::edge_archive::EdgeFile;
use equipoise_trace::table_writer::TableWriter;
use equipoise_trace::{atomic, record_file, toml_write};
use std::path::Path;

/// The file by which a folder is known to hold a result.
pub const SUMMARY: &str = "summary.json";
/// Of a study: its numbers.
pub(crate) const NUMBERS: &str = "study.json";
/// One of these makes a folder a result; it is written last.
pub(crate) const RESULTS: [&str; 2] = [SUMMARY, NUMBERS];
/// From here an interrupted run can be resumed.
pub(crate) const CHECKPOINT: &str = "checkpoint.eqc";
/// The record, for pricing again.
pub const RECORD: &str = "record.bin";

/// Every key resolved.
pub const EXPERIMENT: &str = "experiment.toml";

const WEIGHTS: &str = "weights.npz";
const LEDGER: &str = "ledger.csv";
const METRICS: &str = "metrics.csv";

/// The files that every run leaves.
pub(crate) const OWN: [&str; 6] = [SUMMARY, EXPERIMENT, WEIGHTS, LEDGER, METRICS, RECORD];

/// The names of all files that a run leaves.
#[must_use]
pub fn files(probes: &Probes) -> Vec<String> {
    OWN.into_iter().chain(probes.files()).map(str::to_owned).collect()
}

/// What a finished run came to, to be written.
#[derive(Clone, Copy)]
pub struct Results<'a> {
    /// The run.
    pub run: &'a Run,
    /// Its bill.
    pub bill: &'a Bill,
    /// The prices of the bill.
    pub prices: &'a Prices,
    /// The chip at its end.
    pub machine: &'a dyn Machine,
    /// The network on it.
    pub network: &'a Network,
    /// The table that has the weights, where they are frozen and need not be copied.
    pub edges: Option<&'a EdgeFile>,
}

/// Writes everything that a run leaves beside its settings and its probes.
///
/// # Errors
/// If a file cannot be written.
pub fn write_run(folder: &Path, finished: &Results<'_>) -> Result<(), Error> {
    let Results { run, bill, prices, machine, network, edges } = *finished;
    weights_file::write(&folder.join(WEIGHTS), machine, network, edges)?;
    write_ledger(&folder.join(LEDGER), &run.record, prices)?;
    write_metrics(&folder.join(METRICS), &run.record, prices)?;
    record_file::write(&folder.join(RECORD), &run.record)?;
    write_json(&folder.join(SUMMARY), &Summary::new(run, bill))
}

/// Writes settings as TOML.
///
/// # Errors
/// If the file cannot be written.
pub fn write_settings(path: &Path, settings: &Table) -> Result<(), Error> {
    let text = toml_write::write(settings).map_err(Error::Other)?;
    Ok(atomic::write_file(path, text.as_bytes())?)
}

/// Writes `value` as indented JSON.
///
/// # Errors
/// If the file cannot be written.
pub fn write_json(path: &Path, value: &impl serde::Serialize) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| Error::Other(error.to_string()))?;
    text.push('\n');
    Ok(atomic::write_file(path, text.as_bytes())?)
}

/// `value` as JSON on one line; empty if it has no such form.
#[must_use]
pub fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn write_ledger(path: &Path, record: &Record, prices: &Prices) -> Result<(), Error> {
    let mut table = TableWriter::create(path, &LEDGER_COLUMNS)?;
    for row in ledger::rows(record, prices) {
        table.row(&[
            row.core.map(u64::from).into(),
            row.phase.into(),
            row.action.as_str().into(),
            row.count.into(),
            row.price_j.into(),
            row.energy_j.into(),
            row.area_mm2.into(),
        ])?;
    }
    Ok(table.finish()?)
}

const LEDGER_COLUMNS: [&str; 7] = ["core", "phase", "action", "count", "price_j", "energy_j", "area_mm2"];

const METRICS_COLUMNS: [&str; 11] = [
    "split",
    "epoch",
    "samples",
    "accuracy",
    "loss",
    "energy_j",
    "cycles",
    "unsettled",
    "clipped",
    "oscillating",
    "refused",
];

fn write_metrics(path: &Path, record: &Record, prices: &Prices) -> Result<(), Error> {
    let mut table = TableWriter::create(path, &METRICS_COLUMNS)?;
    for row in &record.epochs {
        let EpochRow {
            split,
            epoch,
            samples,
            correct,
            loss,
            counts,
            cycles,
            unsettled,
            oscillating,
            refused,
            ..
        } = row;
        let seen = *samples > 0;
        let accuracy = seen.then(|| *correct as f64 / *samples as f64);
        table.row(&[
            split.as_str().into(),
            (*epoch).into(),
            (*samples).into(),
            accuracy.into(),
            seen.then_some(*loss).into(),
            epoch_j(record, row, prices).into(),
            (*cycles).into(),
            (*unsettled).into(),
            counts[equipoise_base::Action::AdcClip].into(),
            (*oscillating).into(),
            (*refused).into(),
        ])?;
    }
    Ok(table.finish()?)
}
