//! One block of synapses on one core: a store, the axons that drive it, and its learning controller.

use crate::axon::Axon;
use equipoise_base::record::Clipped;
use equipoise_base::synapses::Shape;
use equipoise_base::{Axons, Counts, Delay, Digest, Number, Sparsity, Synapses, Way};
use equipoise_learning::SynapseController;
use equipoise_router::axons::Delays;
use std::sync::Arc;

/// The drive of clamped lines, converted once and held in a register per neuron.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// True once this presentation's drive is in.
    pub valid: bool,
    /// False while a recording plays, whose drive is another one in every step.
    pub steady: bool,
    /// The drive, raw LSB, one per neuron.
    pub drive: Vec<i64>,
}

/// Synapses from one population to the neurons of one core.
pub(crate) struct Block<N: Number> {
    /// The population that drives.
    pub from: usize,
    /// Rows: neurons of `from`; columns: neurons of the core.
    pub shape: Shape,
    /// The weights.
    pub store: Box<dyn Synapses<N>>,
    /// The start weights that the store could not hold.
    pub clipped: Clipped,
    /// What arrives on the rows.
    pub axon: Axon<N>,
    /// The core's own activities on the columns, held back by the returned direction's delays.
    pub own: Option<Axon<N>>,
    /// Delays of the axons and of the core's own in free and in nudged phases, where they change.
    pub changes: Option<Box<[[Delays; 2]; 2]>>,
    /// The drive that a transposed read gives back, one per row; `None` where nothing is returned.
    pub returned: Option<Vec<i64>>,
    /// Registers for a clamped drive; `None` where it is read at every step.
    pub held: Option<Held>,
    /// -1 where rows subtract (inhibitory source).
    pub forward_sign: i64,
    /// -1 where columns subtract (inhibitory core).
    pub return_sign: i64,
    /// The controller; `None` for frozen synapses.
    pub controller: Option<SynapseController<N>>,
    /// The cells that hold a synapse, where not all do and the store does not know which.
    pub sparsity: Option<Arc<Sparsity>>,
    /// Scratch: a forward read's result, where no register holds it.
    pub scratch: Vec<i64>,
}

/// Adds `part` to the sums of drives, or subtracts it. Only words as wide as the sums can come near their ends.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn add_drive<N: Number>(drive: &mut [i64], part: &[i64], subtract: bool) {
    let pairs = drive.iter_mut().zip(part);
    match (N::WIDTH < i64::BITS, subtract) {
        (true, false) => {
            for (sum, part) in pairs {
                *sum += part;
            }
        }
        (true, true) => {
            for (sum, part) in pairs {
                *sum -= part;
            }
        }
        (false, _) => {
            for (sum, &part) in pairs {
                *sum = if subtract { sum.saturating_sub(part) } else { sum.saturating_add(part) };
            }
        }
    }
}

/// Writes the sums of two drives.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn sum_drives<N: Number>(a: &[i64], b: &[i64], drive: &mut [i64]) {
    for ((sum, &a), &b) in drive.iter_mut().zip(a).zip(b) {
        *sum = if N::WIDTH < i64::BITS { a + b } else { a.saturating_add(b) };
    }
}

impl<N: Number> Block<N> {
    /// True if the store is read in this step: not where a held register has the drive and nothing is returned.
    pub(crate) fn reads(&self) -> bool {
        self.returned.is_some() || self.held.as_ref().is_none_or(|held| !held.valid)
    }

    /// Reads forward into [`Block::forward`], then transposed into `returned`. Returns the cycles of both.
    pub(crate) fn read(&mut self, own_activity: Axons<'_, N>, step: u64, counts: &mut Counts) -> u64 {
        let cycles = self.read_forward(step, counts);
        let Some(returned) = &mut self.returned else { return cycles };
        let own = self.own.as_ref().map_or(own_activity, Axon::axons);
        self.store.read(Way::Transposed, own, step, returned, counts);
        if self.return_sign < 0 {
            returned.iter_mut().for_each(|d| *d = -*d);
        }
        cycles + self.store.read_cycles(Way::Transposed)
    }

    /// Calls `visit` for every synapse of `row` with its column, the delay that its store says, and its weight.
    pub(crate) fn synapses_of(&self, row: usize, visit: &mut dyn FnMut(usize, Delay, N)) {
        let Some(sparsity) = &self.sparsity else { return self.store.synapses_of(row, visit) };
        self.store.synapses_of(row, &mut |column, delay, weight| {
            if sparsity.contains(row, column) {
                visit(column, delay, weight);
            }
        });
    }

    /// What the last forward read came to, raw LSB, one per neuron.
    pub(crate) fn forward(&self) -> &[i64] {
        self.held.as_ref().map_or(&self.scratch, |held| &held.drive)
    }

    fn read_forward(&mut self, step: u64, counts: &mut Counts) -> u64 {
        let kept = self.held.as_ref().is_some_and(|held| held.valid);
        let read = self.held.as_mut().map_or(&mut self.scratch, |held| &mut held.drive);
        if !kept {
            self.store.read(Way::Forward, self.axon.axons(), step, read, counts);
        }
        if let Some(held) = &mut self.held {
            held.valid = held.steady;
        }
        if kept { 0 } else { self.store.read_cycles(Way::Forward) }
    }

    /// A free or a nudged phase begins: what leaves from now on takes its delays.
    pub(crate) fn set_delays(&mut self, nudged: bool) {
        let Some(changes) = &self.changes else { return };
        let [forward, back] = &changes[usize::from(nudged)];
        self.axon.set_delays(forward);
        if let Some(own) = &mut self.own {
            own.set_delays(back);
        }
    }

    /// Steps from a value of `axon` to the slowest of its synapses here, in a free or nudged phase; `None` where it has no
    /// synapse.
    pub(crate) fn slowest(&self, axon: usize, nudged: bool) -> Option<u32> {
        let heard = self.sparsity.as_ref().is_none_or(|sparsity| !sparsity.row(axon).is_empty());
        let held_back = self.store.holds_back(axon).filter(|_| heard)?;
        Some(self.delay(Way::Forward, axon, Delay::new(held_back + 1)?, nudged))
    }

    /// Copies what is in flight to the shadow registers.
    pub(crate) fn save(&mut self) {
        self.store.save();
        self.axon.save();
        if let Some(own) = &mut self.own {
            own.save();
        }
    }

    /// Copies the shadow registers back; what was in flight goes on from `step`.
    pub(crate) fn restore(&mut self, step: u64) {
        self.store.restore();
        self.axon.restore(step);
        if let Some(own) = &mut self.own {
            own.restore(step);
        }
    }

    /// Folds the state into a digest.
    pub(crate) fn digest(&self, digest: &mut Digest) {
        self.store.digest(digest);
        self.axon.digest(digest);
        if let Some(own) = &self.own {
            own.digest(digest);
        }
        if let Some(controller) = &self.controller {
            controller.digest(digest);
        }
    }
}
