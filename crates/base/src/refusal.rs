//! Settings that cannot be built, said in words.

use std::fmt;

/// Why a set of parameters is refused.
///
/// The blocks do not know files: whoever read the parameters finds the place of `key` and reports
/// file, line and column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The key at fault, relative to the section that was checked: `pulse_noise`, `device.weight_bits`.
    pub key: String,
    /// What was found.
    pub found: String,
    /// What is accepted, and how to mend it.
    pub accepted: String,
}

impl Refusal {
    /// A refusal of `key`.
    #[must_use]
    pub fn new(key: &str, found: impl Into<String>, accepted: impl Into<String>) -> Self {
        Self { key: key.to_owned(), found: found.into(), accepted: accepted.into() }
    }

    /// The same refusal seen from the section that holds `section`.
    #[must_use]
    pub fn within(self, section: &str) -> Self {
        Self { key: format!("{section}.{}", self.key), ..self }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: found {}; accepted: {}", self.key, self.found, self.accepted)
    }
}

impl std::error::Error for Refusal {}
