//! A network of rate units near one of its states: what each unit passes on of a small deviation.

use crate::eigen::{self, NoEigenvalues};
use crate::linear_steps::{Feed, LinearSteps};
use crate::stability::{Mode, largest};
use crate::{Activation, Matrix, Neuron, Pull, Synapse, krylov, trinomial};
use nalgebra::Complex;

/// Up to the first order all eigenvalues of the companion matrix are computed; up to the second, where the Krylov
/// method does not resolve them: its rings can make the QR iteration stand still.
const DENSE_COMPANION: [usize; 2] = [100, 400];
/// Up to this many units all eigenvalues of couplings without symmetry are computed ...
const DENSE_COUPLINGS: usize = 400;
/// ... and of symmetric couplings.
const DENSE_SYMMETRIC: usize = 3_000;

/// States this close to a kink count as on it.
const KINK: f64 = 1e-6;

/// One unit near its state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// The share of its own deviation that is left after a step.
    pub keep: f64,
    /// What a change of its drive adds to it: `a g(u)`, or 0 if its range holds it.
    pub gain: f64,
    /// `rho'(u)`: what its axon passes on, or 0 if its range holds it.
    pub slope: f64,
    /// Whether the unit's response changes at this very state (a bound of the hard sigmoid, or a range that just
    /// begins to hold): the linearisation is then right on one side only.
    pub is_on_kink: bool,
    /// `a`.
    pub step_size: f64,
}

impl Unit {
    /// A unit of this rule with state `u`, this drive and this pull.
    pub(crate) fn at(neuron: &Neuron, u: f64, drive: f64, Pull { beta, target }: Pull) -> Self {
        let (step_size, (low, high)) = (neuron.step_size, neuron.range);
        let force = neuron.gain(u) * drive - u - beta * neuron.error(u, target);
        let landed = u + step_size * force;
        let is_at_bound = |bound: f64| (u - bound).abs() < KINK;
        let just_held = (is_at_bound(low) || is_at_bound(high)) && force.abs() < KINK;
        if (landed < low || landed > high) && !just_held {
            return Self { keep: 0.0, gain: 0.0, slope: 0.0, is_on_kink: false, step_size };
        }
        let bends = neuron.activation == Activation::HardSigmoid;
        Self {
            keep: 1.0 + step_size * (neuron.gain_slope(u) * drive - 1.0 - beta * neuron.error_slope(u)),
            gain: step_size * neuron.gain(u),
            slope: neuron.activation.slope(u),
            is_on_kink: just_held || bends && (is_at_bound(0.0) || is_at_bound(1.0)),
            step_size,
        }
    }
}

/// A network near a state; [`RateNetwork::at`](crate::RateNetwork::at) makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct OperatingPoint {
    units: Vec<Unit>,
    synapses: Vec<Synapse>,
}

/// The case that every unit keeps the same share of itself and every synapse takes the same time: the modes then
/// follow from the eigenvalues of one matrix.
pub(crate) struct Common {
    /// The share.
    pub keep: f64,
    /// Eigenvalues of `gain_i W_ij slope_j`.
    pub feeds: Vec<Complex<f64>>,
}

impl OperatingPoint {
    pub(crate) fn new(units: Vec<Unit>, synapses: Vec<Synapse>) -> Self {
        Self { units, synapses }
    }

    /// The units.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The mode with the greatest `|z|` for the network's own delays.
    ///
    /// Equal delays between equal units are solved per eigenvalue of the couplings, all of them where these are
    /// symmetric or few; small networks by the eigenvalues of the whole companion matrix; the rest by a Krylov method
    /// on it, which stores no matrix.
    ///
    /// # Errors
    /// If the eigenvalues cannot be found.
    pub fn dominant(&self) -> Result<Mode, NoEigenvalues> {
        let (_, core) = self.steps().isolated();
        let common = if core.common_delay().is_some() { self.common(&core).ok().flatten() } else { None };
        self.dominant_given(common.as_ref())
    }

    /// The same, with what [`OperatingPoint::equal_delays`] has found already.
    pub(crate) fn dominant_given(&self, common: Option<&Common>) -> Result<Mode, NoEigenvalues> {
        let (alone, core) = self.steps().isolated();
        let alone = largest(alone.into_iter().map(|keep| Complex::new(keep, 0.0)));
        let together = match (core.common_delay(), common) {
            (Some(delay), Some(common)) => common.dominant(delay),
            _ => of_unequal_delays(&core)?,
        };
        Ok(if alone.radius() > together.radius() { alone } else { together })
    }

    /// The eigenvalues that decide for equal delays, whatever the network's own are; `None` where units keep
    /// different shares.
    pub(crate) fn equal_delays(&self) -> Result<Option<Common>, NoEigenvalues> {
        self.common(&self.steps().isolated().1)
    }

    /// Whether all units have the same step size, and keep `1 - a` of themselves unless nothing reaches them.
    pub(crate) fn common_leak(&self) -> Option<f64> {
        let mut moving = self.units.iter().filter(|unit| unit.gain != 0.0).peekable();
        let leak = moving.peek()?.step_size;
        moving.all(|unit| unit.step_size == leak && unit.keep == 1.0 - leak).then_some(leak)
    }

