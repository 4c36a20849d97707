//! Axons that carry spikes.

use super::delays::Delays;
use super::ring::Ring;
use equipoise_base::{Digest, Number, SpikeSet};
use serde::{Deserialize, Serialize};

/// The spikes that arrive in one step.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    /// A bit for each axon that spikes, 64 per word.
    words: Vec<u64>,
    /// An axon's number for each of its spikes beyond the first, in the order of their emission.
    repeats: Vec<u32>,
}

impl Slot {
    fn new(axons: usize) -> Self {
        Self { words: vec![0; axons.div_ceil(64)], repeats: Vec::new() }
    }

    /// Adds the spikes of word number `at`.
    fn add(&mut self, at: usize, word: u64) {
        let mut twice = self.words[at] & word;
        self.words[at] |= word;
        while twice != 0 {
            self.repeats.push(at as u32 * 64 + twice.trailing_zeros());
            twice &= twice - 1;
        }
    }

    fn count(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum::<u64>() + self.repeats.len() as u64
    }

    fn clear(&mut self) {
        self.words.fill(0);
        self.repeats.clear();
    }

    fn digest(&self, digest: &mut Digest) {
        digest.words(self.words.iter().copied());
        digest.words(self.repeats.iter().map(|&axon| u64::from(axon)));
    }
}

impl Clone for Slot {
    fn clone(&self) -> Self {
        Self { words: self.words.clone(), repeats: self.repeats.clone() }
    }

    /// Reuses the memory.
    fn clone_from(&mut self, other: &Self) {
        self.words.clone_from(&other.words);
        self.repeats.clone_from(&other.repeats);
    }
}

/// The spikes at the far ends of the axons in one step.
#[derive(Clone, Copy, Debug)]
pub struct Spikes<'a> {
    /// Axons with at least one spike.
    pub set: &'a SpikeSet,
    /// An axon's number for each of its spikes beyond the first. Empty unless a delay was shortened while
    /// spikes were in flight: only then can two emissions of one axon arrive together. Both count.
    pub repeats: &'a [u32],
}

impl Spikes<'_> {
    /// How many spikes arrive.
    #[must_use]
    pub fn count(&self) -> usize {
        self.set.count() + self.repeats.len()
    }

    /// Writes each axon's number of spikes, as a number: 0, 1, or more where emissions meet.
    pub fn write<N: Number>(&self, values: &mut [N]) {
        values.fill(N::ZERO);
        self.add(values);
    }

    /// Adds one to an axon's value for each of its spikes.
    pub fn add<N: Number>(&self, values: &mut [N]) {
        let one = N::from_raw(N::one_raw());
        for axon in self.set.iter().chain(self.repeats.iter().map(|&axon| axon as usize)) {
            values[axon] = values[axon].saturating_add(one);
        }
    }
}

/// What evolves in [`SpikeAxons`].
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpikeState {
    /// The delays of what is emitted from now on.
    delays: Delays,
    /// The step whose arrivals are at the far ends.
    now: u64,
    arrived: Slot,
    ring: Ring<Slot>,
    in_flight: u64,
    collisions: u64,
}

impl SpikeState {
    /// Everything but the delays, which stay as they are.
    fn copy_spikes(&mut self, other: &Self) {
        self.arrived.clone_from(&other.arrived);
        self.ring.clone_from(&other.ring);
        self.now = other.now;
        self.in_flight = other.in_flight;
        self.collisions = other.collisions;
        self.fit_ring();
    }

    /// Makes the ring long enough for the present delays.
    fn fit_ring(&mut self) {
        let axons = self.delays.axons();
        self.ring.grow(self.delays.longest(), || Slot::new(axons));
    }
}

impl Clone for SpikeState {
    fn clone(&self) -> Self {
        let (delays, arrived, ring) = (self.delays.clone(), self.arrived.clone(), self.ring.clone());
        Self { delays, arrived, ring, ..*self }
    }

    /// Reuses the memory.
    fn clone_from(&mut self, other: &Self) {
        self.delays.clone_from(&other.delays);
        self.copy_spikes(other);
    }
}

/// A group of axons that carry spikes: every spike arrives exactly once, and spikes add.
#[derive(Clone, Debug)]
pub struct SpikeAxons {
    state: SpikeState,
    shadow: SpikeState,
    /// Computed from the state: the axons with a spike at their far end.
    arrived: SpikeSet,
}

impl SpikeAxons {
    /// Axons without a spike, in step 0.
    #[must_use]
    pub fn new(delays: Delays) -> Self {
        let axons = delays.axons();
        let state = SpikeState {
            now: 0,
            arrived: Slot::new(axons),
            ring: Ring::new(delays.longest(), || Slot::new(axons)),
            in_flight: 0,
            collisions: 0,
            delays,
        };
        Self { shadow: state.clone(), state, arrived: SpikeSet::new(axons) }
    }

    /// The delays of what is emitted from now on.
    #[must_use]
    pub fn delays(&self) -> &Delays {
        &self.state.delays
    }

    /// Changes the delays of what is emitted from now on; the number of axons stays.
    pub fn set_delays(&mut self, delays: Delays) {
        assert_eq!(delays.axons(), self.state.delays.axons(), "one delay per axon");
        self.state.delays = delays;
        self.state.fit_ring();
    }

