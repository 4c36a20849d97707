//! The gradient at a fixed point by implicit differentiation: one linear solve, no phases and no differences.

use crate::dynamics::Dynamics;
use crate::{EnergyNetwork, Matrix, Parameters, Sample};

/// The gradient of the cost at the free fixed point `free`, or `None` if the equilibrium is not isolated (its
/// linear system is singular).
///
/// At a fixed point the force on every unit that its range does not hold is zero, and stays zero when parameters
/// change: `J du + d(force)/dtheta dtheta = 0`. With `J^T y = dC/du` over those units, `dL/dtheta` is
/// `-y . d(force)/dtheta`. A unit held by its range does not move and takes no part.
///
/// # Panics
/// If the lengths of `sample` or `free` do not fit the network.
pub fn gradient<N: EnergyNetwork>(network: &N, sample: Sample<'_>, free: &[f64]) -> Option<Parameters> {
    let dynamics = Dynamics::new(network, sample, 0.0);
    let slope = dynamics.slope(free);
    let units = slope.free_units();
    let jacobian = select(&slope.force_jacobian(network), &units);
    let cost_slope = dynamics.cost_slope(free);
    let right = nalgebra::DVector::from_iterator(units.len(), units.iter().map(|i| cost_slope[*i]));
    let solved = jacobian.transpose().lu().solve(&right)?;
    let mut v = vec![0.0; free.len()];
    for (unit, y) in units.iter().zip(solved.iter()) {
        v[*unit] = -y * slope.gain[*unit];
    }
    Some(network.drive_gradient(sample.input, &v, &network.activity(free)))
}

/// The derivative of the forces at `state` with nudging strength `beta`, `d(force_i)/du_j`, over the units that their
/// range does not hold (in ascending order). For Scellier's flow it is minus the Hessian of the total energy: an
/// equilibrium is a strict minimum if all its eigenvalues are negative.
///
/// # Panics
/// If the lengths of `sample` or `state` do not fit the network.
pub fn force_jacobian<N: EnergyNetwork>(network: &N, sample: Sample<'_>, beta: f64, state: &[f64]) -> Matrix {
    let slope = Dynamics::new(network, sample, beta).slope(state);
    select(&slope.force_jacobian(network), &slope.free_units())
}

/// The rows and columns of `units`.
fn select(matrix: &Matrix, units: &[usize]) -> Matrix {
    matrix.select_rows(units).select_columns(units)
}
