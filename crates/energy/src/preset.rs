//! A chip preset: one file, a structural part for the chip and prices for this crate.
//!
//! Every number may be written plainly or as
//! `{ value = 1.0e-12, unit = "J", evidence = "model", source = "..." }`. The annotations are taken off on
//! reading and kept by path, so that whoever reads the values need not know of them. A price may also say the design
//! point that it holds for, `at = { adc.bits = 8 }`, and name a model that computes it, `model = "adc_survey"`, with a
//! number at its design point or without.

use crate::circuit::Circuit;
use crate::design::Keys;
use crate::evidence::Evidence;
use crate::list::PriceList;
use crate::overlay;
use crate::scope::Scope;
use equipoise_base::config::{ConfigError, Entry, Table, Value};
use equipoise_base::params::Field;
use std::collections::BTreeMap;

/// Where a number comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The unit as the file writes it, empty for words and pure numbers; `None` where nobody said.
    pub unit: Option<String>,
    /// How the number is known.
    pub evidence: Evidence,
    /// Who says so, or how it was derived.
    pub source: String,
    /// The model that computes it.
    pub model: Option<String>,
    /// The design point that it holds for, where it says one itself.
    pub at: Option<Keys>,
    /// True for what an experiment set.
    pub overlaid: bool,
}

/// Annotations by the path of the number, `price.adc_convert`.
pub type Annotations = BTreeMap<String, Provenance>;

/// Keys that say which preset it is; an experiment cannot overlay them.
const IDENTITY: [&str; 3] = ["name", "summary", "scope"];

/// The section with the design point of the numbers.
const POINT: &str = "at";

/// Keys of this crate; all others are the chip's structure.
const PRICED: [&str; 9] = [
    "clock_hz",
    "supply_v",
    "temperature_k",
    "leakage_doubling_k",
    "price",
    "unpriced",
    "leakage",
    "area",
    "gating",
];

/// A chip preset, possibly overlaid by an experiment.
#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    /// The name by which it is called.
    pub name: String,
    /// What chip it is, in a sentence or two.
    pub summary: String,
    /// The structural and functional keys with plain values, for the chip to read.
    pub hardware: Table,
    /// Unit, evidence and source of every annotated number.
    pub provenance: Annotations,
    /// What the counts cost.
    pub prices: PriceList,
    /// The whole file with plain values, to overlay.
    settings: Table,
    /// The design point of the file's numbers.
    point: Keys,
}

impl Preset {
    /// Reads a preset from the root of its file.
    ///
    /// # Errors
    /// If `name`, `summary` or `scope` is missing, an annotation is incomplete, or the prices are unsound
    /// (see [`PriceList`]). Structural keys are the chip's to check.
    pub fn read(file: &Table) -> Result<Self, ConfigError> {
        let mut provenance = Annotations::new();
        let settings = without_annotations(file, "", &mut provenance)?;
        let point = match settings.section(POINT)? {
            Some(section) => section.flat(),
            None => settings.flat(),
        };
        Self::assemble(settings, provenance, point)
    }

    /// Replaces values by those of `user`, the `[hardware]` section of an experiment, which uses the preset's
    /// own keys with plain values. What is replaced is `assumed` from then on; a value that equals the
    /// preset's stays as well known as it was. A section whose `kind` changes is replaced as a whole.
    /// The design point of the file's numbers stays: prices follow what is overlaid.
    ///
    /// # Errors
    /// If a key names the preset itself, a value carries annotations, or the prices become unsound. The
    /// preset is then as before.
    pub fn overlay(&mut self, user: &Table) -> Result<(), ConfigError> {
        if let Some(entry) = user.entries.iter().find(|entry| IDENTITY.contains(&entry.key.as_str())) {
            return Err(user.error(entry, "any key of the preset but its name, summary and scope"));
        }
        if let Some(entry) = user.get(POINT) {
            return Err(
                user.error(entry, "no `at` here: a price that is set holds for the design that is set")
            );
        }
        let (mut settings, mut provenance) = (self.settings.clone(), self.provenance.clone());
        overlay::merge(&mut settings, user, "", &mut provenance)?;
        *self = Self::assemble(settings, provenance, self.point.clone())?;
        Ok(())
    }

