//! The bill of a finished run: counts times prices, and what leaked meanwhile.

use crate::evidence::Evidence;
use crate::prices::Prices;
use crate::static_energy::{BlockCycles, Stretch, ungated_w};
use equipoise_base::record::{Block, EpochRow, PerBlock, Record};
use equipoise_base::{Action, Counts, Phase};
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
    /// Leakage in all cycles, idle clocks and wake-ups of every block, unused routers included.
    #[serde(rename = "static")]
    pub static_j: f64,
    /// What makes the bill incomplete: actions that occurred, and `leakage.<block>` of blocks that exist,
    /// without a price.
    pub unpriced: Vec<String>,
    /// The weakest evidence among the figures used.
    pub evidence: Evidence,
}

/// Watts of a run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Power {
    /// Total energy, initial programming included, over the chip's seconds; `None` without a cycle.
    pub average: Option<f64>,
    /// The dearest window over its length, plus the leakage of every block without gating; an upper bound
    /// where windows were merged. `None` without a window.
    pub peak: Option<f64>,
}

/// Joules of one core.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CoreEnergy {
    /// The mesh node.
    pub core: u32,
    /// Counts times prices.
    pub dynamic_j: f64,
    /// Leakage, idle clocks and wake-ups.
    pub static_j: f64,
}

/// What a run costs. The names are those of `summary.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bill {
    /// Joules.
    pub energy_j: Energy,
    /// Joules of every core, in the record's order.
    pub by_core: Vec<CoreEnergy>,
    /// Static joules of the routers of mesh nodes without a core.
    pub unused_routers_j: f64,
    /// Where the block-cycles went, by block.
    pub block_cycles: BTreeMap<&'static str, BlockCycles>,
    /// Area of the blocks that have a figure; `None` where none has.
    pub area_mm2: Option<f64>,
    /// Area by block.
    pub area_by_block_mm2: BTreeMap<&'static str, f64>,
    /// Blocks that exist and have no area: the total lacks them.
    pub area_unknown: Vec<&'static str>,
    /// The run's cycles in seconds.
    pub chip_seconds: f64,
    /// Seconds of training instructions per update; `None` without an update.
    pub latency_s_per_update: Option<f64>,
    /// Watts.
    pub power_w: Power,
}

/// Prices a finished run. Every energy is counts times prices, summed in the order of the lists.
#[must_use]
pub fn price(record: &Record, prices: &Prices) -> Bill {
    let mut book = StaticBook::default();
    let by_core = book.charge(record, prices);
    let by_action = by_action(record, prices);
    let total = by_action.iter().map(|(_, joules)| joules).sum::<f64>() + book.total_j();
    let chip_seconds = record.cycles as f64 / prices.clock_hz();
    let by_phase = by_phase(record, prices, &book);
    let blocks = all_blocks(record);
    let per_update = |amount: f64| (record.updates > 0).then(|| amount / record.updates as f64);
    let training = Phase::ALL.into_iter().filter(|phase| phase.trains());
    let training_cycles: u64 = training.clone().map(|p| record.phase_cycles[p as usize]).sum();
    let area = |block: Block| Some((block.name(), blocks.get(block) as f64 * prices.area_mm2(block)?.value));
    let present = || Block::ALL.into_iter().filter(|&block| blocks.get(block) > 0);
    let area_by_block_mm2: BTreeMap<_, _> = present().filter_map(area).collect();
    Bill {
        energy_j: Energy {
            total,
            per_update: per_update(training.map(|phase| by_phase[phase.name()]).sum()),
            by_action: by_action.into_iter().collect(),
            by_phase,
            static_j: book.total_j(),
            unpriced: unpriced(record, prices),
            evidence: evidence(record, prices),
        },
        by_core,
        unused_routers_j: book.unused_routers_j,
        block_cycles: Block::ALL.into_iter().map(|b| (b.name(), book.blocks[b as usize])).collect(),
        area_mm2: (!area_by_block_mm2.is_empty()).then(|| area_by_block_mm2.values().sum()),
        area_by_block_mm2,
        area_unknown: present().filter(|&b| prices.area_mm2(b).is_none()).map(Block::name).collect(),
        chip_seconds,
        latency_s_per_update: per_update(training_cycles as f64 / prices.clock_hz()),
        power_w: Power {
            average: (record.cycles > 0).then(|| total / chip_seconds),
            peak: peak_w(record, prices, &blocks),
        },
    }
}

/// Joules of one stretch of training or evaluation, all cores: dynamic and static.
#[must_use]
pub fn epoch_j(record: &Record, epoch: &EpochRow, prices: &Prices) -> f64 {
    let stretch = Stretch {
        inventory: &all_blocks(record),
        active: &epoch.active,
        cycles: epoch.cycles,
        occasions: epoch.counts[Action::Step],
    };
    prices.dynamic_j(&epoch.counts) + stretch.energy_j(prices)
}

/// The blocks of the chip: those of the cores, and a router on every node of the mesh without one.
#[must_use]
pub fn all_blocks(record: &Record) -> PerBlock {
    let mut blocks = record.inventory();
    blocks.add(Block::Router, unused_routers(record));
    blocks
}

fn unused_routers(record: &Record) -> u64 {
    record.nodes.saturating_sub(record.inventory().get(Block::Router))
}

