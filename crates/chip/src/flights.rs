//! What becomes of values that have reached a core: its axons and synapses may hold them back for more steps than a
//! phase has.
//!
//! A value that is sent to a core is *delivered* when the slowest of its synapses there has it. Until then it is in
//! flight: first as a packet, then on the core's lines, where a value that left in step k with a delay of d is due in
//! step k + d. What is still on lines when they start anew is dropped. Lines count nothing themselves: the last
//! sendings are remembered, and looked at when a sample or a phase ends (`fates.rs`).

use equipoise_router::Which;
use std::collections::VecDeque;

/// What one population sent in one step.
#[derive(Clone, Debug)]
struct Sending {
    /// The step, as those who listen count theirs.
    step: u64,
    /// It left with the delays of nudged phases.
    nudged: bool,
    /// The axons that sent, oldest value first; `None` for all.
    axons: Option<Vec<u32>>,
}

/// The last sendings of one population, oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sendings(VecDeque<Sending>);

/// The last sendings of all populations. Under a barrier one clock is that of all cores, without one each core has
/// its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flights {
    /// The longest delay in steps, synapses included; with 1 nothing is ever on a line.
    longest: u64,
    /// Delays get shorter with the phase, so that a value may overtake another one: all of a phase is remembered.
    overtaking: bool,
    /// What leaves takes the delays of nudged phases.
    pub(crate) nudged: bool,
    /// Values that were overtaken, of sendings that are forgotten, since the lines started.
    pub(crate) overtaken: u64,
    /// By clock, then population; empty where nothing is ever on a line.
    sendings: Vec<Vec<Sendings>>,
    shadow: Shadow,
}

/// The lines as they were saved.
#[derive(Clone, Debug, Default)]
struct Shadow {
    sendings: Vec<Vec<Sendings>>,
    overtaken: u64,
    /// The step of each clock.
    steps: Vec<u64>,
}

/// One core's lines from one population, as they are looked at.
pub(crate) struct Lines<D> {
    /// The core's step.
    pub now: u64,
    /// To which of the population's axons the core listens.
    pub heard: Vec<bool>,
    /// The delay of an axon, in nudged phases or in free ones.
    pub delay: D,
    /// The lines hold values, of which an older one never overwrites a newer.
    pub held: bool,
    /// Steps from a sending to the first arrival that it can still overtake.
    pub least: u64,
}

/// Values on lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OnLines {
    pub in_flight: u64,
    /// Values that a later one has overtaken: they never arrive.
    pub overtaken: u64,
}

impl Flights {
    /// For delays of up to `longest` steps, which may change with the phase.
    pub(crate) fn new(clocks: usize, populations: usize, longest: u64, overtaking: bool) -> Self {
        let none = vec![vec![Sendings::default(); populations]; if longest > 1 { clocks } else { 0 }];
        Self { longest, overtaking, sendings: none, ..Self::default() }
    }

    /// False where nothing is ever on a line.
    pub(crate) fn delayed(&self) -> bool {
        self.longest > 1
    }

    /// What `population` sent last, and in which step of `clock` the shadow was taken.
    pub(crate) fn of(&self, clock: usize, population: usize) -> (&Sendings, Option<u64>) {
        (&self.sendings[clock][population], self.shadow.steps.get(clock).copied())
    }

    /// The axons `which` of `population` send in `step` of `clock`.
    pub(crate) fn sent(&mut self, clock: usize, population: usize, step: u64, which: Which<'_>) {
        let axons = match which {
            Which::All => None,
            Which::Only(set) => Some(set.iter().map(|axon| axon as u32).collect()),
        };
        self.keep(clock, population, Sending { step, nudged: self.nudged, axons });
    }

