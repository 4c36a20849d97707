//! The steps that a probe records.

use super::Cut;
use equipoise_chip::{Clock, Span};
use std::ops::Range;

/// Steps from `first` to `last`, and the states of the controller around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    first: u64,
    last: u64,
    /// Steps before the state that goes on.
    before: u64,
    /// Cycles from the first recorded thing to the end of the last one.
    pub cycles: Option<Range<u64>>,
    /// True once something was left out because of a limit on size.
    pub full: bool,
    /// The last recorded step.
    pub step: u64,
}

/// A state of the controller within a window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// The state's name; a read-out is a state of its own here.
    pub name: &'static str,
    /// Its cycles, as far as they lie in the window.
    pub cycles: Range<u64>,
    /// Relaxation steps that it took in all.
    pub steps: u64,
}

impl Window {
    /// Steps from `first` to `last`, both included; the first of a run is 1.
    #[must_use]
    pub fn new(first: u64, last: u64) -> Self {
        Self { first, last, before: 0, cycles: None, full: false, step: 0 }
    }

    /// True if the step that begins at `clock` is recorded.
    #[must_use]
    pub fn has_next(&self, clock: Clock) -> bool {
        !self.full && (self.first..=self.last).contains(&(clock.step + 1))
    }

    /// True if what happens between steps at `clock` is recorded: one of the window's steps is next, or was the last.
    #[must_use]
    pub fn is_around(&self, clock: Clock) -> bool {
        !self.full && clock.step + 1 >= self.first && clock.step <= self.last
    }

    /// A recorded step has ended.
    pub fn stepped(&mut self, step: u64, cycles: &Range<u64>) {
        self.step = step;
        self.extend(cycles.clone());
    }

    /// A state has ended at `clock`; returns what of it lies in the window.
    pub fn state(&mut self, span: &Span, clock: Clock) -> Option<State> {
        let steps = clock.step - self.before;
        let first = std::mem::replace(&mut self.before, clock.step) + 1;
        let (name, cycles) = if steps == 0 {
            if !self.is_around(clock) {
                return None;
            }
            let readout = matches!(span.state, "FREE" | "IDLE");
            (if readout { "READOUT" } else { span.state }, span.start..span.end)
        } else {
            let ended = self.full && first > self.step;
            if first > self.last || clock.step < self.first || ended {
                return None;
            }
            let seen = self.cycles.clone()?;
            // Where the window begins or ends within the state, so does what is recorded of it.
            let start = if first < self.first { seen.start } else { span.start };
            let end = if self.step < clock.step { seen.end } else { span.end };
            (span.state, start..end)
        };
        if cycles.start < cycles.end {
            self.extend(cycles.clone());
        }
        Some(State { name, cycles, steps })
    }

    fn extend(&mut self, cycles: Range<u64>) {
        self.cycles = Some(match self.cycles.take() {
            Some(seen) => seen.start.min(cycles.start)..seen.end.max(cycles.end),
            None => cycles,
        });
    }

    /// What of a run of so many steps is not there; `None` if that is nothing. `limit` says how many of what the
    /// probe takes.
    #[must_use]
    pub fn cut(&self, ran_steps: u64, limit: &str) -> Option<Cut> {
        if self.first > ran_steps.max(1) {
            return Some(Cut::All(format!("the run ends at step {ran_steps}")));
        }
        if self.full && self.step == 0 {
            return Some(Cut::All(format!("step {} has more than {limit}", self.first)));
        }
        if self.full {
            return Some(Cut::Some(format!(
                "full after step {} of {ran_steps}; {limit} is the limit",
                self.step
            )));
        }
        let last = self.last.min(ran_steps);
        let all = self.first <= 1 && last == ran_steps;
        (!all).then(|| Cut::Some(format!("has steps {} to {last} of {ran_steps}", self.first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(state: &'static str, start: u64, end: u64) -> Span {
        Span { state, start, end }
    }

    #[test]
    fn states_are_cut_to_the_window() {
        let mut window = Window::new(3, 4);
        let clock = |step, cycle| Clock { cycle, step };
        assert_eq!(window.state(&span("LOAD", 0, 10), clock(0, 10)), None);
        // FREE has steps 1 to 5 of ten cycles each.
        for step in 1..=5 {
            let before = clock(step - 1, step * 10);
            assert_eq!(window.has_next(before), step == 3 || step == 4);
            if window.has_next(before) {
                window.stepped(step, &(step * 10..step * 10 + 10));
            }
        }
        let state = window.state(&span("FREE", 10, 60), clock(5, 60));
        assert_eq!(state, Some(State { name: "FREE", cycles: 30..50, steps: 5 }));
        assert_eq!(window.state(&span("LATCH_F", 60, 61), clock(5, 61)), None);
        assert_eq!(window.cycles, Some(30..50));
        assert_eq!(window.cut(5, ""), Some(Cut::Some("has steps 3 to 4 of 5".to_owned())));
    }

    #[test]
    fn what_stands_around_the_first_steps_is_recorded_with_them() {
        let mut window = Window::new(1, 1);
        let clock = |step, cycle| Clock { cycle, step };
        assert!(window.state(&span("LOAD", 0, 4), clock(0, 4)).is_some());
        window.stepped(1, &(4..9));
        assert_eq!(window.state(&span("FREE", 4, 9), clock(1, 9)).unwrap().cycles, 4..9);
        assert_eq!(window.state(&span("FREE", 9, 11), clock(1, 11)).unwrap().name, "READOUT");
        assert_eq!(window.cycles, Some(0..11));
        assert_eq!(window.cut(1, ""), None);
        assert_eq!(window.cut(7, ""), Some(Cut::Some("has steps 1 to 1 of 7".to_owned())));
    }
}
