//! Rate units of any rule, joined by a list of synapses: what the free phase of any rate network on a chip is.

use crate::stability::{OperatingPoint, Unit};
use crate::{CostOn, Delayed, Flow, Neuron, NotSettled, ShapeError};

/// One synapse in one direction; a symmetric one is two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Synapse {
    /// The unit that is driven.
    pub to: usize,
    /// The unit that drives.
    pub from: usize,
    /// Extra delay in steps: 0 reads the present state, which is a chip's delay of one step.
    pub delay: usize,
    /// Weight.
    pub weight: f64,
}

/// What pulls an output unit in a nudged phase: `-beta n(u)` of [`Neuron`], which looks at the unit's present state.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pull {
    /// Strength, with the sign of the phase; 0 pulls nowhere.
    pub beta: f64,
    /// What the unit is pulled toward (away from, where beta is negative).
    pub target: f64,
}

/// Units that need not be alike, with a constant current each (bias and clamped inputs together) and synapses of any
/// direction and delay, also several between the same two.
#[derive(Clone, Debug, PartialEq)]
pub struct RateNetwork {
    units: Vec<Neuron>,
    current: Vec<f64>,
    synapses: Vec<Synapse>,
    /// One for each unit; empty in a free phase.
    pulls: Vec<Pull>,
}

impl RateNetwork {
    /// A network of these units, the constant current into each, and these synapses.
    ///
    /// # Errors
    /// If there is not one current per unit, or a synapse names a unit that is not there.
    pub fn new(units: Vec<Neuron>, current: Vec<f64>, synapses: Vec<Synapse>) -> Result<Self, ShapeError> {
        let n = units.len();
        if current.len() != n {
            return Err(ShapeError(format!("{} currents for {n} units", current.len())));
        }
        if let Some(synapse) = synapses.iter().find(|s| s.to >= n || s.from >= n) {
            return Err(ShapeError(format!("a synapse {} -> {} among {n} units", synapse.from, synapse.to)));
        }
        Ok(Self { units, current, synapses, pulls: Vec::new() })
    }

    /// The same network in a nudged phase.
    ///
    /// # Errors
    /// If there is not one pull for each unit.
    pub fn nudged(self, pulls: Vec<Pull>) -> Result<Self, ShapeError> {
        if pulls.len() != self.units.len() {
            return Err(ShapeError(format!("{} pulls for {} units", pulls.len(), self.units.len())));
        }
        Ok(Self { pulls, ..self })
    }

    /// The state in which the network settles from `start` if no synapse is late. Delays do not move it, so it is an
    /// equilibrium of the delayed network too, stable or not. Where the units' own steps do not settle, steps of a
    /// fifth and of a twenty-fifth are tried: they follow the continuous flow more closely.
    ///
    /// # Errors
    /// If the smallest steps do not settle either.
    ///
    /// # Panics
    /// If there is not one start value per unit.
    pub fn equilibrium(&self, start: &[f64]) -> Result<Vec<f64>, NotSettled> {
        assert_eq!(start.len(), self.units.len(), "one start value for each unit");
        let (limit, tolerance) = (10_000, 1e-13);
        let mut last_change = f64::INFINITY;
        for share in [1.0, 0.2, 0.04] {
            let mut state = start.to_vec();
            for _ in 0..limit {
                let force = self.force(&state);
                last_change = 0.0;
                for ((u, unit), f) in state.iter_mut().zip(&self.units).zip(&force) {
                    let next = (*u + share * unit.step_size * f).clamp(unit.range.0, unit.range.1);
                    last_change = f64::max(last_change, (next - *u).abs() / share);
                    *u = next;
                }
                if last_change <= tolerance {
                    return Ok(state);
                }
            }
        }
        Err(NotSettled { steps: 3 * limit, last_change })
    }

    /// The network's response to small deviations from `state`.
    ///
    /// # Panics
    /// If there is not one value per unit.
    pub fn at(&self, state: &[f64]) -> OperatingPoint {
        assert_eq!(state.len(), self.units.len(), "one value for each unit");
        let drive = self.drive(state);
        let at = |i: usize| Unit::at(&self.units[i], state[i], drive[i], self.pull(i));
        OperatingPoint::new((0..state.len()).map(at).collect(), self.synapses.clone())
    }

    fn pull(&self, unit: usize) -> Pull {
        self.pulls.get(unit).copied().unwrap_or_default()
    }

    fn drive(&self, state: &[f64]) -> Vec<f64> {
        let activity: Vec<f64> = state.iter().zip(&self.units).map(|(u, n)| n.activation.value(*u)).collect();
        let mut drive = self.current.clone();
        self.synapses.iter().for_each(|s| drive[s.to] += s.weight * activity[s.from]);
        drive
    }

    fn force(&self, state: &[f64]) -> Vec<f64> {
        let mut force = self.drive(state);
        for (i, ((f, u), unit)) in force.iter_mut().zip(state).zip(&self.units).enumerate() {
            let Pull { beta, target } = self.pull(i);
            *f = unit.gain(*u) * *f - u - beta * unit.error(*u, target);
        }
        force
    }
}

impl From<&Delayed> for RateNetwork {
    fn from(network: &Delayed) -> Self {
        let n = network.bias().len();
        let unit = Neuron {
            activation: network.activation(),
            flow: Flow::CohenGrossberg,
            cost_on: CostOn::Activity,
            step_size: network.leak(),
            range: (f64::NEG_INFINITY, f64::INFINITY),
        };
        let between = |to: usize, from: usize| Synapse {
            to,
            from,
            delay: network.delays().between(to, from),
            weight: network.weights()[(to, from)],
        };
        let all = (0..n).flat_map(|to| (0..n).map(move |from| (to, from)));
        let synapses = all.map(|(to, from)| between(to, from)).filter(|s| s.weight != 0.0).collect();
        Self { units: vec![unit; n], current: network.bias().to_vec(), synapses, pulls: Vec::new() }
    }
}
