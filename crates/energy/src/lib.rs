//! Prices: what the counts of a finished run cost in joules, seconds, square millimetres and bits.
//!
//! A chip preset ([`Preset`]) is a file whose numbers carry unit, evidence and source. Its structural part is
//! handed to the chip, its prices stay here ([`Prices`]) and meet the run only when it is over
//! ([`price()`]), so a run can be priced again for other prices without running it again.
//! Beside the bill stand closed forms for what a run should count ([`counts`]) and how many bits the ways of
//! learning need ([`memory`]).

pub mod bill;
pub mod breakdown;
pub mod circuit;
pub mod counts;
pub mod design;
pub mod documentation;
pub mod efficiency;
pub mod evidence;
mod feasible;
mod floorplan;
pub mod gating;
pub mod ledger;
pub mod list;
pub mod memory;
pub mod models;
pub mod operating;
pub mod overlay;
mod places;
pub mod point;
pub mod power;
pub mod preset;
mod price;
pub mod prices;
pub mod scope;
pub mod static_energy;
pub mod structure;
pub mod traffic;
pub mod utilisation;
pub mod words;

pub use bill::{Bill, price};
pub use evidence::{Evidence, Figure};
pub use list::PriceList;
pub use preset::{Preset, Provenance};
pub use prices::Prices;
pub use scope::Scope;