    /// A value of one axon reaches the core of `clock` in its step `step`.
    pub(crate) fn reached(&mut self, clock: usize, population: usize, step: u64, axon: u32) {
        let nudged = self.nudged;
        match self.sendings[clock][population].0.back_mut() {
            Some(Sending { step: last, nudged: then, axons: Some(axons) })
                if (*last, *then) == (step, nudged) =>
            {
                axons.push(axon);
            }
            _ => self.keep(clock, population, Sending { step, nudged, axons: Some(vec![axon]) }),
        }
    }

    fn keep(&mut self, clock: usize, population: usize, sending: Sending) {
        let step = sending.step;
        let sendings = &mut self.sendings[clock][population];
        sendings.0.push_back(sending);
        if !self.overtaking {
            sendings.forget(step, self.longest);
        }
    }

    /// True where a phase's sendings are remembered until [`Flights::forget`] is called.
    pub(crate) fn overtaking(&self) -> bool {
        self.overtaking && self.delayed()
    }

    /// Forgets what has arrived whatever its delay; clocks are at `steps`.
    pub(crate) fn forget(&mut self, steps: &[u64]) {
        let clocks = self.sendings.iter_mut().zip(steps);
        clocks.for_each(|(clock, &now)| {
            clock.iter_mut().for_each(|sendings| sendings.forget(now, self.longest));
        });
    }

    /// The lines from those populations that are `wanted` start anew.
    pub(crate) fn clear(&mut self, wanted: impl Fn(usize) -> bool) {
        for clock in &mut self.sendings {
            let populations = clock.iter_mut().enumerate().filter(|(population, _)| wanted(*population));
            populations.for_each(|(_, sendings)| sendings.0.clear());
        }
    }

    /// The lines go to their shadow; clocks are at `steps`.
    pub(crate) fn save(&mut self, steps: Vec<u64>) {
        self.shadow.sendings.clone_from(&self.sendings);
        (self.shadow.overtaken, self.shadow.steps) = (self.overtaken, steps);
    }

    /// The shadow comes back; what was on its way goes on from `steps`.
    pub(crate) fn restore(&mut self, steps: &[u64]) {
        self.sendings.clone_from(&self.shadow.sendings);
        self.overtaken = self.shadow.overtaken;
        for ((clock, now), then) in self.sendings.iter_mut().zip(steps).zip(&self.shadow.steps) {
            let sendings = clock.iter_mut().flat_map(|sendings| &mut sendings.0);
            sendings.for_each(|sending| sending.step += now - then);
        }
    }
}

impl std::ops::AddAssign for OnLines {
    fn add_assign(&mut self, other: Self) {
        self.in_flight += other.in_flight;
        self.overtaken += other.overtaken;
    }
}

impl Sendings {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn forget(&mut self, now: u64, longest: u64) {
        while self.0.front().is_some_and(|first| first.step + longest < now + 2) {
            self.0.pop_front();
        }
    }

    /// Of the sendings after step `since`, what is on `lines`.
    pub(crate) fn on<D: Fn(usize, bool) -> u64>(&self, lines: &Lines<D>, since: Option<u64>) -> OnLines {
        let mut found = OnLines::default();
        // By axon: the first arrival that a later sending overtakes.
        let mut overtakes = vec![u64::MAX; if lines.held { lines.heard.len() } else { 0 }];
        for sending in
            self.0.iter().rev().take_while(|sending| since.is_none_or(|since| sending.step > since))
        {
            let mut look = |axon: usize| {
                if !lines.heard[axon] {
                    return;
                }
                let due = sending.step + (lines.delay)(axon, sending.nudged);
                if lines.held && due >= overtakes[axon] {
                    found.overtaken += 1;
                    return;
                }
                found.in_flight += u64::from(due >= lines.now + 2);
                if lines.held {
                    overtakes[axon] = overtakes[axon].min(due.max(sending.step + lines.least));
                }
            };
            match &sending.axons {
                None => (0..lines.heard.len()).for_each(look),
                Some(axons) => axons.iter().rev().for_each(|&axon| look(axon as usize)),
            }
        }
        found
    }
}
