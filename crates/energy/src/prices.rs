//! The price list of a chip: joules per action, watts and square millimetres per block, and the point at
//! which the chip is operated.

use crate::evidence::{Evidence, Figure};
use crate::gating::KnownGating;
use crate::preset::{Annotations, check_unit, join, required};
use crate::scope::Scope;
use equipoise_base::config::{ConfigError, Table};
use equipoise_base::params::Field;
use equipoise_base::record::Block;
use equipoise_base::{Action, Counts};
use std::collections::BTreeMap;

/// The voltage and temperature for which the prices of a file hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nominal {
    /// Supply voltage.
    pub supply_v: f64,
    /// Temperature.
    pub temperature_k: f64,
}

/// What the counts of a run cost.
///
/// Away from the nominal point of the file:
/// - the price of an action, of an idle cycle and of a wake-up is multiplied by (V / V_nominal)^2, the energy
///   of charging a capacitance; then it is known as `model` at best;
/// - leakage is multiplied by (V / V_nominal) * 2^((T - T_nominal) / `leakage_doubling_k`): a leakage current
///   that does not depend on the voltage and doubles every so many kelvin. The voltage factor is known as
///   `model` at best, the temperature factor is `assumed`.
#[derive(Clone, Debug, PartialEq)]
pub struct Prices {
    scope: Scope,
    clock_hz: f64,
    operated: Nominal,
    nominal: Nominal,
    leakage_doubling_k: Option<f64>,
    energy_j: Vec<Option<Figure>>,
    leakage_w: Vec<Option<Figure>>,
    area_mm2: Vec<Option<Figure>>,
    gating: Vec<KnownGating>,
    unpriced: BTreeMap<String, String>,
}

impl Prices {
    /// Reads the priced sections of a preset. `nominal` is the point for which the prices hold where
    /// `settings` has been overlaid; without it, the point of `settings` itself.
    ///
    /// # Errors
    /// If the operating point is missing; if a key names no billable action or block; if a value is negative,
    /// implausibly large or not in the unit of its section; if a price would be paid twice (see [`Scope`]);
    /// if the temperature was overlaid and `leakage_doubling_k` is missing.
    pub(crate) fn read(
        settings: &Table,
        known: &Annotations,
        nominal: Option<Nominal>,
    ) -> Result<Self, ConfigError> {
        let point = |key, unit, range| operating_point(settings, known, key, unit, range);
        let operated = Nominal {
            supply_v: point("supply_v", "V", (0.01, 100.0))?,
            temperature_k: point("temperature_k", "K", (1.0, 1000.0))?,
        };
        let actions: Vec<&str> = Action::ALL.iter().filter(|a| a.billable()).map(|a| a.name()).collect();
        let energy = Column::read(settings, known, ("price", "J", 1.0), &actions)?;
        let leakage = Column::read(settings, known, ("leakage", "W", 1000.0), &Block::KEYS)?;
        let area = Column::read(settings, known, ("area", "mm2", 1e6), &Block::KEYS)?;
        let scope: Scope = required(settings, "scope", "\"per_term\", \"all_in\", \"lumped_mvm\"")?;
        let energy_j: Vec<_> = Action::ALL.iter().map(|a| energy.figures.get(a.name()).copied()).collect();
        let leakage_w = leakage.per_block();
        scope.refuse_double(&energy.section, &energy_j, &leakage.section, &leakage_w)?;
        let prices = Self {
            scope,
            clock_hz: point("clock_hz", "Hz", (1.0, 1e12))?,
            operated,
            nominal: nominal.unwrap_or(operated),
            leakage_doubling_k: settings
                .get("leakage_doubling_k")
                .map(|_| point("leakage_doubling_k", "K", (1.0, 1000.0)))
                .transpose()?,
            energy_j,
            leakage_w,
            area_mm2: area.per_block(),
            gating: KnownGating::read_all(settings, known)?,
            unpriced: reasons(settings, &actions)?,
        };
        prices.refuse_unknown_heat(settings)?;
        Ok(prices)
    }

    /// Refuses a temperature at which the leakage is not known.
    fn refuse_unknown_heat(&self, settings: &Table) -> Result<(), ConfigError> {
        let Some(entry) = settings.get("temperature_k") else { return Ok(()) };
        if !self.is_heated() || self.leakage_doubling_k.is_some() {
            return Ok(());
        }
        let nominal = self.nominal.temperature_k;
        let accepted = format!("{nominal} K, for which the leakage holds, or `leakage_doubling_k` as well");
        Err(settings.error(entry, accepted))
    }

    /// What the prices contain.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }

