//! Equilibrium propagation: the gradient from a free and a nudged phase.

use crate::dynamics::Dynamics;
use crate::{EnergyNetwork, NotSettled, Parameters, Sample, Settling, fixed_point, relax};

/// Which two equilibria are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nudging {
    /// Free and `+beta`: the error of the gradient is of order beta.
    OneSided,
    /// `-beta` and free: likewise, with the other sign.
    Negative,
    /// `-beta` and `+beta`: the error is of order beta squared.
    Centered,
}

/// How the network is nudged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nudge {
    /// Which equilibria.
    pub nudging: Nudging,
    /// Strength, above 0.
    pub beta: f64,
}

impl Nudge {
    /// The two strengths `(beta_1, beta_2)`, lower first; one of them is 0 unless centered.
    pub fn betas(&self) -> (f64, f64) {
        match self.nudging {
            Nudging::OneSided => (0.0, self.beta),
            Nudging::Negative => (-self.beta, 0.0),
            Nudging::Centered => (-self.beta, self.beta),
        }
    }
}

/// Lengths of the phases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Steps of the free phase.
    pub free: usize,
    /// Steps of each nudged phase.
    pub nudged: usize,
}

/// What EP says, with the states it says it from.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// Estimate of `dL/dtheta`; the weight update is `-rate` times it.
    pub gradient: Parameters,
    /// State at the end of the free phase.
    pub free: Vec<f64>,
    /// State at the lower of the two strengths ([`Nudge::betas`]).
    pub lower: Vec<f64>,
    /// State at the upper of the two strengths.
    pub upper: Vec<f64>,
}

/// EP with exact equilibria: the free one, reached from `start`, and the nudged ones, reached from the free one.
///
/// `(dE/dtheta(beta_2) - dE/dtheta(beta_1)) / (beta_2 - beta_1)`; at any beta this is exactly the gradient of
/// [`finite_difference::surrogate`](crate::finite_difference::surrogate) (Scellier and Bengio 2017).
///
/// # Errors
/// If a phase has not settled.
pub fn at_fixed_points<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    start: &[f64],
    nudge: Nudge,
    settling: &Settling,
) -> Result<Estimate, NotSettled> {
    let free = fixed_point(network, sample, 0.0, start, settling)?.state;
    let settle = |beta| fixed_point(network, sample, beta, &free, settling).map(|point| point.state);
    let (beta_1, beta_2) = nudge.betas();
    let (lower, upper) = (settle(beta_1)?, settle(beta_2)?);
    Ok(Estimate { gradient: compare(network, sample, nudge, &lower, &upper), free, lower, upper })
}

/// EP with phases of fixed length, as a chip runs it. Each nudged phase begins at the end of the free phase; a
/// strength of 0 uses that state as it is, without further steps.
pub fn after_steps<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    start: &[f64],
    nudge: Nudge,
    steps: Steps,
) -> Estimate {
    let last = |beta, start: &[f64], steps| relax(network, sample, beta, start, steps).swap_remove(steps);
    let free = last(0.0, start, steps.free);
    let phase = |beta: f64| if beta == 0.0 { free.clone() } else { last(beta, &free, steps.nudged) };
    let (beta_1, beta_2) = nudge.betas();
    let (lower, upper) = (phase(beta_1), phase(beta_2));
    Estimate { gradient: compare(network, sample, nudge, &lower, &upper), free, lower, upper }
}

/// The estimate from the two states, however they were reached.
pub fn compare<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    nudge: Nudge,
    lower: &[f64],
    upper: &[f64],
) -> Parameters {
    let correlation = |state: &[f64]| network.correlation(sample.input, &network.activity(state));
    let (beta_1, beta_2) = nudge.betas();
    correlation(lower).difference(&correlation(upper), 1.0 / (beta_2 - beta_1))
}

/// EP resolved in time, `EP(beta, t)`: entry `t` compares the states before and after nudged step `t + 1`.
#[derive(Clone, Debug, PartialEq)]
pub struct PerStep {
    /// States 0 to K of the nudged phase; state 0 is where it began.
    pub states: Vec<Vec<f64>>,
    /// `-(dE/dtheta(s_(t+1)) - dE/dtheta(s_t)) / beta` for t = 0 to K-1. Minus, so that the limit for small beta
    /// is *minus* the BPTT gradient (the convention of Ernoult et al. 2019).
    pub parameters: Vec<Parameters>,
}

/// `EP(beta, t)` over `steps` nudged steps from `free`, the settled free state.
pub fn per_step<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    beta: f64,
    free: &[f64],
    steps: usize,
) -> PerStep {
    let states = relax(network, sample, beta, free, steps);
    let correlation = |state: &Vec<f64>| network.correlation(sample.input, &network.activity(state));
    let held: Vec<Parameters> = states.iter().map(correlation).collect();
    let parameters = held.windows(2).map(|pair| pair[1].difference(&pair[0], 1.0 / beta)).collect();
    PerStep { states, parameters }
}

/// The limit of [`per_step`] for beta to 0, without differences: the derivative of the nudged phase by beta, carried
/// forward step by step. By the theorem of Ernoult et al. (2019) it is minus
/// [`bptt::through_time`](crate::bptt::through_time) wherever the free state has settled.
pub fn per_step_limit<N: EnergyNetwork>(
    network: &N,
    sample: Sample<'_>,
    free: &[f64],
    steps: usize,
) -> Vec<Parameters> {
    let dynamics = Dynamics::new(network, sample, 0.0);
    let slope = dynamics.slope(free);
    let pull = slope.through_step(&dynamics.error(free));
    let activity = network.activity(free);
    let rho_slope = |u: &f64| network.neuron().activation.slope(*u);
    let mut change = vec![0.0; free.len()];
    let mut limit = Vec::with_capacity(steps);
    for _ in 0..steps {
        let mut next = slope.forward(network, &change);
        next.iter_mut().zip(&pull).for_each(|(n, p)| *n -= p);
        // The correlation is quadratic in the activity, so its derivative is the gradient of v.drive.
        let moved = (0..free.len()).map(|i| rho_slope(&free[i]) * (next[i] - change[i])).collect::<Vec<_>>();
        limit.push(network.drive_gradient(sample.input, &moved, &activity));
        change = next;
    }
    limit
}
