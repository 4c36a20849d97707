//! A run in time, as pictures of it need it: the controller's states, every core's pipeline, every packet, and
//! what each stretch cost.

use super::window::{State, Window};
use equipoise_base::Counts;
use equipoise_chip::trail::{StepTrail, Watch};
use equipoise_chip::{Clock, Observer, Span, View};
use std::ops::Range;

/// What was counted in a stretch of cycles: a step, or a state of the controller without steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The stretch.
    pub cycles: Range<u64>,
    /// Counts of all cores.
    pub counts: Counts,
}

/// Records the steps of a window. It is an [`Observer`]: give it to a machine's `execute`.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Which steps, and how far they reach.
    pub window: Window,
    watch: Watch,
    /// The controller's states, in order.
    pub states: Vec<State>,
    /// Steps with the pipelines of their cores and their packets, in order.
    pub steps: Vec<StepTrail>,
    /// What each of them cost, in order.
    pub counted: Vec<Counted>,
    so_far: Option<Counts>,
}

impl Recording {
    /// Records the steps of `window`, looked at as closely as `watch` says.
    #[must_use]
    pub fn new(window: Window, watch: Watch) -> Self {
        let (states, steps, counted) = (Vec::new(), Vec::new(), Vec::new());
        Self { window, watch, states, steps, counted, so_far: None }
    }

    /// What was counted since the last call belongs to `cycles`.
    fn count(&mut self, view: &dyn View, cycles: Range<u64>) {
        let now = view.counts();
        let mut counts = now.clone();
        if let Some(before) = self.so_far.replace(now) {
            for (action, count) in before.iter() {
                counts[action] -= count;
            }
        }
        self.counted.push(Counted { cycles, counts });
    }
}

impl Observer for Recording {
    fn watches(&mut self, clock: Clock) -> Watch {
        if self.window.has_next(clock) { self.watch } else { Watch::Nothing }
    }

    fn step(&mut self, view: &dyn View) {
        let Clock { cycle, step } = view.clock();
        if !self.window.has_next(Clock { cycle, step: step - 1 }) {
            // What is counted outside belongs to nobody; the step that comes next may be recorded.
            self.so_far = self.window.has_next(view.clock()).then(|| view.counts());
            return;
        }
        let Some(trail) = view.trail() else { return };
        self.window.stepped(step, &trail.cycles);
        self.steps.push(trail.clone());
        if self.so_far.is_some() {
            self.count(view, trail.cycles.clone());
        } else {
            self.so_far = Some(view.counts());
        }
    }

    fn state(&mut self, span: &Span, view: &dyn View) {
        let Some(state) = self.window.state(span, view.clock()) else { return };
        if state.steps == 0 {
            if self.so_far.is_some() {
                self.count(view, state.cycles.clone());
            } else {
                self.so_far = Some(view.counts());
            }
        }
        self.states.push(state);
    }
}
