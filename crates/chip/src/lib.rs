//! The chip: cores with synapses, neurons and controllers, wired by a router under one clock.
//!
//! [`Params`] say what is built; [`build()`] places the network and returns a [`Machine`] that executes
//! [`equipoise_base::Instruction`]s. The whole data path of a step is `Chip::step` in `chip.rs`; the blocks are leaves that cannot
//! see each other. Nothing here knows a price, a file, or a terminal.

mod axon;
mod block;
mod bookkeeping;
mod build;
pub mod catalog;
mod check;
mod chip;
mod clipping;
mod core;
mod couplings;
mod delays;
mod derived;
mod execute;
mod fates;
mod flights;
mod free;
mod inventory;
mod layout;
mod load;
mod lower;
mod machine;
pub mod network;
mod numbers;
mod observer;
mod oscillation;
mod outcome;
mod pace;
pub mod params;
pub mod placement;
mod recorder;
mod relax;
mod routes;
mod settling;
mod shares;
mod store;
pub mod structure;
mod team;
mod timing;
pub mod trail;
mod wires;

pub use build::build;
pub use couplings::Coupling;
pub use delays::{DelayRules, DistanceDelay};
pub use equipoise_scheduler::{Clock, Span};
pub use execute::ExecuteError;
pub use layout::{placement_saving, plan};
pub use machine::{Machine, Meter};
pub use network::{Connection, Edge, Network, NetworkError, Population, Sign, Weights};
pub use numbers::check_numbers;
pub use observer::{Observer, Unobserved, View};
pub use outcome::Outcome;
pub use params::{Hardware, Learning, Params, Phases};
pub use settling::{Cycle, Participant, SettleRule, Unsettled};
