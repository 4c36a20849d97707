//! Bits of memory that learning needs: equilibrium propagation with each latch, beside backpropagation
//! through time. `docs/memory.md` says what is counted, with a worked case.
//!
//! With P plastic synapses, N free neurons, I clamped inputs, b_c bits of a latched correlation, b_s of a
//! stored state, b_a of an update accumulator (0 without), b_g of a gradient accumulator and T unrolled steps:
//!
//! | | what is latched or stored | accumulators |
//! |---|---|---|
//! | product latches | 2 P b_c | P b_a |
//! | one signed latch in place | P b_c | P b_a |
//! | state latches | 2 N b_s (2 (N + I) b_s with registers for the inputs, which the host holds otherwise) | P b_a |
//! | BPTT | T N b_s | P b_g |
//!
//! The gradient accumulators of BPTT gather what is less than a pulse as well, so that it needs no others.
//! Per-synapse latches are not automatically smaller than BPTT: its activations grow with N, they grow with P.

use equipoise_base::record::LearningShape;
use serde::Serialize;
use std::fmt;

/// What one way to learn keeps, weights aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Bits that hold correlations or states between the phases, or the states of every unrolled step.
    pub latched: u64,
    /// Bits of the accumulators of updates or gradients, one per plastic synapse.
    pub accumulators: u64,
}

impl Kept {
    /// Both together.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.latched + self.accumulators
    }
}

/// The numbers that the alternatives follow from, and both parts of each. The names are those of `summary.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Plastic synapses P.
    pub synapses: u64,
    /// Free neurons N.
    pub free_neurons: u64,
    /// Bits b_c of a latched correlation.
    pub latch_bits: u64,
    /// Bits b_s of a stored state.
    pub state_bits: u64,
    /// Bits b_a of an update accumulator; 0 where there are none.
    pub accumulator_bits: u64,
    /// Bits b_g of a gradient accumulator of BPTT.
    pub gradient_bits: u64,
    /// Steps T over which BPTT is unrolled.
    pub bptt_steps: u64,
    /// Two product latches per synapse.
    pub ep_product: Kept,
    /// One signed latch per synapse.
    pub ep_accumulate: Kept,
    /// Two latched states per free neuron; products are formed at the update.
    pub ep_state: Kept,
    /// The states of every unrolled step.
    pub bptt: Kept,
}

impl Parts {
    /// The parts for a shape, with BPTT unrolled over `bptt_steps`.
    #[must_use]
    pub fn of(shape: &LearningShape, bptt_steps: u64) -> Self {
        let &LearningShape { synapses, free_neurons, latch_bits, state_bits, .. } = shape;
        let &LearningShape { accumulator_bits, gradient_bits, .. } = shape;
        let ep = |latched| Kept { latched, accumulators: synapses * accumulator_bits };
        Self {
            synapses,
            free_neurons,
            latch_bits,
            state_bits,
            accumulator_bits,
            gradient_bits,
            bptt_steps,
            ep_product: ep(2 * synapses * latch_bits),
            ep_accumulate: ep(synapses * latch_bits),
            ep_state: ep(2 * free_neurons * state_bits),
            bptt: Kept {
                latched: bptt_steps * free_neurons * state_bits,
                accumulators: synapses * gradient_bits,
            },
        }
    }

    /// What equilibrium propagation keeps with the latch that the run used; `None` where its name is none of this
    /// crate's.
    #[must_use]
    pub fn in_use(&self, shape: &LearningShape) -> Option<Kept> {
        match shape.latch.as_str() {
            "product" => Some(self.ep_product),
            "accumulate" => Some(self.ep_accumulate),
            "state" => Some(self.ep_state),
            "none" => Some(Kept { latched: 0, ..self.ep_product }),
            _ => None,
        }
    }
}

/// Bits of memory of the alternatives in all, weights aside. The names are those of `summary.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Alternatives {
    /// Two product latches per synapse, and the accumulators.
    pub ep_product: u64,
    /// One signed latch per synapse, and the accumulators.
    pub ep_accumulate: u64,
    /// Two latched states per free neuron, and the accumulators.
    pub ep_state: u64,
    /// The states of every unrolled step and a gradient accumulator per synapse.
    pub bptt: u64,
}

/// The alternatives for a shape, with BPTT unrolled over `bptt_steps`.
#[must_use]
pub fn alternatives(shape: &LearningShape, bptt_steps: u64) -> Alternatives {
    let Parts { ep_product, ep_accumulate, ep_state, bptt, .. } = Parts::of(shape, bptt_steps);
    let [ep_product, ep_accumulate, ep_state, bptt] =
        [ep_product, ep_accumulate, ep_state, bptt].map(Kept::bits);
    Alternatives { ep_product, ep_accumulate, ep_state, bptt }
}

/// Bits of state latches where the clamped inputs have registers of their own.
#[must_use]
pub fn ep_state_with_inputs(shape: &LearningShape) -> u64 {
    2 * (shape.free_neurons + shape.input_neurons) * shape.state_bits
}

/// The steps over which BPTT is unrolled beside a run: those of the free and of one nudged phase, the
/// longest path on which the compared update depends.
#[must_use]
pub fn bptt_steps(shape: &LearningShape) -> u64 {
    shape.free_steps + shape.nudged_steps
}

/// The number of unrolled steps above which BPTT needs more bits than a latch.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
pub struct Crossover(f64);

impl Crossover {
    /// The crossover of a latch that needs `ep_bits` in all, with accumulators:
    /// T N b_s + P b_g = `ep_bits`, so T = (`ep_bits` - P b_g) / (N b_s).
    #[must_use]
    pub fn of(shape: &LearningShape, ep_bits: u64) -> Self {
        let per_step = shape.free_neurons * shape.state_bits;
        let accumulators = shape.synapses * shape.gradient_bits;
        let above = ep_bits as f64 - accumulators as f64;
        Self(if per_step == 0 { 0.0 } else { above / per_step as f64 })
    }

    /// The crossover of the latch that the run used, its accumulators included; `None` where its name is none of
    /// this crate's.
    #[must_use]
    pub fn of_latch_in_use(shape: &LearningShape) -> Option<Self> {
        Parts::of(shape, 0).in_use(shape).map(|kept| Self::of(shape, kept.bits()))
    }

    /// The number as it comes out, zero or below where the latch is always smaller.
    #[must_use]
    pub fn raw(self) -> f64 {
        self.0
    }

    /// Steps for `summary.json`; 0 means that the latch is smaller for every number of steps.
    #[must_use]
    pub fn steps(self) -> f64 {
        self.0.max(0.0)
    }
}

impl fmt::Display for Crossover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 <= 0.0 { f.write_str("always smaller") } else { write!(f, "{:.1}", self.0) }
    }
}
