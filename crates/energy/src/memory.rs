//! Bits of memory that learning needs: equilibrium propagation with each latch, beside backpropagation
//! through time.
//!
//! With P plastic synapses, N free neurons, I clamped inputs, b_c bits of a latched correlation, b_s of a
//! stored state, b_g of a gradient accumulator and T unrolled steps: product latches 2 P b_c, one signed
//! accumulator in place P b_c, state latches 2 N b_s (2 (N + I) b_s with registers for the inputs, which the
//! host holds otherwise), BPTT T N b_s + P b_g. Per-synapse latches are not automatically smaller than BPTT:
//! its activations grow with N, they grow with P.

use equipoise_base::record::LearningShape;
use serde::Serialize;
use std::fmt;

/// Bits of memory of the alternatives, weights aside. The names are those of `summary.json`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Alternatives {
    /// Two product latches per synapse.
    pub ep_product: u64,
    /// One signed accumulator per synapse.
    pub ep_accumulate: u64,
    /// Two latched states per free neuron; products are formed at the update.
    pub ep_state: u64,
    /// The states of every unrolled step and a gradient accumulator per synapse.
    pub bptt: u64,
}

/// The alternatives for a shape, with BPTT unrolled over `bptt_steps`.
#[must_use]
pub fn alternatives(shape: &LearningShape, bptt_steps: u64) -> Alternatives {
    let LearningShape { synapses, free_neurons, latch_bits, state_bits, gradient_bits, .. } = shape;
    Alternatives {
        ep_product: 2 * synapses * latch_bits,
        ep_accumulate: synapses * latch_bits,
        ep_state: 2 * free_neurons * state_bits,
        bptt: bptt_steps * free_neurons * state_bits + synapses * gradient_bits,
    }
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
    /// The crossover of a latch that needs `ep_bits` in all:
    /// T N b_s + P b_g = `ep_bits`, so T = (`ep_bits` - P b_g) / (N b_s).
    #[must_use]
    pub fn of(shape: &LearningShape, ep_bits: u64) -> Self {
        let per_step = shape.free_neurons * shape.state_bits;
        let accumulators = shape.synapses * shape.gradient_bits;
        let above = ep_bits as f64 - accumulators as f64;
        Self(if per_step == 0 { 0.0 } else { above / per_step as f64 })
    }

    /// The crossover of the latch that the run used; `None` where its name is none of this crate's.
    #[must_use]
    pub fn of_latch_in_use(shape: &LearningShape) -> Option<Self> {
        let bits = alternatives(shape, 0);
        let ep_bits = match shape.latch.as_str() {
            "product" => bits.ep_product,
            "accumulate" => bits.ep_accumulate,
            "state" => bits.ep_state,
            "none" => 0,
            _ => return None,
        };
        Some(Self::of(shape, ep_bits))
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
