//! The design point for which a number holds, and what lies off it.

use serde::Serialize;

/// A key whose value is not the one that a figure holds for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Off {
    /// The figure: `price.adc_convert`.
    pub figure: String,
    /// The key.
    pub key: String,
    /// The value for which the figure holds.
    pub priced_for: String,
    /// The value of the design that ran.
    pub ran: String,
}

/// A key off the design point, with the figures that hold for another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PricedAt {
    /// The value for which they hold.
    pub priced_for: String,
    /// The value of the design that ran.
    pub ran: String,
    /// The figures.
    pub figures: Vec<String>,
}
