//! The bill of a finished run: counts times prices, and what leaked meanwhile.

use crate::breakdown::Breakdown;
use crate::efficiency::Efficiency;
use crate::evidence::Evidence;
use crate::point::PricedAt;
use crate::power::Power;
use crate::prices::Prices;
use crate::static_energy::{self, StaticRow, Stretch};
use crate::utilisation::Utilisation;
use equipoise_base::record::{Block, CoreBook, EpochRow, Record};
use equipoise_base::{Action, Phase};
use serde::Serialize;
use std::collections::BTreeMap;

/// Joules of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Energy {
    /// The sum of `by_action` and `static`.
    pub total: f64,
    /// Energy of the training instructions, static energy of their cycles included, over the updates;
    /// `None` without an update.
    pub per_update: Option<f64>,
    /// Count times price of every action that occurred and has a price.
    pub by_action: BTreeMap<&'static str, f64>,
    /// Dynamic and static energy by phase; `unbooked` holds the leakage of cycles that no phase claims.
    pub by_phase: BTreeMap<&'static str, f64>,
    /// Leakage in all cycles, idle clocks and wake-ups of everything on the chip, used or not.
    #[serde(rename = "static")]
    pub static_j: f64,
    /// What makes the bill incomplete: actions that occurred without a price, and `leakage.<key>`, `gating.<key>`
    /// or `gating.<key>.<energy>` of blocks that exist.
    pub unpriced: Vec<String>,
    /// The weakest evidence among the figures used.
    pub evidence: Evidence,
}

/// The ends of an error bar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Range {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Joules of one core.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CoreEnergy {
    /// The mesh node.
    pub core: u32,
    /// Counts times prices.
    pub dynamic_j: f64,
    /// Leakage, idle clocks and wake-ups of the blocks that the network uses, without routers.
    pub static_j: f64,
}

/// What a run costs. The names are those of `summary.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bill {
    /// Joules.
    pub energy_j: Energy,
    /// Joules between which the truth is expected, where sources give a range.
    pub energy_range_j: Range,
    /// Keys of the design for whose values some figure that was used does not hold.
    pub priced_at: BTreeMap<String, PricedAt>,
    /// Joules of every core, in the record's order.
    pub by_core: Vec<CoreEnergy>,
    /// Where cycles, static energy and area went.
    pub breakdown: Breakdown,
    /// Area of the chip's blocks that have a figure; `None` where none has.
    pub area_mm2: Option<f64>,
    /// The run's cycles in seconds.
    pub chip_seconds: f64,
    /// Seconds of training instructions per update; `None` without an update.
    pub latency_s_per_update: Option<f64>,
    /// Watts.
    pub power_w: Power,
    /// Joules for each thing done.
    pub efficiency: Efficiency,
    /// How busy the chip was.
    pub utilisation: Utilisation,
}

/// Prices a finished run. Every energy is counts times prices, summed in the order of the lists.
#[must_use]
pub fn price(record: &Record, prices: &Prices) -> Bill {
    let rows = static_energy::rows(record, prices);
    let breakdown = Breakdown::new(record, &rows, prices);
    let static_j = breakdown.static_j.chip.total;
    let by_action = by_action(record, prices);
    let total = by_action.iter().map(|(_, joules)| joules).sum::<f64>() + static_j;
    let chip_seconds = record.cycles as f64 / prices.clock_hz();
    let by_phase = by_phase(record, prices, &breakdown);
    let per_update = |amount: f64| (record.updates > 0).then(|| amount / record.updates as f64);
    let training = Phase::ALL.into_iter().filter(|phase| phase.trains());
    let training_cycles: u64 = training.clone().map(|p| record.phase_cycles[p as usize]).sum();
    Bill {
        efficiency: Efficiency::new(record, total, &by_phase),
        utilisation: Utilisation::new(record),
        energy_j: Energy {
            total,
            per_update: per_update(training.map(|phase| by_phase[phase.name()]).sum()),
            by_action: by_action.into_iter().collect(),
            by_phase,
            static_j,
            unpriced: unpriced(record, prices),
            evidence: evidence(record, prices),
        },
        energy_range_j: range_j(record, &breakdown, prices),
        priced_at: priced_at(record, prices),
        by_core: by_core(record, &rows, prices),
        area_mm2: breakdown.area_mm2.chip.total,
        breakdown,
        chip_seconds,
        latency_s_per_update: per_update(training_cycles as f64 / prices.clock_hz()),
        power_w: Power::new(record, &rows, total, prices),
    }
}

