//! What published energy models say of a run, beside the bill of its own chip.

use crate::{Error, presets};
use equipoise_base::record::Record;
use equipoise_energy::bill::price;
use equipoise_energy::{Evidence, Preset};
use serde::Serialize;

/// What a published energy model says of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SecondOpinion {
    /// Its name.
    pub name: String,
    /// What it prices.
    pub summary: String,
    /// The weakest evidence of its prices.
    pub evidence: Evidence,
    /// Joules in all.
    pub energy_j: f64,
    /// Joules for each update; `None` without one.
    pub per_update_j: Option<f64>,
}

/// What all published models say. What a model has no price for, costs nothing there.
///
/// # Errors
/// If a model cannot be read: a mistake of ours.
pub fn second_opinions(record: &Record) -> Result<Vec<SecondOpinion>, Error> {
    let opinion = |preset: Preset| {
        let energy = price(record, &preset.prices.on(&record.structure)?).energy_j;
        let (name, summary) = (preset.name, preset.summary);
        let (energy_j, per_update_j, evidence) = (energy.total, energy.per_update, energy.evidence);
        Ok(SecondOpinion { name, summary, evidence, energy_j, per_update_j })
    };
    presets::published()?.into_iter().map(opinion).collect()
}
