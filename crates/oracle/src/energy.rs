//! The energy that relaxation descends, and the cost that nudging adds to it.

use crate::{EnergyNetwork, Sample};

/// `E(u) = sum_i self_energy(u_i) - 1/2 r.W r - c.r`, with `r = rho(u)`.
///
/// Scellier's flow is `du/dt = -dE/du`; the Cohen-Grossberg flow is `du/dt = -dE/dr`.
pub fn energy<N: EnergyNetwork>(network: &N, input: &[f64], state: &[f64]) -> f64 {
    let activity = network.activity(state);
    let own: f64 = state.iter().map(|u| network.neuron().self_energy(*u)).sum();
    let constant = dot(&network.constant_drive(input), &activity);
    own - 0.5 * dot(&network.couple(&activity), &activity) - constant
}

/// `C(u)`, summed over the outputs: the squared error `|u - d|^2 / 2` or `|r - d|^2 / 2` for the usual pairs of
/// flow and cost; see [`Neuron::cost`](crate::Neuron::cost) for the others.
pub fn cost<N: EnergyNetwork>(network: &N, target: &[f64], state: &[f64]) -> f64 {
    network.outputs().zip(target).map(|(unit, d)| network.neuron().cost(state[unit], *d)).sum()
}

/// `F = E + beta C`.
pub fn total_energy<N: EnergyNetwork>(network: &N, sample: Sample<'_>, beta: f64, state: &[f64]) -> f64 {
    energy(network, sample.input, state) + beta * cost(network, sample.target, state)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
