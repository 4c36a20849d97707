//! The controller of one block of synapses: from observed activities to rows of pulses.

use crate::comparison::Comparison;
use crate::correlations::{Correlations, Slot};
use crate::params::{Latch, LatchKind};
use crate::pulses::{Factor, PulseParams, Pulser};
use crate::rows::Pulses;
use equipoise_base::synapses::{Grain, Shape};
use equipoise_base::{Action, Counts, Digest, Number, Sparsity};
use std::sync::Arc;

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
    pub(crate) shape: Shape,
    /// The cells that hold a synapse; `None` where all do.
    pub(crate) sparsity: Option<Arc<Sparsity>>,
    grain: Grain,
    pub(crate) correlations: Correlations<N>,
    pub(crate) pulser: Pulser,
    /// False: every difference is formed as a latch would.
    pub(crate) sparse: bool,
    // Scratch.
    pub(crate) comparison: Comparison,
    /// The comparison is that of the present latches, for pulses by this factor.
    compared: Option<Factor>,
    pub(crate) codes: Vec<i64>,
    pub(crate) subtracted: Vec<i64>,
    pub(crate) scratch: Pulses,
}

impl<N: Number> SynapseController<N> {
    /// A controller for a block of `shape` whose pulses do what `grain` says; `index` numbers its noise. Only
    /// the cells of `sparsity` hold a synapse and have latches, if not all do.
    #[must_use]
    pub fn new(
        params: SynapseParams,
        shape: Shape,
        sparsity: Option<Arc<Sparsity>>,
        grain: Grain,
        seed: u64,
        index: u32,
    ) -> Self {
        let pulses = PulseParams { direct: grain.direct, ..params.pulses };
        Self {
            correlations: Correlations::new(params.latch.clone()),
            pulser: Pulser::new(pulses, shape.rows, shape.columns, seed, index),
            sparse: true,
            comparison: Comparison::default(),
            compared: None,
            codes: vec![0; shape.columns],
            subtracted: Vec::new(),
            scratch: Pulses::default(),
            params,
            shape,
            sparsity,
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
        self.compared = None;
        let synapses = self.synapses();
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

    /// Compares the latches, once per update.
    pub(crate) fn compare(&mut self, factor: Factor) {
        if self.compared != Some(factor) {
            self.comparison.prepare(&self.correlations, self.pulser.wanted(factor));
            self.compared = Some(factor);
        }
    }

    /// Whether differences that must be zero are left out (as they are from the start), or every one is formed
    /// as a latch would: the slow way, for tests. It changes no result.
    pub fn leave_out_zeros(&mut self, leave_out: bool) {
        self.sparse = leave_out;
    }

    /// Synapses of the block.
    fn synapses(&self) -> u64 {
        self.sparsity.as_ref().map_or(self.shape.synapses(), |cells| cells.count()) as u64
    }

    /// What an update reads and multiplies besides the rows' own accumulators, in closed form.
    pub fn count_update(&self, counts: &mut Counts) {
        let synapses = self.synapses();
        match self.params.latch.kind {
            LatchKind::Product => counts.add(Action::LatchRead, 2 * synapses),
            LatchKind::Accumulate => counts.add(Action::LatchRead, synapses),
            LatchKind::State => {
                counts.add(Action::LatchRead, 2 * (self.shape.rows + self.shape.columns) as u64);
                counts.add(Action::UpdateMultiply, 2 * synapses);
            }
        }
    }

    /// Calls `visit` for every synapse of `row` with its column and the estimate of `-dL/dW` that its latches hold,
    /// before rates and pulses: for gradient checks, not for a block.
    pub fn estimates_of(&self, row: usize, gain: f64, visit: &mut dyn FnMut(usize, f64)) {
        let unit = self.params.sign * gain * self.lsb();
        let listed = self.sparsity.as_ref().map(|cells| cells.row(row));
        let mut codes = vec![0; listed.map_or(self.shape.columns, <[u32]>::len)];
        self.correlations.difference_row(row, listed, &mut Vec::new(), &mut codes);
        for (at, code) in codes.into_iter().enumerate() {
            visit(listed.map_or(at, |columns| columns[at] as usize), code as f64 * unit);
        }
    }

    /// What the latches of one synapse hold, as correlations: that of the first compared phase and that of the
    /// second. An accumulating latch holds their difference alone, which is given as the first. Zeros where
    /// there is no synapse. For probes, not for a block.
    #[must_use]
    pub fn latched(&self, row: usize, column: usize) -> [f64; 2] {
        if self.sparsity.as_ref().is_some_and(|cells| !cells.contains(row, column)) {
            return [0.0; 2];
        }
        self.correlations.held(row, column).map(|code| code as f64 * self.lsb())
    }

    /// True if fractions of a pulse are gathered in accumulators, which take cycles of their own.
    #[must_use]
    pub fn gathers(&self) -> bool {
        self.pulser.gathers()
    }

    /// Bits of the latches beside the synapses: a word or two for each, or two for each of their lines.
    #[must_use]
    pub fn latch_bits(&self) -> u64 {
        let Self { params, shape, .. } = self;
        let words = params.latch.kind.words(shape.rows as u64, shape.columns as u64, self.synapses());
        words * params.latch.word_bits(u64::from(N::WIDTH))
    }

    /// Bits of accumulators.
    #[must_use]
    pub fn accumulator_bits(&self) -> u64 {
        self.synapses() * self.pulser.accumulator_bits()
    }

    /// Folds latches and accumulators into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        self.correlations.digest(digest);
        self.pulser.digest(digest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::UpdateScheme;
    use equipoise_base::noise::{Noise, Stream, StreamKind};
    use fixed::types::I8F24;

    /// Two rows of three columns, the rows' activities one and the columns' one, updated once by one pulse each.
    fn updated(sparsity: Option<Arc<Sparsity>>) -> (Vec<i32>, Counts, [u64; 2]) {
        let pulses = PulseParams {
            scheme: UpdateScheme::Accumulator,
            max_pulses: 16,
            accumulator_bits: 8,
            accumulator_fraction: 5,
            direct: false,
        };
        let params = SynapseParams { latch: Latch::default(), pulses, rate: 0.01, sign: 1.0 };
        let grain = Grain { weight_per_pulse: 0.01 * 1023.0 / 1024.0, direct: false };
        let shape = Shape { rows: 2, columns: 3 };
        let mut controller = SynapseController::<I8F24>::new(params, shape, sparsity, grain, 1, 0);
        let mut counts = Counts::default();
        for (slot, activity) in [(Slot::Second, 0.0), (Slot::First, 1.0)] {
            controller.begin_phase();
            controller.observe(&[I8F24::nearest(activity); 2], &[I8F24::nearest(activity); 3]);
            controller.latch(slot, &mut counts);
        }
        let factor = controller.factor(1.0, 1.0);
        let mut pulses = vec![0; 6];
        let mut done = 0;
        while let Some(requests) = controller.update_rows(&mut done, 0, factor, &mut counts) {
            requests.for_each_row(3, |row, found| pulses[3 * row..][..3].copy_from_slice(found));
        }
        controller.count_update(&mut counts);
        (pulses, counts, [controller.latch_bits(), controller.accumulator_bits()])
    }

    /// Activities of a sample: clamped lines that are the same in both phases, some of them silent, and neurons of
    /// which some rest.
    fn activities(count: usize, time: u64, moving: bool) -> [Vec<I8F24>; 2] {
        let noise = Noise::at(3, Stream::of(StreamKind::Test, 0), time);
        let value = |lane: u32| (noise.uniform(lane) * 1.6 - 0.6).clamp(0.0, 1.0);
        [0.0, if moving { 0.05 } else { 0.0 }].map(|shift| {
            let shifted = (0..count as u32).map(|lane| {
                let rests = lane % 3 != 0;
                I8F24::nearest(value(lane) + if rests { 0.0 } else { shift * noise.uniform(lane + 1_000) })
            });
            shifted.collect()
        })
    }

    #[test]
    fn leaving_zeros_out_changes_no_pulse_and_no_accumulator() {
        zeros_left_out_change_nothing(150);
    }

    #[test]
    fn narrow_rows_that_go_together_get_the_pulses_of_single_ones() {
        [30, 70].into_iter().for_each(zeros_left_out_change_nothing);
    }

    fn zeros_left_out_change_nothing(columns: usize) {
        let shape = Shape { rows: 20, columns };
        let kinds = LatchKind::ALL.iter().map(|(kind, ..)| *kind);
        let latches = kinds.flat_map(|kind| [(kind, 0, 1), (kind, 10, 2), (kind, 8, 3)]);
        for (kind, bits, window) in latches {
            for scheme in UpdateScheme::ALL.iter().map(|(scheme, ..)| *scheme) {
                // With a cap of one pulse an accumulator holds whole pulses back, which a zero then lets go.
                for (max_pulses, clamped) in [(16, true), (16, false), (1, true)] {
                    let pulses = PulseParams {
                        scheme,
                        max_pulses,
                        accumulator_bits: 8,
                        accumulator_fraction: 5,
                        direct: false,
                    };
                    let params =
                        SynapseParams { latch: Latch { kind, bits, window }, pulses, rate: 0.5, sign: 1.0 };
                    let grain = Grain { weight_per_pulse: 0.01, direct: false };
                    let make = || SynapseController::<I8F24>::new(params.clone(), shape, None, grain, 1, 0);
                    let (mut fast, mut slow) = (make(), make());
                    slow.leave_out_zeros(false);
                    let run = |controller: &mut SynapseController<I8F24>| {
                        let (mut trail, mut mosts, mut counts) = (Vec::new(), Vec::new(), Counts::default());
                        // In one of the updates no neuron moves.
                        for update in 0..6 {
                            let (pre, post) = (
                                activities(20, update, !clamped),
                                activities(columns, 100 + update, update != 3),
                            );
                            for (phase, slot) in [Slot::Second, Slot::First].into_iter().enumerate() {
                                controller.begin_phase();
                                (0..window).for_each(|_| controller.observe(&pre[phase], &post[phase]));
                                controller.latch(slot, &mut counts);
                            }
                            let (mut done, factor) = (0, controller.factor(1.0, 1.0));
                            while let Some(requests) =
                                controller.update_rows(&mut done, update, factor, &mut counts)
                            {
                                requests.for_each_row(columns, |row, p| trail.push((row, p.to_vec())));
                                let most = requests.rows.iter().zip(requests.most);
                                mosts.extend(most.filter(|(_, most)| **most > 0).map(|(&r, &m)| (r, m)));
                            }
                        }
                        let mut digest = Digest::default();
                        controller.digest(&mut digest);
                        (trail, mosts, counts, digest.value())
                    };
                    let (found, wanted) = (run(&mut fast), run(&mut slow));
                    assert!(wanted.0.len() > 10, "pulses flow");
                    assert_eq!(found, wanted, "{} {bits} {window} {}", kind.word(), scheme.word());
                }
            }
        }
    }

    /// A draw belongs to a cell and not to its place in a list, so what is left out changes nothing elsewhere.
    #[test]
    fn the_cells_of_a_sparse_block_get_the_pulses_that_they_get_in_a_full_one() {
        let shape = Shape { rows: 9, columns: 21 };
        let holds = |row: usize, column: usize| (5 * row + 3 * column).is_multiple_of(7);
        let cells = (0..shape.rows).flat_map(|row| (0..shape.columns).map(move |column| (row, column)));
        let listed = cells.filter(|&(row, column)| holds(row, column));
        let sparsity = Sparsity::of(listed.map(|(row, column)| (row as u32, column as u32)));
        for kind in LatchKind::ALL.iter().map(|(kind, ..)| *kind) {
            for scheme in UpdateScheme::ALL.iter().map(|(scheme, ..)| *scheme) {
                let pulses = PulseParams {
                    scheme,
                    max_pulses: 16,
                    accumulator_bits: 8,
                    accumulator_fraction: 5,
                    direct: false,
                };
                let latch = Latch { kind, bits: 10, window: 2 };
                let params = SynapseParams { latch, pulses, rate: 0.5, sign: 1.0 };
                let grain = Grain { weight_per_pulse: 0.01, direct: false };
                let make =
                    |sparsity| SynapseController::<I8F24>::new(params.clone(), shape, sparsity, grain, 1, 0);
                let (mut full, mut sparse) = (make(None), make(Some(Arc::new(sparsity.clone()))));
                let run = |controller: &mut SynapseController<I8F24>| {
                    let (mut found, mut counts) = (Vec::new(), Counts::default());
                    for update in 0..4 {
                        let (pre, post) = (activities(9, update, true), activities(21, 100 + update, true));
                        for (phase, slot) in [Slot::Second, Slot::First].into_iter().enumerate() {
                            controller.begin_phase();
                            (0..2).for_each(|_| controller.observe(&pre[phase], &post[phase]));
                            controller.latch(slot, &mut counts);
                        }
                        let mut pulses = vec![0; shape.synapses()];
                        let (mut done, factor) = (0, controller.factor(1.0, 1.0));
                        while let Some(requests) =
                            controller.update_rows(&mut done, update, factor, &mut counts)
                        {
                            requests.for_each_row(21, |row, p| pulses[21 * row..][..21].copy_from_slice(p));
                        }
                        found.push(pulses);
                    }
                    let mut estimates = vec![0.0; shape.synapses()];
                    for row in 0..shape.rows {
                        let put = &mut |column: usize, e: f64| estimates[21 * row + column] = e;
                        controller.estimates_of(row, 1.0, put);
                    }
                    (found, estimates)
                };
                let (mut wanted, found) = (run(&mut full), run(&mut sparse));
                for cell in (0..shape.synapses()).filter(|cell| !holds(cell / 21, cell % 21)) {
                    wanted.0.iter_mut().for_each(|pulses| pulses[cell] = 0);
                    wanted.1[cell] = 0.0;
                }
                assert!(found.0.iter().flatten().filter(|p| **p != 0).count() > 10, "pulses flow");
                assert_eq!(found, wanted, "{} {}", kind.word(), scheme.word());
            }
        }
    }

    #[test]
    fn cells_without_a_synapse_get_no_pulse_and_count_nothing() {
        let cells = Sparsity::of([(0, 0), (1, 1), (1, 2)].into_iter());
        let (all, few) = (updated(None), updated(Some(Arc::new(cells))));
        assert_eq!((all.0, few.0), (vec![1; 6], vec![1, 0, 0, 0, 1, 1]));
        for action in [Action::LatchWrite, Action::LatchRead, Action::UpdateMultiply] {
            assert_eq!((all.1[action], few.1[action]), (12, 6), "{}", action.name());
        }
        for action in [Action::SramRead, Action::SramWrite] {
            assert_eq!((all.1[action], few.1[action]), (6 * 8, 3 * 8), "{}", action.name());
        }
        assert_eq!((all.2, few.2), ([6 * 2 * 10, 6 * 8], [3 * 2 * 10, 3 * 8]));
    }
}