/// Joules of one stretch of training or evaluation, all cores: dynamic and static.
#[must_use]
pub fn epoch_j(record: &Record, epoch: &EpochRow, prices: &Prices) -> f64 {
    let stretch = Stretch {
        inventory: &record.inventory,
        active: &epoch.active,
        cycles: epoch.cycles,
        occasions: epoch.counts[Action::Step],
    };
    prices.dynamic_j(&epoch.counts) + stretch.energy_j(prices)
}

fn by_core(record: &Record, rows: &[StaticRow], prices: &Prices) -> Vec<CoreEnergy> {
    let mut static_j: BTreeMap<u32, f64> = BTreeMap::new();
    for (core, row) in rows.iter().filter_map(|row| Some((row.core?, row))) {
        *static_j.entry(core).or_default() += row.energy_j(prices);
    }
    let energy = |core: &CoreBook| CoreEnergy {
        core: core.node,
        dynamic_j: core.counts.iter().map(|counts| prices.dynamic_j(counts)).sum(),
        static_j: static_j.get(&core.node).copied().unwrap_or(0.0),
    };
    record.cores.iter().map(energy).collect()
}

/// Count times price of what occurred and has a price, in the order of [`Action::ALL`].
fn by_action(record: &Record, prices: &Prices) -> Vec<(&'static str, f64)> {
    let total = record.total(|_| true);
    let priced = |(action, count): (Action, u64)| {
        Some((action.name(), count as f64 * prices.price_j(action)?.value)).filter(|_| count > 0)
    };
    total.iter().filter_map(priced).collect()
}

/// Dynamic energy by phase, upon the static energy of the chip.
fn by_phase(record: &Record, prices: &Prices, breakdown: &Breakdown) -> BTreeMap<&'static str, f64> {
    let mut by_phase = breakdown.static_j.chip.by_phase.clone();
    for phase in Phase::ALL {
        *by_phase.entry(phase.name()).or_default() += prices.dynamic_j(&record.total(|p| p == phase));
    }
    by_phase
}

/// What the bill lacks, each key once.
fn unpriced(record: &Record, prices: &Prices) -> Vec<String> {
    let total = record.total(|_| true);
    let occurred = total.iter().filter(|&(action, count)| count > 0 && action.billable());
    let mut names: Vec<String> = occurred
        .filter(|&(action, _)| prices.price_j(action).is_none())
        .map(|(action, _)| action.name().to_owned())
        .collect();
    let present = || Block::ALL.into_iter().filter(|&block| record.inventory.get(block) > 0);
    let leaks = present().filter(|&block| prices.leakage_w(block).is_none());
    names.extend(leaks.map(|block| format!("leakage.{}", block.key())));
    names.extend(present().filter_map(|block| prices.gating(block).missing));
    names.dedup();
    names
}

/// The weakest evidence of the prices of what occurred and of the blocks that exist.
fn evidence(record: &Record, prices: &Prices) -> Evidence {
    let total = record.total(|_| true);
    let actions = total.iter().filter(|&(_, count)| count > 0).filter_map(|(a, _)| prices.price_j(a));
    let exists = |block: &Block| record.cycles > 0 && record.inventory.get(*block) > 0;
    let present = || Block::ALL.into_iter().filter(exists);
    let figures = actions.chain(present().filter_map(|block| prices.leakage_w(block)));
    let gating = present().filter_map(|block| prices.gating(block).evidence);
    figures.map(|figure| figure.evidence).chain(gating).fold(Evidence::Measured, Evidence::weaker)
}

/// The energy with every price, and every block's leakage, at one end of its band: the ends are reached where all
/// sources err to the same side.
fn range_j(record: &Record, breakdown: &Breakdown, prices: &Prices) -> Range {
    let mut range = Range::default();
    let mut add = |joules: f64, (low, high): (f64, f64)| {
        range.low += joules * low;
        range.high += joules * high;
    };
    for (action, count) in record.total(|_| true).iter() {
        let price_j = prices.price_j(action).map_or(0.0, |figure| figure.value);
        add(count as f64 * price_j, prices.band(action));
    }
    for block in Block::ALL {
        let static_j = breakdown.static_j.chip.by_block.get(block.name()).copied().unwrap_or(0.0);
        add(static_j, prices.leakage_band(block));
    }
    range
}

/// What prices of what occurred, and leakage and area of the blocks that exist, do not hold for.
fn priced_at(record: &Record, prices: &Prices) -> BTreeMap<String, PricedAt> {
    let (total, blocks) = (record.total(|_| true), &record.inventory);
    prices.priced_at(|figure| match figure.split_once('.') {
        Some(("price", action)) => Action::from_name(action).is_some_and(|action| total[action] > 0),
        Some((_, name)) => Block::ALL.into_iter().any(|block| block.key() == name && blocks.get(block) > 0),
        None => true,
    })
}
