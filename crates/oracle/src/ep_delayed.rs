//! Equilibrium propagation in a network whose activities arrive late, settled or not.
//!
//! Where the network settles this is EP as anywhere else, whatever the delays. Where it does not, the two nudged
//! passes still run and their latches still hold numbers; what those numbers are worth is the question.

use crate::network::outer;
use crate::{Delayed, Matrix, Nudge, Parameters};
use std::ops::Range;

/// The two passes that EP compares, at `-beta` and `+beta`, or one of them free ([`Nudge::betas`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Passes {
    /// Activities after 0, 1, 2 ... steps of the pass at the lower strength.
    lower: Vec<Vec<f64>>,
    /// The same at the upper strength.
    upper: Vec<Vec<f64>>,
    /// Difference of the strengths.
    distance: f64,
}

/// Runs both passes for `steps` steps. Each starts at the end of `history`, the run so far, with everything that is
/// still on its way in it. `error(k, state, errors)` fills in `n`, what the nudge `-beta n` pulls against in step `k`
/// of the pass (from 0), which starts from `state`; `errors` arrives as zeros.
///
/// A free pass runs too: a network that does not settle moves on without a nudge.
///
/// # Panics
/// If `history` is empty or does not fit the network.
pub fn passes(
    network: &Delayed,
    history: &[Vec<f64>],
    steps: usize,
    nudge: Nudge,
    error: impl Fn(usize, &[f64], &mut [f64]),
) -> Passes {
    let first_in_flight = history.len().saturating_sub(network.delays().longest() + 1);
    let pass = |beta: f64| {
        let mut states = history[first_in_flight..].to_vec();
        let before = states.len();
        let mut errors = vec![0.0; network.bias().len()];
        network.extend(&mut states, steps, |k, state, drives| {
            errors.fill(0.0);
            error(k, state, &mut errors);
            drives.iter_mut().zip(&errors).for_each(|(drive, e)| *drive -= beta * e);
        });
        states[before - 1..].iter().map(|state| network.activity(state)).collect()
    };
    let (beta_1, beta_2) = nudge.betas();
    Passes { lower: pass(beta_1), upper: pass(beta_2), distance: beta_2 - beta_1 }
}

impl Passes {
    /// The estimate of the gradient from both passes latched after `step` steps, in the form of
    /// [`Recurrent`](crate::Recurrent): a symmetric synapse stands at both of its places.
    ///
    /// # Panics
    /// If the passes had fewer steps.
    pub fn latched_at(&self, step: usize) -> Parameters {
        self.latched_over(step..step + 1)
    }

    /// The same from latches that average the correlations after these steps.
    ///
    /// # Panics
    /// If the range is empty, or the passes had fewer steps.
    pub fn latched_over(&self, steps: Range<usize>) -> Parameters {
        assert!(!steps.is_empty(), "a window has at least one step");
        let mean = |pass: &[Vec<f64>]| mean_correlation(&pass[steps.clone()]);
        mean(&self.lower).difference(&mean(&self.upper), 1.0 / self.distance)
    }
}

/// The mean of `r_i r_j` (`r_i^2 / 2` for a unit with itself) and of `r_i`: minus the energy's derivative.
fn mean_correlation(activities: &[Vec<f64>]) -> Parameters {
    let (n, count) = (activities[0].len(), activities.len() as f64);
    let mut sum = Parameters { weights: vec![Matrix::zeros(n, n)], biases: vec![vec![0.0; n]] };
    for r in activities {
        let mut products = outer(r, r);
        (0..n).for_each(|i| products[(i, i)] *= 0.5);
        sum.add_scaled(1.0 / count, &Parameters { weights: vec![products], biases: vec![r.clone()] });
    }
    sum
}
