//! Connections as a core's synapses can hold them.
//!
//! An analog array has one weight per cell and no clock of its own, so synapses that differ in delay become
//! one array per distinct delay, each read and counted. A synapse table keeps each synapse's own delay. Either
//! way a synapse's delay adds to what its axons take, in both directions if it drives back.

use crate::network::{Connection, Edge, Network, Weights};
use crate::params::CoreKind;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A network that cores of `kind` can hold, and for each of its connections the one it comes from.
pub(crate) fn lowered(network: &Network, kind: CoreKind) -> (Cow<'_, Network>, Vec<usize>) {
    if kind == CoreKind::Sram {
        // A large network is not worth a copy.
        return (Cow::Borrowed(network), (0..network.connections.len()).collect());
    }
    let mut connections = Vec::new();
    let mut origins = Vec::new();
    for (index, connection) in network.connections.iter().enumerate() {
        let parts = match &connection.weights {
            Weights::Edges(edges) => by_delay(connection, edges),
            Weights::Dense(_) => vec![connection.clone()],
        };
        origins.extend(parts.iter().map(|_| index));
        connections.extend(parts);
    }
    let Network { populations, input, output, layers, .. } = network;
    let (populations, layers) = (populations.clone(), layers.clone());
    let lowered = Network { populations, connections, input: *input, output: *output, layers };
    (Cow::Owned(lowered), origins)
}

/// One connection per distinct delay of `edges`, whose axons take the delay over.
fn by_delay(connection: &Connection, edges: &[Edge]) -> Vec<Connection> {
    let mut parts: BTreeMap<u32, Vec<Edge>> = BTreeMap::new();
    for edge in edges {
        parts.entry(edge.delay).or_default().push(Edge { delay: 1, ..*edge });
    }
    let part = |(delay, edges)| Connection {
        weights: Weights::Edges(edges),
        delay: later(&connection.delay, delay),
        return_delay: later(&connection.return_delay, delay),
        ..connection.clone()
    };
    parts.into_iter().map(part).collect()
}

/// Axons with these delays, behind a synapse that takes `delay` steps instead of one.
fn later(axons: &[u32], delay: u32) -> Vec<u32> {
    axons.iter().map(|axon| axon.saturating_add(delay - 1)).collect()
}
