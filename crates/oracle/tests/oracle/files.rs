//! Reads the numbers in `tests/oracles` (format in the README.md there) and compares against them.

use equipoise_oracle::{Activation, Layered, Matrix, Neuron, Parameters, Sample};
use serde_json::Value;
use std::path::Path;

/// The file of this name below `tests/oracles`.
pub fn load(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number, not {value}"))
}

pub fn count(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap_or_else(|| panic!("a count, not {value}"))).expect("a small count")
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("a list, not {value}"))
}

pub fn vector(value: &Value) -> Vec<f64> {
    list(value).iter().map(number).collect()
}

pub fn matrix(value: &Value) -> Matrix {
    let rows: Vec<Vec<f64>> = list(value).iter().map(vector).collect();
    Matrix::from_row_slice(rows.len(), rows[0].len(), &rows.concat())
}

/// The object `{W1, W2, b1, b2}` as parameters of a network of two layers.
pub fn parameters(value: &Value) -> Parameters {
    Parameters {
        weights: vec![matrix(&value["W1"]), matrix(&value["W2"])],
        biases: vec![vector(&value["b1"]), vector(&value["b2"])],
    }
}

/// Entry `t` of each of the lists `{W1, W2, b1, b2}`.
pub fn parameters_at(value: &Value, t: usize) -> Parameters {
    Parameters {
        weights: vec![matrix(&value["W1"][t]), matrix(&value["W2"][t])],
        biases: vec![vector(&value["b1"][t]), vector(&value["b2"][t])],
    }
}

/// The state in the two values `h` and `y`.
pub fn state(h: &Value, y: &Value) -> Vec<f64> {
    [vector(h), vector(y)].concat()
}

/// A case of `oracles/ep`: its network, input and target.
pub struct Case {
    pub file: Value,
    pub network: Layered,
    input: Vec<f64>,
    target: Vec<f64>,
}

impl Case {
    pub fn load(name: &str) -> Self {
        let file = load(name);
        let activation = match file["kind"].as_str() {
            Some("smooth") => Activation::Logistic,
            Some("clip") => Activation::ClippedIdentity,
            other => panic!("kind {other:?}"),
        };
        let neuron = Neuron::scellier(activation, number(&file["eps"]));
        let Parameters { weights, biases } = parameters(&file);
        let network = Layered::new(weights, biases, neuron).expect("shapes of the file");
        let (input, target) = (vector(&file["x"]), vector(&file["d"]));
        Self { file, network, input, target }
    }

    pub fn sample(&self) -> Sample<'_> {
        Sample { input: &self.input, target: &self.target }
    }
}

/// Asserts that each number is within `tolerance` (absolute) of the one expected.
pub fn assert_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}: different lengths");
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        assert!((f - e).abs() <= tolerance, "{what}[{i}]: {f} is {:e} away from {e}", (f - e).abs());
    }
}
