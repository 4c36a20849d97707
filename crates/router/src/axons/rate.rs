//! Axons that hold a value.

use super::delays::Delays;
use super::ring::Ring;
use crate::Which;
use equipoise_base::{Digest, Number};
use serde::{Deserialize, Serialize};

/// The values that arrive in one step.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slot<N> {
    values: Vec<N>,
    /// A bit for each axon whose value arrives, 64 per word; says nothing while `full`.
    occupied: Vec<u64>,
    /// Every axon's value arrives, put here as a whole.
    full: bool,
    /// How many values arrive.
    count: usize,
}

impl<N: Number> Slot<N> {
    fn new(axons: usize) -> Self {
        let (values, occupied) = (vec![N::ZERO; axons], vec![0; axons.div_ceil(64)]);
        Self { values, occupied, full: false, count: 0 }
    }

    /// Puts a value for every axon; returns how many were there before.
    fn fill(&mut self, values: &[N]) -> usize {
        self.values.copy_from_slice(values);
        self.full = true;
        std::mem::replace(&mut self.count, values.len())
    }

    /// Puts the value of one axon; returns how many of its were there before, 0 or 1.
    fn put(&mut self, axon: usize, value: N) -> usize {
        self.values[axon] = value;
        let (word, bit) = (&mut self.occupied[axon / 64], 1 << (axon % 64));
        let before = usize::from(self.full || *word & bit != 0);
        *word |= bit;
        self.count += 1 - before;
        before
    }

    /// Takes the value of one axon out; returns how many there were, 0 or 1.
    fn take(&mut self, axon: usize) -> usize {
        if self.full {
            // Bits beyond the last axon are set too, and never looked at.
            self.occupied.fill(u64::MAX);
            self.full = false;
        }
        let (word, bit) = (&mut self.occupied[axon / 64], 1 << (axon % 64));
        let taken = usize::from(*word & bit != 0);
        *word &= !bit;
        self.count -= taken;
        taken
    }

    /// Moves what is there to the registers; returns how many values that were.
    fn arrive(&mut self, held: &mut Vec<N>) -> usize {
        if self.full {
            std::mem::swap(held, &mut self.values);
        } else if self.count > 0 {
            let parts = held.chunks_mut(64).zip(self.values.chunks(64));
            for ((held, values), &word) in parts.zip(&self.occupied) {
                for (axon, (register, &value)) in held.iter_mut().zip(values).enumerate() {
                    if word >> axon & 1 == 1 {
                        *register = value;
                    }
                }
            }
        }
        let count = self.count;
        self.clear();
        count
    }

    fn clear(&mut self) {
        self.occupied.fill(0);
        (self.full, self.count) = (false, 0);
    }

    fn digest(&self, digest: &mut Digest) {
        digest.word(self.count as u64);
        for (axon, value) in self.values.iter().enumerate() {
            if self.full || self.occupied[axon / 64] >> (axon % 64) & 1 == 1 {
                digest.word(axon as u64);
                digest.word(value.raw() as u64);
            }
        }
    }
}

impl<N: Clone> Clone for Slot<N> {
    fn clone(&self) -> Self {
        let Self { values, occupied, full, count } = self;
        Self { values: values.clone(), occupied: occupied.clone(), full: *full, count: *count }
    }

    /// Reuses the memory.
    fn clone_from(&mut self, other: &Self) {
        self.values.clone_from(&other.values);
        self.occupied.clone_from(&other.occupied);
        (self.full, self.count) = (other.full, other.count);
    }
}

/// What evolves in [`RateAxons`].
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateState<N> {
    /// The delays of what is emitted from now on.
    delays: Delays,
    /// The step whose arrivals are in the registers.
    now: u64,
    /// The registers at the far ends of the axons.
    held: Vec<N>,
    ring: Ring<Slot<N>>,
    /// Up to this step a value in the ring may be older than one that overtakes it.
    overtaken_until: u64,
    in_flight: u64,
    superseded: u64,
}

