//! Who listens to whom: derived once from the placement.

use crate::network::Network;
use crate::placement::Slice;

/// The drive that a block on one core gives back to another core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Return {
    /// The core whose block is read transposed.
    pub from_core: usize,
    /// The block.
    pub block: usize,
    /// The core whose neurons are driven.
    pub to_core: usize,
    /// First row of the block, and number of rows, that belong to that core.
    pub row: usize,
    /// Number of rows.
    pub rows: usize,
}

/// Routes between cores.
#[derive(Clone, Debug, Default)]
pub(crate) struct Routes {
    /// For each core, the other cores that hold synapses from its neurons, ascending.
    pub listeners: Vec<Vec<usize>>,
    /// Returned drives, by driving core, then block, then driven core.
    pub returns: Vec<Return>,
}

impl Routes {
    /// Routes of `network` on `slices`; block b of a core belongs to the b-th connection that ends in the
    /// core's population.
    pub(crate) fn new(network: &Network, slices: &[Slice]) -> Self {
        let cores_of =
            |population: usize| (0..slices.len()).filter(move |&c| slices[c].population == population);
        let mut listeners = vec![Vec::new(); slices.len()];
        let mut returns = Vec::new();
        for (core, slice) in slices.iter().enumerate() {
            let inbound = network.connections.iter().filter(|c| c.to == slice.population);
            for (block, connection) in inbound.enumerate() {
                let free = network.populations[connection.from].neuron.is_some();
                for source in cores_of(connection.from) {
                    let heard: &mut Vec<usize> = &mut listeners[source];
                    if source != core && !heard.contains(&core) {
                        heard.push(core);
                    }
                    if connection.symmetric && free {
                        let range = &slices[source].range;
                        returns.push(Return {
                            from_core: core,
                            block,
                            to_core: source,
                            row: range.start,
                            rows: range.len(),
                        });
                    }
                }
            }
        }
        listeners.iter_mut().for_each(|cores| cores.sort_unstable());
        Self { listeners, returns }
    }
}
