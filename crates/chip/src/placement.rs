//! Which neurons live on which core.
//!
//! A population and the synapses that feed it share a core; what does not fit is cut by columns over several
//! cores. Cores are numbered in the order of populations and then of cuts, and sit on the mesh row by row:
//! node = y * width + x.

use crate::network::{Network, NetworkError};
use std::ops::Range;

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
}

/// Cuts every population into slices, one core each.
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
            slices.push(Slice { population: index, range: start..end });
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
mod tests {
    use super::*;

    #[test]
    fn the_smallest_mesh_is_near_square_and_large_enough() {
        for (cores, mesh) in [(1, (1, 1)), (2, (2, 1)), (3, (2, 2)), (6, (3, 2)), (9, (3, 3)), (10, (4, 3))] {
            assert_eq!(smallest_mesh(cores), mesh, "{cores}");
        }
    }
}
