//! Neurons and synapses from tables.

use super::{Surroundings, clamped, free, roles};
use crate::Error;
use equipoise_base::config::{ConfigError, Entry, Place, Table, Value};
use equipoise_base::params::Field;
use equipoise_chip::{Connection, Edge, Network, Weights};
use equipoise_trace::FilePath;
use equipoise_trace::edge_archive::{EdgeArchive, EdgeFile};
use equipoise_trace::input::checksum;
use equipoise_trace::network_tables::{NeuronTable, Synapse, read_edges};
use std::path::PathBuf;

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
        /// Table of synapses: src, dst, weight, and delay, connection; or an .npz file with an array for each.
        edges: OptionalPath = OptionalPath(None), "";
        /// Start weights and biases: weights.npz as a run of the same synapses leaves it; empty for those of the tables.
        weights: OptionalPath = OptionalPath(None), "";
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
        let neurons = NeuronTable::read(&neurons.find()?)?;
        let input = if self.input.is_empty() { "input" } else { &self.input };
        let mut network = Network::default();
        for group in &neurons.populations {
            let name = if group.name.is_empty() { "neurons" } else { &group.name };
            let size = group.ids.len();
            let new = if name == input { clamped(name, size) } else { free(name, size, around) };
            let (bias, start) = (group.bias.clone(), group.start.clone());
            network.populations.push(equipoise_chip::Population { bias, start, ..new });
            network.ids.push(group.ids.clone());
        }
        let mut table = EdgeTable::find(edges)?;
        let mut groups = Groups { keeps: true, ..Groups::default() };
        if let Some(weights) = &self.weights.0 {
            groups.keeps = false;
            table.read(&neurons, &mut groups)?;
            let listed = std::mem::take(&mut groups.list);
            table = EdgeTable::find(weights)?;
            groups.keeps = true;
            table.read(&neurons, &mut groups)?;
            expect_same(weights, &listed, &groups.list)?;
        } else {
            table.read(&neurons, &mut groups)?;
        }
        table.take_biases(&mut network)?;
        for Group { from, to, edges, .. } in groups.list {
            network.connections.push(Connection {
                from: from as usize,
                to: to as usize,
                weights: Weights::Edges(edges),
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

    /// The file that the synapses come from, as it is now; `None` where its path is no text.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn source(&self) -> Result<Option<EdgeFile>, Error> {
        let Some(given) = self.weights.0.as_ref().or(self.edges.0.as_ref()) else { return Ok(None) };
        let path = EdgeTable::find(given)?.synapses;
        let crc32 = checksum(&path)?;
        let path = std::path::absolute(&path).unwrap_or(path);
        Ok(path.to_str().map(|path| EdgeFile { path: path.to_owned(), crc32 }))
    }
}

/// Where synapses and perhaps biases are.
struct EdgeTable {
    archive: Option<EdgeArchive>,
    /// The file with the synapses: the one that is named, or the one that it refers to.
    synapses: PathBuf,
}

impl EdgeTable {
    /// Opens the table that a setting names, and follows its reference, whose file must be what it was.
    fn find(given: &FilePath) -> Result<Self, Error> {
        let path = given.find()?;
        if !EdgeArchive::is_one(&path) {
            return Ok(Self { archive: None, synapses: path });
        }
        let archive = EdgeArchive::open(&path)?;
        let Some(edges) = archive.reference()? else {
            return Ok(Self { archive: Some(archive), synapses: path });
        };
        let place = Place::whole(&path.display().to_string());
        let synapses = FilePath::new(&edges.path, &place, "edges_file").find()?;
        let found = checksum(&synapses)?;
        if found != edges.crc32 {
            let found = format!("the checksum {found:08x} of {}", synapses.display());
            let accepted =
                format!("the file as it was when it was referred to, with the CRC-32 {:08x}", edges.crc32);
            return Err(given.error(found, accepted).into());
        }
        Ok(Self { archive: Some(archive), synapses })
    }

    fn read(&self, neurons: &NeuronTable, groups: &mut Groups) -> Result<(), Error> {
        Ok(read_edges(&self.synapses, neurons, |synapse| groups.add(synapse))?)
    }

    /// Biases of the archive take the place of those of the neurons' table.
    fn take_biases(&self, network: &mut Network) -> Result<(), Error> {
        let Some(archive) = &self.archive else { return Ok(()) };
        let free = network.populations.iter_mut().filter(|population| population.neuron.is_some());
        for (index, population) in free.enumerate() {
            if let Some(biases) = archive.biases(index, population.size)? {
                population.bias = biases;
            }
        }
        Ok(())
    }
}

/// The synapses of one connection between two populations.
struct Group {
    connection: u32,
    from: u32,
    to: u32,
    edges: Vec<Edge>,
    /// How many synapses there are.
    count: u64,
    /// A sum over the synapses, whatever their order, that hardly any other synapses have.
    sum: u64,
}

/// Synapses by connection and populations, in the order of their first rows.
#[derive(Default)]
struct Groups {
    list: Vec<Group>,
    /// False where the synapses are only counted and summed up.
    keeps: bool,
    /// The group of the last synapse.
    last: usize,
}

impl Groups {
    fn add(&mut self, synapse: Synapse) {
        let Synapse { connection, source, target, weight, delay } = synapse;
        let (from, to) = (source.population, target.population);
        let is_its = |group: &Group| (group.connection, group.from, group.to) == (connection, from, to);
        if !self.list.get(self.last).is_some_and(is_its) {
            self.last = self.list.iter().position(is_its).unwrap_or_else(|| {
                self.list.push(Group { connection, from, to, edges: Vec::new(), count: 0, sum: 0 });
                self.list.len() - 1
            });
        }
        let group = &mut self.list[self.last];
        let edge = Edge { source: source.neuron, target: target.neuron, weight, delay: delay.steps() };
        group.count += 1;
        group.sum = group.sum.wrapping_add(fingerprint(edge));
        if self.keeps {
            group.edges.push(edge);
        }
    }
}

/// A number for where a synapse is, whatever its weight and its delay, which `[delays]` may give.
fn fingerprint(edge: Edge) -> u64 {
    let mut digest = equipoise_base::Digest::default();
    digest.word(u64::from(edge.source) << 32 | u64::from(edge.target));
    digest.value()
}

/// Start weights must be those of the synapses of the table.
fn expect_same(weights: &FilePath, table: &[Group], given: &[Group]) -> Result<(), ConfigError> {
    let accepted = "those of `network.edges`, as a run of them leaves them";
    if table.len() != given.len() {
        let found =
            format!("synapses of {} connections, where `network.edges` has {}", given.len(), table.len());
        return Err(weights.error(found, accepted));
    }
    for (number, (wanted, found)) in (1..).zip(table.iter().zip(given)) {
        let key = |group: &Group| (group.from, group.to, group.count, group.sum);
        if key(wanted) != key(found) {
            let found = format!(
                "other synapses in connection {number} ({} where `network.edges` has {})",
                found.count, wanted.count
            );
            return Err(weights.error(found, accepted));
        }
    }
    Ok(())
}
