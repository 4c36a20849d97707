//! Price models: what one block costs as a function of the design.
//!
//! A [`Model`] is a published or derived way of computing; a [`Law`] is one of its formulas and yields one figure of a
//! price list: joules of an action, watts or square millimetres of a block. One file per kind of block; the list
//! [`ALL`] feeds the reading of presets, their error messages, the page `docs/energy.md` and the
//! tests.
//!
//! Every formula holds at the nominal point, 0.8 V and 350 K; [`mod@crate::operating`] moves it.

pub mod array;
pub mod converter;
pub mod digital;
pub mod driver;
pub mod mesh;
pub mod node;
pub mod registers;
pub mod sram;

use crate::design::Design;
use crate::evidence::Evidence;
use std::borrow::Cow;

/// A way of computing what blocks cost.
#[derive(Debug)]
pub struct Model {
    /// The word after `model =`.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// Where it holds: key, smallest and largest value. Beyond, it is continued and `assumed`.
    pub holds: &'static [(&'static str, f64, f64)],
    /// Its formulas.
    pub laws: &'static [Law],
}

impl Model {
    /// The keys that `law` follows beyond where the model holds, with the values for which it does.
    pub fn beyond(&self, law: &Law, design: &Design) -> impl Iterator<Item = (String, String)> {
        let number = |key: &str| design.said(key)?.parse::<f64>().ok();
        let outside = |&&(key, low, high): &&(&str, f64, f64)| {
            law.follows.contains(&key) && number(key).is_some_and(|value| !(low..=high).contains(&value))
        };
        let beyond: Vec<_> = self.holds.iter().filter(outside).collect();
        beyond.into_iter().map(|(key, low, high)| ((*key).to_owned(), format!("{low} to {high}")))
    }
}

/// One formula.
#[derive(Debug)]
pub struct Law {
    /// The figure that it yields: `price.adc_convert`, `leakage.adc`, `area.adc`.
    pub figure: &'static str,
    /// The formula as text.
    pub equation: &'static str,
    /// The keys that it follows.
    pub follows: &'static [&'static str],
    /// How well it is known at best.
    pub evidence: Evidence,
    /// Factors between which the truth is expected, where a source gives them.
    pub band: Option<(f64, f64)>,
    /// Joules, watts or square millimetres of one at the nominal point.
    pub value: fn(&Design) -> Result<f64, Refusal>,
}

/// A design of which no circuit is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The key at fault.
    pub key: Cow<'static, str>,
    /// What it says.
    pub found: String,
    /// What would do.
    pub accepted: String,
}

/// Every model.
pub const ALL: &[&Model] = &[
    &converter::ADC_SURVEY,
    &driver::CODED_DRIVER,
    &driver::DELAY_LINE,
    &array::CELL_ARRAY,
    &array::PROGRAM_PULSE,
    &array::VERIFY_READ,
    &digital::HOROWITZ,
    &digital::GATES,
    &mesh::DSENT_ROUTER,
    &mesh::REPEATED_WIRE,
    &sram::CACTI,
    &registers::REGISTER_FILE,
];

/// The law of the model of that name for `figure`.
///
/// # Errors
/// The names of the models that have one.
pub fn law(name: &str, figure: &str) -> Result<(&'static Model, &'static Law), String> {
    let of =
        |model: &&'static Model| model.laws.iter().find(|law| law.figure == figure).map(|law| (*model, law));
    let known = || ALL.iter().filter_map(of);
    known().find(|(model, _)| model.name == name).ok_or_else(|| {
        let names: Vec<String> = known().map(|(model, _)| format!("{:?}", model.name)).collect();
        if names.is_empty() { "a number: no model computes it".to_owned() } else { names.join(", ") }
    })
}

/// The keys that some law for `figure` follows.
pub fn keys_of(figure: &str) -> impl Iterator<Item = &'static str> + '_ {
    let laws = ALL.iter().flat_map(|model| model.laws).filter(move |law| law.figure == figure);
    laws.flat_map(|law| law.follows.iter().copied())
}
