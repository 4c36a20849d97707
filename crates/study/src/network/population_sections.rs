//! The sections `[[network.population]]` and `[[network.connection]]`.

use super::weights::StartWeights;
use equipoise_base::config::{ConfigError, Entry, Table, Value};
use equipoise_base::params::Field;
use equipoise_chip::Sign;
use equipoise_chip::catalog::NeuronModel;
use equipoise_trace::FilePath;

/// `neuron` of a population: clamped, the experiment's model, or a model of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum NeuronChoice {
    /// The model of `[neuron]`.
    #[default]
    Default,
    /// Set by the program.
    Clamped,
    /// A model of its own.
    Own(NeuronModel),
}

impl Field for NeuronChoice {
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Text(word) if word == "clamped" => Ok(Self::Clamped),
            Value::Text(word) if word == "default" => Ok(Self::Default),
            Value::Text(word) if NeuronModel::members().iter().all(|model| model.name != word) => {
                let models = NeuronModel::members().into_iter().map(|model| format!("{:?}", model.name));
                let words: Vec<String> =
                    ["\"default\"", "\"clamped\""].map(str::to_owned).into_iter().chain(models).collect();
                Err(table.error(entry, format!("{}, or a section with `kind`", words.join(", "))))
            }
            _ => Ok(Self::Own(NeuronModel::read(table, entry, range)?)),
        }
    }
    fn write(&self) -> Value {
        match self {
            Self::Default => Value::Text("default".to_owned()),
            Self::Clamped => Value::Text("clamped".to_owned()),
            Self::Own(model) => model.write(),
        }
    }
}

/// One number for all neurons, or one for each.
#[derive(Clone, Debug, PartialEq)]
pub enum PerNeuron {
    /// The same for all.
    All(f64),
    /// One for each.
    Each(Vec<f64>),
}

impl PerNeuron {
    /// One value for each of `size` neurons; `Err` with the number of values where they are not as many.
    pub(super) fn list(&self, size: usize) -> Result<Vec<f64>, usize> {
        match self {
            Self::All(value) => Ok(vec![*value; size]),
            Self::Each(list) if list.len() == size => Ok(list.clone()),
            Self::Each(list) => Err(list.len()),
        }
    }
}

impl Field for PerNeuron {
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::List(_) => Ok(Self::Each(Field::read(table, entry, range)?)),
            _ => Ok(Self::All(Field::read(table, entry, range)?)),
        }
    }
    fn write(&self) -> Value {
        match self {
            Self::All(value) => value.write(),
            Self::Each(list) => list.write(),
        }
    }
}

equipoise_base::params! {
    /// `[[network.population]]`.
    pub struct PopulationSection {
        /// Its name.
        name: String = String::new(), "";
        /// Neurons.
        size: usize = 1, "neurons", 1..=100_000_000;
        /// "default" for the model of [neuron], "clamped" for inputs, or a model section of its own.
        neuron: NeuronChoice = NeuronChoice::Default, "";
        /// Sign of the synapses that leave (Dale's law).
        sign: Sign = Sign::Any, "";
        /// Start value of the biases: one number, or one per neuron.
        bias: PerNeuron = PerNeuron::All(0.0), "1";
        /// Start state: one number, or one per neuron.
        start: PerNeuron = PerNeuron::All(0.0), "1";
        /// Learning rate of the biases; negative for the rule.
        bias_rate: f64 = -1.0, "1", -1.0..=1000.0;
    }
}

/// `weights` of a connection: a list, a file, or drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum ConnectionWeights {
    /// Drawn (Glorot), or read from one `.npy` file.
    Start(StartWeights),
    /// The same number for all.
    Constant(f64),
    /// Row-major rows, one list per source neuron.
    Rows(Vec<Vec<f64>>),
}

impl Field for ConnectionWeights {
    fn read(table: &Table, entry: &Entry, range: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::List(_) => Ok(Self::Rows(Field::read(table, entry, range)?)),
            Value::Float(_) | Value::Integer(_) => Ok(Self::Constant(Field::read(table, entry, range)?)),
            Value::Text(word) if word == "drawn" => Ok(Self::Start(StartWeights::Drawn)),
            Value::Text(path) => {
                let path = FilePath::new(path, &entry.place, &table.path_of(&entry.key));
                Ok(Self::Start(StartWeights::Files(vec![path])))
            }
            _ => Err(table.error(entry, "a number, rows of numbers, the path of an .npy file, or \"drawn\"")),
        }
    }
    fn write(&self) -> Value {
        match self {
            Self::Constant(value) => value.write(),
            Self::Rows(rows) => rows.write(),
            Self::Start(StartWeights::Files(paths)) => {
                Value::Text(paths.first().map(FilePath::portable).unwrap_or_default())
            }
            Self::Start(_) => Value::Text("drawn".to_owned()),
        }
    }
}

equipoise_base::params! {
    /// `[[network.connection]]`.
    pub struct ConnectionSection {
        /// Name of the population that drives.
        from: String = String::new(), "";
        /// Name of the population that is driven.
        to: String = String::new(), "";
        /// A number for all, rows (one list per source neuron), the path of an .npy file of shape (pre, post), or "drawn".
        weights: ConnectionWeights = ConnectionWeights::Start(StartWeights::Drawn), "weight";
        /// Steps from an activity to the drive that it is part of.
        delay: u32 = 1, "steps", 1..=1_000_000;
        /// Reads the same synapses back: they also drive the source population.
        symmetric: bool = false, "";
        /// Learns.
        plastic: bool = true, "";
        /// Learning rate; negative for the rule of the network's shape.
        rate: f64 = -1.0, "1", -1.0..=1000.0;
    }
}
