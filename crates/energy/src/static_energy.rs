//! Energy that flows whether or not a block works: leakage in every cycle, idle clocks, waking up.

use crate::gating::GatingPolicy;
use crate::prices::Prices;
use equipoise_base::Phase;
use equipoise_base::record::{Block, CoreBook, PerBlock, Record};
use serde::Serialize;

/// Where the block-cycles of one kind of block went; those of memories are counted bit by bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BlockCycles {
    /// At work.
    pub active: u64,
    /// Without work, clock running.
    pub idle: u64,
    /// Without work, clock stopped.
    pub clock_gated: u64,
    /// Without work, supply off.
    pub power_gated: u64,
    /// How often a block was switched on again.
    pub wake_ups: u64,
}

impl BlockCycles {
    /// Adds another stretch.
    pub fn add(&mut self, other: &Self) {
        self.active += other.active;
        self.idle += other.idle;
        self.clock_gated += other.clock_gated;
        self.power_gated += other.power_gated;
        self.wake_ups += other.wake_ups;
    }

    /// All block-cycles.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.active + self.idle + self.clock_gated + self.power_gated
    }

    /// What these cycles of `block` cost.
    pub fn items(&self, block: Block, prices: &Prices) -> impl Iterator<Item = StaticItem> + use<> {
        let gating = prices.gating(block).gating;
        let leakage_j = prices.leakage_w(block).map(|figure| figure.value / prices.clock_hz());
        let awake = self.active + self.idle + self.clock_gated;
        let items = [
            StaticItem { name: "leakage", count: awake, price_j: leakage_j },
            StaticItem {
                name: "retained",
                count: self.power_gated,
                price_j: leakage_j.map(|joules| joules * gating.retained),
            },
            StaticItem { name: "idle_cycle", count: self.idle, price_j: Some(gating.idle_cycle_j) },
            StaticItem { name: "wake_up", count: self.wake_ups, price_j: Some(gating.wake_j) },
        ];
        items.into_iter().filter(|item| item.count > 0 && item.price_j != Some(0.0))
    }

    /// Joules of these cycles of `block`; without a leakage price only its idle clock and wake-ups.
    #[must_use]
    pub fn energy_j(&self, block: Block, prices: &Prices) -> f64 {
        self.items(block, prices).filter_map(|item| item.energy_j()).fold(0.0, |sum, joules| sum + joules)
    }
}

/// One term of the static energy of a block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StaticItem {
    /// `leakage`, `retained` (leakage while the supply is off), `idle_cycle` or `wake_up`.
    pub name: &'static str,
    /// Block-cycles, or wake-ups.
    pub count: u64,
    /// Joules of one; `None` where leakage has no price.
    pub price_j: Option<f64>,
}

impl StaticItem {
    /// Count times price.
    #[must_use]
    pub fn energy_j(&self) -> Option<f64> {
        Some(self.count as f64 * self.price_j?)
    }
}

/// A stretch of cycles with the blocks that lived through it.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// How many blocks there are.
    pub inventory: &'a PerBlock,
    /// Block-cycles of work.
    pub active: &'a PerBlock,
    /// Cycles.
    pub cycles: u64,
    /// Occasions on which a block may have been woken: the steps, or the visits to a state without steps.
    pub occasions: u64,
}

impl Stretch<'_> {
    /// How the cycles of one kind of block divide under the preset's gating. A block that is switched off
    /// between uses is woken at most once on each occasion; the record does not say how often it was.
    #[must_use]
    pub fn divide(&self, block: Block, prices: &Prices) -> BlockCycles {
        let blocks = self.inventory.get(block);
        let all = blocks.saturating_mul(self.cycles);
        let active = self.active.get(block).min(all);
        let rest = all - active;
        let mut cycles = BlockCycles { active, ..Default::default() };
        match prices.gating(block).gating.policy {
            GatingPolicy::None => cycles.idle = rest,
            GatingPolicy::Clock => cycles.clock_gated = rest,
            GatingPolicy::Power => {
                cycles.power_gated = rest;
                cycles.wake_ups = active.min(rest).min(blocks.saturating_mul(self.occasions));
            }
        }
        cycles
    }

    /// Static joules of the stretch, in the order of [`Block::ALL`].
    #[must_use]
    pub fn energy_j(&self, prices: &Prices) -> f64 {
        Block::ALL.into_iter().map(|block| self.divide(block, prices).energy_j(block, prices)).sum()
    }
}

