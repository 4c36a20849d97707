//! A push-pull pair with soft bounds: the cell of a resistive memory that learns by pulses.
//!
//! A cell has one coordinate v in [-1, 1]; a pair weighs `w_max * v`, a single device (non-negative arrays)
//! `w_max * (1 + v) / 2`. `pulses` pulses span the range, so a step is s = 2 / pulses and
//!
//! ```text
//! up:    v <- v + s u (1 - gamma v)        u = 1 + spread * xi_up     (drawn once per cell)
//! down:  v <- v - s d (1 + gamma v)        d = 1 + spread * xi_down
//! ```
//!
//! followed, once per request of n pulses, by `sigma sqrt(n) xi`, and kept in [-1, 1]. With gamma = 1 these
//! are the soft bounds of Fusi and Abbott (2007), with gamma = 0 constant steps.

mod steps;

use crate::{ArraySpec, Cells, CodeScale, Codes, Conduction, LEVELS, Refusal, Sign};
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::{Action, Counts, Digest, Grain, Number, Requests, SpikeSet};
use std::ops::Range;

/// More noise per pulse than this many pulses is refused: the random walk of the pulses then outruns what
/// they are meant to move, and training fails. Up to one pulse costs no accuracy.
pub const MAX_PULSE_NOISE: f64 = 1.5;

equipoise_base::choice! {
    /// What the noise of a pulse is a fraction of.
    pub enum NoisePer {
        /// The full range of a cell, from one end to the other: finer pulses are then noisier ones.
        Range = "range",
        /// One pulse's own step in the middle of the range.
        Pulse = "pulse",
    }
}

equipoise_base::choice! {
    /// Where a stuck cell stands.
    pub enum StuckAt {
        /// Anywhere in the range, drawn once per cell.
        Random = "random",
        /// At the upper end.
        High = "high",
        /// At the lower end: the most negative weight of a pair, zero of a single device.
        Low = "low",
    }
}

equipoise_base::params! {
    /// Parameters of the soft-bounds cell.
    pub struct Params {
        /// Largest weight; more is clipped.
        w_max: f64 = 0.5, "weight", 0.000001..=127.0;
        /// Pulses that span the range from one end to the other.
        pulses: u32 = 64, "pulses", 2..=65536;
        /// How much a step shrinks toward the end of the range: 0 not at all, 1 to nothing.
        gamma: f64 = 0.5, "1", 0.0..=1.0;
        /// Standard deviation of the cells' steps, drawn for up and for down separately.
        spread: f64 = 0.1, "fraction of a step", 0.0..=1.0;
        /// Standard deviation of one pulse's effect; grows with the square root of the pulses of a request.
        pulse_noise: f64 = 0.01, "fraction", 0.0..=10.0;
        /// What `pulse_noise` is a fraction of.
        pulse_noise_per: NoisePer = NoisePer::Range, "";
        /// Standard deviation of the initial programming.
        programming_error: f64 = 0.02, "fraction of w_max", 0.0..=1.0;
        /// Cells that never move.
        stuck: f64 = 0.0, "fraction of cells", 0.0..=1.0;
        /// Where they stand.
        stuck_at: StuckAt = StuckAt::Random, "";
        /// Bits of a read code, the sign included; the cell itself is finer.
        level_bits: u32 = 16, "bits", 2..=16;
    }
}

impl Params {
    /// The noise of one pulse in units of one pulse's step in the middle of the range.
    #[must_use]
    pub fn noise_in_pulses(&self) -> f64 {
        match self.pulse_noise_per {
            NoisePer::Range => self.pulse_noise * f64::from(self.pulses),
            NoisePer::Pulse => self.pulse_noise,
        }
    }

    /// The same cell without its random parts.
    #[must_use]
    pub fn noiseless(&self) -> Self {
        Self { spread: 0.0, pulse_noise: 0.0, programming_error: 0.0, stuck: 0.0, ..self.clone() }
    }

