//! Neurons and synapses from tables.

use super::{Surroundings, clamped, free, roles};
use crate::Error;
use equipoise_base::config::{ConfigError, Entry, Table, Value};
use equipoise_base::params::Field;
use equipoise_chip::{Connection, Edge, Network, Weights};
use equipoise_trace::FilePath;
use equipoise_trace::network_tables::{read_edges, read_neurons};
use std::collections::BTreeMap;

/// A path that may be left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OptionalPath(pub Option<FilePath>);

impl Field for OptionalPath {
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        if super::is_blank(&entry.node.value) {
            return Ok(Self(None));
        }
        let text = String::read(table, entry, range)?;
        Ok(Self(Some(FilePath::new(&text, &entry.place, &table.path_of(&entry.key)))))
    }
    fn write(&self) -> Value {
        Value::Text(self.0.as_ref().map(FilePath::portable).unwrap_or_default())
    }
}

equipoise_base::params! {
    /// A network of single neurons and synapses.
    pub struct Explicit {
        /// Table of neurons: id, and population, bias, x0.
        neurons: OptionalPath = OptionalPath(None), "";
        /// Table of synapses: src, dst, weight, and delay, connection.
        edges: OptionalPath = OptionalPath(None), "";
        /// Name of the clamped population that inputs are presented to; empty for the one called "input", if any.
        input: String = String::new(), "";
        /// Name of the population that is nudged and read out; empty for the one called "output", if any.
        output: String = String::new(), "";
    }
}

impl Explicit {
    pub(super) fn build(&self, around: &Surroundings<'_>) -> Result<Network, Error> {
        let (Some(neurons), Some(edges)) = (&self.neurons.0, &self.edges.0) else {
            return Err(around
                .error(
                    "kind",
                    "an explicit network without its tables",
                    "neurons = \"neurons.csv\" and edges = \"edges.csv\"",
                )
                .into());
        };
        let rows = read_neurons(&neurons.find()?)?;
        let input = if self.input.is_empty() { "input" } else { &self.input };
        let mut network = Network::default();
        // Where each id lives: population and number in it.
        let mut homes: BTreeMap<u32, (usize, u32)> = BTreeMap::new();
        for row in &rows {
            let name = if row.population.is_empty() { "neurons" } else { &row.population };
            let at = network.populations.iter().position(|p| p.name == name).unwrap_or_else(|| {
                let new = if name == input { clamped(name, 0) } else { free(name, 0, around) };
                network.populations.push(new);
                network.populations.len() - 1
            });
            let population = &mut network.populations[at];
            homes.insert(row.id, (at, population.size as u32));
            population.size += 1;
            population.bias.push(row.bias);
            population.start.push(row.x0);
        }
        let edges_path = edges.find()?;
        // Synapses by (connection name, from, to), in the order of their first rows.
        let mut groups: Vec<((String, usize, usize), Vec<Edge>)> = Vec::new();
        for row in read_edges(&edges_path, &rows)? {
            let home = |id: u32| {
                homes.get(&id).copied().ok_or_else(|| {
                    edges.error(
                        format!("the neuron id {id} (line {})", row.line),
                        "ids of the table of neurons",
                    )
                })
            };
            let ((from, source), (to, target)) = (home(row.src)?, home(row.dst)?);
            let edge = Edge { source, target, weight: row.weight, delay: row.delay.steps() };
            let key = (row.connection.clone(), from, to);
            match groups.iter_mut().find(|(known, _)| *known == key) {
                Some((_, list)) => list.push(edge),
                None => groups.push((key, vec![edge])),
            }
        }
        for ((_, from, to), list) in groups {
            let weights = Weights::Edges(list);
            network.connections.push(Connection {
                from,
                to,
                weights,
                delay: vec![1],
                return_delay: vec![1],
                symmetric: false,
                rate: 0.0,
            });
        }
        network.input = roles::named(&network, "input", &self.input, around)?;
        network.output = roles::named(&network, "output", &self.output, around)?;
        roles::check_clamped(&network, around, |_, _| "neurons".to_owned())?;
        Ok(network)
    }
}
