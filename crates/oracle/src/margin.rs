//! How far a network is from oscillating, in one look.

use crate::critical_delay::{CriticalDelay, critical_delay};
use crate::eigen::NoEigenvalues;
use crate::stability::{Mode, OperatingPoint};

/// From which delay on a network is unstable, if all its synapses had the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniformDelay {
    /// From this extra delay on (0: already without).
    From(usize),
    /// Not up to this extra delay, the last that was tried.
    NotUpTo(usize),
    /// At none: no eigenvalue of the couplings is large enough.
    Never,
    /// Units that keep different shares of themselves, or too many couplings without symmetry.
    Unknown,
}

/// How far an equilibrium is from oscillating.
#[derive(Clone, Debug, PartialEq)]
pub struct Margin {
    /// The mode that dies out last, or grows, at the network's own delays.
    pub dominant: Mode,
    /// What the same delay for all synapses would do, instead of their own.
    pub uniform: UniformDelay,
    /// The same for the continuous network that small steps approach; `None` where units have different step sizes
    /// or leaks, or where [`UniformDelay::Unknown`].
    pub continuous: Option<CriticalDelay>,
    /// Units whose response changes at this very state: the prediction holds on one side of it only.
    pub on_kink: Vec<usize>,
}

impl Margin {
    /// `|z|` of the dominant mode: what is left of a deviation after a step.
    pub fn spectral_radius(&self) -> f64 {
        self.dominant.radius()
    }

    /// `1 - |z|`: the share of a deviation that a step takes away; below 0 the equilibrium is unstable.
    pub fn margin(&self) -> f64 {
        1.0 - self.dominant.radius()
    }
}

/// The margin of a network near an equilibrium. Uniform delays are tried up to `delay_limit` extra steps.
///
/// # Errors
/// If the dominant mode cannot be found: entries that are not finite, or a large network of unequal delays whose
/// modes lie too close together.
pub fn margin(point: &OperatingPoint, delay_limit: usize) -> Result<Margin, NoEigenvalues> {
    let common = point.equal_delays().ok().flatten();
    let dominant = point.dominant_given(common.as_ref())?;
    let uniform = match &common {
        None => UniformDelay::Unknown,
        Some(common) if common.is_stable_for_every_delay() => UniformDelay::Never,
        Some(common) => {
            common.first_unstable(delay_limit).map_or(UniformDelay::NotUpTo(delay_limit), UniformDelay::From)
        }
    };
    let continuous = match (&common, point.common_leak()) {
        (Some(common), Some(leak)) => {
            let couplings: Vec<_> = common.feeds.iter().map(|feed| feed / leak).collect();
            Some(critical_delay(&couplings))
        }
        _ => None,
    };
    let on_kink = (0..point.units().len()).filter(|unit| point.units()[*unit].is_on_kink).collect();
    Ok(Margin { dominant, uniform, continuous, on_kink })
}