    /// Checks the noise of a pulse against its step.
    ///
    /// # Errors
    /// If one pulse's noise exceeds [`MAX_PULSE_NOISE`] pulses.
    pub fn check(&self) -> Result<(), Refusal> {
        let noise = self.noise_in_pulses();
        if noise <= MAX_PULSE_NOISE {
            return Ok(());
        }
        let most = MAX_PULSE_NOISE * self.pulse_noise / noise;
        Err(Refusal::new(
            "pulse_noise",
            format!("{} per {}, which is {noise:.2} pulses", self.pulse_noise, self.pulse_noise_per.word()),
            format!(
                "at most {most:.4} ({MAX_PULSE_NOISE} pulses of the {} over the range); or fewer `pulses`",
                self.pulses
            ),
        ))
    }
}

/// Rows of which fewer than one cell in this many has a request are pulsed cell by cell.
const SINGLE_CELLS: usize = 32;

/// An array of soft-bounds cells.
pub struct SoftBounds {
    spec: ArraySpec,
    derived: Derived,
    state: State,
    scratch: Scratch,
}

/// What evolves.
struct State {
    /// The coordinate of each cell.
    v: Vec<f32>,
    /// Its read code, always `v` rounded.
    codes: Vec<i16>,
}

/// Reused for one row at a time.
struct Scratch {
    /// Gaussians.
    xi: Vec<f32>,
    /// The cells before their pulses, where something depends on them.
    before: Vec<f32>,
}

/// Computed once.
struct Derived {
    /// Largest weight.
    w_max: f64,
    /// Step of each cell, up and down, at v = 0.
    up: Vec<f32>,
    down: Vec<f32>,
    /// Cells that never move.
    stuck: SpikeSet,
    any_stuck: bool,
    gamma: f32,
    /// Pulse noise and programming error in units of v.
    pulse_sigma: f32,
    programming_sigma: f32,
    /// Largest code.
    max_code: f64,
    /// Step at v = 0 without spread.
    step: f64,
}

impl SoftBounds {
    /// An array at zero weight, its stuck cells where they are stuck.
    #[must_use]
    pub fn new(params: &Params, spec: ArraySpec) -> Self {
        let cells = spec.shape.synapses();
        let zero = if spec.sign == Sign::Any { 0.0 } else { -1.0 };
        let mut array = Self {
            spec,
            derived: Derived::new(params, spec),
            state: State { v: vec![zero; cells], codes: vec![0; cells] },
            scratch: Scratch { xi: vec![0.0; spec.shape.columns], before: vec![0.0; spec.shape.columns] },
        };
        array.place_stuck_cells(params.stuck_at);
        array
    }

    fn place_stuck_cells(&mut self, at: StuckAt) {
        let draw = Noise::at(self.spec.seed, Stream::of(StreamKind::Fault, self.spec.index), 1);
        for cell in self.derived.stuck.iter() {
            let lane = lane_of(self.spec, cell);
            self.state.v[cell] = match at {
                StuckAt::Random => (2.0 * draw.uniform(lane) - 1.0) as f32,
                StuckAt::High => 1.0,
                StuckAt::Low => -1.0,
            };
        }
        steps::read(&self.state.v, self.spec.sign, self.derived.max_code, &mut self.state.codes);
    }

    fn row(&self, row: usize) -> Range<usize> {
        row * self.spec.shape.columns..(row + 1) * self.spec.shape.columns
    }

    /// Pulses every cell of a row that has few idle ones.
    fn pulse_whole_row(&mut self, row: usize, pulses: &[i32], noise: &Noise) {
        let range = self.row(row);
        let Derived { up, down, gamma, pulse_sigma, stuck, any_stuck, .. } = &self.derived;
        let v = &mut self.state.v[range.clone()];
        steps::pulse(v, pulses, &up[range.clone()], &down[range.clone()], *gamma);
        if *pulse_sigma > 0.0 {
            noise.fill_gaussian(self.spec.first_lane(row), &mut self.scratch.xi);
            steps::scatter(v, pulses, *pulse_sigma, &self.scratch.xi);
        }
        if *any_stuck {
            for (column, v) in v.iter_mut().enumerate().filter(|&(i, _)| stuck.contains(range.start + i)) {
                *v = self.scratch.before[column];
            }
        }
        steps::read(v, self.spec.sign, self.derived.max_code, &mut self.state.codes[range]);
    }

