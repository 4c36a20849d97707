//! Which synapses of an edge list end on which core: found in one walk over the list for all cores together.

use crate::network::{Edge, Network, Weights};
use crate::placement::Slice;

/// For each connection that is an edge list, its edges by core.
pub(crate) struct Shares(Vec<Option<ByCore>>);

struct ByCore {
    /// Positions in the edge list, core by core, each core's ascending.
    order: Vec<u32>,
    /// Where the positions of each core begin, and the end.
    starts: Vec<usize>,
}

impl Shares {
    /// The shares of the cores `slices`.
    pub(crate) fn new(network: &Network, slices: &[Slice]) -> Self {
        let by_core = |to: usize, edges: &[Edge]| {
            let mut core_of = vec![0_u32; network.populations[to].size];
            for (core, slice) in slices.iter().enumerate().filter(|(_, slice)| slice.population == to) {
                core_of[slice.range.clone()].fill(core as u32);
            }
            let mut starts = vec![0; slices.len() + 1];
            edges.iter().for_each(|edge| starts[core_of[edge.target as usize] as usize + 1] += 1);
            (0..slices.len()).for_each(|core| starts[core + 1] += starts[core]);
            let (mut next, mut order) = (starts.clone(), vec![0; edges.len()]);
            for (at, edge) in edges.iter().enumerate() {
                let place = &mut next[core_of[edge.target as usize] as usize];
                order[*place] = at as u32;
                *place += 1;
            }
            ByCore { order, starts }
        };
        let shares = network.connections.iter().map(|connection| match &connection.weights {
            Weights::Edges(edges) => Some(by_core(connection.to, edges)),
            Weights::Dense(_) => None,
        });
        Self(shares.collect())
    }

    /// Positions of the edges of `connection` that end on `core`, ascending; none for a dense connection.
    pub(crate) fn of(&self, connection: usize, core: usize) -> &[u32] {
        match self.0.get(connection) {
            Some(Some(ByCore { order, starts })) => &order[starts[core]..starts[core + 1]],
            _ => &[],
        }
    }
}