    /// Refuses a key of the file, or of the overlay, that is neither this crate's nor one of `structure`, the chip's;
    /// the message lists all that there are.
    ///
    /// # Errors
    /// At the first such key.
    pub fn refuse_unknown(&self, structure: &[&str]) -> Result<(), ConfigError> {
        // An overlaid preset goes by the path of the overlay, and that may not say which preset it is.
        let identity = if self.settings.path.is_empty() { &IDENTITY[..] } else { &[] };
        self.hardware.refuse_unknown(&[identity, structure, &PRICED, Circuit::SECTIONS].concat())
    }

    /// What the prices contain.
    #[must_use]
    pub fn scope(&self) -> Scope {
        self.prices.scope()
    }

    fn assemble(settings: Table, provenance: Annotations, point: Keys) -> Result<Self, ConfigError> {
        let mut hardware = settings.clone();
        let foreign =
            |key: &str| [&IDENTITY[..], &[POINT], &PRICED, Circuit::SECTIONS].concat().contains(&key);
        hardware.entries.retain(|entry| !foreign(&entry.key));
        Ok(Self {
            name: required(&settings, "name", "the preset's name")?,
            summary: required(&settings, "summary", "a sentence about the chip")?,
            hardware,
            prices: PriceList::read(&settings, &provenance, &point)?,
            provenance,
            settings,
            point,
        })
    }
}

/// The value of a key that must be there.
pub(crate) fn required<T: Field>(table: &Table, key: &str, accepted: &str) -> Result<T, ConfigError> {
    match table.get(key) {
        Some(entry) => T::read(table, entry, None),
        None => Err(table.error_here(format!("no key `{key}`"), accepted)),
    }
}

/// `key` with the path of its section before it.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// True for `{ value = .. }` and `{ model = .. }`.
pub(crate) fn is_annotated(value: &Value) -> bool {
    matches!(value, Value::Table(table) if annotated(table).is_some())
}

/// What an annotated section stands for: its number, or else its model.
fn annotated(section: &Table) -> Option<&Entry> {
    section.get("value").or_else(|| section.get("model"))
}

/// `table` with plain values; the annotations go to `provenance`.
fn without_annotations(
    table: &Table,
    path: &str,
    provenance: &mut Annotations,
) -> Result<Table, ConfigError> {
    let mut plain = Table::new(&table.path, table.place.clone());
    for entry in &table.entries {
        let path = join(path, &entry.key);
        let mut entry = entry.clone();
        if let Value::Table(section) = &entry.node.value {
            if let Some(plain) = annotated(section) {
                provenance.insert(path, annotation(section)?);
                entry.node = plain.node.clone();
            } else {
                entry.node.value = Value::Table(without_annotations(section, &path, provenance)?);
            }
        }
        plain.entries.push(entry);
    }
    Ok(plain)
}

fn annotation(section: &Table) -> Result<Provenance, ConfigError> {
    section.refuse_unknown(&["value", "unit", "evidence", "source", "model", "at"])?;
    let source: String = required(section, "source", "where the number comes from")?;
    if let Some(entry) = section.get("source").filter(|_| source.trim().is_empty()) {
        return Err(section.error(entry, "where the number comes from"));
    }
    let words = "\"measured\", \"calibrated\", \"simulated\", \"model\" or \"assumed\"";
    let unit = match section.get("value") {
        Some(_) => {
            Some(required(section, "unit", "the unit of the value, \"\" for a word or a pure number")?)
        }
        None => None,
    };
    let model = section.get("model").map(|entry| String::read(section, entry, None)).transpose()?;
    Ok(Provenance {
        unit,
        evidence: required(section, "evidence", words)?,
        source,
        model,
        at: section.section("at")?.map(Table::flat),
        overlaid: false,
    })
}

/// Refuses an annotated number in another unit than `unit`: nothing is converted in silence.
pub(crate) fn check_unit(
    table: &Table,
    entry: &Entry,
    provenance: Option<&Provenance>,
    unit: &str,
) -> Result<(), ConfigError> {
    match provenance.and_then(|p| p.unit.as_deref()) {
        Some(found) if found != unit => Err(ConfigError {
            place: entry.place.clone(),
            key: join(&table.path_of(&entry.key), "unit"),
            found: format!("{found:?}"),
            accepted: format!("{unit:?}"),
        }),
        _ => Ok(()),
    }
}