    /// Pulses the few cells of a row that have a request; the same arithmetic as for whole rows.
    fn pulse_single_cells(&mut self, row: usize, pulses: &[i32], noise: &Noise) {
        let (first, lane) = (self.row(row).start, self.spec.first_lane(row));
        let Derived { up, down, gamma, pulse_sigma, stuck, .. } = &self.derived;
        for (column, &pulses) in pulses.iter().enumerate().filter(|&(_, &pulses)| pulses != 0) {
            let cell = first + column;
            if stuck.contains(cell) {
                continue;
            }
            let v = &mut self.state.v[cell..=cell];
            steps::pulse(v, &[pulses], &up[cell..=cell], &down[cell..=cell], *gamma);
            if *pulse_sigma > 0.0 {
                steps::scatter(v, &[pulses], *pulse_sigma, &[noise.gaussian(lane + column as u32)]);
            }
            steps::read(v, self.spec.sign, self.derived.max_code, &mut self.state.codes[cell..=cell]);
        }
    }

    /// The levels that the pulses of a row met: the mean of before and after for every pulse.
    fn pulse_levels(&self, row: usize, pulses: &[i32], total: u64) -> u64 {
        if self.spec.sign == Sign::Any {
            return LEVELS * total;
        }
        let after = &self.state.v[self.row(row)];
        let mut levels = 0.0;
        for (&pulses, (&before, &after)) in pulses.iter().zip(self.scratch.before.iter().zip(after)) {
            let conducting = 0.5 + 0.25 * (f64::from(before) + f64::from(after));
            levels += f64::from(pulses).abs() * conducting * LEVELS as f64;
        }
        levels.round() as u64
    }
}

impl Derived {
    fn new(params: &Params, spec: ArraySpec) -> Self {
        let step = 2.0 / f64::from(params.pulses);
        let stuck = stuck_cells(params.stuck, spec);
        let range_per_weight = if spec.sign == Sign::Any { 1.0 } else { 2.0 };
        Self {
            w_max: params.w_max,
            up: cell_steps(params, spec, 0, step),
            down: cell_steps(params, spec, 1, step),
            any_stuck: stuck.count() > 0,
            stuck,
            gamma: params.gamma as f32,
            pulse_sigma: (params.noise_in_pulses() * step) as f32,
            programming_sigma: (params.programming_error * range_per_weight) as f32,
            max_code: f64::from((1_u32 << (params.level_bits - 1)) - 1),
            step,
        }
    }
}

/// The cells' own steps; `time` tells up (0) from down (1). A cell whose draw is negative does not move.
fn cell_steps(params: &Params, spec: ArraySpec, time: u64, step: f64) -> Vec<f32> {
    let noise = Noise::at(spec.seed, Stream::of(StreamKind::DeviceSpread, spec.index), time);
    let mut steps = vec![0.0_f32; spec.shape.synapses()];
    for (row, row_steps) in steps.chunks_mut(spec.shape.columns).enumerate() {
        noise.fill_gaussian(spec.first_lane(row), row_steps);
        for value in row_steps {
            *value = (step * (1.0 + params.spread * f64::from(*value)).max(0.0)) as f32;
        }
    }
    steps
}

fn stuck_cells(fraction: f64, spec: ArraySpec) -> SpikeSet {
    let mut stuck = SpikeSet::new(spec.shape.synapses());
    let draw = Noise::at(spec.seed, Stream::of(StreamKind::Fault, spec.index), 0);
    for cell in 0..if fraction > 0.0 { spec.shape.synapses() } else { 0 } {
        if draw.uniform(lane_of(spec, cell)) < fraction {
            stuck.insert(cell);
        }
    }
    stuck
}

fn lane_of(spec: ArraySpec, cell: usize) -> u32 {
    spec.first_lane(cell / spec.shape.columns) + (cell % spec.shape.columns) as u32
}

