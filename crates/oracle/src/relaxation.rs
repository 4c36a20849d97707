//! Relaxation: a fixed number of steps, or until nothing moves.

use crate::dynamics::Dynamics;
use crate::{EnergyNetwork, Sample};
use std::fmt;

/// The states of a phase of `steps` steps with nudging strength `beta` (0: the free phase), the start included:
/// `steps + 1` states. All units move at once, from the old state.
///
/// # Panics
/// If the lengths of `sample` or `start` do not fit the network.
pub fn relax<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    beta: f64,
    start: &[f64],
    steps: usize,
) -> Vec<Vec<f64>> {
    let dynamics = Dynamics::new(network, sample, beta);
    let mut states = vec![start.to_vec()];
    for step in 0..steps {
        states.push(dynamics.next(&states[step]));
    }
    states
}

/// When a network counts as settled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settling {
    /// The largest change of any unit in one step, as a share of the largest `|u|` or of 1, whichever is more.
    pub tolerance: f64,
    /// The most steps to try.
    pub limit: usize,
}

impl Default for Settling {
    /// 1e-15 within 200,000 steps: the fixed point to the last digits of an f64.
    fn default() -> Self {
        Self { tolerance: 1e-15, limit: 200_000 }
    }
}

/// Where a network settled.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedPoint {
    /// The settled state.
    pub state: Vec<f64>,
    /// Steps taken.
    pub steps: usize,
    /// The largest change of any unit in the last step.
    pub last_change: f64,
}

/// A network that still moved at the limit of [`Settling`]: it needs more steps, or it oscillates.
#[derive(Clone, Debug, PartialEq)]
pub struct NotSettled {
    /// Steps taken.
    pub steps: usize,
    /// The largest change of any unit in the last step.
    pub last_change: f64,
}

impl fmt::Display for NotSettled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not settled after {} steps: a unit still moved by {:e}", self.steps, self.last_change)
    }
}

impl std::error::Error for NotSettled {}

/// Relaxes from `start` until the network has settled. A network with several equilibria settles in the one
/// whose basin holds `start`.
///
/// # Errors
/// If it has not settled within the limit.
///
/// # Panics
/// If the lengths of `sample` or `start` do not fit the network.
pub fn fixed_point<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    beta: f64,
    start: &[f64],
    settling: &Settling,
) -> Result<FixedPoint, NotSettled> {
    let dynamics = Dynamics::new(network, sample, beta);
    let mut state = start.to_vec();
    let mut last_change = f64::INFINITY;
    for steps in 1..=settling.limit {
        let next = dynamics.next(&state);
        last_change = largest_difference(&next, &state);
        state = next;
        let scale = state.iter().fold(1.0, |scale: f64, u| scale.max(u.abs()));
        if last_change <= settling.tolerance * scale {
            return Ok(FixedPoint { state, steps, last_change });
        }
    }
    Err(NotSettled { steps: settling.limit, last_change })
}

/// The largest `|a_i - b_i|`.
pub(crate) fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}