    /// Cycles per second.
    #[must_use]
    pub fn clock_hz(&self) -> f64 {
        self.clock_hz
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

    /// Why an action has no price, where the preset says so.
    #[must_use]
    pub fn reason_unpriced(&self, action: Action) -> Option<&str> {
        self.unpriced.get(action.name()).filter(|_| self.price_j(action).is_none()).map(String::as_str)
    }

    /// Joules of one `action` at the operating point; `None` where it has no price.
    #[must_use]
    pub fn price_j(&self, action: Action) -> Option<Figure> {
        self.energy_j[action as usize].map(|price| self.dynamic(price))
    }

    /// Watts that one `block`, or a bit of a memory, leaks at the operating point while it is not power-gated.
    #[must_use]
    pub fn leakage_w(&self, block: Block) -> Option<Figure> {
        let mut leakage = self.leakage_w[block as usize]?;
        if self.operated.supply_v != self.nominal.supply_v {
            leakage = leakage.scaled(self.operated.supply_v / self.nominal.supply_v, Evidence::Model);
        }
        if let Some(doubling_k) = self.leakage_doubling_k.filter(|_| self.is_heated()) {
            let doublings = (self.operated.temperature_k - self.nominal.temperature_k) / doubling_k;
            leakage = leakage.scaled(libm::exp2(doublings), Evidence::Assumed);
        }
        Some(leakage)
    }

    /// Square millimetres of one `block`, or of a bit of a memory.
    #[must_use]
    pub fn area_mm2(&self, block: Block) -> Option<Figure> {
        self.area_mm2[block as usize]
    }

    /// What one `block`, or a bit of a memory, does in idle cycles, its energies at the operating point.
    #[must_use]
    pub fn gating(&self, block: Block) -> KnownGating {
        let mut known = self.gating[block as usize].clone();
        for energy_j in [&mut known.gating.idle_cycle_j, &mut known.gating.wake_j] {
            let figure = Figure { value: *energy_j, evidence: Evidence::Measured };
            *energy_j = self.dynamic(figure).per(block).value;
        }
        known
    }

    /// Joules of `counts`, in the order of [`Action::ALL`]; what has no price adds nothing.
    #[must_use]
    pub fn dynamic_j(&self, counts: &Counts) -> f64 {
        let energy = |(action, count)| Some(count as f64 * self.price_j(action)?.value);
        counts.iter().filter_map(energy).fold(0.0, |sum, joules| sum + joules)
    }

    fn dynamic(&self, price: Figure) -> Figure {
        if self.operated.supply_v == self.nominal.supply_v {
            return price;
        }
        let ratio = self.operated.supply_v / self.nominal.supply_v;
        price.scaled(ratio * ratio, Evidence::Model)
    }

    fn is_heated(&self) -> bool {
        self.operated.temperature_k != self.nominal.temperature_k
    }
}

/// One section of figures, all in one unit.
struct Column {
    section: Table,
    figures: BTreeMap<String, Figure>,
}

impl Column {
    /// Reads the section `name`, whose numbers are in `unit` and at most `top`.
    fn read(
        settings: &Table,
        known: &Annotations,
        (name, unit, top): (&str, &str, f64),
        keys: &[&str],
    ) -> Result<Self, ConfigError> {
        let section = match settings.section(name)? {
            Some(section) => section.clone(),
            None => Table::new(name, settings.place.clone()),
        };
        section.refuse_unknown(keys)?;
        let mut figures = BTreeMap::new();
        for entry in &section.entries {
            let value = f64::read(&section, entry, Some((0.0, top)))?;
            let provenance = known.get(&join(name, &entry.key));
            check_unit(&section, entry, provenance, unit)?;
            let evidence = provenance.map_or(Evidence::Assumed, |p| p.evidence);
            figures.insert(entry.key.clone(), Figure { value, evidence });
        }
        Ok(Self { section, figures })
    }

    /// The figure of each block, for memories that of a bit.
    fn per_block(&self) -> Vec<Option<Figure>> {
        let figure = |block: Block| Some(self.figures.get(block.key())?.per(block));
        Block::ALL.into_iter().map(figure).collect()
    }
}

fn operating_point(
    settings: &Table,
    known: &Annotations,
    key: &str,
    unit: &str,
    range: (f64, f64),
) -> Result<f64, ConfigError> {
    let Some(entry) = settings.get(key) else {
        return Err(settings.error_here(format!("no key `{key}`"), format!("a number in {unit}")));
    };
    check_unit(settings, entry, known.get(key), unit)?;
    f64::read(settings, entry, Some(range))
}

/// The section `unpriced`: actions that the preset leaves without a price, each with the reason.
fn reasons(settings: &Table, actions: &[&str]) -> Result<BTreeMap<String, String>, ConfigError> {
    let mut reasons = BTreeMap::new();
    if let Some(section) = settings.section("unpriced")? {
        section.refuse_unknown(actions)?;
        for entry in &section.entries {
            reasons.insert(entry.key.clone(), String::read(section, entry, None)?);
        }
    }
    Ok(reasons)
}