impl<N: Clone> RateState<N> {
    /// Everything but the delays, which stay as they are: what is in flight was emitted under others.
    fn copy_values(&mut self, other: &Self) {
        self.held.clone_from(&other.held);
        self.ring.clone_from(&other.ring);
        self.now = other.now;
        self.overtaken_until = other.overtaken_until;
        self.in_flight = other.in_flight;
        self.superseded = other.superseded;
    }
}

impl<N: Number> RateState<N> {
    /// The present delays take effect on a ring that was filled under the delays `before`.
    fn change_delays(&mut self, before: &Delays) {
        if self.in_flight > 0 && self.delays.shorten(before) {
            self.overtaken_until = self.now + self.ring.len() as u64;
        }
        let axons = self.delays.axons();
        self.ring.grow(self.delays.longest(), || Slot::new(axons));
    }

    fn book(&mut self, emitted: usize, superseded: usize) {
        self.in_flight += emitted as u64;
        self.in_flight -= superseded as u64;
        self.superseded += superseded as u64;
    }
}

impl<N: Clone> Clone for RateState<N> {
    fn clone(&self) -> Self {
        Self { delays: self.delays.clone(), held: self.held.clone(), ring: self.ring.clone(), ..*self }
    }

    /// Reuses the memory.
    fn clone_from(&mut self, other: &Self) {
        self.delays.clone_from(&other.delays);
        self.copy_values(other);
    }
}

/// A group of axons whose far ends hold the last value that arrived.
///
/// The value with the latest emission step wins: an older one never overwrites a newer, and a gap holds the
/// last. A value in flight that can no longer win is taken out of the ring when the one that overtakes it is
/// emitted, and counted as superseded; so emitted = arrived + in flight + superseded.
#[derive(Clone, Debug)]
pub struct RateAxons<N> {
    state: RateState<N>,
    shadow: RateState<N>,
}

impl<N: Number> RateAxons<N> {
    /// Axons that hold zero in step 0.
    #[must_use]
    pub fn new(delays: Delays) -> Self {
        let axons = delays.axons();
        let state = RateState {
            now: 0,
            held: vec![N::ZERO; axons],
            ring: Ring::new(delays.longest(), || Slot::new(axons)),
            overtaken_until: 0,
            in_flight: 0,
            superseded: 0,
            delays,
        };
        Self { shadow: state.clone(), state }
    }

    /// The delays of what is emitted from now on.
    #[must_use]
    pub fn delays(&self) -> &Delays {
        &self.state.delays
    }

    /// Changes the delays of what is emitted from now on; the number of axons stays.
    pub fn set_delays(&mut self, delays: Delays) {
        assert_eq!(delays.axons(), self.state.delays.axons(), "one delay per axon");
        let before = std::mem::replace(&mut self.state.delays, delays);
        self.state.change_delays(&before);
    }

    /// A start in step `step`: the activity was `values` forever, so every slot of the ring holds it.
    ///
    /// Values that equal the register's change nothing when they arrive, so the slots are left empty here.
    pub fn start(&mut self, step: u64, values: &[N]) {
        let state = &mut self.state;
        state.held.copy_from_slice(values);
        state.ring.iter_mut().for_each(Slot::clear);
        state.now = step;
        state.overtaken_until = step;
        (state.in_flight, state.superseded) = (0, 0);
    }

    /// Emits in `step`, after its arrivals, the values (one per axon) of the axons in `which`.
    ///
    /// # Panics
    /// If `step` is not the step that [`RateAxons::arrive`] or [`RateAxons::start`] was last called for.
    pub fn emit(&mut self, step: u64, values: &[N], which: Which<'_>) {
        let state = &mut self.state;
        assert_eq!(step, state.now, "a step's activities are emitted after its arrivals");
        assert_eq!(values.len(), state.held.len(), "one value per axon");
        let reach = state.overtaken_until.saturating_sub(step).min(state.ring.len() as u64) as usize;
        if let (Which::All, Some(steps), 0) = (which, state.delays.common(), reach) {
            let superseded = state.ring.at(steps).fill(values);
            state.book(values.len(), superseded);
            return;
        }
        for axon in which.iter(values.len()) {
            let steps = state.delays.steps(axon);
            let later = (steps + 1..=reach).map(|ahead| state.ring.at(ahead).take(axon)).sum::<usize>();
            let same = state.ring.at(steps).put(axon, values[axon]);
            state.book(1, later + same);
        }
    }