    /// A start in step `step`: the ring is empty. Spikes of the start state enter it by
    /// [`SpikeAxons::emit`] in the same step.
    pub fn start(&mut self, step: u64) {
        let state = &mut self.state;
        state.arrived.clear();
        state.ring.iter_mut().for_each(Slot::clear);
        state.now = step;
        (state.in_flight, state.collisions) = (0, 0);
        self.arrived.clear();
    }

    /// Emits in `step`, after its arrivals, a spike on each axon in `spikes`.
    ///
    /// # Panics
    /// If `step` is not the step that [`SpikeAxons::arrive`] or [`SpikeAxons::start`] was last called for.
    pub fn emit(&mut self, step: u64, spikes: &SpikeSet) {
        let SpikeState { delays, now, ring, in_flight, .. } = &mut self.state;
        assert_eq!(step, *now, "a step's spikes are emitted after its arrivals");
        assert_eq!(spikes.len(), delays.axons(), "one bit per axon");
        match delays.common() {
            Some(steps) => {
                let slot = ring.at(steps);
                for (at, word) in spikes.words().enumerate() {
                    slot.add(at, word);
                }
            }
            None => {
                for axon in spikes.iter() {
                    ring.at(delays.steps(axon)).add(axon / 64, 1 << (axon % 64));
                }
            }
        }
        *in_flight += spikes.count() as u64;
    }

    /// A spike comes from outside as if emitted in the step before the present one: with a delay of one it is
    /// among the present step's arrivals at once. Returns whether it is.
    pub fn deliver(&mut self, axon: usize) -> bool {
        let state = &mut self.state;
        let (word, bit) = (axon / 64, 1 << (axon % 64));
        match state.delays.steps(axon) - 1 {
            0 => {
                state.collisions += u64::from(state.arrived.words[word] & bit != 0);
                state.arrived.add(word, bit);
                self.arrived.insert(axon);
                true
            }
            ahead => {
                state.ring.at(ahead).add(word, bit);
                state.in_flight += 1;
                false
            }
        }
    }

    /// Goes on to the next step, which is `step`, and returns the spikes that arrive in it.
    ///
    /// # Panics
    /// If spikes are in flight and `step` is not the next one: a jump would lose what arrives on the way.
    pub fn arrive(&mut self, step: u64) -> Spikes<'_> {
        let state = &mut self.state;
        let next = state.now + 1;
        assert!(step == next || step > next && state.in_flight == 0, "step {step} jumps over spikes");
        std::mem::swap(&mut state.arrived, state.ring.turn());
        // The slot that was swapped in is the ring's last one now, and must be empty.
        let last = state.ring.len();
        state.ring.at(last).clear();
        state.now = step;
        state.in_flight -= state.arrived.count();
        state.collisions += state.arrived.repeats.len() as u64;
        self.see_arrived();
        self.arrived()
    }

    fn see_arrived(&mut self) {
        self.arrived.clear();
        for (at, &word) in self.state.arrived.words.iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                self.arrived.insert(at * 64 + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }

    /// The spikes that arrived in the present step.
    #[must_use]
    pub fn arrived(&self) -> Spikes<'_> {
        Spikes { set: &self.arrived, repeats: &self.state.arrived.repeats }
    }

    /// Spikes emitted that have not arrived.
    #[must_use]
    pub fn in_flight(&self) -> u64 {
        self.state.in_flight
    }

    /// Spikes since the start that arrived together with another one of the same axon.
    #[must_use]
    pub fn collisions(&self) -> u64 {
        self.state.collisions
    }

    /// Copies the spikes that arrived and those in flight to the shadow registers.
    pub fn save(&mut self) {
        self.shadow.clone_from(&self.state);
    }

    /// Copies the shadow registers back, as if they had been saved in `step`. The delays stay as they are.
    pub fn restore(&mut self, step: u64) {
        self.state.copy_spikes(&self.shadow);
        self.state.now = step;
        self.see_arrived();
    }

    /// What evolves.
    #[must_use]
    pub fn state(&self) -> &SpikeState {
        &self.state
    }

    /// Continues from `state`, delays included, of the same number of axons.
    pub fn set_state(&mut self, state: &SpikeState) {
        let axons = self.state.delays.axons();
        assert_eq!(state.delays.axons(), axons, "a state of another number of axons");
        self.state.clone_from(state);
        self.see_arrived();
    }

    /// Bits of delay memory: axons x (d_max - 1) slots of one bit, the spike itself. d_max is the longest
    /// delay so far. A chip whose delays are shortened while spikes are in flight needs wider slots wherever
    /// [`SpikeAxons::collisions`] are to count twice; they are not in this sum.
    #[must_use]
    pub fn bits(&self) -> u64 {
        (self.state.ring.len() - 1) as u64 * self.state.delays.axons() as u64
    }

    /// Bits of the registers at the far end: a bit for every axon says whether a spike arrived.
    #[must_use]
    pub fn register_bits(&self) -> u64 {
        self.state.delays.axons() as u64
    }

    /// Folds delays, the spikes that arrived and those in flight into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        digest.word(self.state.now);
        self.state.delays.digest(digest);
        self.state.arrived.digest(digest);
        for slot in self.state.ring.iter() {
            slot.digest(digest);
        }
    }
}
