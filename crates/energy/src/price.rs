//! One figure of a price list: a number with the design point that it holds for, or a model.

use crate::design::{Design, Keys};
use crate::evidence::{Evidence, Figure};
use crate::models::{self, Law, Model, Refusal};
use crate::point::Off;
use crate::preset::{Annotations, Provenance, check_unit, join};
use equipoise_base::config::{ConfigError, Entry, Table, Value};
use equipoise_base::params::Field;
use std::collections::BTreeMap;

/// A figure: joules, watts or square millimetres of one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Price {
    /// `price.adc_convert`.
    figure: String,
    /// The number; where there is a model as well, what the model shall give at the design point.
    value: Option<f64>,
    evidence: Evidence,
    /// The design point of the number.
    at: Keys,
    model: Option<Calibrated>,
}

/// A law and what its value is multiplied with.
#[derive(Clone, Debug)]
struct Calibrated {
    model: &'static Model,
    law: &'static Law,
    factor: f64,
}

impl PartialEq for Calibrated {
    fn eq(&self, other: &Self) -> bool {
        (self.model.name, self.law.figure, self.factor) == (other.model.name, other.law.figure, other.factor)
    }
}

impl Price {
    /// The number that the file writes; a model alone stands as 1, for it charges for something.
    pub fn written(&self) -> Figure {
        Figure { value: self.value.unwrap_or(1.0), evidence: self.evidence }
    }

    /// Factors between which the truth is expected, where a source gives them.
    pub fn band(&self) -> Option<(f64, f64)> {
        self.model.as_ref().and_then(|chosen| chosen.law.band)
    }

    /// True if its law adds other prices of the list.
    pub fn is_sum(&self) -> bool {
        self.model
            .as_ref()
            .is_some_and(|chosen| chosen.law.follows.iter().any(|key| key.starts_with("price.")))
    }

    /// The figure of that design at the nominal voltage and temperature.
    ///
    /// # Errors
    /// If its model knows no such circuit.
    pub fn figure(&self, design: &Design, structure: &Keys) -> Result<Figure, Refusal> {
        let Some(Calibrated { law, model, factor }) = &self.model else {
            let is_off = self.off(design, structure).next().is_some();
            let evidence = if is_off { Evidence::Assumed } else { self.evidence };
            return Ok(Figure { value: self.value.unwrap_or(0.0), evidence });
        };
        let follows = |key: &&String| law.follows.contains(&key.as_str());
        let is_calibrated = self.value.is_some()
            && self
                .at
                .iter()
                .filter(|(key, _)| follows(key))
                .all(|(key, text)| !differs(design, structure, key, text));
        let evidence = if is_calibrated { self.evidence } else { self.evidence.weaker(law.evidence) };
        let beyond = model.beyond(law, design).next().is_some();
        let evidence = if beyond { Evidence::Assumed } else { evidence };
        Ok(Figure { value: factor * (law.value)(design)?, evidence })
    }

    /// The keys whose values are not those that the figure holds for.
    pub fn off<'a>(&'a self, design: &'a Design, structure: &'a Keys) -> impl Iterator<Item = Off> + 'a {
        let number = self.model.is_none() && self.value.is_some_and(|value| value > 0.0);
        let point = self.at.iter().filter(move |(key, text)| number && differs(design, structure, key, text));
        let of_number = point.map(|(key, text)| (key.clone(), text.clone()));
        let of_model = self.model.iter().flat_map(|chosen| chosen.model.beyond(chosen.law, design));
        of_number.chain(of_model).map(|(key, priced_for)| Off {
            figure: self.figure.clone(),
            ran: said(design, structure, &key).unwrap_or_default(),
            key,
            priced_for,
        })
    }
}

/// The value of a key in a design, or of the structure where no model follows it.
fn said(design: &Design, structure: &Keys, key: &str) -> Option<String> {
    design.said(key).or_else(|| structure.get(key).cloned())
}

/// True where a chip has `key` with another value than `text`.
fn differs(design: &Design, structure: &Keys, key: &str, text: &str) -> bool {
    let point = Keys::from([(key.to_owned(), text.to_owned())]);
    let wanted = Design::new(&point).ok().and_then(|at| at.said(key)).unwrap_or_else(|| text.to_owned());
    said(design, structure, key).is_some_and(|ran| ran != wanted)
}

