//! Has a phase settled, and if not, what does it do?
//!
//! A noiseless network has settled when no state moves by more than epsilon in a step, in as many steps in a row
//! as the longest delay has: so long may a change be on its way. A noisy one never stands still; [`means`] says
//! what is asked of it. That test is all that the hot path pays for. What a phase does that has not settled
//! when half of it is over is written down by [`late`], and judged at its end by [`verdict`].

mod late;
mod means;
mod period;
mod verdict;

pub use verdict::{Cycle, Participant};

use equipoise_base::Number;
use equipoise_base::record::PhaseClass;
use late::Late;
use means::Means;
use verdict::Trend;

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
        /// Refused where a phase oscillates, and where `settle` is by tolerance; written otherwise.
        Default = "default",
        /// The update is written all the same.
        Write = "write",
        /// The update is refused and counted.
        Refuse = "refuse",
    }
}

/// What a monitor is built from.
#[derive(Clone, Debug)]
pub(crate) struct MonitorParams {
    /// A state that moves by no more stands still.
    pub epsilon: f64,
    /// Steps over which means are taken under noise, at least.
    pub hold: usize,
    /// Two equal reads may differ.
    pub noisy: bool,
    /// The smallest factor `a` of a rate neuron: the share of the way to its target that a state moves in one step.
    pub leak: f64,
    /// Steps that a noiseless network must stand still: as long as something can be on its way.
    pub longest_delay: usize,
    /// Looks for oscillations.
    pub detect: bool,
    /// Steps at the end of a phase in which they are looked for.
    pub window: usize,
    /// Cycles up to this peak-to-peak amplitude are the words' own grain.
    pub granular: f64,
}

/// What a phase came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub class: PhaseClass,
    /// The cycle, if it runs in one.
    pub cycle: Option<Cycle>,
}

/// Watches one phase of one chip.
#[derive(Clone, Debug)]
pub(crate) struct SettlingMonitor {
    params: MonitorParams,
    means: Means,
    late: Late,
    trend: Trend,
    /// Steps in a row in which nothing moved by more than epsilon.
    quiet: usize,
}

impl SettlingMonitor {
    pub(crate) fn new(params: MonitorParams) -> Self {
        let means = Means::new(params.epsilon, params.hold, params.longest_delay, params.leak);
        let late = Late::new(&params);
        Self { means, late, trend: Trend::default(), quiet: 0, params }
    }

    /// Cycles up to this peak-to-peak amplitude are the words' own grain.
    pub(crate) fn granular(&self) -> f64 {
        self.params.granular
    }

    /// A phase of at most `limit` steps begins; of exactly so many if it is `fixed`.
    pub(crate) fn begin(&mut self, limit: u32, fixed: bool) {
        self.quiet = 0;
        self.means.begin(limit as usize, fixed);
        self.late.begin(limit as usize);
        self.trend = Trend::of(limit as usize, self.late.window());
    }

    /// One more step has passed. True if the means will look at its states.
    pub(crate) fn wants_states(&mut self) -> bool {
        self.params.noisy && self.means.step()
    }

    /// One step whose largest change of a state was `change`. True if [`SettlingMonitor::look`] wants its states.
    pub(crate) fn step(&mut self, change: f64) -> bool {
        self.quiet = if change <= self.params.epsilon { self.quiet + 1 } else { 0 };
        self.trend.step(change);
        self.late.step(change, self.quiet)
    }

    /// The states of this step for the means, core by core.
    pub(crate) fn states<'a, N: Number>(&mut self, states: impl Iterator<Item = &'a [N]>) {
        self.means.states(states);
    }

    /// The states of this step of the run, which ended in `cycle`, for the detector, core by core.
    pub(crate) fn look<'a, N: Number>(
        &mut self,
        step: u64,
        cycle: u64,
        states: impl Iterator<Item = &'a [N]>,
    ) {
        self.late.look(step, cycle, states);
    }

    /// Has the phase settled by now?
    pub(crate) fn settled(&self) -> bool {
        if self.params.noisy { self.means.settled() } else { self.quiet >= self.params.longest_delay }
    }

    /// What the phase came to, now that it has ended, `settled` or not by the rule above.
    ///
    /// 1. A cycle that does not shrink is *granular* up to the bound of the words' grain; larger ones are *limit
    ///    cycles*, unless the phase settled and they stay within its tolerance.
    /// 2. A phase that settled, or whose last steps moved nothing at all, ended at a *fixed point*.
    /// 3. What has stayed within the grain for the whole record without repeating is granular all the same.
    /// 4. What else noise may do is *hidden* by it where it is too large to tell.
    /// 5. A phase whose cycle shrinks, or whose states move less and less, converges *slowly*.
    /// 6. The rest is *aperiodic*.
    pub(crate) fn verdict<N: Number>(&self, settled: bool) -> Verdict {
        let found = self.late.cycle::<N>();
        if let Some((cycle, true)) = &found {
            let class = if cycle.amplitude <= self.params.granular {
                Some(PhaseClass::Granular)
            } else if !settled || cycle.amplitude > self.params.epsilon {
                Some(PhaseClass::LimitCycle)
            } else {
                None
            };
            if let Some(class) = class {
                return Verdict { class, cycle: Some(cycle.clone()) };
            }
        }
        let class = if settled || self.trend.stands_still() {
            PhaseClass::FixedPoint
        } else if self.late.range::<N>().is_some_and(|range| range <= self.params.granular) {
            PhaseClass::Granular
        } else if found.is_none() && self.params.noisy && self.means.hidden() {
            PhaseClass::Hidden
        } else if found.is_some() || self.trend.falls() {
            PhaseClass::Slow
        } else {
            PhaseClass::Aperiodic
        };
        Verdict { class, cycle: None }
    }
}

#[cfg(test)]
mod tests;
