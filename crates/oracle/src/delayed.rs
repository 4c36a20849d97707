//! Networks whose activities arrive late.

use crate::network::{add, multiply};
use crate::relaxation::largest_difference;
use crate::stability::Linearisation;
use crate::{Activation, EnergyNetwork, Matrix, NotSettled, ShapeError};

/// Extra delay of each synapse in steps, beyond the one step that every synapse takes.
///
/// The counting matters: 0 reads the present state, `s_j(t)`, to make `s_i(t + 1)`. A chip that calls that a delay
/// of one step has `d_chip = d + 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delays {
    /// The same for all synapses.
    Uniform(usize),
    /// `[to][from]`.
    PerPair(Vec<Vec<usize>>),
}

impl Delays {
    /// The delay from unit `from` to unit `to`.
    pub fn between(&self, to: usize, from: usize) -> usize {
        match self {
            Self::Uniform(d) => *d,
            Self::PerPair(d) => d[to][from],
        }
    }

    /// The longest delay.
    pub fn longest(&self) -> usize {
        match self {
            Self::Uniform(d) => *d,
            Self::PerPair(d) => d.iter().flatten().copied().max().unwrap_or(0),
        }
    }

    /// Every delay multiplied by `factor`.
    #[must_use]
    pub fn times(&self, factor: usize) -> Self {
        match self {
            Self::Uniform(d) => Self::Uniform(d * factor),
            Self::PerPair(d) => {
                Self::PerPair(d.iter().map(|row| row.iter().map(|v| v * factor).collect()).collect())
            }
        }
    }
}

/// `s_i(t+1) = (1-a) s_i(t) + a (sum_j W_ij rho(s_j(t - D_ij)) + b_i)`: all units at once, any couplings, no limit on
/// `s`.
///
/// With symmetric couplings and no delay this is the free phase of a Cohen-Grossberg network. Delays leave its
/// equilibria where they are, but can make them unstable.
#[derive(Clone, Debug, PartialEq)]
pub struct Delayed {
    weights: Matrix,
    bias: Vec<f64>,
    delays: Delays,
    leak: f64,
    activation: Activation,
}

impl Delayed {
    /// A network with couplings `weights` (to, from), a constant current `bias` into each unit, and leak `a` in
    /// `(0, 1]`.
    ///
    /// # Errors
    /// If the shapes do not fit together.
    pub fn new(
        weights: Matrix,
        bias: Vec<f64>,
        delays: Delays,
        leak: f64,
        activation: Activation,
    ) -> Result<Self, ShapeError> {
        let n = bias.len();
        if weights.shape() != (n, n) {
            let (rows, columns) = weights.shape();
            return Err(ShapeError(format!("{rows} x {columns} couplings for {n} units")));
        }
        if let Delays::PerPair(rows) = &delays
            && (rows.len() != n || rows.iter().any(|row| row.len() != n))
        {
            return Err(ShapeError(format!("delays must be a matrix of {n} x {n}")));
        }
        Ok(Self { weights, bias, delays, leak, activation })
    }

    /// The free phase of a Cohen-Grossberg network with `input` clamped, its free units' couplings now late.
    ///
    /// # Errors
    /// If the delays do not fit the network.
    pub fn from_network<N: EnergyNetwork>(
        network: &N,
        input: &[f64],
        delays: Delays,
    ) -> Result<Self, ShapeError> {
        let neuron = network.neuron();
        let constant = network.constant_drive(input);
        Self::new(network.couplings(), constant, delays, neuron.step_size, neuron.activation)
    }

    /// States 0 to `steps` from `start`, which was also the state at all times before.
    ///
    /// # Panics
    /// If the length of `start` does not fit the network.
    pub fn simulate(&self, start: &[f64], steps: usize) -> Vec<Vec<f64>> {
        let mut states = vec![start.to_vec()];
        self.extend(&mut states, steps, |_, _, _| {});
        states
    }

