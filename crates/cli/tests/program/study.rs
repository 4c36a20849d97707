//! What a study leaves.

use super::{Desk, number};
use serde_json::Value;

/// Makes a study and returns its `study.json`.
pub fn made(desk: &Desk, args: &[&str]) -> Value {
    let said = desk.succeeds(&[&["study"], args, &["--out", "out", "--overwrite", "--quiet"]].concat());
    assert_eq!(said, "out\n");
    desk.json("out/study.json")
}

/// The number of that name.
pub fn found<'v>(study: &'v Value, name: &str) -> &'v Value {
    let numbers = study["numbers"].as_array().unwrap();
    numbers.iter().find(|n| n["name"] == name).unwrap_or_else(|| panic!("{name}: {numbers:?}"))
}

/// The value of the number of that name.
pub fn value(study: &Value, name: &str) -> f64 {
    number(&found(study, name)["value"])
}
