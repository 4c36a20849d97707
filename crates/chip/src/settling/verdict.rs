//! What is said of a phase.

/// A neuron that takes part in a cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Participant {
    /// Its population.
    pub population: usize,
    /// Its number in the population.
    pub neuron: usize,
    /// Peak-to-peak amplitude of its state.
    pub amplitude: f64,
}

/// A cycle that a phase ran in.
#[derive(Clone, Debug, PartialEq)]
pub struct Cycle {
    /// Steps after which it repeats.
    pub period_steps: f64,
    /// Peak-to-peak amplitude of the neuron that moves most; under noise, that of the part that repeats.
    pub amplitude: f64,
    /// True where whole states came back to the last bit, which proves the cycle.
    pub exact: bool,
    /// The neurons that move most, the largest first, eight at most.
    pub neurons: Vec<Participant>,
    /// How many neurons move by at least a quarter of the largest amplitude (half of it under noise).
    pub taking_part: u64,
    /// The step of the run at whose end the cycle was known.
    pub step: u64,
    /// The chip's cycle at that step's end.
    pub cycle: u64,
}

/// How far the states move in the two halves of a phase's late steps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trend {
    /// Steps after which the older half begins, and after which the newer.
    starts: [usize; 2],
    steps: usize,
    sums: [f64; 2],
}

impl Trend {
    /// For a phase of at most `limit` steps, of which the last `window` (half of them at most) count.
    pub(super) fn of(limit: usize, window: usize) -> Self {
        let half = (window.min(limit / 2) / 2).max(1);
        Self { starts: [limit.saturating_sub(2 * half), limit.saturating_sub(half)], ..Self::default() }
    }

    /// One step whose largest change of a state was `change`.
    pub(super) fn step(&mut self, change: f64) {
        if self.steps >= self.starts[0] {
            self.sums[usize::from(self.steps >= self.starts[1])] += change;
        }
        self.steps += 1;
    }

    /// Do the states move less in the newer half?
    pub(super) fn falls(&self) -> bool {
        self.sums[1] < self.sums[0]
    }

    /// Did nothing move in the newer half?
    pub(super) fn stands_still(&self) -> bool {
        self.steps > self.starts[1] && self.sums[1] == 0.0
    }
}