    /// Appends `steps` states to a run. The last of `states` is the present, and before the first of them the state
    /// was the first. `nudge(k, state, drives)` may change the drives of step `k`, which starts from `state` and is
    /// the `k`-th of these steps, from 0: what it adds enters as a current does, and is not delayed.
    ///
    /// # Panics
    /// If there is no state, or one that does not fit the network.
    pub fn extend(
        &self,
        states: &mut Vec<Vec<f64>>,
        steps: usize,
        mut nudge: impl FnMut(usize, &[f64], &mut [f64]),
    ) {
        assert!(!states.is_empty(), "a run has a state to start from");
        assert!(states.iter().all(|s| s.len() == self.bias.len()), "one value for each unit");
        let mut activities: Vec<Vec<f64>> = states.iter().map(|state| self.activity(state)).collect();
        for k in 0..steps {
            let state = &states[states.len() - 1];
            let mut drives = self.drives(&activities);
            nudge(k, state, &mut drives);
            let moved = state.iter().zip(&drives).map(|(s, drive)| (1.0 - self.leak) * s + self.leak * drive);
            let next: Vec<f64> = moved.collect();
            activities.push(self.activity(&next));
            states.push(next);
        }
    }

    /// `sum_j W_ij rho(s_j(t - D_ij)) + b_i` now, given the activities of all times up to now.
    fn drives(&self, activities: &[Vec<f64>]) -> Vec<f64> {
        let heard = |to: usize, from: usize| activities[self.heard_at(activities.len() - 1, to, from)][from];
        let drive = |i: usize| {
            (0..self.bias.len()).fold(self.bias[i], |drive, j| drive + self.weights[(i, j)] * heard(i, j))
        };
        (0..self.bias.len()).map(drive).collect()
    }

    /// The time whose activity of unit `from` is part of the drive of unit `to` at time `now`.
    pub(crate) fn heard_at(&self, now: usize, to: usize, from: usize) -> usize {
        now.saturating_sub(self.delays.between(to, from))
    }

    /// The equilibrium that the network would settle in from `start` without delays and in continuous time. Delays
    /// and leak do not move it, so it is the equilibrium of the delayed network too, stable or not.
    ///
    /// # Errors
    /// If even that network does not settle.
    pub fn fixed_point(&self, start: &[f64]) -> Result<Vec<f64>, NotSettled> {
        // Small steps find the basin; Newton's method then takes the last digits, which it does in a few iterations.
        let (gentle_step, near, limit) = (0.02, 1e-9, 200_000);
        let mut state = start.to_vec();
        let mut change = f64::INFINITY;
        for _ in 0..limit {
            let force = self.force(&state);
            change = force.iter().fold(0.0, |largest: f64, f| largest.max(gentle_step * f.abs()));
            state.iter_mut().zip(&force).for_each(|(s, f)| *s += gentle_step * f);
            if change < near {
                return self.polish(&state).ok_or(NotSettled { steps: limit, last_change: change });
            }
        }
        Err(NotSettled { steps: limit, last_change: change })
    }

    /// Newton's method for `W rho(s) + b - s = 0` from a state close by; `None` if it leaves the neighbourhood.
    fn polish(&self, near: &[f64]) -> Option<Vec<f64>> {
        let mut state = near.to_vec();
        for _ in 0..8 {
            let jacobian = self.linearise(&state).jacobian - Matrix::identity(state.len(), state.len());
            let force = nalgebra::DVector::from_vec(self.force(&state));
            let correction = jacobian.lu().solve(&force)?;
            state.iter_mut().zip(correction.iter()).for_each(|(s, c)| *s -= c);
        }
        (largest_difference(&state, near) < 1e-3).then_some(state)
    }

    /// The network's response to small deviations from `state`.
    pub fn linearise(&self, state: &[f64]) -> Linearisation {
        let mut jacobian = self.weights.clone();
        for (mut column, s) in jacobian.column_iter_mut().zip(state) {
            column *= self.activation.slope(*s);
        }
        Linearisation { jacobian, leak: self.leak }
    }

    /// The delays.
    pub fn delays(&self) -> &Delays {
        &self.delays
    }

    /// `W_ij`, (to, from).
    pub fn weights(&self) -> &Matrix {
        &self.weights
    }

    /// `b`, the constant current into each unit.
    pub fn bias(&self) -> &[f64] {
        &self.bias
    }

    /// `a`, the leak per step.
    pub fn leak(&self) -> f64 {
        self.leak
    }

    /// `rho`.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// `W rho(s) + b - s`.
    fn force(&self, state: &[f64]) -> Vec<f64> {
        let mut force = multiply(&self.weights, &self.activity(state));
        add(&mut force, &self.bias);
        force.iter_mut().zip(state).for_each(|(f, s)| *f -= s);
        force
    }

    /// `rho(s)` of every unit.
    pub fn activity(&self, state: &[f64]) -> Vec<f64> {
        state.iter().map(|s| self.activation.value(*s)).collect()
    }
}
