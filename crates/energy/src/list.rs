//! The price list of a preset: for every figure a number or a model, before the design is known.

use crate::circuit::Circuit;
use crate::design::{Design, Keys};
use crate::evidence::Figure;
use crate::feasible::{self, Known};
use crate::floorplan::core_mm2;
use crate::gating::KnownGating;
use crate::models::Refusal;
use crate::models::converter::usual_cycles;
use crate::operating::{self, Nominal};
use crate::places::Places;
use crate::point::Off;
use crate::preset::{Annotations, check_unit, required};
use crate::price::{Column, Price};
use crate::prices::Prices;
use crate::scope::Scope;
use crate::words::ConverterKind;
use equipoise_base::Action;
use equipoise_base::config::{ConfigError, Table};
use equipoise_base::params::Field;
use equipoise_base::record::Block;
use std::collections::BTreeMap;

/// Prices of a chip as its preset writes them: numbers, and models that wait for a design.
#[derive(Clone, Debug, PartialEq)]
pub struct PriceList {
    scope: Scope,
    clock_hz: f64,
    operated: Nominal,
    nominal: Nominal,
    leakage_doubling_k: Option<f64>,
    circuit: Circuit,
    energy: Vec<Option<Price>>,
    leakage: Vec<Option<Price>>,
    area: Vec<Option<Price>>,
    gating: Vec<KnownGating>,
    unpriced: BTreeMap<String, String>,
    /// Keys of the file's design point that no model follows.
    unfollowed: Keys,
    places: Places,
    known: Known,
}

impl PriceList {
    /// Reads the priced sections of a preset. `point` is the design point of the file: that of its section `at`, or
    /// its own keys before any overlay.
    ///
    /// # Errors
    /// If the operating point is missing; if a key names no billable action or block; if a value is negative,
    /// implausibly large or not in the unit of its section; if a model is unknown or cannot be brought to the number
    /// beside it; if a price would be paid twice (see [`Scope`]); if the temperature was overlaid and
    /// `leakage_doubling_k` is missing.
    pub(crate) fn read(settings: &Table, known: &Annotations, point: &Keys) -> Result<Self, ConfigError> {
        let number = |key, unit, range| operating_point(settings, known, key, unit, range);
        let operated = Nominal {
            supply_v: number("supply_v", "V", (0.01, 100.0))?,
            temperature_k: number("temperature_k", "K", (1.0, 1000.0))?,
        };
        let actions: Vec<&str> = Action::ALL.iter().filter(|a| a.billable()).map(|a| a.name()).collect();
        let column = |heading, names: &[&str]| Column::read(settings, known, point, heading, names);
        let energy = column(("price", "J", 1.0), &actions)?;
        let leakage = column(("leakage", "W", 1000.0), &Block::KEYS)?;
        let area = column(("area", "mm2", 1e6), &Block::KEYS)?;
        let list = Self {
            scope: required(settings, "scope", "\"per_term\", \"all_in\", \"lumped_mvm\"")?,
            clock_hz: number("clock_hz", "Hz", (1.0, 1e12))?,
            operated,
            nominal: Nominal::of(point).unwrap_or(operated),
            leakage_doubling_k: settings
                .get("leakage_doubling_k")
                .map(|_| number("leakage_doubling_k", "K", (1.0, 1000.0)))
                .transpose()?,
            circuit: Circuit::read(settings, known)?,
            energy: Action::ALL.iter().map(|action| energy.of(action.name())).collect(),
            leakage: Block::ALL.iter().map(|block| leakage.of(block.key())).collect(),
            area: Block::ALL.iter().map(|block| area.of(block.key())).collect(),
            gating: KnownGating::read_all(settings, known)?,
            unpriced: reasons(settings, &actions)?,
            unfollowed: unfollowed(settings, point),
            places: Places::of(settings),
            known: Known {
                technology: settings.get("technology").is_some(),
                cells: settings.get("cell").is_some(),
            },
        };
        let written = |list: &[Option<Price>]| -> Vec<_> {
            list.iter().map(|p| p.as_ref().map(Price::written)).collect()
        };
        let (joules, watts) = (written(&list.energy), written(&list.leakage));
        list.scope.refuse_double(&energy.section, &joules, &leakage.section, &watts)?;
        list.refuse_unknown_heat(settings)?;
        Ok(list)
    }

