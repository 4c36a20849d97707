//! Parameters of the controller: the latch and the way from a weight change to device pulses.

equipoise_base::choice! {
    /// How a weight change becomes device pulses.
    pub enum UpdateScheme {
        /// A digital accumulator per synapse beside the array gathers fractions of a pulse, rounded
        /// stochastically; whole pulses are moved out to the device (mixed precision).
        Accumulator = "accumulator",
        /// The change is rounded to whole pulses stochastically, so that its mean is right.
        PulsesStochastic = "pulses_stochastic",
        /// The change is rounded to the nearest number of whole pulses.
        PulsesRounded = "pulses_rounded",
    }
}

equipoise_base::choice! {
    /// What a latch holds.
    pub enum LatchKind {
        /// Two products of activities per synapse, one per compared phase.
        Product = "product",
        /// One signed product per synapse: the first phase is added, the other subtracted in place.
        Accumulate = "accumulate",
        /// One activity per neuron and compared phase; the products are formed at the update.
        State = "state",
    }
}

impl LatchKind {
    /// Words of the latches beside a matrix of `rows` x `columns` with so many `synapses`.
    #[must_use]
    pub fn words(self, rows: u64, columns: u64, synapses: u64) -> u64 {
        match self {
            Self::Product => 2 * synapses,
            Self::Accumulate => synapses,
            Self::State => 2 * (rows + columns),
        }
    }
}

equipoise_base::params! {
    /// The latch of a learning controller.
    pub struct Latch {
        /// What is latched.
        kind: LatchKind = LatchKind::Product, "";
        /// Bits of a latched word, 0 for the state's full width; one LSB is 2^-bits (2^-(bits-1) for the signed `accumulate`).
        bits: u32 = 10, "bit", 0..=24;
        /// Steps at the end of a phase over which products are averaged (activities for `state`).
        window: u32 = 1, "steps", 1..=4096;
    }
}

impl Latch {
    /// Bits of a latched word on a chip whose states have `state_bits`.
    #[must_use]
    pub fn word_bits(&self, state_bits: u64) -> u64 {
        if self.bits == 0 { state_bits } else { u64::from(self.bits) }
    }
}
