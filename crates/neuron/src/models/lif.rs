//! Leaky integrate-and-fire neurons: tau v' = -v + I, a spike at the threshold, a reset, a refractory time.

use crate::Neurons;
use crate::register::{LeakyRegister, Range, saturated_sum};
use equipoise_base::{Action, Counts, Digest, Number, Refusal, Rounding, SpikeSet, choice, params, words};

choice! {
    /// How the membrane is integrated over one step, with I = drive + bias.
    pub enum Integrator {
        /// v <- e v + (1 - e) I with e = exp(-dt/tau): exact for an input that is constant over the step.
        Exact = "exact",
        /// v <- v + dt/tau (I - v): forward Euler, with dt up to tau.
        Euler = "euler",
        /// v <- v (2^s - 1)/2^s, rounded toward zero on the register's grid, + I: a shift and an adder, where
        /// I is charge that enters whole; `leak_shift` 0 is a membrane without leak.
        Shift = "shift",
    }
}

choice! {
    /// When a membrane at the threshold fires.
    pub enum Fires {
        /// v >= threshold.
        AtLeast = "ge",
        /// v > threshold.
        Above = "gt",
    }
}

choice! {
    /// What a spike leaves on the membrane.
    pub enum Reset {
        /// v becomes `reset_value`.
        Value = "value",
        /// v loses the threshold, so the excess is kept.
        Subtract = "subtract",
    }
}

params! {
    /// Parameters of leaky integrate-and-fire neurons.
    pub struct LifParams {
        /// The integration of the membrane.
        integrator: Integrator = Integrator::default(), "";
        /// Membrane time constant, for `exact` and `euler`.
        tau_ms: f64 = 20.0, "ms", 0.000001..=1000000.0;
        /// Duration of one step, for `exact` and `euler`.
        dt_ms: f64 = 1.0, "ms", 0.0..=1000000.0;
        /// The s of `shift`: 4 keeps 15/16 per step; 0 is no leak.
        leak_shift: u32 = 4, "bits", 0..=31;
        /// The threshold.
        threshold: f64 = 1.0, "1", -32768.0..=32767.0;
        /// When a membrane at the threshold fires.
        fires: Fires = Fires::default(), "";
        /// What a spike leaves on the membrane.
        reset: Reset = Reset::default(), "";
        /// The membrane after a spike, for `reset = "value"`.
        reset_value: f64 = 0.0, "1", -32768.0..=32767.0;
        /// Steps after a spike during which the membrane is held and cannot fire.
        refractory_steps: u32 = 0, "steps", 0..=1000000;
        /// Fraction bits of the membrane's register; 0: the full width of the format.
        state_bits: u32 = 0, "bits", 0..=48;
    }
}

impl LifParams {
    /// The potentials that a register holds.
    pub(super) fn range<N: Number>(&self) -> Range {
        Range::new(N::MIN, N::MAX, self.state_bits)
    }

    /// The share of the way to its input that a membrane goes in one step, for `exact` and `euler`.
    fn share(&self) -> f64 {
        let step = self.dt_ms / self.tau_ms;
        if self.integrator == Integrator::Euler { step } else { -libm::expm1(-step) }
    }

    /// Checks what a chip of format `N` cannot hold.
    pub(super) fn check<N: Number>(&self) -> Result<(), Refusal> {
        words::check_fraction::<N>("state_bits", self.state_bits, N::FRACTION)?;
        words::check::<N>("threshold", self.threshold)?;
        let range = self.range::<N>();
        match self.reset {
            Reset::Subtract => range.check_zero::<N>("threshold", self.threshold)?,
            Reset::Value => {
                words::check::<N>("reset_value", self.reset_value)?;
                range.check_zero::<N>("reset_value", self.reset_value)?;
            }
        }
        if self.integrator != Integrator::Shift {
            let ([dt, tau], share) = ([self.dt_ms, self.tau_ms].map(words::shown), self.share());
            let found = format!("{dt}, a step of {share:.3e} of the way with `tau_ms` = {tau}");
            words::check_zero::<N>("dt_ms", &found, share)?;
        }
        Ok(())
    }
}

/// The membrane's arithmetic.
enum Membrane {
    /// `exact` and `euler`: the input is a target that the membrane approaches.
    Leaky(LeakyRegister),
    /// `shift`: the input is added after the leak.
    Shift(u32),
}

