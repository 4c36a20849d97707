//! The controller of one block of synapses: from observed activities to rows of pulses.

use crate::correlations::{Correlations, Slot};
use crate::params::{Latch, LatchKind};
use crate::pulses::{Factor, PulseParams, Pulser};
use equipoise_base::synapses::{Grain, Shape};
use equipoise_base::{Action, Counts, Digest, Number};

/// Parameters of one block's controller.
#[derive(Clone, Debug, PartialEq)]
pub struct SynapseParams {
    /// The latch.
    pub latch: Latch,
    /// The way to pulses.
    pub pulses: PulseParams,
    /// Learning rate of the block.
    pub rate: f64,
    /// -1 where the stored weight is a magnitude whose correlation lowers the energy's opposite (one side is
    /// inhibitory), else 1.
    pub sign: f64,
}

/// The controller of one block.
#[derive(Clone, Debug)]
pub struct SynapseController<N> {
    params: SynapseParams,
    shape: Shape,
    grain: Grain,
    correlations: Correlations<N>,
    pulser: Pulser,
    codes: Vec<i64>,
    scratch: Vec<i64>,
}

impl<N: Number> SynapseController<N> {
    /// A controller for a block of `shape` whose pulses do what `grain` says; `index` numbers its noise.
    #[must_use]
    pub fn new(params: SynapseParams, shape: Shape, grain: Grain, seed: u64, index: u32) -> Self {
        let pulses = PulseParams { direct: grain.direct, ..params.pulses.clone() };
        Self {
            correlations: Correlations::new(params.latch.clone()),
            pulser: Pulser::new(pulses, shape.rows, shape.columns, seed, index),
            codes: vec![0; shape.columns],
            scratch: Vec::new(),
            params,
            shape,
            grain,
        }
    }

    /// A phase begins.
    pub fn begin_phase(&mut self) {
        self.correlations.begin_phase();
    }

    /// One step's activities as the core holds them: `pre` per row, `post` per column.
    pub fn observe(&mut self, pre: &[N], post: &[N]) {
        self.correlations.observe(pre, post);
    }

    /// `LATCH`: the window's correlations go into a latch.
    pub fn latch(&mut self, slot: Slot, counts: &mut Counts) {
        self.correlations.latch(slot);
        let synapses = self.shape.synapses() as u64;
        match self.params.latch.kind {
            LatchKind::Product => {
                counts.add(Action::LatchWrite, synapses);
                counts.add(Action::UpdateMultiply, synapses);
            }
            LatchKind::Accumulate => {
                counts.add(Action::LatchRead, synapses);
                counts.add(Action::LatchWrite, synapses);
                counts.add(Action::UpdateMultiply, synapses);
            }
            // Neuron latches are written once per core and phase, by the bias controller's side.
            LatchKind::State => {}
        }
    }

    /// The factor of an update: rate x `scale` (decay) x `gain` (1 / beta) over the weight of a pulse.
    #[must_use]
    pub fn factor(&self, scale: f64, gain: f64) -> Factor {
        let per_code = self.params.rate * self.params.sign * scale * gain * self.lsb();
        self.pulser.factor(per_code, self.grain.weight_per_pulse)
    }

    /// One LSB of the latch as a correlation.
    fn lsb(&self) -> f64 {
        1.0 / (1_u64 << self.correlations.fraction()) as f64
    }

    /// Turns the latched difference of `row` into pulses; returns false (and leaves `pulses` alone) where the
    /// row was silent, so that nothing changes.
    pub fn update_row(
        &mut self,
        row: usize,
        update: u64,
        factor: Factor,
        pulses: &mut [i32],
        counts: &mut Counts,
    ) -> bool {
        if self.correlations.row_is_silent(row) {
            return false;
        }
        self.correlations.difference_row(row, &mut self.scratch, &mut self.codes);
        self.pulser.row(row, update, factor, &self.codes, pulses, counts);
        true
    }

    /// What an update reads and multiplies besides the rows' own accumulators, in closed form.
    pub fn count_update(&self, counts: &mut Counts) {
        let synapses = self.shape.synapses() as u64;
        match self.params.latch.kind {
            LatchKind::Product => counts.add(Action::LatchRead, 2 * synapses),
            LatchKind::Accumulate => counts.add(Action::LatchRead, synapses),
            LatchKind::State => {
                counts.add(Action::LatchRead, 2 * (self.shape.rows + self.shape.columns) as u64);
                counts.add(Action::UpdateMultiply, 2 * synapses);
            }
        }
    }

    /// The estimate of `-dL/dW` for `row` that the latches hold, before rates and pulses: for gradient
    /// checks, not for a block.
    pub fn estimate_row(&self, row: usize, gain: f64, out: &mut [f64]) {
        let mut codes = vec![0; out.len()];
        self.correlations.difference_row(row, &mut Vec::new(), &mut codes);
        let unit = self.params.sign * gain * self.lsb();
        for (slot, &code) in out.iter_mut().zip(&codes) {
            *slot = code as f64 * unit;
        }
    }

    /// True if fractions of a pulse are gathered in accumulators, which take cycles of their own.
    #[must_use]
    pub fn gathers(&self) -> bool {
        self.pulser.gathers()
    }

    /// Bits of latches and accumulators.
    #[must_use]
    pub fn bits(&self) -> u64 {
        let word =
            if self.params.latch.bits == 0 { u64::from(N::WIDTH) } else { u64::from(self.params.latch.bits) };
        let words = match self.params.latch.kind {
            LatchKind::Product => 2 * self.shape.synapses(),
            LatchKind::Accumulate => self.shape.synapses(),
            LatchKind::State => 0,
        };
        words as u64 * word + self.pulser.bits()
    }

    /// Folds latches and accumulators into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        self.correlations.digest(digest);
        self.pulser.digest(digest);
    }
}
