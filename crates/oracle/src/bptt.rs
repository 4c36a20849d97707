//! Backpropagation through time, by hand-written reverse mode through the free dynamics.

use crate::dynamics::Dynamics;
use crate::{EnergyNetwork, Parameters, Sample, cost, relax};

/// The gradient of the cost at the last of `steps` steps, resolved in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bptt {
    /// `C` at the last state.
    pub loss: f64,
    /// States 0 to T.
    pub states: Vec<Vec<f64>>,
    /// Entry `t` is `dL/dtheta_(T-t)`, the gradient for the copy of the parameters that made state T-t:
    /// entry 0 belongs to the last step.
    pub parameters: Vec<Parameters>,
    /// Entry `t`, 0 to T, is `dL/ds_(T-t)`: entry 0 belongs to the last state.
    pub state: Vec<Vec<f64>>,
    /// The sum over all steps: the gradient for parameters shared by all steps.
    pub total: Parameters,
}

/// Unrolls `steps` free steps from `start` and carries the gradient of the cost at their end back through them.
///
/// Started at the settled free state, `parameters` are the per-step gradients that EP equals step by step, and
/// `total` approaches the gradient at the fixed point as `steps` grow.
///
/// # Panics
/// If the lengths of `sample` or `start` do not fit the network.
pub fn through_time<N: EnergyNetwork>(network: &N, sample: Sample<'_>, start: &[f64], steps: usize) -> Bptt {
    let dynamics = Dynamics::new(network, sample, 0.0);
    let states = relax(network, sample, 0.0, start, steps);
    let mut state = vec![dynamics.cost_slope(&states[steps])];
    let mut parameters = Vec::with_capacity(steps);
    let mut total = network.parameters().map(|_| 0.0);
    for (t, before) in states[..steps].iter().rev().enumerate() {
        let slope = dynamics.slope(before);
        let adjoint = &state[t];
        let force = slope.through_step(adjoint);
        let drive: Vec<f64> = force.iter().zip(&slope.gain).map(|(f, g)| f * g).collect();
        let gradient = network.drive_gradient(sample.input, &drive, &network.activity(before));
        let earlier = slope.backward(network, adjoint);
        total.add_scaled(1.0, &gradient);
        parameters.push(gradient);
        state.push(earlier);
    }
    Bptt { loss: cost(network, sample.target, &states[steps]), states, parameters, state, total }
}