/// What follows from the parameters once.
struct Derived<N> {
    membrane: Membrane,
    range: Range,
    /// Smallest raw membrane value that fires.
    fires_from: i64,
    /// A spike takes this off (`subtract`) or leaves `reset_value`.
    reset: Reset,
    threshold: N,
    reset_value: N,
    refractory_steps: u32,
    start: Vec<N>,
}

/// What the neurons remember from step to step.
#[derive(Clone)]
struct State<N> {
    potential: Vec<N>,
    /// Steps for which the membrane is still held.
    waiting: Vec<u32>,
    /// The spikes of the last step, as a set and as zeros and ones.
    spikes: SpikeSet,
    activity: Vec<N>,
}

impl<N: Number> State<N> {
    fn resting(potential: &[N]) -> Self {
        let count = potential.len();
        Self {
            potential: potential.to_vec(),
            waiting: vec![0; count],
            spikes: SpikeSet::new(count),
            activity: vec![N::ZERO; count],
        }
    }

    /// Copies without giving up the memory.
    fn copy(&mut self, other: &Self) {
        self.potential.copy_from_slice(&other.potential);
        self.waiting.copy_from_slice(&other.waiting);
        self.activity.copy_from_slice(&other.activity);
        self.spikes.clear();
        other.spikes.iter().for_each(|index| self.spikes.insert(index));
    }

    /// No spikes, nobody held.
    fn calm(&mut self) {
        self.waiting.fill(0);
        self.activity.fill(N::ZERO);
        self.spikes.clear();
    }
}

/// Buffers of a step.
struct Scratch<N> {
    input: Vec<N>,
    before: Vec<N>,
    /// Chunks of neurons of which one fires or waits.
    stirring: Vec<u32>,
}

/// A slice of leaky integrate-and-fire neurons.
pub(crate) struct Lif<N> {
    derived: Derived<N>,
    state: State<N>,
    shadow: State<N>,
    scratch: Scratch<N>,
}

impl<N: Number> Lif<N> {
    pub(crate) fn new(params: &LifParams, start: &[N]) -> Self {
        let range = params.range::<N>();
        let membrane = match params.integrator {
            Integrator::Shift => Membrane::Shift(params.leak_shift),
            _ => Membrane::Leaky(LeakyRegister::new::<N>(params.share(), range.clone())),
        };
        let threshold = N::nearest(params.threshold);
        let start: Vec<N> = start.iter().map(|&value| range.hold(value)).collect();
        Self {
            state: State::resting(&start),
            shadow: State::resting(&start),
            scratch: Scratch { input: start.clone(), before: start.clone(), stirring: Vec::new() },
            derived: Derived {
                membrane,
                fires_from: threshold.raw().saturating_add(i64::from(params.fires == Fires::Above)),
                reset: params.reset,
                reset_value: range.hold(N::nearest(params.reset_value)),
                threshold: range.hold(threshold),
                refractory_steps: params.refractory_steps,
                range,
                start,
            },
        }
    }
}

/// One step of membranes that leak by a shift: `input` is rounded to the register's grid (to nearest) and
/// added to what the leak leaves, saturated to the register.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn leak_by_shift<N: Number>(range: &Range, leak_shift: u32, potential: &mut [N], input: &[N]) {
    let below_one = (1_u64 << leak_shift) - 1;
    for (v, input) in potential.iter_mut().zip(input) {
        let code = v.raw() >> range.grid;
        // v (2^s - 1)/2^s toward zero is v less v/2^s rounded away from zero: no product, no overflow.
        let lost = if leak_shift == 0 { 0 } else { (code.unsigned_abs() + below_one) >> leak_shift } as i64;
        let kept = code - if code < 0 { -lost } else { lost };
        let added = Rounding::Nearest.shift(input.raw(), range.grid);
        // Only words as wide as the sum can overflow it.
        let sum = if N::WIDTH < i64::BITS { kept + added } else { kept.saturating_add(added) };
        *v = N::from_raw(sum.clamp(range.low, range.high) << range.grid);
    }
}

/// Neurons that are looked at together for spikes: most of them neither fire nor wait.
const CHUNK: usize = 16;

