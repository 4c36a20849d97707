//! Activation functions, with the derivatives and the integral that energies and gradients need.

/// How a unit's state `u` becomes its activity `rho(u)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `rho(u) = u` limited to `[0, 1]`. The slope counts as 1 on the closed interval, so that a unit which
    /// rests exactly on a bound can leave it.
    HardSigmoid,
    /// `rho(u) = 1 / (1 + exp(-(4u - 2)))`: slope 1 at `u = 1/2`, the smooth neighbour of the hard sigmoid.
    Logistic,
    /// `rho(u) = tanh(u)`.
    Tanh,
    /// `rho(u) = u`, with slope 1 everywhere: the limits come from the state, which
    /// [`Neuron`](crate::Neuron) keeps in `[0, 1]`.
    ClippedIdentity,
}

impl Activation {
    /// The activity `rho(u)`.
    pub fn value(self, u: f64) -> f64 {
        match self {
            Self::HardSigmoid => u.clamp(0.0, 1.0),
            Self::Logistic => 1.0 / (1.0 + (2.0 - 4.0 * u).exp()),
            Self::Tanh => u.tanh(),
            Self::ClippedIdentity => u,
        }
    }

    /// The first derivative `rho'(u)`.
    pub fn slope(self, u: f64) -> f64 {
        match self {
            Self::HardSigmoid => f64::from((0.0..=1.0).contains(&u)),
            Self::Logistic => {
                let r = self.value(u);
                4.0 * r * (1.0 - r)
            }
            Self::Tanh => {
                let r = u.tanh();
                1.0 - r * r
            }
            Self::ClippedIdentity => 1.0,
        }
    }

    /// The second derivative `rho''(u)`; 0 for the piecewise linear functions, also at their kinks.
    pub fn curvature(self, u: f64) -> f64 {
        match self {
            Self::HardSigmoid | Self::ClippedIdentity => 0.0,
            Self::Logistic => {
                let r = self.value(u);
                16.0 * r * (1.0 - r) * (1.0 - 2.0 * r)
            }
            Self::Tanh => {
                let r = u.tanh();
                -2.0 * r * (1.0 - r * r)
            }
        }
    }

    /// An integral of `rho` from a fixed point (0 for all but the logistic, where it is minus infinity) to `u`.
    /// Only differences of energies matter, so the constant is free.
    pub fn integral(self, u: f64) -> f64 {
        match self {
            Self::HardSigmoid => {
                let r = u.clamp(0.0, 1.0);
                0.5 * r * r + (u - 1.0).max(0.0)
            }
            // ln(1 + e^v) / 4 with v = 4u - 2, written so that a large v cannot overflow.
            Self::Logistic => {
                let v = 4.0 * u - 2.0;
                0.25 * (v.max(0.0) + (-v.abs()).exp().ln_1p())
            }
            // ln cosh u, likewise.
            Self::Tanh => u.abs() + (-2.0 * u.abs()).exp().ln_1p() - std::f64::consts::LN_2,
            Self::ClippedIdentity => 0.5 * u * u,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Activation::{self, ClippedIdentity, HardSigmoid, Logistic, Tanh};

    /// Central difference with an error of order h^2.
    fn difference(f: impl Fn(f64) -> f64, u: f64) -> f64 {
        let h = 1e-5;
        (f(u + h) - f(u - h)) / (2.0 * h)
    }

    #[test]
    fn each_derivative_and_the_integral_belong_to_the_same_function() {
        // The points avoid the kinks of the hard sigmoid at 0 and 1.
        for activation in [HardSigmoid, Logistic, Tanh, ClippedIdentity] {
            for u in [-3.0, -0.4, 0.3, 0.7, 1.6, 4.0] {
                let pairs = [
                    (difference(|v| activation.integral(v), u), activation.value(u)),
                    (difference(|v| activation.value(v), u), activation.slope(u)),
                    (difference(|v| activation.slope(v), u), activation.curvature(u)),
                ];
                for (numeric, exact) in pairs {
                    assert!(
                        (numeric - exact).abs() < 1e-8,
                        "{activation:?} at {u}: {numeric} against {exact}"
                    );
                }
            }
        }
    }

    #[test]
    fn hand_worked_values() {
        let cases: [(Activation, f64, f64); 6] = [
            (HardSigmoid, -0.2, 0.0),
            (HardSigmoid, 1.2, 1.0),
            (Logistic, 0.5, 0.5),
            (Logistic, 0.75, 1.0 / (1.0 + (-1.0_f64).exp())),
            (Tanh, 0.0, 0.0),
            (ClippedIdentity, 0.25, 0.25),
        ];
        for (activation, u, expected) in cases {
            assert!((activation.value(u) - expected).abs() < 1e-15);
        }
        assert_eq!(
            (HardSigmoid.slope(0.0), HardSigmoid.slope(1.0), HardSigmoid.slope(1.01)),
            (1.0, 1.0, 0.0)
        );
    }
}
