//! Whether a chip may price the run of another: only prices, clock and leakage may differ.

use crate::design::Keys;
use std::fmt;

/// A structural key in which two chips differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The key.
    pub key: String,
    /// Its value on the chip that ran; `None` where that chip has no such key.
    pub ran: Option<String>,
    /// Its value on the chip that shall price.
    pub prices: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
        write!(f, "{}: ran with {}, priced with {}", self.key, shown(&self.ran), shown(&self.prices))
    }
}

/// The keys in which the chip that ran differs from the chip that shall price, in the order of keys; empty where that
/// chip may price the run.
#[must_use]
pub fn compare(ran: &Keys, prices: &Keys) -> Vec<Difference> {
    let mut keys: Vec<&String> = ran.keys().chain(prices.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .map(|key| Difference {
            key: key.clone(),
            ran: ran.get(key).cloned(),
            prices: prices.get(key).cloned(),
        })
        .filter(|difference| difference.ran != difference.prices)
        .collect()
}
