//! `weights.npz`: the weights and biases that a run leaves, as `network.weights` accepts them.

use crate::Error;
use equipoise_chip::{Machine, Network, Weights};
use equipoise_trace::edge_archive::{self, EdgeFile, EdgeRow};
use equipoise_trace::{Array, npz};
use std::path::Path;

/// Writes what `machine` has of `network` as the archive `path`: of a network from tables its synapses, or where
/// `edges` has them unchanged a reference to that; of any other the matrices w1, w2, ...; and the biases b1, b2, ... of
/// the free populations.
///
/// # Errors
/// If the file cannot be written.
pub fn write(
    path: &Path,
    machine: &dyn Machine,
    network: &Network,
    edges: Option<&EdgeFile>,
) -> Result<(), Error> {
    let free = (0..network.populations.len()).filter(|&p| network.populations[p].neuron.is_some());
    let biases: Vec<Vec<f64>> = free.map(|population| machine.biases(population)).collect();
    match edges {
        _ if network.ids.is_empty() => matrices(path, machine, network, biases),
        Some(edges) => Ok(edge_archive::write_reference(path, edges, &biases)?),
        None => synapses(path, machine, network, &biases),
    }
}

fn matrices(
    path: &Path,
    machine: &dyn Machine,
    network: &Network,
    biases: Vec<Vec<f64>>,
) -> Result<(), Error> {
    let mut arrays = Vec::new();
    for (index, connection) in network.connections.iter().enumerate() {
        let shape = [network.populations[connection.from].size, network.populations[connection.to].size];
        let name = format!("w{}", index + 1);
        let weights = match machine.weights(index) {
            Weights::Dense(weights) => weights,
            listed => listed.dense(shape[0], shape[1]).into_owned(),
        };
        arrays.push((name.clone(), Array::f64(&name, &shape, weights)?));
    }
    for (index, biases) in biases.into_iter().enumerate() {
        let name = format!("b{}", index + 1);
        arrays.push((name.clone(), Array::f64(&name, &[biases.len()], biases)?));
    }
    Ok(npz::write(path, arrays.iter().map(|(name, array)| (name.as_str(), array)))?)
}

/// Synapses with the ids of the user's tables, connection by connection.
fn synapses(path: &Path, machine: &dyn Machine, network: &Network, biases: &[Vec<f64>]) -> Result<(), Error> {
    let mut lists = Vec::new();
    for (index, connection) in (0..).zip(&network.connections) {
        let Weights::Edges(edges) = machine.weights(index as usize) else { continue };
        lists.push((index, &network.ids[connection.from], &network.ids[connection.to], edges));
    }
    let count = lists.iter().map(|(.., edges)| edges.len()).sum();
    let rows = lists.iter().flat_map(|(connection, sources, targets, edges)| {
        edges.iter().map(|edge| EdgeRow {
            connection: *connection,
            src: sources[edge.source as usize],
            dst: targets[edge.target as usize],
            weight: edge.weight,
            delay: edge.delay,
        })
    });
    Ok(edge_archive::write(path, count, rows, biases)?)
}