    fn common(&self, core: &LinearSteps) -> Result<Option<Common>, NoEigenvalues> {
        if core.is_empty() {
            return Ok(Some(Common { keep: 0.0, feeds: Vec::new() }));
        }
        let Some(keep) = core.common_keep() else { return Ok(None) };
        let matrix = self.response_of(core.names());
        let size = matrix.nrows();
        if size <= DENSE_SYMMETRIC && matrix == matrix.transpose() {
            let finite = matrix.iter().all(|entry| entry.is_finite());
            let values =
                if finite { matrix.symmetric_eigenvalues() } else { return Err(NoEigenvalues { size }) };
            return Ok(Some(Common { keep, feeds: values.iter().map(|v| Complex::new(*v, 0.0)).collect() }));
        }
        if size > DENSE_COUPLINGS {
            return Err(NoEigenvalues { size });
        }
        Ok(Some(Common { keep, feeds: eigen::eigenvalues(&matrix)? }))
    }

    /// A matrix with the eigenvalues of `gain_i W_ij slope_j` among these units: with `P_i = gain_i slope_i`, it is
    /// `sqrt(P_i) W_ij sqrt(P_j)`, which is as symmetric as W.
    fn response_of(&self, units: &[usize]) -> Matrix {
        let mut place = vec![None; self.units.len()];
        units.iter().enumerate().for_each(|(row, unit)| place[*unit] = Some(row));
        let root = |unit: usize| (self.units[unit].gain * self.units[unit].slope).sqrt();
        let mut matrix = Matrix::zeros(units.len(), units.len());
        for synapse in &self.synapses {
            if let (Some(row), Some(column)) = (place[synapse.to], place[synapse.from]) {
                // In this order, so that equal weights stay equal to the last bit.
                matrix[(row, column)] += root(synapse.to) * root(synapse.from) * synapse.weight;
            }
        }
        matrix
    }

    fn steps(&self) -> LinearSteps {
        let feed = |s: &Synapse| Feed {
            to: s.to,
            from: s.from,
            delay: s.delay,
            feed: self.units[s.to].gain * s.weight * self.units[s.from].slope,
        };
        let feeds = self.synapses.iter().map(feed).filter(|f| f.feed != 0.0).collect();
        LinearSteps::new(self.units.iter().map(|unit| unit.keep).collect(), feeds)
    }
}

fn of_unequal_delays(core: &LinearSteps) -> Result<Mode, NoEigenvalues> {
    let [first, second] = DENSE_COMPANION;
    let of_all = || Ok(largest(eigen::eigenvalues(&core.companion())?));
    let of_some = |patience| Ok(Mode { factor: krylov::dominant(core, patience)? });
    match core.order() {
        order if order <= first => of_all().or_else(|_: NoEigenvalues| of_some(4_000)),
        order if order <= second => of_some(4_000).or_else(|_: NoEigenvalues| of_all()),
        _ => of_some(40_000),
    }
}

impl Common {
    /// The dominant mode for this extra delay of all synapses.
    ///
    /// Of real eigenvalues three suffice. As a positive one grows, its greatest root grows. As a negative one grows in
    /// size, its greatest root first shrinks from `keep` and then grows: it is greatest at one of the two ends.
    pub(crate) fn dominant(&self, delay: usize) -> Mode {
        largest(self.deciding().into_iter().flat_map(|feed| trinomial::roots(self.keep, feed, delay)))
    }

    /// The same eigenvalues without those that cannot be the dominant one at any delay.
    fn deciding(&self) -> Vec<Complex<f64>> {
        let (real, mut deciding): (Vec<_>, Vec<_>) = self.feeds.iter().partition(|feed| feed.im == 0.0);
        let real: Vec<f64> = real.into_iter().map(|feed: Complex<f64>| feed.re).collect();
        let least = real.iter().copied().reduce(f64::min);
        let greatest = real.iter().copied().reduce(f64::max);
        let smallest_negative = real.iter().copied().filter(|v| *v < 0.0).reduce(f64::max);
        let ends = [least, greatest, smallest_negative];
        deciding.extend(ends.into_iter().flatten().map(|value| Complex::new(value, 0.0)));
        deciding
    }

    /// The first extra delay, 0 to `limit`, at which a mode grows.
    pub(crate) fn first_unstable(&self, limit: usize) -> Option<usize> {
        (0..=limit).find(|delay| self.dominant(*delay).is_unstable())
    }

    /// Whether no delay at all makes a mode grow: a root with `|z| >= 1` needs
    /// `|feed| = |z|^d |z - keep| >= 1 - keep`.
    pub(crate) fn is_stable_for_every_delay(&self) -> bool {
        self.keep < 1.0 && self.feeds.iter().all(|feed| feed.norm() < 1.0 - self.keep)
    }
}

#[cfg(test)]
mod tests {
    use super::Common;
    use crate::stability::largest;
    use crate::trinomial;
    use nalgebra::Complex;

    #[test]
    fn three_of_the_real_eigenvalues_decide() {
        for keep in [0.0, 0.5, 0.75, 0.9, 0.95] {
            for spread in [0.02, 0.3, 1.0, 3.0] {
                let feed = |k: usize| (k as f64 / 20.0 - 1.0) * spread * (1.0 - keep);
                let feeds: Vec<_> = (0..=32).map(|k| Complex::new(feed(k), 0.0)).collect();
                let common = Common { keep, feeds: feeds.clone() };
                assert_eq!(common.deciding().len(), 3);
                for delay in 0..24 {
                    let of_all = largest(feeds.iter().flat_map(|feed| trinomial::roots(keep, *feed, delay)));
                    let found = common.dominant(delay);
                    // A double root is found to half the digits, by either.
                    assert!((found.radius() - of_all.radius()).abs() < 1e-7, "{keep} {spread} {delay}");
                }
            }
        }
    }
}
