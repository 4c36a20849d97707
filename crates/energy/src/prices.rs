//! What the counts of one run cost: joules per action, watts and square millimetres per block of the chip that ran,
//! at the point at which it was operated.

use crate::design::Design;
use crate::evidence::Figure;
use crate::gating::KnownGating;
use crate::operating::Nominal;
use crate::point::{Off, PricedAt};
use crate::scope::Scope;
use equipoise_base::record::Block;
use equipoise_base::{Action, Counts};
use std::collections::BTreeMap;

/// The prices of a run: a [`PriceList`](crate::PriceList) on the structure that ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    pub(crate) scope: Scope,
    pub(crate) operated: Nominal,
    pub(crate) nominal: Nominal,
    pub(crate) energy_j: Vec<Option<Figure>>,
    pub(crate) leakage_w: Vec<Option<Figure>>,
    pub(crate) area_mm2: Vec<Option<Figure>>,
    pub(crate) gating: Vec<KnownGating>,
    /// Factors between which the truth of each action's price and of each block's leakage is expected.
    pub(crate) bands: [Vec<Option<(f64, f64)>>; 2],
    pub(crate) unpriced: BTreeMap<String, String>,
    pub(crate) off: Vec<Off>,
    pub(crate) design: Design,
}

impl Prices {
    /// What the prices contain.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Cycles per second.
    #[must_use]
    pub fn clock_hz(&self) -> f64 {
        self.design.clock_hz
    }

    /// The voltage and temperature at which the chip runs.
    #[must_use]
    pub fn operated(&self) -> Nominal {
        self.operated
    }

    /// The voltage and temperature for which the prices of the file hold.
    #[must_use]
    pub fn nominal(&self) -> Nominal {
        self.nominal
    }

    /// The design that is priced.
    #[must_use]
    pub fn design(&self) -> &Design {
        &self.design
    }

    /// Why an action has no price, where the preset says so.
    #[must_use]
    pub fn reason_unpriced(&self, action: Action) -> Option<&str> {
        self.unpriced.get(action.name()).filter(|_| self.price_j(action).is_none()).map(String::as_str)
    }

    /// Joules of one `action` at the operating point; `None` where it has no price.
    #[must_use]
    pub fn price_j(&self, action: Action) -> Option<Figure> {
        self.energy_j[action as usize]
    }

    /// Watts that one `block`, or a bit of a memory, leaks at the operating point while it is not power-gated.
    #[must_use]
    pub fn leakage_w(&self, block: Block) -> Option<Figure> {
        self.leakage_w[block as usize]
    }

    /// Factors between which the truth of the price of `action` is expected; 1 where no source gives them.
    #[must_use]
    pub fn band(&self, action: Action) -> (f64, f64) {
        self.bands[0][action as usize].unwrap_or((1.0, 1.0))
    }

    /// The same for the leakage of `block`.
    #[must_use]
    pub fn leakage_band(&self, block: Block) -> (f64, f64) {
        self.bands[1][block as usize].unwrap_or((1.0, 1.0))
    }

    /// Square millimetres of one `block`, or of a bit of a memory.
    #[must_use]
    pub fn area_mm2(&self, block: Block) -> Option<Figure> {
        self.area_mm2[block as usize]
    }

    /// What one `block`, or a bit of a memory, does in idle cycles, its energies at the operating point.
    #[must_use]
    pub fn gating(&self, block: Block) -> KnownGating {
        self.gating[block as usize].clone()
    }

    /// Joules of `counts`, in the order of [`Action::ALL`]; what has no price adds nothing.
    #[must_use]
    pub fn dynamic_j(&self, counts: &Counts) -> f64 {
        let energy = |(action, count)| Some(count as f64 * self.price_j(action)?.value);
        counts.iter().filter_map(energy).fold(0.0, |sum, joules| sum + joules)
    }

    /// The keys whose values are not those that a figure of `used` holds for.
    #[must_use]
    pub fn priced_at(&self, used: impl Fn(&str) -> bool) -> BTreeMap<String, PricedAt> {
        let mut keys: BTreeMap<String, PricedAt> = BTreeMap::new();
        for Off { figure, key, priced_for, ran } in self.off.iter().filter(|off| used(&off.figure)) {
            let entry = keys.entry(key.clone()).or_insert_with(|| PricedAt {
                priced_for: priced_for.clone(),
                ran: ran.clone(),
                figures: Vec::new(),
            });
            if !entry.figures.contains(figure) {
                entry.figures.push(figure.clone());
            }
        }
        keys
    }
}
