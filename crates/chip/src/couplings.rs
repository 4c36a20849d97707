//! The synapses that the chip has: weights as its devices hold them, delays as its axons and tables take them, signs
//! as its drives are added up. Who predicts what a chip does asks here, and not its parameters.

use crate::block::Block;
use crate::chip::Chip;
use equipoise_base::{Delay, Number, Way};

/// One synapse in one of the directions in which it drives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coupling {
    /// The neuron that drives, in its population.
    pub from: usize,
    /// The neuron that is driven, in its population.
    pub to: usize,
    /// What an activity of one adds to the drive: the weight that a noiseless read sees, with the sign of its driver.
    pub weight: f64,
    /// Steps from an activity to the drive that it is part of, at least 1, in free phases and in nudged ones.
    pub delay: [u32; 2],
    /// False for a cell of an array where the network has no synapse; it drives with what programming left in it.
    pub is_listed: bool,
}

impl<N: Number> Chip<N> {
    /// Shows the couplings of a connection in direction `way`, core by core.
    pub(crate) fn each_coupling(&self, connection: usize, way: Way, show: &mut dyn FnMut(Coupling)) {
        for home in &self.homes[connection].list {
            for core in self.cores.iter().filter(|core| core.slice.population == home.to) {
                core.blocks[home.block].each_coupling(way, core.slice.range.start, show);
            }
        }
    }
}

impl<N: Number> Block<N> {
    /// The same of one block, whose columns are numbered from `first` in their population.
    fn each_coupling(&self, way: Way, first: usize, show: &mut dyn FnMut(Coupling)) {
        let sign = match way {
            Way::Forward => self.forward_sign,
            Way::Transposed if self.returned.is_none() => return,
            Way::Transposed => self.return_sign,
        };
        for row in 0..self.shape.rows {
            self.store.synapses_of(row, &mut |column, own, weight| {
                let (line, from, to) = match way {
                    Way::Forward => (row, row, first + column),
                    Way::Transposed => (column, first + column, row),
                };
                show(Coupling {
                    from,
                    to,
                    weight: sign as f64 * weight.value(),
                    delay: [false, true].map(|nudged| self.delay(way, line, own, nudged)),
                    is_listed: self.sparsity.as_ref().is_none_or(|sparsity| sparsity.contains(row, column)),
                });
            });
        }
    }

    /// Steps that a synapse of the driving line `line`, itself with the delay `own`, takes in a free or nudged phase.
    pub(crate) fn delay(&self, way: Way, line: usize, own: Delay, nudged: bool) -> u32 {
        let axon = match (&self.changes, way) {
            (Some(changes), _) => changes[usize::from(nudged)][way as usize].steps(line),
            (None, Way::Forward) => self.axon.delays().steps(line),
            (None, Way::Transposed) => self.own.as_ref().map_or(1, |own| own.delays().steps(line)),
        };
        (axon as u32).saturating_add(own.steps() - 1)
    }
}
