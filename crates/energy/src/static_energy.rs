//! Energy that flows whether or not a block works: leakage in every cycle, idle clocks, waking up.

use crate::gating::GatingPolicy;
use crate::prices::Prices;
use equipoise_base::record::{Block, PerBlock};
use serde::Serialize;

/// Where the block-cycles of one kind of block went.
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
        match prices.gating(block).0.policy {
            GatingPolicy::None => cycles.idle = rest,
            GatingPolicy::Clock => cycles.clock_gated = rest,
            GatingPolicy::Power => {
                cycles.power_gated = rest;
                cycles.wake_ups = active.min(rest).min(blocks.saturating_mul(self.occasions));
            }
        }
        cycles
    }

    /// Static joules of the stretch, in the order of [`Block::ALL`]; a block without a leakage price adds
    /// only its idle clock and wake-ups.
    #[must_use]
    pub fn energy_j(&self, prices: &Prices) -> f64 {
        Block::ALL.into_iter().map(|block| block_energy_j(block, &self.divide(block, prices), prices)).sum()
    }
}

fn block_energy_j(block: Block, cycles: &BlockCycles, prices: &Prices) -> f64 {
    let (gating, _) = prices.gating(block);
    let leaking = (cycles.active + cycles.idle + cycles.clock_gated) as f64
        + gating.retained * cycles.power_gated as f64;
    let leakage_w = prices.leakage_w(block).map_or(0.0, |figure| figure.value);
    leakage_w * leaking / prices.clock_hz()
        + gating.idle_cycle_j * cycles.idle as f64
        + gating.wake_j * cycles.wake_ups as f64
}

/// Watts that all blocks of `inventory` leak while nothing is gated.
#[must_use]
pub fn ungated_w(inventory: &PerBlock, prices: &Prices) -> f64 {
    let leakage = |block| Some(inventory.get(block) as f64 * prices.leakage_w(block)?.value);
    Block::ALL.into_iter().filter_map(leakage).fold(0.0, |sum, watts| sum + watts)
}