/// Static joules by phase, with where the block-cycles went.
#[derive(Default)]
struct StaticBook {
    by_phase: [f64; Phase::ALL.len()],
    unbooked_j: f64,
    unused_routers_j: f64,
    blocks: [BlockCycles; Block::ALL.len()],
}

impl StaticBook {
    fn total_j(&self) -> f64 {
        self.by_phase.iter().sum::<f64>() + self.unbooked_j
    }

    /// Charges every core and the unused routers for all cycles; returns the energy of the cores.
    fn charge(&mut self, record: &Record, prices: &Prices) -> Vec<CoreEnergy> {
        let mut cores = Vec::with_capacity(record.cores.len());
        for core in &record.cores {
            let mut energy = CoreEnergy { core: core.node, dynamic_j: 0.0, static_j: 0.0 };
            for phase in Phase::ALL {
                energy.dynamic_j += prices.dynamic_j(core.of(phase));
            }
            energy.static_j = self.charge_blocks(record, &core.inventory, Some(&core.active), prices);
            cores.push(energy);
        }
        let mut routers = PerBlock::default();
        routers.add(Block::Router, unused_routers(record));
        self.unused_routers_j = self.charge_blocks(record, &routers, None, prices);
        cores
    }

    /// Charges the blocks of `inventory`; `active` is their work by phase, if they worked at all.
    fn charge_blocks(
        &mut self,
        record: &Record,
        inventory: &PerBlock,
        active: Option<&Vec<PerBlock>>,
        prices: &Prices,
    ) -> f64 {
        let idle = PerBlock::default();
        let mut sum_j = 0.0;
        for phase in Phase::ALL {
            let steps = record.phase_steps[phase as usize];
            let stretch = Stretch {
                inventory,
                active: active.and_then(|by_phase| by_phase.get(phase as usize)).unwrap_or(&idle),
                cycles: record.phase_cycles[phase as usize],
                // A state without steps is visited about once per update.
                occasions: if steps > 0 { steps } else { record.updates.max(1) },
            };
            let joules = self.note(&stretch, prices);
            self.by_phase[phase as usize] += joules;
            sum_j += joules;
        }
        let cycles = record.cycles.saturating_sub(record.phase_cycles.iter().sum());
        let joules = self.note(&Stretch { inventory, active: &idle, cycles, occasions: 0 }, prices);
        self.unbooked_j += joules;
        sum_j + joules
    }

    fn note(&mut self, stretch: &Stretch<'_>, prices: &Prices) -> f64 {
        for block in Block::ALL {
            self.blocks[block as usize].add(&stretch.divide(block, prices));
        }
        stretch.energy_j(prices)
    }
}

/// Count times price of what occurred and has a price, in the order of [`Action::ALL`].
fn by_action(record: &Record, prices: &Prices) -> Vec<(&'static str, f64)> {
    let total = record.total(|_| true);
    let priced = |(action, count): (Action, u64)| {
        Some((action.name(), count as f64 * prices.price_j(action)?.value)).filter(|_| count > 0)
    };
    total.iter().filter_map(priced).collect()
}

fn by_phase(record: &Record, prices: &Prices, book: &StaticBook) -> BTreeMap<&'static str, f64> {
    let energy =
        |phase: Phase| prices.dynamic_j(&record.total(|p| p == phase)) + book.by_phase[phase as usize];
    let mut by_phase: BTreeMap<_, _> = Phase::ALL.into_iter().map(|p| (p.name(), energy(p))).collect();
    if book.unbooked_j > 0.0 {
        by_phase.insert("unbooked", book.unbooked_j);
    }
    by_phase
}

fn unpriced(record: &Record, prices: &Prices) -> Vec<String> {
    let total = record.total(|_| true);
    let actions = total
        .iter()
        .filter(|&(action, count)| count > 0 && action.billable() && prices.price_j(action).is_none())
        .map(|(action, _)| action.name().to_owned());
    let blocks = all_blocks(record);
    let leaks = Block::ALL
        .into_iter()
        .filter(|&block| blocks.get(block) > 0 && prices.leakage_w(block).is_none())
        .map(|block| format!("leakage.{}", block.name()));
    actions.chain(leaks).collect()
}

/// The weakest evidence of the prices of what occurred and of the blocks that exist.
fn evidence(record: &Record, prices: &Prices) -> Evidence {
    let total = record.total(|_| true);
    let actions = total.iter().filter(|&(_, count)| count > 0).filter_map(|(a, _)| prices.price_j(a));
    let blocks = all_blocks(record);
    let present = || Block::ALL.into_iter().filter(|&block| record.cycles > 0 && blocks.get(block) > 0);
    let figures = actions.chain(present().filter_map(|block| prices.leakage_w(block)));
    let gating = present().filter_map(|block| prices.gating(block).1);
    figures.map(|figure| figure.evidence).chain(gating).fold(Evidence::Measured, Evidence::weaker)
}

fn peak_w(record: &Record, prices: &Prices, blocks: &PerBlock) -> Option<f64> {
    let seconds = record.peak.window_cycles as f64 / prices.clock_hz();
    let dearest = record.peak.windows.iter().map(|w: &Counts| prices.dynamic_j(w)).reduce(f64::max)?;
    (seconds > 0.0).then(|| dearest / seconds + ungated_w(blocks, prices))
}
