//! Where cycles, static energy and area went: by block and by phase, of the chip and of the part in use.

use crate::prices::Prices;
use crate::static_energy::{BlockCycles, StaticRow, UNBOOKED};
use equipoise_base::Phase;
use equipoise_base::record::{Block, PerBlock, Record};
use serde::Serialize;
use std::collections::BTreeMap;

/// Something of everything on the chip, and of the part that the network uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Share<T> {
    /// The chip: all cores with all their arrays and memories, used or not, and all routers.
    pub chip: T,
    /// The part in use.
    pub in_use: T,
}

/// The breakdown of a bill. The names are those of `summary.json`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Breakdown {
    /// Cycles.
    pub cycles: Cycles,
    /// Leakage, idle clocks and wake-ups.
    pub static_j: Share<StaticEnergy>,
    /// Square millimetres.
    pub area_mm2: Share<Area>,
}

/// Where cycles went.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cycles {
    /// Cycles of the chip by phase; they sum to those of the run.
    pub by_phase: BTreeMap<&'static str, u64>,
    /// Block-cycles by block; those of memories are counted bit by bit.
    pub by_block: Share<BTreeMap<&'static str, BlockCycles>>,
}

/// Static joules, each sum in its own order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StaticEnergy {
    /// All of it.
    pub total: f64,
    /// By block.
    pub by_block: BTreeMap<&'static str, f64>,
    /// By phase; `unbooked` holds cycles that no phase claims.
    pub by_phase: BTreeMap<&'static str, f64>,
}

/// Area of the blocks that have a figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Area {
    /// All of it; `None` where no block has a figure.
    pub total: Option<f64>,
    /// By block.
    pub by_block: BTreeMap<&'static str, f64>,
    /// Blocks that exist and have no figure: the total lacks them.
    pub unknown: Vec<&'static str>,
}

impl Breakdown {
    /// Adds up `rows`, those of `record`.
    #[must_use]
    pub fn new(record: &Record, rows: &[StaticRow], prices: &Prices) -> Self {
        let empty = StaticEnergy {
            by_phase: Phase::ALL.iter().map(|phase| (phase.name(), 0.0)).collect(),
            ..StaticEnergy::default()
        };
        let mut static_j = Share { chip: empty.clone(), in_use: empty };
        let mut by_block = Share::default();
        for row in rows {
            let joules = row.energy_j(prices);
            static_j.chip.add(row, joules);
            add_cycles(&mut by_block.chip, row);
            if row.in_use {
                static_j.in_use.add(row, joules);
                add_cycles(&mut by_block.in_use, row);
            }
        }
        Self {
            cycles: Cycles { by_phase: cycles_by_phase(record), by_block },
            static_j,
            area_mm2: Share {
                chip: Area::of(&record.inventory, prices),
                in_use: Area::of(&record.in_use(), prices),
            },
        }
    }
}

impl StaticEnergy {
    fn add(&mut self, row: &StaticRow, joules: f64) {
        self.total += joules;
        *self.by_block.entry(row.block.name()).or_default() += joules;
        *self.by_phase.entry(row.phase_name()).or_default() += joules;
    }
}

impl Area {
    fn of(inventory: &PerBlock, prices: &Prices) -> Self {
        let present = || Block::ALL.into_iter().filter(|&block| inventory.get(block) > 0);
        let area =
            |block: Block| Some((block.name(), inventory.get(block) as f64 * prices.area_mm2(block)?.value));
        let by_block: BTreeMap<_, _> = present().filter_map(area).collect();
        Self {
            total: (!by_block.is_empty()).then(|| by_block.values().sum()),
            by_block,
            unknown: present().filter(|&b| prices.area_mm2(b).is_none()).map(Block::name).collect(),
        }
    }
}

fn add_cycles(sums: &mut BTreeMap<&'static str, BlockCycles>, row: &StaticRow) {
    sums.entry(row.block.name()).or_default().add(&row.cycles);
}

fn cycles_by_phase(record: &Record) -> BTreeMap<&'static str, u64> {
    let named = Phase::ALL.into_iter().map(|phase| (phase.name(), record.phase_cycles[phase as usize]));
    let mut cycles: BTreeMap<_, _> = named.collect();
    let rest = record.cycles.saturating_sub(record.phase_cycles.iter().sum());
    if rest > 0 {
        cycles.insert(UNBOOKED, rest);
    }
    cycles
}
