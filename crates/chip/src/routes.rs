//! Who listens to whom: derived once from the placement.

use crate::network::{Connection, Network, Weights};
use crate::placement::Slice;
use crate::shares::Shares;

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
    /// For each core, the other cores that hold synapses from its neurons, ascending. A core of a dense
    /// connection holds some from every core; of a list of synapses, it depends on the list.
    pub listeners: Vec<Vec<u32>>,
    /// Returned drives, by driving core, then block, then driven core.
    pub returns: Vec<Return>,
}

/// What a transport calls the cores: the nodes that they sit on. Wires know no nodes, and call a core by its number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats {
    /// By core: its node.
    nodes: Vec<u32>,
    /// By node: its core; empty nodes have none.
    cores: Vec<u32>,
    /// By core: the nodes of its listeners, ascending.
    listeners: Vec<Vec<u32>>,
}

impl Seats {
    /// The cores of `slices` on their nodes, or on wires.
    pub(crate) fn new(slices: &[Slice], routes: &Routes, on_nodes: bool) -> Self {
        let node = |(core, slice): (usize, &Slice)| if on_nodes { slice.node } else { core as u32 };
        let nodes: Vec<u32> = slices.iter().enumerate().map(node).collect();
        let mut cores = vec![u32::MAX; nodes.iter().max().map_or(0, |&last| last as usize + 1)];
        nodes.iter().enumerate().for_each(|(core, &node)| cores[node as usize] = core as u32);
        let of_core = |listeners: &Vec<u32>| {
            let mut listeners: Vec<u32> = listeners.iter().map(|&core| nodes[core as usize]).collect();
            listeners.sort_unstable();
            listeners
        };
        Self { listeners: routes.listeners.iter().map(of_core).collect(), nodes, cores }
    }

    /// The node of a core.
    #[inline]
    pub(crate) fn node(&self, core: usize) -> u32 {
        self.nodes[core]
    }

    /// The core on a node that has one.
    #[inline]
    pub(crate) fn core(&self, node: u32) -> usize {
        self.cores[node as usize] as usize
    }

    /// The nodes of those that listen to a core, ascending.
    #[inline]
    pub(crate) fn listeners(&self, core: usize) -> &[u32] {
        &self.listeners[core]
    }
}

impl Routes {
    /// Routes of `network` on `slices`, whose synapses lie as `shares` says; block b of a core belongs to the
    /// b-th connection that ends in the core's population.
    pub(crate) fn new(network: &Network, slices: &[Slice], shares: &Shares) -> Self {
        let cores_of =
            |population: usize| (0..slices.len()).filter(move |&c| slices[c].population == population);
        let mut listeners = vec![Vec::new(); slices.len()];
        let mut returns = Vec::new();
        for (core, slice) in slices.iter().enumerate() {
            let inbound = network.connections.iter().enumerate().filter(|(_, c)| c.to == slice.population);
            for (block, (number, connection)) in inbound.enumerate() {
                let free = network.populations[connection.from].neuron.is_some();
                let silent = silent_neurons(network, connection, shares.of(number, core));
                for source in cores_of(connection.from) {
                    if silent.as_ref().is_some_and(|silent| slices[source].range.clone().all(|n| silent[n])) {
                        continue;
                    }
                    let heard: &mut Vec<u32> = &mut listeners[source];
                    if source != core && !heard.contains(&(core as u32)) {
                        heard.push(core as u32);
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

/// The neurons of a connection's source that have none of the synapses at the positions `here`; `None` where all
/// have.
fn silent_neurons(network: &Network, connection: &Connection, here: &[u32]) -> Option<Vec<bool>> {
    let Weights::Edges(edges) = &connection.weights else { return None };
    let mut silent = vec![true; network.populations[connection.from].size];
    here.iter().for_each(|&at| silent[edges[at as usize].source as usize] = false);
    Some(silent)
}
