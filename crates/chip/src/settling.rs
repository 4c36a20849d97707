//! Has a phase settled?
//!
//! A noiseless network has settled when no state moves by epsilon or more in a step, in as many steps in a row
//! as the longest delay has: so long may a change be on its way. A noisy one never stands still, so the change
//! of the *mean* over `hold` steps (half the phase, if it is shorter) is compared with epsilon plus three of
//! its standard errors, neuron by neuron. The standard error is that of the core's neurons together, and three
//! becomes sqrt(9 + 2 ln n) for n neurons: so many are asked that three alone would call every large network
//! unsettled by chance (the bound is Bonferroni's, to a few per cent).

use equipoise_base::Number;
use std::ops::Range;

equipoise_base::choice! {
    /// When a phase ends.
    pub enum SettleRule {
        /// After a fixed number of steps; whether it settled is scored and reported.
        Steps = "steps",
        /// When the mean stands still, or at the limit.
        Tolerance = "tolerance",
    }
}

equipoise_base::choice! {
    /// What an update does whose phases did not settle.
    pub enum Unsettled {
        /// `refuse` where `settle` is by tolerance, else `write`.
        Default = "default",
        /// The update is written all the same.
        Write = "write",
        /// The update is refused and counted.
        Refuse = "refuse",
    }
}

/// Watches one phase of one chip.
#[derive(Clone, Debug)]
pub(crate) struct SettlingMonitor {
    epsilon: f64,
    hold: usize,
    noisy: bool,
    /// States of the last 2 x hold steps, newest last: only kept where noise asks for means.
    history: Vec<Vec<i64>>,
    /// Where each core's states end.
    cores: Vec<usize>,
    steps: usize,
    /// Steps that a noiseless network must stand still: as long as something can be on its way.
    longest_delay: usize,
    /// Steps in a row in which nothing moved by epsilon.
    quiet: usize,
}

impl SettlingMonitor {
    pub(crate) fn new(epsilon: f64, hold: usize, noisy: bool, longest_delay: usize) -> Self {
        let (history, cores) = (Vec::new(), Vec::new());
        Self { epsilon, hold: hold.max(1), noisy, history, cores, steps: 0, longest_delay, quiet: 0 }
    }

    /// A phase begins.
    pub(crate) fn begin(&mut self) {
        (self.steps, self.quiet) = (0, 0);
    }

    /// True if the states of this step will be looked at: `left` steps remain in the phase, if known.
    pub(crate) fn wants_states(&self, left: Option<u32>) -> bool {
        self.noisy && left.is_none_or(|left| (left as usize) < 2 * self.hold)
    }

    /// One step whose largest change of a state was `change`.
    pub(crate) fn step(&mut self, change: f64) {
        self.quiet = if change < self.epsilon { self.quiet + 1 } else { 0 };
    }

    /// The states of this step, raw, core by core.
    pub(crate) fn states<'a, N: Number>(&mut self, states: impl Iterator<Item = &'a [N]>) {
        let depth = 2 * self.hold;
        self.history.resize(depth, Vec::new());
        self.history.rotate_left(1);
        let newest = &mut self.history[depth - 1];
        newest.clear();
        self.cores.clear();
        for core in states {
            newest.extend(core.iter().map(|u| u.raw()));
            self.cores.push(newest.len());
        }
        self.steps += 1;
    }

    /// Has the phase settled by now? `ended` says that no further step will follow: then means over fewer than
    /// `hold` steps must do where the phase was short.
    pub(crate) fn settled<N: Number>(&self, ended: bool) -> bool {
        if !self.noisy {
            return self.quiet >= self.longest_delay;
        }
        let hold = self.hold.min(self.steps / 2);
        if hold == 0 || (hold < self.hold && !ended) {
            return false;
        }
        let newest = self.history.len();
        let (old, new) = (&self.history[newest - 2 * hold..newest - hold], &self.history[newest - hold..]);
        let neurons = self.cores.last().copied().unwrap_or(0) as f64;
        let errors = (9.0 + 2.0 * libm::log(neurons.max(1.0))).sqrt();
        let epsilon = self.epsilon * (1_u64 << N::FRACTION) as f64;
        let mut first = 0;
        self.cores.iter().all(|&end| {
            let core = first..end;
            first = end;
            stands_still(old, new, core, epsilon, errors)
        })
    }
}

