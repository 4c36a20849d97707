//! Gradients from nothing but function values: the judge that shares no algebra with EP, BPTT or [`crate::implicit`].

use crate::{
    EnergyNetwork, NotSettled, Nudge, Parameters, Sample, Settling, cost, fixed_point, total_energy,
};

/// A spacing that suits parameters of order 1: the error of the method and of rounding are both near 1e-12.
pub const SPACING: f64 = 1e-3;

/// The gradient of the cost at the free fixed point, `L(theta) = C(u*(theta))`. Every perturbed network relaxes
/// from `free`, the fixed point of the network itself, so that all stay on one branch of equilibria.
///
/// A parameter whose perturbation carries a unit across a kink of its activation has no derivative there.
///
/// # Errors
/// If a perturbed network has not settled.
pub fn loss_gradient<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    free: &[f64],
    settling: &Settling,
) -> Result<Parameters, NotSettled> {
    gradient(network, SPACING, |perturbed| {
        let settled = fixed_point(perturbed, sample, 0.0, free, settling)?;
        Ok(cost(network, sample.target, &settled.state))
    })
}

/// `L_beta = (F*(beta_2) - F*(beta_1)) / (beta_2 - beta_1)`, with `F*` the total energy at its equilibrium: the
/// function whose gradient EP gives exactly at finite beta.
///
/// # Errors
/// If a phase has not settled.
pub fn surrogate<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    free: &[f64],
    nudge: Nudge,
    settling: &Settling,
) -> Result<f64, NotSettled> {
    let least = |beta| {
        let settled = fixed_point(network, sample, beta, free, settling)?;
        Ok(total_energy(network, sample, beta, &settled.state))
    };
    let (beta_1, beta_2) = nudge.betas();
    Ok((least(beta_2)? - least(beta_1)?) / (beta_2 - beta_1))
}

/// The gradient of [`surrogate`].
///
/// # Errors
/// If a perturbed network has not settled.
pub fn surrogate_gradient<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    free: &[f64],
    nudge: Nudge,
    settling: &Settling,
) -> Result<Parameters, NotSettled> {
    gradient(network, SPACING, |perturbed| surrogate(perturbed, sample, free, nudge, settling))
}

/// The gradient of any function of a network: [`slope`] for every parameter in turn.
///
/// # Errors
/// The first error of `f`.
pub fn gradient<N: EnergyNetwork, E>(
    network: &N,
    spacing: f64,
    mut f: impl FnMut(&N) -> Result<f64, E>,
) -> Result<Parameters, E> {
    let mut result = network.parameters().clone();
    for index in 0..result.count() {
        result.set(index, slope(network, index, spacing, &mut f)?);
    }
    Ok(result)
}

/// The derivative of a function of a network by one parameter (in the flat order of [`Parameters`]): central
/// differences at `spacing` and at half of it, combined so that the error is of fourth order (Richardson).
///
/// # Errors
/// The first error of `f`.
pub fn slope<N: EnergyNetwork, E>(
    network: &N,
    index: usize,
    spacing: f64,
    mut f: impl FnMut(&N) -> Result<f64, E>,
) -> Result<f64, E> {
    let mut perturbed = network.clone();
    let value = network.parameters().at(index);
    richardson(spacing, |h| {
        perturbed.set_parameter(index, value + h);
        f(&perturbed)
    })
}

/// The gradient of a function of a vector, by the same differences.
pub fn of_vector(point: &[f64], spacing: f64, mut f: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
    let mut moved = point.to_vec();
    let mut gradient = Vec::with_capacity(point.len());
    for (index, value) in point.iter().enumerate() {
        let along: Result<f64, std::convert::Infallible> = richardson(spacing, |h| {
            moved[index] = value + h;
            Ok(f(&moved))
        });
        moved[index] = *value;
        let Ok(slope) = along;
        gradient.push(slope);
    }
    gradient
}

/// The derivative at 0 of a function of one number.
fn richardson<E>(spacing: f64, mut f: impl FnMut(f64) -> Result<f64, E>) -> Result<f64, E> {
    let mut central = |h: f64| Ok((f(h)? - f(-h)?) / (2.0 * h));
    let (wide, narrow) = (central(spacing)?, central(0.5 * spacing)?);
    Ok((4.0 * narrow - wide) / 3.0)
}
