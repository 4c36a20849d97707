//! How a number of a preset is known.

use equipoise_base::record::Block;
use serde::{Serialize, Serializer};

equipoise_base::choice! {
    /// How a number is known, the strongest first.
    pub enum Evidence {
        /// Read off silicon.
        Measured = "measured",
        /// Fitted so that a model reproduces measured silicon.
        Calibrated = "calibrated",
        /// Output of a circuit or synthesis simulation of this design.
        Simulated = "simulated",
        /// Output of an architecture-level model, or derived from figures of other nodes and chips.
        Model = "model",
        /// Chosen without a source.
        Assumed = "assumed",
    }
}

impl Evidence {
    /// The weaker of two: a sum is known no better than its worst term.
    #[must_use]
    pub fn weaker(self, other: Self) -> Self {
        if other as u8 > self as u8 { other } else { self }
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

/// A number and how it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// The number, in the unit of the list that holds it.
    pub value: f64,
    /// How it is known.
    pub evidence: Evidence,
}

impl Figure {
    /// The figure of one `block`, which for memories is a share of that of a kilobit.
    #[must_use]
    pub fn per(self, block: Block) -> Self {
        Self { value: self.value / block.per_figure() as f64, ..self }
    }

    /// The figure times `factor`, which is itself known by `evidence`.
    #[must_use]
    pub fn scaled(self, factor: f64, evidence: Evidence) -> Self {
        Self { value: self.value * factor, evidence: self.evidence.weaker(evidence) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_weakens_from_measured_to_assumed() {
        let order: Vec<Evidence> = Evidence::ALL.iter().map(|(e, _, _)| *e).collect();
        for (i, &strong) in order.iter().enumerate() {
            for &weak in &order[i..] {
                assert_eq!(strong.weaker(weak), weak);
                assert_eq!(weak.weaker(strong), weak);
            }
        }
        assert_eq!(order.first().map(|e| e.word()), Some("measured"));
        assert_eq!(order.last().map(|e| e.word()), Some("assumed"));
    }
}
