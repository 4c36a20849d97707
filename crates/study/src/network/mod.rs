//! `[network]`: from shorthand in a file to populations and connections.

mod delays;
mod explicit;
mod layered;
mod membranes;
mod patterns;
mod population_sections;
mod populations;
mod rates;
mod recurrent;
mod roles;
mod weights;
mod written;

use crate::sections::{DelaySection, LearningSection};
use crate::{Error, places};
use equipoise_base::config::{ConfigError, Table, Value};
use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::{Connection, DelayRules, Network, Population, Sign, Weights};
use equipoise_trace::edge_archive::EdgeFile;

pub use explicit::{Explicit, OptionalPath};
pub use layered::Layered;
pub use patterns::hebbian;
pub use populations::Populations;
pub use recurrent::Recurrent;

equipoise_base::family! {
    /// The shape of a network.
    pub enum NetworkSpec {
        /// Layers from the clamped input to the output, neighbours coupled symmetrically.
        Layered(Layered) = "layered",
        /// One population coupled with itself: an associative memory, or a hidden population with inputs and outputs.
        Recurrent(Recurrent) = "recurrent",
        /// Populations and connections, each a section of its own.
        Populations(Populations) = "populations",
        /// Neurons and synapses from tables.
        Explicit(Explicit) = "explicit",
    }
}

/// What a network is built from beside its own section.
#[derive(Clone, Debug)]
pub struct Surroundings<'a> {
    /// The model of populations that name none.
    pub neuron: &'a NeuronModel,
    /// The rates.
    pub learning: &'a LearningSection,
    /// The delays.
    pub delays: &'a DelaySection,
    /// The seed of random start weights.
    pub seed: u64,
    /// The file, for the places of errors.
    pub root: &'a Table,
}

impl Surroundings<'_> {
    /// An error at `network.KEY`.
    pub(crate) fn error(
        &self,
        key: &str,
        found: impl Into<String>,
        accepted: impl Into<String>,
    ) -> ConfigError {
        places::error_at(self.root, &format!("network.{key}"), found, accepted)
    }

    /// The error for a matrix of `rows` x `columns` synapses at `network.KEY` that no host could hold.
    pub(crate) fn check_size(&self, key: &str, rows: usize, columns: usize) -> Result<(), ConfigError> {
        if (rows as u64).saturating_mul(columns as u64) <= MOST_SYNAPSES {
            return Ok(());
        }
        let found = format!("{rows} x {columns} synapses");
        Err(self.error(key, found, format!("at most {MOST_SYNAPSES} between two populations")))
    }
}

/// The most synapses of one dense connection: simulating them takes some twenty gigabytes.
const MOST_SYNAPSES: u64 = 1_000_000_000;

impl NetworkSpec {
    /// Builds the network with its rates and delays.
    ///
    /// # Errors
    /// If keys contradict each other or a file does not fit.
    pub fn build(&self, around: &Surroundings<'_>) -> Result<Network, Error> {
        membranes::check(around.neuron, "neuron", around.root)?;
        let mut network = match self {
            Self::Layered(spec) => spec.build(around)?,
            Self::Recurrent(spec) => spec.build(around)?,
            Self::Populations(spec) => spec.build(around)?,
            Self::Explicit(spec) => spec.build(around)?,
        };
        self.set_rates(&mut network, around)?;
        delays::set(&mut network, around)?;
        network.check().map_err(|error| {
            let section = places::written_at(around.root, "network");
            let place = section.unwrap_or_else(|| around.root.place.clone()).to_string();
            Error::Network { place, message: error.to_string() }
        })?;
        Ok(network)
    }

    /// What the delays of `network`, which was built from this, follow beside its numbers.
    ///
    /// # Errors
    /// If the entries of `[delays]` do not fit the network.
    pub fn delay_rules(
        &self,
        network: &Network,
        around: &Surroundings<'_>,
    ) -> Result<Vec<DelayRules>, Error> {
        delays::rules(network, around)
    }

    /// The keys that say how many input and how many output neurons there are.
    #[must_use]
    pub fn size_keys(&self) -> [&'static str; 2] {
        match self {
            Self::Layered(_) => ["network.layers", "network.layers"],
            Self::Recurrent(_) => ["network.inputs", "network.outputs"],
            Self::Populations(_) => ["network.population", "network.population"],
            Self::Explicit(_) => ["network.neurons", "network.neurons"],
        }
    }

    /// The file that the synapses come from, where that is a table.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(crate) fn source(&self) -> Result<Option<EdgeFile>, Error> {
        if let Self::Explicit(spec) = self { spec.source() } else { Ok(None) }
    }

    /// Hidden layers between input and output, as far as the settling rules are concerned.
    #[must_use]
    pub fn hidden_layers(&self) -> usize {
        if let Self::Layered(spec) = self { spec.layers.len().saturating_sub(2) } else { 1 }
    }
}

/// A clamped population.
pub(crate) fn clamped(name: &str, size: usize) -> Population {
    Population {
        name: name.to_owned(),
        size,
        neuron: None,
        sign: Sign::Any,
        bias: Vec::new(),
        start: Vec::new(),
        bias_rate: 0.0,
    }
}

/// A free population of the surroundings' model.
pub(crate) fn free(name: &str, size: usize, around: &Surroundings<'_>) -> Population {
    Population { neuron: Some(around.neuron.clone()), ..clamped(name, size) }
}

/// A connection with delays of one step and no rate yet.
pub(crate) fn connect(from: usize, to: usize, weights: Vec<f64>, symmetric: bool) -> Connection {
    Connection {
        from,
        to,
        weights: Weights::Dense(weights),
        delay: vec![1],
        return_delay: vec![1],
        symmetric,
        rate: 0.0,
    }
}

/// The text of a key that names a population, for errors that list what exists.
pub(crate) fn names(network: &Network) -> String {
    network.populations.iter().map(|p| format!("{:?}", p.name)).collect::<Vec<_>>().join(", ")
}

/// True where a value is an empty text: the way to leave out a path.
pub(crate) fn is_blank(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.is_empty())
}
