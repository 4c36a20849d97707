//! The rows of `ledger.csv`: who did what, in which phase, at which price.

use crate::prices::Prices;
use equipoise_base::Phase;
use equipoise_base::record::Record;
use serde::Serialize;

/// One row: an action of a core in a phase.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LedgerRow {
    /// The core's mesh node.
    pub core: u32,
    /// The phase.
    pub phase: &'static str,
    /// The action.
    pub action: &'static str,
    /// How often.
    pub count: u64,
    /// Joules of one; `None` for statistics and for actions without a price.
    pub price_j: Option<f64>,
    /// Count times price.
    pub energy_j: Option<f64>,
}

/// Every action that occurred, by core, phase and action, in the order of the lists.
pub fn rows<'a>(record: &'a Record, prices: &'a Prices) -> impl Iterator<Item = LedgerRow> + 'a {
    record.cores.iter().flat_map(move |core| {
        Phase::ALL.into_iter().flat_map(move |phase| {
            core.of(phase).iter().filter(|&(_, count)| count > 0).map(move |(action, count)| {
                let price_j = prices.price_j(action).map(|figure| figure.value);
                LedgerRow {
                    core: core.node,
                    phase: phase.name(),
                    action: action.name(),
                    count,
                    price_j,
                    energy_j: price_j.map(|price| count as f64 * price),
                }
            })
        })
    })
}