    /// Refuses a temperature at which the leakage is not known.
    fn refuse_unknown_heat(&self, settings: &Table) -> Result<(), ConfigError> {
        let Some(entry) = settings.get("temperature_k") else { return Ok(()) };
        let nominal = self.nominal.temperature_k;
        if self.operated.temperature_k == nominal || self.leakage_doubling_k.is_some() {
            return Ok(());
        }
        let accepted = format!("{nominal} K, for which the leakage holds, or `leakage_doubling_k` as well");
        Err(settings.error(entry, accepted))
    }

    /// The prices of a chip with that structure: every model is asked, and everything is brought to the voltage and
    /// temperature at which the chip runs.
    ///
    /// # Errors
    /// If a model refuses the design, or does not understand one of its keys.
    pub fn on(&self, structure: &Keys) -> Result<Prices, ConfigError> {
        let mut asked = Asked { list: self, structure, design: self.design(structure)?, off: Vec::new() };
        let area_mm2 = asked.column(&self.area)?;
        asked.design.core_mm2 = core_mm2(&asked.design, &area_mm2);
        let mut energy_j: Vec<Option<Figure>> = Vec::with_capacity(Action::COUNT);
        for (&action, price) in Action::ALL.iter().zip(&self.energy) {
            let figure = match price {
                Some(price) if price.is_sum() => asked.sum(price, &energy_j)?,
                Some(price) => {
                    let nominal = asked.figure(price)?;
                    Some(operating::dynamic(nominal, action, &asked.design, self.nominal))
                }
                None => None,
            };
            energy_j.push(figure);
        }
        let leakage = asked.column(&self.leakage)?;
        let Asked { design, mut off, .. } = asked;
        let whole = |(key, text): (&String, &String)| Off {
            figure: WHOLE_LIST.to_owned(),
            key: key.clone(),
            priced_for: text.clone(),
            ran: structure.get(key).cloned().unwrap_or_default(),
        };
        let differs = |(key, text): &(&String, &String)| structure.get(*key).is_some_and(|ran| ran != *text);
        off.extend(self.unfollowed.iter().filter(differs).map(whole));
        let leak =
            |figure: Figure| operating::leakage(figure, &design, self.nominal, self.leakage_doubling_k);
        Ok(Prices {
            scope: self.scope,
            operated: self.operated,
            nominal: self.nominal,
            energy_j,
            leakage_w: leakage.into_iter().map(|watts| watts.map(leak)).collect(),
            area_mm2,
            gating: Block::ALL
                .into_iter()
                .zip(&self.gating)
                .map(|gating| self.gated(gating, &design))
                .collect(),
            bands: [&self.energy, &self.leakage]
                .map(|list| list.iter().map(|price| price.as_ref().and_then(Price::band)).collect()),
            unpriced: self.unpriced.clone(),
            off,
            design,
        })
    }

    /// Refuses a chip of that structure that cannot be built or operated as this list says: its supply, clock, rate of
    /// conversions or programming pulses.
    ///
    /// # Errors
    /// At the key at fault.
    pub fn check(&self, structure: &Keys) -> Result<(), ConfigError> {
        let design = self.design(structure)?;
        feasible::check(&design, self.known).map_err(|refusal| self.places.error(refusal))
    }

    /// Refuses prices that do not hold for the design that they price.
    ///
    /// # Errors
    /// At the first key off the design point of a figure.
    pub fn refuse_off(&self, prices: &Prices) -> Result<(), ConfigError> {
        let Some(Off { figure, key, priced_for, ran }) = prices.off.first() else { return Ok(()) };
        let accepted = format!("{priced_for}, for which {figure} holds, or no --strict-prices");
        Err(self.places.error(Refusal { key: key.clone().into(), found: ran.clone(), accepted }))
    }

