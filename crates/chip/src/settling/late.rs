//! What a phase does that has not settled when half of it is over.
//!
//! Whole states are too much to keep. Of each late step a signature is kept, which is the same for the same
//! state, and the states of the few neurons that moved most in the steps before; of the others, how far they went.

use super::MonitorParams;
use super::period::{growth, power, recurrence, resemblance};
use super::verdict::{Cycle, Participant};
use equipoise_base::Number;
use equipoise_base::noise::philox;

/// Neurons whose states are kept.
const LEADERS: usize = 4;
/// Most steps before the record in which the leaders are looked for.
const SCOUTED: usize = 16;
/// Fewer steps than these are no record.
const LEAST: usize = 8;
/// Fewer steps than these are no record under noise, in which short stretches resemble each other by chance.
const LEAST_NOISY: usize = 64;
/// The longest record: the search for periods takes the square of it.
const MOST: usize = 8192;
/// Changes fall where those of one block of steps stay below this share of those of the block before.
const FALLING: f64 = 0.5;
/// Steps of a block, or the longest delay if that is longer.
const BLOCK: usize = 4;
/// Cycles whose power falls by more than this from one half of the record to the other shrink.
const SHRINKING: f64 = 31.0 / 32.0;
/// The share of the power that is not repeated, up to which a series is called periodic; and under noise.
const ALIKE: [f64; 2] = [0.1, 0.5];
/// Neurons that move by less than this share of the largest amplitude do not take part; and under noise.
const SHARE: [f64; 2] = [0.25, 0.5];
/// Most neurons that are named.
const NAMED: usize = 8;

/// The late steps of one phase.
#[derive(Clone, Debug)]
pub(super) struct Late {
    params: MonitorParams,
    /// Steps of the record of this phase; 0 for none.
    length: usize,
    /// Steps of this phase before the first that is looked at.
    first: usize,
    steps: usize,
    blocks: Blocks,
    /// Steps looked at, one after another, without record: the leaders are still looked for.
    scouted: usize,
    low: Vec<i64>,
    high: Vec<i64>,
    leaders: Vec<usize>,
    /// States of the leaders, one list for each.
    series: Vec<Vec<f64>>,
    signatures: Vec<u64>,
    /// Step and cycle of the run.
    times: Vec<(u64, u64)>,
    /// An odd number for each neuron.
    keys: Vec<u64>,
}

/// The largest change in each of the last blocks of steps.
#[derive(Clone, Copy, Debug, Default)]
struct Blocks {
    passed: usize,
    open: f64,
    last: f64,
    before: f64,
}

impl Blocks {
    fn step(&mut self, change: f64, length: usize) {
        self.open = self.open.max(change);
        self.passed += 1;
        if self.passed.is_multiple_of(length) {
            (self.before, self.last, self.open) = (self.last, self.open, 0.0);
        }
    }

    /// Two blocks are over, and the later one did not fall off.
    fn last_on(&self, length: usize) -> bool {
        self.passed >= 2 * length && self.last >= FALLING * self.before
    }
}

