//! The delays in use: a row wherever one begins to hold.

use super::Probe;
use crate::Error;
use equipoise_chip::{Connection, Network, Observer, View, Weights};
use equipoise_trace::table_writer::{Cell, TableWriter};
use std::path::Path;

const COLUMNS: [&str; 7] = ["step", "connection", "from", "to", "source", "target", "delay_steps"];

/// One row: from `step` on, that delay.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    step: u64,
    /// Its name in `weights.npz`.
    connection: String,
    /// The populations of the sending and of the receiving end.
    ends: [String; 2],
    /// The sending neuron; `None` for all.
    source: Option<usize>,
    /// The receiving neuron; `None` for all.
    target: Option<usize>,
    delay_steps: u32,
}

/// The record of a run's delays.
pub(super) struct Delays(Vec<Row>);

impl Delays {
    /// The delays that hold from the start on.
    pub(super) fn new(network: &Network) -> Self {
        let mut rows = Vec::new();
        for (index, connection) in network.connections.iter().enumerate() {
            let [from, to] =
                [connection.from, connection.to].map(|end| network.populations[end].name.clone());
            let name = format!("w{}", index + 1);
            let forward = [from.clone(), to.clone()];
            rows.extend(of_way(connection, &connection.delay, true, &name, &forward));
            if connection.symmetric && network.populations[connection.from].neuron.is_some() {
                rows.extend(of_way(connection, &connection.return_delay, false, &name, &[to, from]));
            }
        }
        Self(rows)
    }
}

/// The rows of one direction of a connection: as few as tell every synapse's delay.
fn of_way(connection: &Connection, axons: &[u32], forward: bool, name: &str, ends: &[String; 2]) -> Vec<Row> {
    let row = |source, target, delay_steps| Row {
        step: 0,
        connection: name.to_owned(),
        ends: ends.clone(),
        source,
        target,
        delay_steps,
    };
    let of_axon = |axon: usize| axons.get(axon).or(axons.first()).copied().unwrap_or(1);
    match &connection.weights {
        // A synapse's own delay adds to that of its axon.
        Weights::Edges(edges) if edges.iter().any(|edge| edge.delay > 1) => edges
            .iter()
            .map(|edge| {
                let (mut source, mut target) = (edge.source as usize, edge.target as usize);
                if !forward {
                    (source, target) = (target, source);
                }
                let delay = of_axon(source).saturating_add(edge.delay - 1);
                row(Some(source), Some(target), delay)
            })
            .collect(),
        _ if axons.iter().all(|delay| *delay == of_axon(0)) => vec![row(None, None, of_axon(0))],
        _ => axons.iter().enumerate().map(|(axon, &delay)| row(Some(axon), None, delay)).collect(),
    }
}

impl Observer for Delays {
    fn step(&mut self, _: &dyn View) {}
}

impl Probe for Delays {
    fn write(&self, path: &Path) -> Result<(), Error> {
        let mut table = TableWriter::create(path, &COLUMNS)?;
        let neuron = |neuron: Option<usize>| Cell::from(neuron.map(|neuron| neuron as u64));
        for row in &self.0 {
            table.row(&[
                row.step.into(),
                row.connection.as_str().into(),
                row.ends[0].as_str().into(),
                row.ends[1].as_str().into(),
                neuron(row.source),
                neuron(row.target),
                u64::from(row.delay_steps).into(),
            ])?;
        }
        Ok(table.finish()?)
    }

    fn cut(&self, _: u64) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use equipoise_chip::Edge;

    fn rows(weights: Weights, delay: &[u32], return_delay: &[u32]) -> Vec<[Option<usize>; 3]> {
        let connection = Connection {
            from: 0,
            to: 1,
            weights,
            delay: delay.to_vec(),
            return_delay: return_delay.to_vec(),
            symmetric: true,
            rate: 0.0,
        };
        let ends = ["a".to_owned(), "b".to_owned()];
        let both = [(delay, true), (return_delay, false)];
        let all = both.iter().flat_map(|(axons, forward)| of_way(&connection, axons, *forward, "w1", &ends));
        all.map(|row| [row.source, row.target, Some(row.delay_steps as usize)]).collect()
    }

    #[test]
    fn as_few_rows_as_tell_every_synapses_delay() {
        let dense = || Weights::Dense(vec![0.0; 6]);
        assert_eq!(rows(dense(), &[3], &[1]), [[None, None, Some(3)], [None, None, Some(1)]]);
        let expected = [[Some(0), None, Some(2)], [Some(1), None, Some(5)], [None, None, Some(4)]];
        assert_eq!(rows(dense(), &[2, 5], &[4, 4, 4]), expected);
        let edge = |source, target, delay| Edge { source, target, weight: 1.0, delay };
        let edges = Weights::Edges(vec![edge(0, 1, 1), edge(1, 0, 7)]);
        let expected = [[0, 1, 2], [1, 0, 11], [1, 0, 1], [0, 1, 7]].map(|row| row.map(Some));
        assert_eq!(rows(edges, &[2, 5], &[1]), expected);
    }
}