/// One section of figures, all in one unit.
pub(crate) struct Column {
    pub section: Table,
    prices: BTreeMap<String, Price>,
}

impl Column {
    /// Reads the section `name`, whose numbers are in `unit` and at most `top`. `point` is the design point for which
    /// the file's numbers hold.
    pub fn read(
        settings: &Table,
        known: &Annotations,
        point: &Keys,
        (name, unit, top): (&str, &str, f64),
        keys: &[&str],
    ) -> Result<Self, ConfigError> {
        let section = match settings.section(name)? {
            Some(section) => section.clone(),
            None => Table::new(name, settings.place.clone()),
        };
        section.refuse_unknown(keys)?;
        let mut prices = BTreeMap::new();
        for entry in &section.entries {
            let figure = join(name, &entry.key);
            let provenance = known.get(&figure);
            let price = read(&section, entry, &figure, (unit, top), provenance, point)?;
            prices.insert(entry.key.clone(), price);
        }
        Ok(Self { section, prices })
    }

    /// The figure of that name.
    pub fn of(&self, name: &str) -> Option<Price> {
        self.prices.get(name).cloned()
    }
}

fn read(
    section: &Table,
    entry: &Entry,
    figure: &str,
    (unit, top): (&str, f64),
    provenance: Option<&Provenance>,
    point: &Keys,
) -> Result<Price, ConfigError> {
    let (value, model) = match &entry.node.value {
        Value::Text(model) => (None, Some(model.clone())),
        _ => {
            check_unit(section, entry, provenance, unit)?;
            let value = f64::read(section, entry, Some((0.0, top)))?;
            (Some(value), provenance.and_then(|p| p.model.clone()))
        }
    };
    let mut price = Price {
        figure: figure.to_owned(),
        value,
        evidence: provenance.map_or(Evidence::Assumed, |p| p.evidence),
        at: design_point(figure, provenance, point),
        model: None,
    };
    if let Some(name) = model {
        let found = ConfigError { found: format!("the model {name:?}"), ..section.error(entry, "") };
        let (model, law) = models::law(&name, figure).map_err(|models| ConfigError {
            accepted: format!("a number, or one of the models {models}"),
            ..found
        })?;
        let factor = calibration(law, &price).map_err(|accepted| section.error(entry, accepted))?;
        price.model = Some(Calibrated { model, law, factor });
    }
    Ok(price)
}

/// The design point that a number names itself, or else what of the file's it may depend on; a model needs both. A price
/// that an experiment sets holds for that experiment's design.
fn design_point(figure: &str, provenance: Option<&Provenance>, point: &Keys) -> Keys {
    let own = provenance.and_then(|p| p.at.clone());
    let replaces = own.is_some() && provenance.is_some_and(|p| p.model.is_none());
    if replaces || provenance.is_some_and(|p| p.overlaid) {
        return own.unwrap_or_default();
    }
    // Supply and temperature have laws of their own, which move numbers too.
    let moved = |key: &str| {
        provenance.is_none_or(|p| p.model.is_none()) && ["supply_v", "temperature_k"].contains(&key)
    };
    let may_depend = |key: &str| Some((key.to_owned(), point.get(key)?.clone()));
    let mut at: Keys = models::keys_of(figure).filter(|key| !moved(key)).filter_map(may_depend).collect();
    at.extend(own.into_iter().flatten());
    at
}

/// What the law's value is multiplied with to give the number at its design point; 1 without a number.
///
/// # Errors
/// What is missing, if the design point does not say all that the law follows.
fn calibration(law: &Law, price: &Price) -> Result<f64, String> {
    let Some(value) = price.value else { return Ok(1.0) };
    let missing: Vec<&str> = law.follows.iter().copied().filter(|key| !price.at.contains_key(*key)).collect();
    if !missing.is_empty() {
        let keys = missing.join(", ");
        return Err(format!(
            "a number whose design point, in `at`, says all that the model follows: {keys} as well"
        ));
    }
    let design = Design::new(&price.at).map_err(|key| format!("another value of `at.{key}`"))?;
    let refused = |refusal: Refusal| format!("another design point: {} is {}", refusal.key, refusal.found);
    let by_law = (law.value)(&design).map_err(refused)?;
    if by_law > 0.0 {
        Ok(value / by_law)
    } else {
        Err("a number beside a model that gives one above zero".to_owned())
    }
}
