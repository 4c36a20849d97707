//! The trajectories of the 4-5-3 oracle networks, replayed with fixed-point neurons and `f64` matrix
//! products: flow `scellier`, cost on the state, a = eps. An oracle that cannot be read fails the test.
#![allow(clippy::unwrap_used)]

use equipoise_base::{Counts, Number};
use equipoise_neuron::{Activation, CostOn, Flow, NeuronModel, Neurons, RateParams};
use fixed::types::I16F48;
use serde_json::Value;

type N = I16F48;

fn oracle(name: &str) -> Value {
    let path = format!("{}/../../tests/oracles/ep/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn list(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn matrix(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().unwrap().iter().map(list).collect()
}

fn fixed(values: &[f64]) -> Vec<N> {
    values.iter().map(|&v| N::nearest(v)).collect()
}

fn values(numbers: &[N]) -> Vec<f64> {
    numbers.iter().map(|v| v.value()).collect()
}

/// sum_i x[i] w[i][j] for every j.
fn forward(x: &[f64], w: &[Vec<f64>]) -> Vec<f64> {
    (0..w[0].len()).map(|j| x.iter().zip(w).map(|(x, row)| x * row[j]).sum()).collect()
}

/// sum_j w[i][j] x[j] for every i.
fn transposed(w: &[Vec<f64>], x: &[f64]) -> Vec<f64> {
    w.iter().map(|row| row.iter().zip(x).map(|(w, x)| w * x).sum()).collect()
}

struct Net {
    oracle: Value,
    h: Box<dyn Neurons<N>>,
    y: Box<dyn Neurons<N>>,
}

impl Net {
    fn new(file: &str, activation: Activation) -> Self {
        let oracle = oracle(file);
        let a = oracle["eps"].as_f64().unwrap();
        let (flow, cost_on) = (Flow::Scellier, CostOn::State);
        let model = NeuronModel::Rate(RateParams { flow, activation, cost_on, a, ..Default::default() });
        Self { oracle, h: model.build(&[N::ZERO; 5]), y: model.build(&[N::ZERO; 3]) }
    }

    /// All units at once from the old state; the output is nudged by beta (d - y).
    fn step(&mut self, beta: f64) {
        let (w1, w2) = (matrix(&self.oracle["W1"]), matrix(&self.oracle["W2"]));
        let (rho_h, rho_y) = (values(self.h.activity()), values(self.y.activity()));
        let from_x = forward(&list(&self.oracle["x"]), &w1);
        let from_y = transposed(&w2, &rho_y);
        let raw = |drive: &[f64]| drive.iter().map(|&d| N::nearest(d).raw()).collect::<Vec<i64>>();
        let h_drive: Vec<f64> = from_x.iter().zip(&from_y).map(|(a, b)| a + b).collect();
        let y_drive = forward(&rho_h, &w2);
        let target = list(&self.oracle["d"]);
        let force: Vec<f64> =
            values(self.y.observed()).iter().zip(&target).map(|(y, d)| -beta * (y - d)).collect();
        let (b1, b2) = (fixed(&list(&self.oracle["b1"])), fixed(&list(&self.oracle["b2"])));
        let mut counts = Counts::default();
        self.h.update(&raw(&h_drive), &b1, None, &mut counts);
        self.y.update(&raw(&y_drive), &b2, Some(&fixed(&force)), &mut counts);
    }

    fn error(&self, h: &Value, y: &Value) -> f64 {
        let expected = list(h).into_iter().chain(list(y));
        let actual = self.h.state().iter().chain(self.y.state());
        actual.zip(expected).map(|(a, e)| (a.value() - e).abs()).fold(0.0, f64::max)
    }
}

fn replay(file: &str, activation: Activation) {
    let mut net = Net::new(file, activation);
    for step in 0..5 {
        net.step(0.0);
        let first5 = |layer: &str| net.oracle[format!("free_traj_first5_{layer}")][step].clone();
        let error = net.error(&first5("h"), &first5("y"));
        assert!(error < 1e-13, "{file}: free step {step}: {error:e}");
    }
    for _ in 5..net.oracle["T_free"].as_u64().unwrap() {
        net.step(0.0);
    }
    let error = net.error(&net.oracle["free_h"], &net.oracle["free_y"]);
    assert!(error < 2e-13, "{file}: free state: {error:e}");
    net.h.save();
    net.y.save();
    let nudged = net.oracle["ep"].as_object().unwrap().clone();
    for (beta, curve) in &nudged {
        net.h.restore();
        net.y.restore();
        for step in 1..=net.oracle["K"].as_u64().unwrap() as usize {
            net.step(beta.parse().unwrap());
            let error = net.error(&curve["h"][step], &curve["y"][step]);
            assert!(error < 2e-13, "{file}: beta {beta}, nudged step {step}: {error:e}");
        }
    }
    assert!(!nudged.is_empty());
}

#[test]
fn clipped_units_follow_the_oracle_free_and_nudged() {
    replay("ep_bptt_clip.json", Activation::HardSigmoid);
}

#[test]
fn smooth_units_follow_the_oracle_free_and_nudged() {
    replay("ep_bptt_smooth.json", Activation::Logistic);
}