    /// A value comes from outside as if emitted in the step before the present one, after all that was emitted
    /// so far: with a delay of one it is in the register at once.
    pub fn deliver(&mut self, axon: usize, value: N) {
        let state = &mut self.state;
        let ahead = state.delays.steps(axon) - 1;
        let reach = state.overtaken_until.saturating_sub(state.now).min(state.ring.len() as u64) as usize;
        let later = (ahead + 1..=reach).map(|ahead| state.ring.at(ahead).take(axon)).sum::<usize>();
        if ahead == 0 {
            state.held[axon] = value;
            state.book(0, later);
        } else {
            let same = state.ring.at(ahead).put(axon, value);
            state.book(1, later + same);
        }
    }

    /// Goes on to `step`, which is later than the last, and returns what the far ends hold in it.
    ///
    /// Steps may be jumped; what arrived in them is held.
    pub fn arrive(&mut self, step: u64) -> &[N] {
        let state = &mut self.state;
        assert!(step > state.now, "step {step} comes after {}", state.now);
        while state.now < step {
            // An empty ring stays empty, however far the jump.
            if state.in_flight == 0 {
                state.now = step;
                break;
            }
            state.in_flight -= state.ring.turn().arrive(&mut state.held) as u64;
            state.now += 1;
        }
        &state.held
    }

    /// What the far ends hold, one value per axon.
    #[must_use]
    pub fn held(&self) -> &[N] {
        &self.state.held
    }

    /// Values emitted that have not arrived and still can.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.state.in_flight
    }

    /// Values emitted since the start that never reached the register because a newer one came first.
    #[must_use]
    pub fn superseded(&self) -> u64 {
        self.state.superseded
    }

    /// Copies what is held and what is in flight to the shadow registers.
    pub fn save(&mut self) {
        self.shadow.clone_from(&self.state);
    }

    /// Copies the shadow registers back, as if they had been saved in `step`. The delays stay as they are:
    /// what was in flight keeps the delay it left with.
    pub fn restore(&mut self, step: u64) {
        let Self { state, shadow } = self;
        state.copy_values(shadow);
        state.now = step;
        state.overtaken_until = step + shadow.overtaken_until.saturating_sub(shadow.now);
        state.change_delays(&shadow.delays);
    }

    /// What evolves.
    #[must_use]
    pub fn state(&self) -> &RateState<N> {
        &self.state
    }

    /// Continues from `state`, delays included, of the same number of axons.
    pub fn set_state(&mut self, state: &RateState<N>) {
        assert_eq!(state.held.len(), self.state.held.len(), "a state of another number of axons");
        self.state.clone_from(state);
    }

    /// Bits of delay memory: axons x (d_max - 1) slots of an activity and one bit that says whether a value
    /// is there. d_max is the longest delay so far; the register at the far end belongs to the listener.
    #[must_use]
    pub fn bits(&self, activity_bits: u32) -> u64 {
        let slots = (self.state.ring.len() - 1) as u64 * self.state.held.len() as u64;
        slots * (u64::from(activity_bits) + 1)
    }

    /// Bits of the registers at the far end, which hold an activity for every axon.
    #[must_use]
    pub fn register_bits(&self, activity_bits: u32) -> u64 {
        self.state.held.len() as u64 * u64::from(activity_bits)
    }

    /// Folds delays, what is held and what is in flight into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        digest.word(self.state.now);
        self.state.delays.digest(digest);
        digest.words(self.state.held.iter().map(|value| value.raw() as u64));
        for slot in self.state.ring.iter() {
            slot.digest(digest);
        }
    }
}