/// Does no mean of the neurons `core` move by more than `epsilon` plus `errors` standard errors? Raw LSB.
fn stands_still(old: &[Vec<i64>], new: &[Vec<i64>], core: Range<usize>, epsilon: f64, errors: f64) -> bool {
    let pairs: Vec<_> = core.clone().map(|neuron| (moments(old, neuron), moments(new, neuron))).collect();
    let variance = pairs.iter().map(|((_, a), (_, b))| a + b).sum::<f64>() / (2 * core.len().max(1)) as f64;
    let error = (2.0 * variance / old.len() as f64).sqrt();
    pairs.iter().all(|((before, _), (after, _))| (after - before).abs() <= epsilon + errors * error)
}

/// Mean and unbiased variance of one neuron's state over a stretch, in raw LSB.
fn moments(stretch: &[Vec<i64>], neuron: usize) -> (f64, f64) {
    let n = stretch.len() as f64;
    let mean = stretch.iter().map(|step| step[neuron] as f64).sum::<f64>() / n;
    let square = stretch.iter().map(|step| step[neuron] as f64 - mean).map(|d| d * d).sum::<f64>();
    (mean, if n > 1.0 { square / (n - 1.0) } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use equipoise_base::noise::{Noise, Stream, StreamKind};
    use fixed::types::I8F24;

    fn feed(monitor: &mut SettlingMonitor, values: impl Iterator<Item = f64>) {
        for value in values {
            let state = [I8F24::nearest(value)];
            monitor.states([&state[..]].into_iter());
        }
    }

    #[test]
    fn a_noiseless_phase_settles_when_nothing_moves() {
        let mut monitor = SettlingMonitor::new(1e-3, 4, false, 1);
        monitor.begin();
        assert!(!monitor.settled::<I8F24>(true));
        monitor.step(2e-3);
        assert!(!monitor.settled::<I8F24>(true));
        monitor.step(5e-4);
        assert!(monitor.settled::<I8F24>(true));
    }

    #[test]
    fn with_delays_nothing_may_have_moved_for_the_longest_of_them() {
        let mut monitor = SettlingMonitor::new(1e-3, 4, false, 3);
        monitor.begin();
        let moves = [5e-4, 5e-4, 2e-3, 5e-4, 5e-4, 5e-4];
        let settled = moves.map(|change| {
            monitor.step(change);
            monitor.settled::<I8F24>(true)
        });
        assert_eq!(settled, [false, false, false, false, false, true]);
    }

    #[test]
    fn noise_around_a_level_settles_and_a_drift_beyond_it_does_not() {
        let noise = |t: u64| f64::from(Noise::at(1, Stream::of(StreamKind::Test, 0), t).gaussian(0)) * 0.02;
        let mut monitor = SettlingMonitor::new(1e-3, 4, true, 1);
        monitor.begin();
        feed(&mut monitor, (0..8).map(|t| 0.5 + noise(t)));
        assert!(monitor.settled::<I8F24>(true));
        monitor.begin();
        feed(&mut monitor, (0..8).map(|t| 0.1 * t as f64 + noise(t)));
        assert!(!monitor.settled::<I8F24>(true));
        monitor.begin();
        feed(&mut monitor, (0..6).map(|t| 0.5 + noise(t)));
        assert!(
            monitor.settled::<I8F24>(true) && !monitor.settled::<I8F24>(false),
            "too few steps to stop early"
        );
    }
}
