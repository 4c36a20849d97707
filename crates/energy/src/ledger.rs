//! The rows of `ledger.csv`: who did what, in which phase, at which price; what leaked; what takes area.

use crate::prices::Prices;
use crate::static_energy::{self, StaticRow};
use equipoise_base::record::{Block, PerBlock, Record};
use equipoise_base::{Action, Phase};
use serde::Serialize;

/// One row: an action of a core in a phase, a term of the static energy of a kind of block, or its area.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct LedgerRow {
    /// The core's mesh node; `None` for routers, and for what the network does not use.
    pub core: Option<u32>,
    /// The phase; `None` for area.
    pub phase: Option<&'static str>,
    /// The action, `leakage.<block>` and its like, or `area.<block>`.
    pub action: String,
    /// How often; block-cycles of leakage and idle clocks; blocks (bits of memories) that take area.
    pub count: u64,
    /// Joules of one; `None` for statistics, for area, and for what has no price.
    pub price_j: Option<f64>,
    /// Count times price.
    pub energy_j: Option<f64>,
    /// Square millimetres of all of them; `None` but for area with a figure.
    pub area_mm2: Option<f64>,
}

/// Every action that occurred, by core, phase and action, in the order of the lists; then every block in every
/// cycle; then the area of every block. The energies sum to the bill's total, the areas to the chip's.
pub fn rows<'a>(record: &'a Record, prices: &'a Prices) -> impl Iterator<Item = LedgerRow> + 'a {
    let actions = record.cores.iter().flat_map(move |core| {
        Phase::ALL.into_iter().flat_map(move |phase| {
            let occurred = core.of(phase).iter().filter(|&(_, count)| count > 0);
            occurred.map(move |(action, count)| of_action(core.node, phase, action, count, prices))
        })
    });
    let leaks = static_energy::rows(record, prices).into_iter();
    let leaks = leaks.flat_map(|row| of_block(&row, prices).collect::<Vec<_>>());
    let cores = record.cores.iter().map(|core| (Some(core.node), core.inventory));
    let mut routers = PerBlock::default();
    routers.add(Block::Router, record.routers_in_use);
    let others = [(None, routers), (None, record.inventory.without(&record.in_use()))];
    let areas = cores.chain(others).flat_map(|(core, inventory)| of_area(core, inventory, prices));
    actions.chain(leaks).chain(areas)
}

fn of_action(core: u32, phase: Phase, action: Action, count: u64, prices: &Prices) -> LedgerRow {
    let price_j = prices.price_j(action).map(|figure| figure.value);
    LedgerRow {
        core: Some(core),
        phase: Some(phase.name()),
        action: action.name().to_owned(),
        count,
        price_j,
        energy_j: price_j.map(|price| count as f64 * price),
        area_mm2: None,
    }
}

fn of_block(row: &StaticRow, prices: &Prices) -> impl Iterator<Item = LedgerRow> {
    let (core, block, phase) = (row.core, row.block, row.phase_name());
    row.cycles.items(block, prices).map(move |item| LedgerRow {
        core,
        phase: Some(phase),
        action: format!("{}.{}", item.name, block.name()),
        count: item.count,
        price_j: item.price_j,
        energy_j: item.energy_j(),
        area_mm2: None,
    })
}

fn of_area(core: Option<u32>, inventory: PerBlock, prices: &Prices) -> impl Iterator<Item = LedgerRow> {
    let present = Block::ALL.into_iter().filter(move |&block| inventory.get(block) > 0);
    present.map(move |block| LedgerRow {
        core,
        action: format!("area.{}", block.name()),
        count: inventory.get(block),
        area_mm2: prices.area_mm2(block).map(|figure| inventory.get(block) as f64 * figure.value),
        ..LedgerRow::default()
    })
}