impl<N: Number> Cells<N> for SoftBounds {
    fn program_row(&mut self, row: usize, targets: &[N], counts: &mut Counts) {
        let stream = Stream::of(StreamKind::Programming, self.spec.index);
        let noise = Noise::at(self.spec.seed, stream, 0);
        noise.fill_gaussian(self.spec.first_lane(row), &mut self.scratch.xi);
        let range = self.row(row);
        for (column, target) in targets.iter().enumerate() {
            let share = target.value() / self.derived.w_max;
            let (wanted, zero) = match self.spec.sign {
                Sign::Any => (share.clamp(-1.0, 1.0), 0.0),
                Sign::NonNegative => (2.0 * share.clamp(0.0, 1.0) - 1.0, -1.0),
            };
            let pulses = ((wanted - zero) / self.derived.step).round();
            let action = if pulses > 0.0 { Action::ProgramPulseUp } else { Action::ProgramPulseDown };
            counts.add(action, pulses.abs() as u64);
            if !self.derived.stuck.contains(range.start + column) {
                let v = wanted as f32 + self.derived.programming_sigma * self.scratch.xi[column];
                self.state.v[range.start + column] = v.clamp(-1.0, 1.0);
            }
        }
        steps::read(
            &self.state.v[range.clone()],
            self.spec.sign,
            self.derived.max_code,
            &mut self.state.codes[range],
        );
    }

    /// A cell is finer than its read codes, so only the ends of its range change a weight.
    fn hold(&self, weights: &mut [N]) {
        let most = self.derived.w_max;
        let least = if self.spec.sign == Sign::Any { -most } else { 0.0 };
        weights.iter_mut().for_each(|weight| *weight = N::nearest(weight.value().clamp(least, most)));
    }

    fn pulse_row(&mut self, row: usize, pulses: &[i32], update: u64, counts: &mut Counts) {
        let steps::Asked { cells, up, down } = steps::asked(pulses);
        let noise = Noise::at(self.spec.seed, Stream::of(StreamKind::Pulse, self.spec.index), update);
        if self.derived.any_stuck || self.spec.sign == Sign::NonNegative {
            let range = self.row(row);
            self.scratch.before.copy_from_slice(&self.state.v[range]);
        }
        // A row of draws and steps at once is several times faster per cell than cells one by one.
        if SINGLE_CELLS * cells > pulses.len() {
            self.pulse_whole_row(row, pulses, &noise);
        } else {
            self.pulse_single_cells(row, pulses, &noise);
        }
        counts.add(Action::ProgramPulseUp, up);
        counts.add(Action::ProgramPulseDown, down);
        counts.add(Action::PulseLevel, self.pulse_levels(row, pulses, up + down));
    }

    fn pulse_rows(&mut self, requests: Requests<'_>, update: u64, counts: &mut Counts) {
        let columns = self.spec.shape.columns;
        requests.for_each_row(columns, |row, pulses| {
            Cells::<N>::pulse_row(self, row, pulses, update, counts);
        });
    }

    fn codes(&self) -> Codes<'_> {
        Codes::Narrow(&self.state.codes)
    }

    fn scale(&self) -> CodeScale {
        let max = self.derived.max_code;
        CodeScale { max: max as i64, weight_per_code: self.derived.w_max / max }
    }

    fn conduction(&self) -> Conduction {
        match self.spec.sign {
            Sign::Any => Conduction::Complementary,
            Sign::NonNegative => Conduction::Magnitude,
        }
    }

    fn grain(&self) -> Grain {
        let range = match self.spec.sign {
            Sign::Any => self.derived.w_max,
            Sign::NonNegative => 0.5 * self.derived.w_max,
        };
        Grain { weight_per_pulse: range * self.derived.step, direct: false }
    }

    fn bits_per_cell(&self) -> u32 {
        64 - (self.derived.max_code as i64).leading_zeros() + u32::from(self.spec.sign == Sign::Any)
    }

    fn digest(&self, digest: &mut Digest) {
        digest.words(self.state.v.iter().map(|v| u64::from(v.to_bits())));
    }
}
