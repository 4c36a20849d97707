//! What one unit does with its drive: the flow, the nudge, and the energy and cost these belong to.

use crate::Activation;

/// Which gradient flow the units follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// `du/dt = -dF/du`: the drive is multiplied by `rho'(u)` (Scellier and Bengio 2017).
    Scellier,
    /// `du/dt = -dF/drho`: the drive enters as it is (Cohen and Grossberg 1983). Cheaper in hardware.
    CohenGrossberg,
}

/// What the nudge compares with the target `d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostOn {
    /// The nudge is `beta (d - u)`.
    State,
    /// The nudge is `beta (d - rho(u))`.
    Activity,
}

/// The rule of every unit:
/// `u <- clip(u + a (-u + g(u) drive - beta n(u)))` with `g = rho'(u)` or 1, and `n = u - d` or `rho(u) - d`
/// at output units (0 elsewhere).
///
/// The nudge defines the cost that EP differentiates, not the other way round: [`Neuron::cost`] is the function
/// whose gradient, in the flow's own metric, is `n`. It is the squared error for the two usual pairs
/// (Scellier with the state, Cohen-Grossberg with the activity); see there for the other two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neuron {
    /// `rho`.
    pub activation: Activation,
    /// `g`.
    pub flow: Flow,
    /// `n`.
    pub cost_on: CostOn,
    /// `a`, the share of the way to its drive that a unit goes in one step: in `(0, 1]`.
    pub step_size: f64,
    /// Least and greatest value of `u`; each step ends with this limit.
    pub range: (f64, f64),
}

impl Neuron {
    /// Scellier's flow with the cost on the state. `u` is kept in `[0, 1]` where `rho` is piecewise linear.
    pub fn scellier(activation: Activation, step_size: f64) -> Self {
        let range = match activation {
            Activation::HardSigmoid | Activation::ClippedIdentity => (0.0, 1.0),
            Activation::Logistic | Activation::Tanh => Self::REGISTER_RANGE,
        };
        Self { activation, flow: Flow::Scellier, cost_on: CostOn::State, step_size, range }
    }

    /// The Cohen-Grossberg flow with the cost on the activity: the chip's default.
    pub fn cohen_grossberg(activation: Activation, step_size: f64) -> Self {
        let range = match activation {
            Activation::ClippedIdentity => (0.0, 1.0),
            _ => Self::REGISTER_RANGE,
        };
        Self { activation, flow: Flow::CohenGrossberg, cost_on: CostOn::Activity, step_size, range }
    }

    /// The range of the chip's state register.
    pub const REGISTER_RANGE: (f64, f64) = (-8.0, 8.0);

    /// `g(u)`, the factor before the drive.
    pub fn gain(&self, u: f64) -> f64 {
        match self.flow {
            Flow::Scellier => self.activation.slope(u),
            Flow::CohenGrossberg => 1.0,
        }
    }

    /// `g'(u)`.
    pub fn gain_slope(&self, u: f64) -> f64 {
        match self.flow {
            Flow::Scellier => self.activation.curvature(u),
            Flow::CohenGrossberg => 0.0,
        }
    }

    /// `n(u)`, the error of an output unit with target `d`; the nudge is `-beta n`.
    pub fn error(&self, u: f64, d: f64) -> f64 {
        match self.cost_on {
            CostOn::State => u - d,
            CostOn::Activity => self.activation.value(u) - d,
        }
    }

    /// `n'(u)`.
    pub fn error_slope(&self, u: f64) -> f64 {
        match self.cost_on {
            CostOn::State => 1.0,
            CostOn::Activity => self.activation.slope(u),
        }
    }

    /// A unit's own part of the energy: `u^2 / 2` for Scellier's flow, and the integral of `u drho`,
    /// `u rho(u) - (integral of rho)`, for Cohen-Grossberg.
    pub fn self_energy(&self, u: f64) -> f64 {
        match self.flow {
            Flow::Scellier => 0.5 * u * u,
            Flow::CohenGrossberg => u * self.activation.value(u) - self.activation.integral(u),
        }
    }

    /// The cost of one output unit whose gradient the nudge descends; up to a constant that no parameter moves.
    ///
    /// | flow | cost on state | cost on activity |
    /// |---|---|---|
    /// | Scellier | `(u - d)^2 / 2` | `R(u) - d u` |
    /// | Cohen-Grossberg | `u rho(u) - R(u) - d rho(u)` | `(rho(u) - d)^2 / 2` |
    ///
    /// with `R` the integral of `rho`. The mixed pairs differ from the squared error by a factor `rho'(u)` in the
    /// gradient: EP then learns this matched cost, not the squared error.
    pub fn cost(&self, u: f64, d: f64) -> f64 {
        let rho = self.activation;
        match (self.flow, self.cost_on) {
            (Flow::Scellier, CostOn::State) => 0.5 * (u - d) * (u - d),
            (Flow::Scellier, CostOn::Activity) => rho.integral(u) - d * u,
            (Flow::CohenGrossberg, CostOn::State) => self.self_energy(u) - d * rho.value(u),
            (Flow::CohenGrossberg, CostOn::Activity) => 0.5 * (rho.value(u) - d) * (rho.value(u) - d),
        }
    }

    /// The derivative of [`Neuron::cost`] by `u`.
    pub fn cost_slope(&self, u: f64, d: f64) -> f64 {
        match self.flow {
            Flow::Scellier => self.error(u, d),
            Flow::CohenGrossberg => self.activation.slope(u) * self.error(u, d),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{CostOn, Flow, Neuron};
    use crate::Activation;

    #[test]
    fn the_slope_of_the_cost_belongs_to_the_cost() {
        let (u, d, h) = (0.37, 0.9, 1e-5);
        for activation in [Activation::HardSigmoid, Activation::Logistic, Activation::Tanh] {
            for flow in [Flow::Scellier, Flow::CohenGrossberg] {
                for cost_on in [CostOn::State, CostOn::Activity] {
                    let n = Neuron { activation, flow, cost_on, step_size: 0.5, range: (-8.0, 8.0) };
                    let numeric = (n.cost(u + h, d) - n.cost(u - h, d)) / (2.0 * h);
                    assert!((numeric - n.cost_slope(u, d)).abs() < 1e-9, "{n:?}");
                }
            }
        }
    }

    #[test]
    fn the_cost_on_the_state_of_tanh_units_is_the_published_matched_cost() {
        let n = Neuron { cost_on: CostOn::State, ..Neuron::cohen_grossberg(Activation::Tanh, 0.1) };
        let (u, d) = (0.8_f64, 0.3);
        let expected = u * u.tanh() - u.cosh().ln() - d * u.tanh();
        assert!((n.cost(u, d) - expected).abs() < 1e-15);
    }
}
