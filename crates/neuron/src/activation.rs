//! From a state to an activity: rho(u).

use equipoise_base::number::Wire;
use equipoise_base::{Number, Rounding, choice};

choice! {
    /// The response function rho of a rate neuron.
    pub enum Activation {
        /// rho(u) = u clipped to [0, 1].
        HardSigmoid = "hard_sigmoid",
        /// rho(u) = 1 / (1 + exp(-(4u - 2))): slope one at u = 1/2, like the hard sigmoid.
        Logistic = "logistic",
        /// rho(u) = tanh(u): signed activities, which cost an analog array two reads or bipolar drivers.
        Tanh = "tanh",
    }
}

impl Activation {
    /// Writes rho of every `state` at the full width of the format.
    ///
    /// The hard sigmoid is exact. The others are evaluated in `f64` by crate `libm` (the same bits on every
    /// machine) and rounded to nearest: the error is at most half an LSB plus 1e-15.
    pub(crate) fn respond<N: Number>(self, state: &[N], rho: &mut [N]) {
        let pairs = rho.iter_mut().zip(state);
        match self {
            Self::HardSigmoid => clip(state, rho),
            Self::Logistic => pairs.for_each(|(rho, &u)| {
                *rho = N::nearest(1.0 / (1.0 + libm::exp(2.0 - 4.0 * u.value())));
            }),
            Self::Tanh => pairs.for_each(|(rho, &u)| *rho = N::nearest(libm::tanh(u.value()))),
        }
    }

    /// An integral R of rho, 0 at u = 0 (for the logistic at minus infinity): costs are known up to a constant.
    pub(crate) fn integral(self, u: f64) -> f64 {
        match self {
            Self::HardSigmoid => {
                let rho = u.clamp(0.0, 1.0);
                0.5 * rho * rho + (u - 1.0).max(0.0)
            }
            // ln(1 + e^v) / 4 with v = 4u - 2, and ln cosh u, both written so that a large u cannot overflow.
            Self::Logistic => {
                let v = 4.0 * u - 2.0;
                0.25 * (v.max(0.0) + libm::log1p(libm::exp(-v.abs())))
            }
            Self::Tanh => u.abs() + libm::log1p(libm::exp(-2.0 * u.abs())) - std::f64::consts::LN_2,
        }
    }

    /// rho'(u), from `rho` = rho(u): 4 rho (1 - rho) for the logistic, 1 - rho^2 for tanh, rounded once to
    /// nearest; `None` for the hard sigmoid, whose slope is one on its closed interval.
    pub(crate) fn slope<N: Number>(self, rho: N) -> Option<N> {
        let (rho, one) = (i128::from(rho.raw()), i128::from(N::one_raw()));
        let product = match self {
            Self::HardSigmoid => return None,
            Self::Logistic => 4 * rho * (one - rho),
            Self::Tanh => one * one - rho * rho,
        };
        Some(N::from_raw(Rounding::Nearest.shift_wide(product, N::FRACTION) as i64))
    }
}

/// The hard sigmoid of every `state`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn clip<N: Number>(state: &[N], rho: &mut [N]) {
    for (rho, u) in rho.iter_mut().zip(state) {
        *rho = N::from_raw(u.raw().clamp(0, N::one_raw()));
    }
}

/// Writes the word on the wire of every `rho`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn to_wire<N: Number>(words: Wire, rho: &[N], wire: &mut [N]) {
    for (wire, &rho) in wire.iter_mut().zip(rho) {
        *wire = words.carry(rho);
    }
}