impl Late {
    pub(super) fn new(params: &MonitorParams) -> Self {
        Self {
            params: params.clone(),
            length: 0,
            first: 0,
            steps: 0,
            blocks: Blocks::default(),
            scouted: 0,
            low: Vec::new(),
            high: Vec::new(),
            leaders: Vec::new(),
            series: Vec::new(),
            signatures: Vec::new(),
            times: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Steps in which oscillations are looked for in long phases: the window, or eight times the longest delay,
    /// for a loop of delays takes two to five of them to swing.
    pub(super) fn window(&self) -> usize {
        self.params.window.max(8 * self.params.longest_delay).min(MOST)
    }

    /// A phase of at most `limit` steps begins: at most its second half is recorded.
    pub(super) fn begin(&mut self, limit: usize) {
        let least = if self.params.noisy { LEAST_NOISY } else { LEAST };
        let length = self.window().min(limit / 2);
        self.length = if self.params.detect && length >= least { length } else { 0 };
        self.first = (limit - length).saturating_sub(self.to_scout());
        (self.steps, self.blocks) = (0, Blocks::default());
        self.forget();
    }

    fn to_scout(&self) -> usize {
        (self.length / 2).clamp(2, SCOUTED)
    }

    fn forget(&mut self) {
        self.scouted = 0;
        self.low.clear();
        self.high.clear();
        self.leaders.clear();
        self.series.clear();
        self.signatures.clear();
        self.times.clear();
    }

    /// One step whose largest change of a state was `change`, the last of `quiet` ones below the tolerance. True
    /// if its states are wanted: late in the phase, while something moves that does not fall off on its own.
    pub(super) fn step(&mut self, change: f64, quiet: usize) -> bool {
        self.steps += 1;
        if self.length == 0 {
            return false;
        }
        let block = self.params.longest_delay.max(BLOCK);
        self.blocks.step(change, block);
        if self.steps <= self.first {
            return false;
        }
        let grain = change > 0.0 && change <= self.params.granular;
        let moves = quiet < self.params.longest_delay.max(self.length / 2) || grain;
        let goes_on = !self.signatures.is_empty() || self.blocks.last_on(block);
        let wanted = moves && goes_on;
        if !wanted && self.scouted > 0 {
            self.forget();
        }
        wanted
    }

    /// The states of step `step` of the run, which ended in `cycle`.
    pub(super) fn look<'a, N: Number>(
        &mut self,
        step: u64,
        cycle: u64,
        states: impl Iterator<Item = &'a [N]>,
    ) {
        if self.scouted == self.to_scout() && self.leaders.is_empty() {
            self.choose_leaders();
        }
        let (mut signature, mut neuron) = (0_u64, 0);
        for core in states {
            self.make_room(neuron + core.len());
            let (low, high) = (&mut self.low[neuron..], &mut self.high[neuron..]);
            signature = signature.wrapping_add(widen(core, low, high, &self.keys[neuron..]));
            for (leader, series) in self.leaders.iter().zip(&mut self.series) {
                if let Some(u) = leader.checked_sub(neuron).and_then(|at| core.get(at)) {
                    series.push(u.raw() as f64);
                }
            }
            neuron += core.len();
        }
        if self.leaders.is_empty() {
            self.scouted += 1;
        } else {
            self.signatures.push(signature);
            self.times.push((step, cycle));
        }
    }

    /// The neurons that moved most so far, the first of equals; with them the record begins.
    fn choose_leaders(&mut self) {
        self.leaders = self.by_amplitude(LEADERS);
        self.series = vec![Vec::with_capacity(self.length); self.leaders.len()];
        self.low.clear();
        self.high.clear();
    }

    fn make_room(&mut self, neurons: usize) {
        for neuron in self.keys.len()..neurons {
            let place = neuron as u64;
            let [a, b, ..] = philox([place as u32, (place >> 32) as u32, 0, 0], [0x5E77, 0x1E0F]);
            self.keys.push(u64::from(a) << 32 | u64::from(b) | 1);
        }
        if self.low.len() < neurons {
            self.low.resize(neurons, i64::MAX);
            self.high.resize(neurons, i64::MIN);
        }
    }

    fn amplitude(&self, neuron: usize) -> f64 {
        self.high[neuron] as f64 - self.low[neuron] as f64
    }

    /// The `count` neurons of the largest amplitudes (or all, if they are fewer), the largest first and the first
    /// of equals first.
    fn by_amplitude(&self, count: usize) -> Vec<usize> {
        let larger = |&a: &usize, &b: &usize| self.amplitude(b).total_cmp(&self.amplitude(a)).then(a.cmp(&b));
        let mut neurons: Vec<usize> = (0..self.low.len()).collect();
        if count < neurons.len() {
            neurons.select_nth_unstable_by(count, larger);
            neurons.truncate(count);
        }
        neurons.sort_unstable_by(larger);
        neurons
    }

    /// The cycle that the record shows, if any, and whether it lasts (or grows) rather than shrinks.
    pub(super) fn cycle<N: Number>(&self) -> Option<(Cycle, bool)> {
        let noisy = usize::from(self.params.noisy);
        if self.signatures.len() < [LEAST, LEAST_NOISY][noisy] {
            return None;
        }
        let series = self.series.iter().max_by(|a, b| power(a).total_cmp(&power(b)))?;
        let alike = resemblance(series, ALIKE[noisy], 1 + 2 * noisy);
        let last = self.signatures.len() - 1;
        let unit = (1_u64 << N::FRACTION) as f64;
        if noisy == 0
            && let Some((lag, known)) = recurrence(&self.signatures, self.params.longest_delay)
        {
            // Standing still is no cycle.
            return (lag > 1)
                .then(|| (self.described(whole(lag, alike.map(|a| a.period)), true, known, unit), true));
        }
        let alike = alike?;
        let lasts = growth(series, alike.period) >= [SHRINKING, 0.5][noisy];
        let mut cycle = self.described(alike.period, false, last, unit);
        if noisy == 1 {
            // Of the power, what is repeated: that of a wave whose square is half that of its amplitude.
            let repeated = power(series) / series.len() as f64 * (1.0 - alike.difference);
            cycle.amplitude = 2.0 * (2.0 * repeated).sqrt() / unit;
        }
        Some((cycle, lasts))
    }

    /// How far the neuron that moves most went in the record; `None` where that is too short to say.
    pub(super) fn range<N: Number>(&self) -> Option<f64> {
        let long_enough = self.signatures.len() >= LEAST.max(self.params.longest_delay);
        let range = (0..self.low.len()).map(|neuron| self.amplitude(neuron)).reduce(f64::max);
        range.filter(|_| long_enough).map(|range| range / (1_u64 << N::FRACTION) as f64)
    }

    fn described(&self, period_steps: f64, exact: bool, known: usize, unit: f64) -> Cycle {
        let order = self.by_amplitude(NAMED);
        let largest = order.first().map_or(0.0, |&first| self.amplitude(first));
        let share = SHARE[usize::from(self.params.noisy)] * largest;
        let takes_part = |&neuron: &usize| self.amplitude(neuron) >= share && largest > 0.0;
        let taking_part = (0..self.low.len()).filter(takes_part).count();
        let named = order.iter().take(taking_part.min(NAMED));
        let (step, cycle) = self.times[known];
        Cycle {
            period_steps,
            amplitude: largest / unit,
            exact,
            neurons: named
                .map(|&neuron| Participant {
                    population: 0,
                    neuron,
                    amplitude: self.amplitude(neuron) / unit,
                })
                .collect(),
            taking_part: taking_part as u64,
            step,
            cycle,
        }
    }
}

/// Widens the range of every neuron by its state; returns the sum of states times keys.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn widen<N: Number>(states: &[N], low: &mut [i64], high: &mut [i64], keys: &[u64]) -> u64 {
    let mut signature = 0_u64;
    let (low, high, keys) = (&mut low[..states.len()], &mut high[..states.len()], &keys[..states.len()]);
    for neuron in 0..states.len() {
        let raw = states[neuron].raw();
        low[neuron] = raw.min(low[neuron]);
        high[neuron] = raw.max(high[neuron]);
        signature = signature.wrapping_add((raw as u64).wrapping_mul(keys[neuron]));
    }
    signature
}

/// Of an exact recurrence after `lag` steps, the part that is a period of its own by resemblance: a wave of 7.1
/// steps comes back exactly after 71.
fn whole(lag: usize, period: Option<f64>) -> f64 {
    let lag = lag as f64;
    match period {
        Some(period) if period < lag => lag / (lag / period).round(),
        _ => lag,
    }
}