    /// The design of a chip with that structure.
    fn design(&self, structure: &Keys) -> Result<Design, ConfigError> {
        let keys = self.keys(structure);
        Design::new(&keys).map_err(|key| {
            let found = keys.get(&key).cloned().unwrap_or_default();
            let accepted = "what a price model understands: another value, or a list of numbers".to_owned();
            self.places.error(Refusal { key: key.into(), found, accepted })
        })
    }

    /// The structure with what this list knows of circuits and of the operating point.
    fn keys(&self, structure: &Keys) -> Keys {
        let mut keys = self.circuit.said();
        keys.extend(structure.iter().map(|(key, text)| (key.clone(), text.clone())));
        let Nominal { supply_v, temperature_k } = self.operated;
        for (key, value) in
            [("clock_hz", self.clock_hz), ("supply_v", supply_v), ("temperature_k", temperature_k)]
        {
            keys.insert(key.to_owned(), value.to_string());
        }
        keys
    }

    /// The gating of a block, or of a bit of a memory, with its energies at the operating point.
    fn gated(&self, (block, known): (Block, &KnownGating), design: &Design) -> KnownGating {
        let mut known = known.clone();
        for energy_j in [&mut known.gating.idle_cycle_j, &mut known.gating.wake_j] {
            *energy_j *= operating::square(design, self.nominal) / block.per_figure() as f64;
        }
        known
    }

    /// Cycles of a conversion of `bits` by a converter of that kind at this clock; `None` for a kind that is not said.
    #[must_use]
    pub fn conversion_cycles(&self, kind: &str, bits: u32) -> Option<u32> {
        let kind = ConverterKind::ALL.iter().find(|(_, word, _)| *word == kind)?.0;
        let cycles = usual_cycles(kind, f64::from(bits), self.clock_hz)?;
        Some(cycles.min(f64::from(u32::MAX)) as u32)
    }

    /// Cycles per second.
    #[must_use]
    pub fn clock_hz(&self) -> f64 {
        self.clock_hz
    }

    /// What the prices contain.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.scope
    }
}

/// A list that is asked for the prices of one design.
struct Asked<'a> {
    list: &'a PriceList,
    structure: &'a Keys,
    design: Design,
    off: Vec<Off>,
}

impl Asked<'_> {
    fn figure(&mut self, price: &Price) -> Result<Figure, ConfigError> {
        self.off.extend(price.off(&self.design, self.structure));
        price.figure(&self.design, self.structure).map_err(|refusal| self.list.places.error(refusal))
    }

    /// The figure of each block, for memories that of a bit.
    fn column(&mut self, prices: &[Option<Price>]) -> Result<Vec<Option<Figure>>, ConfigError> {
        let mut of_block = |(block, price): (Block, &Option<Price>)| {
            let figure = price.as_ref().map(|price| self.figure(price)).transpose()?;
            Ok(figure.map(|figure| figure.per(block)))
        };
        Block::ALL.into_iter().zip(prices).map(&mut of_block).collect()
    }

    /// A price made of others, which are at the operating point already; `None` where one of them is missing.
    fn sum(&mut self, price: &Price, energy_j: &[Option<Figure>]) -> Result<Option<Figure>, ConfigError> {
        let part = |action: Action| energy_j[action as usize];
        let (Some(drive), Some(convert)) = (part(Action::RowDrive), part(Action::AdcConvert)) else {
            return Ok(None);
        };
        (self.design.row_drive_j, self.design.adc_convert_j) = (drive.value, convert.value);
        let Figure { value, evidence } = self.figure(price)?;
        let evidence = evidence.weaker(drive.evidence).weaker(convert.evidence);
        Ok(Some(Figure { value, evidence }))
    }
}

/// What a key of the design point concerns that no model follows.
const WHOLE_LIST: &str = "all of its prices";

/// The keys of the section `at` that no model follows: the whole list holds for their values.
fn unfollowed(settings: &Table, point: &Keys) -> Keys {
    let is_followed = |key: &str| Design::KEYS.contains(&key);
    let said = settings.get("at").map(|_| point.iter().filter(|(key, _)| !is_followed(key)));
    said.into_iter().flatten().map(|(key, text)| (key.clone(), text.clone())).collect()
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
