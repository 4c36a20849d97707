//! Which neurons live on which core.
//!
//! A population and the synapses that feed it share a core; what does not fit is cut by columns over several
//! cores. Cores are numbered in the order of populations and then of cuts. Each sits on a node of the mesh (node =
//! y * width + x): core c on node c, or as [`Placement`] says.

mod demand;
mod exact;
mod exchange;
mod key;
mod table;

use crate::network::{Network, NetworkError};
use equipoise_router::Transport;
use std::ops::Range;

pub(crate) use demand::Demand;
pub use demand::{PacketHops, Saving};
pub use key::Placement;

/// What one core can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Neurons.
    pub neurons: usize,
    /// Analog arrays of `rows` x `columns`, or `None` where synapses live in an SRAM table.
    pub arrays: Option<Arrays>,
}

/// The arrays of one core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrays {
    /// How many.
    pub count: usize,
    /// Rows of one.
    pub rows: usize,
    /// Columns of one.
    pub columns: usize,
}

/// Neurons `range` of one population, on core `index of this slice`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// The population.
    pub population: usize,
    /// Its neurons that live here.
    pub range: Range<usize>,
    /// The node of the mesh that the core sits on: y * width + x.
    pub node: u32,
}

/// Cuts every population into slices, one core each, core c on node c.
///
/// # Errors
/// If a single column of arrays is more than a core has.
pub fn place(network: &Network, capacity: Capacity) -> Result<Vec<Slice>, NetworkError> {
    let mut slices = Vec::new();
    for (index, population) in network.populations.iter().enumerate() {
        let widest = match (population.neuron.is_some(), capacity.arrays) {
            (false, _) => population.size,
            (true, None) => capacity.neurons,
            (true, Some(arrays)) => columns_per_core(network, index, arrays)?.min(capacity.neurons),
        };
        let mut start = 0;
        while start < population.size {
            let end = population.size.min(start + widest);
            let node = slices.len() as u32;
            slices.push(Slice { population: index, range: start..end, node });
            start = end;
        }
    }
    Ok(slices)
}

/// Columns of neurons that one core's arrays can feed, with all their rows on the same core.
fn columns_per_core(network: &Network, population: usize, arrays: Arrays) -> Result<usize, NetworkError> {
    let per_column_tile: usize = network
        .connections
        .iter()
        .filter(|c| c.to == population)
        .map(|c| network.populations[c.from].size.div_ceil(arrays.rows))
        .sum();
    let crate::network::Population { name, size, .. } = &network.populations[population];
    match arrays.count.checked_div(per_column_tile) {
        None => Ok(*size),
        Some(0) => Err(NetworkError(format!(
            "population `{name}` needs {per_column_tile} arrays of {} rows side by side for its inputs and a core has {}; \
             accepted: larger arrays (array.rows), or more per core (core.arrays)",
            arrays.rows, arrays.count
        ))),
        Some(tiles) => Ok(tiles * arrays.columns),
    }
}

/// Puts the cores of `slices` on their nodes, of which there are so many. `demand` says what cores send each other, where
/// that decides.
///
/// # Errors
/// If the placement is a table that does not fit.
pub(crate) fn seat(
    slices: &mut [Slice],
    placement: &Placement,
    network: &Network,
    nodes: usize,
    transport: &dyn Transport,
    demand: impl FnOnce(&[Slice]) -> Demand,
) -> Result<(), NetworkError> {
    let seats = match placement {
        Placement::Traffic => fewest_hops(&demand(slices), transport, nodes),
        _ => match table::given(placement, network, slices, nodes)? {
            Some(seats) => seats,
            None => return Ok(()),
        },
    };
    slices.iter_mut().zip(seats).for_each(|(slice, node)| slice.node = node);
    Ok(())
}

/// The node of each core where a sample's packets take few hops: the fewest that there can be on a small mesh, and never
/// more than in order.
fn fewest_hops(demand: &Demand, transport: &dyn Transport, nodes: usize) -> Vec<u32> {
    if transport.links().is_empty() {
        return (0..demand.cores as u32).collect();
    }
    exact::best(demand, transport, nodes).unwrap_or_else(|| exchange::good(demand, transport, nodes))
}

/// Width and height of the smallest near-square mesh for `cores` cores.
#[must_use]
pub fn smallest_mesh(cores: usize) -> (usize, usize) {
    let mut width = 1;
    while width * width < cores {
        width += 1;
    }
    (width, cores.div_ceil(width).max(1))
}

#[cfg(test)]
mod tests;
