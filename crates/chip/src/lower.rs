//! Connections as a core's synapses can hold them.
//!
//! An analog array has one weight per cell and no clock of its own, so synapses that differ in delay become
//! one array per distinct delay, each read and counted. A synapse table keeps each synapse's own delay. Either
//! way a synapse's delay adds to what its axons take, in both directions if it drives back.

use crate::network::{Connection, Edge, Network, Weights};
use crate::params::CoreKind;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Where a lowered connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    /// The connection of the network that it is, or is a part of.
    pub connection: usize,
    /// What the synapses of the part take beside their axons and the step of every synapse.
    pub extra: u32,
}

/// A network that cores of `kind` can hold, and where each of its connections comes from.
pub(crate) fn lowered(network: &Network, kind: CoreKind) -> (Cow<'_, Network>, Vec<Origin>) {
    let is_listed = |connection: &Connection| matches!(connection.weights, Weights::Edges(_));
    if kind == CoreKind::Sram || !network.connections.iter().any(is_listed) {
        // A large network is not worth a copy.
        let whole = |connection| Origin { connection, extra: 0 };
        return (Cow::Borrowed(network), (0..network.connections.len()).map(whole).collect());
    }
    let mut connections = Vec::new();
    let mut origins = Vec::new();
    for (index, connection) in network.connections.iter().enumerate() {
        let parts = match &connection.weights {
            Weights::Edges(edges) => by_delay(connection, edges),
            Weights::Dense(_) => vec![(0, connection.clone())],
        };
        for (extra, part) in parts {
            origins.push(Origin { connection: index, extra });
            connections.push(part);
        }
    }
    let Network { populations, input, output, layers, .. } = network;
    let (populations, layers) = (populations.clone(), layers.clone());
    let (input, output, ids) = (*input, *output, Vec::new());
    let lowered = Network { populations, connections, input, output, layers, ids };
    (Cow::Owned(lowered), origins)
}

/// One connection per distinct delay of `edges`, whose axons take over what it is above one step.
fn by_delay(connection: &Connection, edges: &[Edge]) -> Vec<(u32, Connection)> {
    let mut parts: BTreeMap<u32, Vec<Edge>> = BTreeMap::new();
    for edge in edges {
        parts.entry(edge.delay - 1).or_default().push(Edge { delay: 1, ..*edge });
    }
    let Connection { from, to, symmetric, rate, .. } = *connection;
    let part = |(extra, edges)| {
        let [delay, return_delay] =
            [&connection.delay, &connection.return_delay].map(|axons| later(axons, extra));
        (extra, Connection { from, to, weights: Weights::Edges(edges), delay, return_delay, symmetric, rate })
    };
    parts.into_iter().map(part).collect()
}

/// Axons with these delays, behind synapses that take `extra` steps more.
fn later(axons: &[u32], extra: u32) -> Vec<u32> {
    axons.iter().map(|axon| axon.saturating_add(extra)).collect()
}
