//! Backpropagation through time in a network whose activities arrive late.

use crate::{Delayed, Matrix, Parameters};

/// The gradient of any loss of a run: `states` are the states 0 to T of the run, `slope[t]` is `dL/ds(t)` with the
/// other states held, zero for a time that the loss does not look at. Returns `dL/dW_ij`, each direction of a pair a
/// parameter of its own, and `dL/db`.
///
/// The run must be one of [`Delayed::simulate`] (no nudge); it may start anywhere, and the start is held.
/// The adjoint of `s_j(t - D_ij)` receives its share from `s_i(t + 1)`, so it is complete only when all later times
/// have been visited: one backward sweep suffices for any delays. Memory grows with T, whatever the delays.
///
/// # Panics
/// If there is not one slope for every state, or a length does not fit the network.
pub fn gradient(network: &Delayed, states: &[Vec<f64>], slope: Vec<Vec<f64>>) -> Parameters {
    assert_eq!(states.len(), slope.len(), "one slope for every state");
    let (n, leak) = (network.bias().len(), network.leak());
    let activities: Vec<Vec<f64>> = states.iter().map(|state| network.activity(state)).collect();
    let mut weights = Matrix::zeros(n, n);
    let mut bias = vec![0.0; n];
    let mut adjoint = slope;
    for t in (1..states.len()).rev() {
        let later = std::mem::take(&mut adjoint[t]);
        for (to, received) in later.iter().enumerate() {
            let drive = leak * received;
            bias[to] += drive;
            adjoint[t - 1][to] += (1.0 - leak) * received;
            for from in 0..n {
                let heard = network.heard_at(t - 1, to, from);
                weights[(to, from)] += drive * activities[heard][from];
                let slope = network.activation().slope(states[heard][from]);
                adjoint[heard][from] += drive * network.weights()[(to, from)] * slope;
            }
        }
    }
    Parameters { weights: vec![weights], biases: vec![bias] }
}