/// Lists the chunks in which a neuron fires or waits; returns the largest change of a membrane in the others.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn find_stirring<N: Number>(
    potential: &[N],
    waiting: &[u32],
    before: &[N],
    fires_from: i64,
    stirring: &mut Vec<u32>,
) -> u64 {
    let mut largest = 0;
    let (whole, rest) = potential.as_chunks::<CHUNK>();
    let (waiting, _) = waiting.as_chunks::<CHUNK>();
    let (before, _) = before.as_chunks::<CHUNK>();
    for (chunk, ((potential, waiting), before)) in whole.iter().zip(waiting).zip(before).enumerate() {
        let (mut stirs, mut change) = (0_u32, 0_u64);
        for i in 0..CHUNK {
            stirs |= waiting[i] | u32::from(potential[i].raw() >= fires_from);
            change = potential[i].raw().abs_diff(before[i].raw()).max(change);
        }
        if stirs == 0 {
            largest = change.max(largest);
        } else {
            stirring.push(chunk as u32);
        }
    }
    if !rest.is_empty() {
        stirring.push(whole.len() as u32);
    }
    largest
}

impl<N: Number> Derived<N> {
    /// Thresholds, resets and refractory times after an integration from `before`; returns the spikes and the
    /// largest change.
    fn fire(&self, state: &mut State<N>, before: &[N], stirring: &mut Vec<u32>) -> (u64, N) {
        state.spikes.clear();
        state.activity.fill(N::ZERO);
        stirring.clear();
        let mut largest = find_stirring(&state.potential, &state.waiting, before, self.fires_from, stirring);
        let mut spikes = 0;
        for &chunk in stirring.iter() {
            let first = chunk as usize * CHUNK;
            for (index, &before) in before.iter().enumerate().skip(first).take(CHUNK) {
                let (v, waiting) = (&mut state.potential[index], &mut state.waiting[index]);
                if *waiting > 0 {
                    *waiting -= 1;
                    *v = before;
                    continue;
                }
                if v.raw() >= self.fires_from {
                    *v = match self.reset {
                        Reset::Value => self.reset_value,
                        Reset::Subtract => v.saturating_sub(self.threshold),
                    };
                    *waiting = self.refractory_steps;
                    state.activity[index] = N::from_raw(N::one_raw());
                    state.spikes.insert(index);
                    spikes += 1;
                }
                largest = v.raw().abs_diff(before.raw()).max(largest);
            }
        }
        (spikes, N::from_raw(i64::try_from(largest).unwrap_or(i64::MAX)))
    }
}

impl<N: Number> Neurons<N> for Lif<N> {
    fn start(&mut self) {
        self.state.potential.copy_from_slice(&self.derived.start);
        self.state.calm();
    }

    fn set_state(&mut self, state: &[N]) {
        assert_eq!(state.len(), self.len(), "one state per neuron");
        let range = &self.derived.range;
        self.state.potential.iter_mut().zip(state).for_each(|(mine, &given)| *mine = range.hold(given));
        self.state.calm();
    }

    fn range(&self) -> (f64, f64) {
        self.derived.range.ends::<N>()
    }

    fn state(&self) -> &[N] {
        &self.state.potential
    }

    fn activity(&self) -> &[N] {
        &self.state.activity
    }

    /// The spikes of the last step, as zeros and ones.
    fn observed(&self) -> &[N] {
        &self.state.activity
    }

    fn spikes(&self) -> Option<&SpikeSet> {
        Some(&self.state.spikes)
    }

    /// One step; a force is added to the input current. The returned change counts resets, so a population
    /// that spikes never looks settled.
    fn update(&mut self, drive: &[i64], bias: &[N], force: Option<&[N]>, counts: &mut Counts) -> N {
        let Scratch { input, before, stirring } = &mut self.scratch;
        let potential = &mut self.state.potential;
        saturated_sum(drive, bias, force, input);
        before.copy_from_slice(potential);
        match &self.derived.membrane {
            Membrane::Leaky(register) => {
                register.advance(potential, input);
            }
            Membrane::Shift(leak) => leak_by_shift(&self.derived.range, *leak, potential, input),
        }
        let (spikes, largest) = self.derived.fire(&mut self.state, before, stirring);
        counts.add(Action::NeuronUpdate, before.len() as u64);
        counts.add(Action::Spike, spikes);
        largest
    }

    fn save(&mut self) {
        self.shadow.copy(&self.state);
    }

    fn restore(&mut self) {
        self.state.copy(&self.shadow);
    }

    fn digest(&self, digest: &mut Digest) {
        digest.words(self.state.potential.iter().map(|v| v.raw() as u64));
        digest.words(self.state.waiting.iter().map(|&steps| u64::from(steps)));
        digest.words(self.state.spikes.words());
    }

    fn bits_per_neuron(&self) -> u64 {
        let refractory = u32::BITS - self.derived.refractory_steps.leading_zeros();
        self.derived.range.bits() + u64::from(refractory)
    }
}