/// The cycles of one kind of block in one phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaticRow {
    /// The core whose blocks they are; `None` for routers, and for what the network does not use.
    pub core: Option<u32>,
    /// Whether the network uses them.
    pub in_use: bool,
    /// The phase; `None` for cycles that no phase claims.
    pub phase: Option<Phase>,
    /// The kind of block.
    pub block: Block,
    /// Where the block-cycles went.
    pub cycles: BlockCycles,
}

/// Name of cycles that no phase claims.
pub(crate) const UNBOOKED: &str = "unbooked";

impl StaticRow {
    /// The phase's name.
    #[must_use]
    pub fn phase_name(&self) -> &'static str {
        self.phase.map_or(UNBOOKED, Phase::name)
    }

    /// Static joules of the row.
    #[must_use]
    pub fn energy_j(&self, prices: &Prices) -> f64 {
        self.cycles.energy_j(self.block, prices)
    }
}

/// Blocks that belong together.
struct Holding {
    core: Option<u32>,
    in_use: bool,
    inventory: PerBlock,
    /// Block-cycles of work by phase; empty for what never works.
    active: Vec<PerBlock>,
}

/// The blocks of every core in use, the routers in use, and everything else on the chip.
fn holdings(record: &Record) -> Vec<Holding> {
    let of_core = |core: &CoreBook| Holding {
        core: Some(core.node),
        in_use: true,
        inventory: core.inventory,
        active: core.active.clone(),
    };
    let mut holdings: Vec<Holding> = record.cores.iter().map(of_core).collect();
    let mut routers = PerBlock::default();
    routers.add(Block::Router, record.routers_in_use);
    let mut active = vec![PerBlock::default(); Phase::ALL.len()];
    for (sum, phase) in active.iter_mut().zip(0..) {
        record.cores.iter().filter_map(|core| core.active.get(phase)).for_each(|here| *sum += here);
    }
    holdings.push(Holding { core: None, in_use: true, inventory: routers, active });
    let unused = record.inventory.without(&record.in_use());
    holdings.push(Holding { core: None, in_use: false, inventory: unused, active: Vec::new() });
    holdings
}

/// Every block of the chip in every cycle, by core, phase and block, in the order of the lists.
#[must_use]
pub fn rows(record: &Record, prices: &Prices) -> Vec<StaticRow> {
    let mut rows = Vec::new();
    let booked: u64 = record.phase_cycles.iter().sum();
    let phases = Phase::ALL.into_iter().map(Some).chain([None]);
    let at_rest = PerBlock::default();
    for (Holding { core, in_use, inventory, active }, phase) in
        holdings(record).iter().flat_map(|holding| phases.clone().map(move |phase| (holding, phase)))
    {
        let steps = phase.map_or(0, |phase| record.phase_steps[phase as usize]);
        let stretch = Stretch {
            inventory,
            active: phase.and_then(|phase| active.get(phase as usize)).unwrap_or(&at_rest),
            cycles: phase.map_or(record.cycles.saturating_sub(booked), |p| record.phase_cycles[p as usize]),
            // A state without steps is visited about once per update.
            occasions: if steps > 0 { steps } else { record.updates.max(1) },
        };
        for block in Block::ALL {
            let cycles = stretch.divide(block, prices);
            if cycles.total() > 0 {
                rows.push(StaticRow { core: *core, in_use: *in_use, phase, block, cycles });
            }
        }
    }
    rows
}

/// Watts that all blocks of `inventory` leak while nothing is gated.
#[must_use]
pub fn ungated_w(inventory: &PerBlock, prices: &Prices) -> f64 {
    let leakage = |block| Some(inventory.get(block) as f64 * prices.leakage_w(block)?.value);
    Block::ALL.into_iter().filter_map(leakage).fold(0.0, |sum, watts| sum + watts)
}
