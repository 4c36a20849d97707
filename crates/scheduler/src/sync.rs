//! When a step ends: with a barrier, or whenever each core's own clock says so.

use equipoise_base::config::{ConfigError, Entry, Node, Table, Value};
use equipoise_base::params::Field;

equipoise_base::family! {
    /// When a step ends.
    pub enum Sync {
        /// A step begins when every core has finished the last one, every packet of it is delivered, and the barrier has run: transport time lengthens the step and changes no value.
        Barrier(Barrier) = "barrier",
        /// No barrier: every core steps by its own period and samples held registers, so that transport time is delay.
        Free(Free) = "free",
    }
}

equipoise_base::params! {
    /// A barrier ends every step; how long it takes is the chip's `barrier_cycles`.
    pub struct Barrier {}
}

equipoise_base::params! {
    /// Cores that step by themselves.
    pub struct Free {
        /// Cycles of a core's step: one number for all, or one per core; 0 for the fewest that its pipeline allows.
        period_cycles: PerCore = PerCore::All(0), "cycles";
        /// Cycles from a phase's start to a core's first step: one number for all, or one per core.
        offset_cycles: PerCore = PerCore::All(0), "cycles";
        /// Cycles for which every packet is held back at its source, beside the transport's own.
        delay_cycles: u32 = 0, "cycles", 0..=1_000_000_000;
    }
}

/// A number of cycles for all cores, or one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PerCore {
    /// The same for all.
    All(u32),
    /// One per core, in the order of the cores.
    Each(Vec<u32>),
}

/// Longest period or offset, in cycles.
const LONGEST: i64 = 1_000_000_000;

impl PerCore {
    /// The number of core `core`; `None` if the list ends before it.
    #[must_use]
    pub fn of(&self, core: usize) -> Option<u64> {
        match self {
            Self::All(cycles) => Some(u64::from(*cycles)),
            Self::Each(list) => list.get(core).map(|&cycles| u64::from(cycles)),
        }
    }

    /// How many cores it speaks of; `None` for any number.
    #[must_use]
    pub fn cores(&self) -> Option<usize> {
        match self {
            Self::All(_) => None,
            Self::Each(list) => Some(list.len()),
        }
    }
}

impl Field for PerCore {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        let refuse =
            || table.error(entry, "whole cycles from 0 to 1000000000, or a list of them, one per core");
        let cycles = |node: &Node| match node.value {
            Value::Integer(cycles @ 0..=LONGEST) => Ok(cycles as u32),
            _ => Err(refuse()),
        };
        match &entry.node.value {
            Value::List(list) => Ok(Self::Each(list.iter().map(cycles).collect::<Result<_, _>>()?)),
            _ => Ok(Self::All(cycles(&entry.node)?)),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::All(cycles) => Value::Integer(i64::from(*cycles)),
            Self::Each(list) => {
                Value::List(list.iter().map(|&c| Value::Integer(i64::from(c)).built_in()).collect())
            }
        }
    }
}
