//! One network with its inputs clamped and its nudge set: the map from one state to the next, and its derivatives.

use crate::network::add;
use crate::{EnergyNetwork, Matrix, Sample};

/// A network in one phase. The drive of biases and inputs is computed once, as it cannot change within a phase.
pub(crate) struct Dynamics<'a, N> {
    pub(crate) network: &'a N,
    sample: Sample<'a>,
    beta: f64,
    constant: Vec<f64>,
}

/// The derivative of one step at one state, in the pieces that its products need.
pub(crate) struct StepSlope {
    /// `a`, or 0 for a unit whose new state was limited by its range.
    open: Vec<f64>,
    /// `d(force_i)/du_i` but for the couplings.
    own: Vec<f64>,
    /// `g(u)`.
    pub(crate) gain: Vec<f64>,
    /// `rho'(u)`.
    activity_slope: Vec<f64>,
}

impl<'a, N: EnergyNetwork> Dynamics<'a, N> {
    pub(crate) fn new(network: &'a N, sample: Sample<'a>, beta: f64) -> Self {
        assert_eq!(sample.target.len(), network.outputs().len(), "one target for each output unit");
        Self { network, sample, beta, constant: network.constant_drive(sample.input) }
    }

    /// The sum of drives into each unit, biases and inputs included.
    pub(crate) fn drive(&self, state: &[f64]) -> Vec<f64> {
        let mut drive = self.network.couple(&self.network.activity(state));
        add(&mut drive, &self.constant);
        drive
    }

    /// `-u + g(u) drive - beta n(u)`: zero at an equilibrium, but for units that press against their range.
    pub(crate) fn force(&self, state: &[f64]) -> Vec<f64> {
        let neuron = self.network.neuron();
        let mut force = self.drive(state);
        for (f, u) in force.iter_mut().zip(state) {
            *f = neuron.gain(*u) * *f - u;
        }
        for (unit, d) in self.network.outputs().zip(self.sample.target) {
            force[unit] -= self.beta * neuron.error(state[unit], *d);
        }
        force
    }

    /// The state one step later. All units move at once, from the old state (Jacobi).
    pub(crate) fn next(&self, state: &[f64]) -> Vec<f64> {
        let neuron = self.network.neuron();
        let (low, high) = neuron.range;
        let force = self.force(state);
        state.iter().zip(&force).map(|(u, f)| (u + neuron.step_size * f).clamp(low, high)).collect()
    }

    /// The derivative of [`Dynamics::next`] at `state`. A unit that lands exactly on its limit counts as free.
    pub(crate) fn slope(&self, state: &[f64]) -> StepSlope {
        let neuron = self.network.neuron();
        let (low, high) = neuron.range;
        let landed = state.iter().zip(self.force(state)).map(|(u, f)| u + neuron.step_size * f);
        let is_free = |v: f64| (low..=high).contains(&v);
        let open = landed.map(|v| if is_free(v) { neuron.step_size } else { 0.0 }).collect();
        let drive = self.drive(state);
        let mut own: Vec<f64> =
            state.iter().zip(&drive).map(|(u, d)| neuron.gain_slope(*u) * d - 1.0).collect();
        for unit in self.network.outputs() {
            own[unit] -= self.beta * neuron.error_slope(state[unit]);
        }
        let gain = state.iter().map(|u| neuron.gain(*u)).collect();
        let activity_slope = state.iter().map(|u| neuron.activation.slope(*u)).collect();
        StepSlope { open, own, gain, activity_slope }
    }

    /// `dC/du`, zero but for the outputs.
    pub(crate) fn cost_slope(&self, state: &[f64]) -> Vec<f64> {
        self.at_outputs(|u, d| self.network.neuron().cost_slope(u, d), state)
    }

    /// `n(u)`, zero but for the outputs.
    pub(crate) fn error(&self, state: &[f64]) -> Vec<f64> {
        self.at_outputs(|u, d| self.network.neuron().error(u, d), state)
    }

    fn at_outputs(&self, f: impl Fn(f64, f64) -> f64, state: &[f64]) -> Vec<f64> {
        let mut result = vec![0.0; state.len()];
        for (unit, d) in self.network.outputs().zip(self.sample.target) {
            result[unit] = f(state[unit], *d);
        }
        result
    }
}

impl StepSlope {
    /// Whether each unit was free to move, not held by its range.
    pub(crate) fn free_units(&self) -> Vec<usize> {
        (0..self.open.len()).filter(|i| self.open[*i] > 0.0).collect()
    }

    /// What a gradient with respect to the new state is with respect to the forces: `a` times it at free units.
    pub(crate) fn through_step(&self, adjoint: &[f64]) -> Vec<f64> {
        self.open.iter().zip(adjoint).map(|(o, l)| o * l).collect()
    }

    /// The product of the step's derivative with a change of the state (forward).
    pub(crate) fn forward<N: EnergyNetwork>(&self, network: &N, change: &[f64]) -> Vec<f64> {
        let activity: Vec<f64> = self.activity_slope.iter().zip(change).map(|(s, c)| s * c).collect();
        let coupled = network.couple(&activity);
        let force = (0..change.len()).map(|i| self.own[i] * change[i] + self.gain[i] * coupled[i]);
        // A unit held by its range forgets where it was; the others keep their state and add a times the force.
        let kept = self.open.iter().zip(change).map(|(o, c)| if *o > 0.0 { *c } else { 0.0 });
        kept.zip(self.open.iter().zip(force)).map(|(k, (o, f))| k + o * f).collect()
    }

    /// The product of the transposed derivative with a gradient with respect to the new state (backward).
    pub(crate) fn backward<N: EnergyNetwork>(&self, network: &N, adjoint: &[f64]) -> Vec<f64> {
        let force = self.through_step(adjoint);
        let driven: Vec<f64> = force.iter().zip(&self.gain).map(|(f, g)| f * g).collect();
        let coupled = network.couple(&driven);
        let kept = self.open.iter().zip(adjoint).map(|(o, l)| if *o > 0.0 { *l } else { 0.0 });
        let own = (0..adjoint.len()).map(|i| self.own[i] * force[i] + self.activity_slope[i] * coupled[i]);
        kept.zip(own).map(|(k, o)| k + o).collect()
    }

    /// The derivative of the forces, `d(force_i)/du_j`, over all units.
    pub(crate) fn force_jacobian<N: EnergyNetwork>(&self, network: &N) -> Matrix {
        let mut jacobian = network.couplings();
        for i in 0..self.own.len() {
            for j in 0..self.own.len() {
                jacobian[(i, j)] *= self.gain[i] * self.activity_slope[j];
            }
            jacobian[(i, i)] += self.own[i];
        }
        jacobian
    }
}
