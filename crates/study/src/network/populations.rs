//! Populations and connections, each a section of its own.

use super::population_sections::{
    ConnectionSection, ConnectionWeights, NeuronChoice, PerNeuron, PopulationSection,
};
use super::weights::StartWeights;
use super::{Surroundings, membranes, names, roles};
use crate::{Error, rules};
use equipoise_base::config::ConfigError;
use equipoise_chip::{Connection, Network, Population, Sign, Weights};

equipoise_base::params! {
    /// A network of populations.
    pub struct Populations {
        /// The populations.
        population: Vec<PopulationSection> = Vec::new(), "";
        /// The connections.
        connection: Vec<ConnectionSection> = Vec::new(), "";
        /// Name of the clamped population that inputs are presented to; empty for the one called "input", if any.
        input: String = String::new(), "";
        /// Name of the population that is nudged and read out; empty for the one called "output", if any.
        output: String = String::new(), "";
        /// An .npz file with the weights of all connections (w1, w2, ...) and biases (b1, b2, ...), as a run leaves it; "drawn" for what the connections say.
        weights: StartWeights = StartWeights::Drawn, "";
        /// What drawn weights are multiplied with.
        gain: f64 = 1.0, "1", 0.0..=100.0;
    }
}

impl Populations {
    pub(super) fn build(&self, around: &Surroundings<'_>) -> Result<Network, Error> {
        if self.population.is_empty() {
            let accepted = "at least one section [[network.population]]";
            return Err(around.error("population", "no populations", accepted).into());
        }
        let mut network = Network::default();
        for (index, section) in self.population.iter().enumerate() {
            let key = format!("population[{index}]");
            if section.name.is_empty() || network.populations.iter().any(|p| p.name == section.name) {
                let found = format!("the name {:?}", section.name);
                let accepted = "a name of its own for every population";
                return Err(around.error(&format!("{key}.name"), found, accepted).into());
            }
            network.populations.push(population(section, &key, around)?);
        }
        for (index, section) in self.connection.iter().enumerate() {
            let connection = self.connection(section, index, &network, around)?;
            network.connections.push(connection);
        }
        self.load(&mut network, around)?;
        network.input = roles::named(&network, "input", &self.input, around)?;
        network.output = roles::named(&network, "output", &self.output, around)?;
        roles::check_clamped(&network, around, |index, key| format!("population[{index}].{key}"))?;
        Ok(network)
    }

    fn connection(
        &self,
        section: &ConnectionSection,
        index: usize,
        network: &Network,
        around: &Surroundings<'_>,
    ) -> Result<Connection, Error> {
        let key = |key: &str| format!("connection[{index}].{key}");
        let find = |side: &str, name: &str| {
            let found = network.populations.iter().position(|p| p.name == name);
            found.ok_or_else(|| around.error(&key(side), format!("{name:?}"), names(network)))
        };
        let (from, to) = (find("from", &section.from)?, find("to", &section.to)?);
        let (source, target) = (&network.populations[from], &network.populations[to]);
        if target.neuron.is_none() {
            let found = format!("{:?}, a clamped population", section.to);
            return Err(around.error(&key("to"), found, "a population of neurons").into());
        }
        let (rows, columns) = (source.size, target.size);
        around.check_size(&format!("connection[{index}]"), rows, columns)?;
        let weights = match &section.weights {
            ConnectionWeights::Constant(weight) => vec![*weight; rows * columns],
            ConnectionWeights::Rows(given) => {
                if let Some(found) = misshapen(given, rows, columns) {
                    let accepted = format!("{rows} rows of {columns} weights, one row per source neuron");
                    return Err(around.error(&key("weights"), found, accepted).into());
                }
                given.concat()
            }
            ConnectionWeights::Start(start) => {
                let at = if *start == StartWeights::Drawn { index } else { 0 };
                let drawn = start.supply(around, self.gain)?.weights(at, rows, columns)?;
                if *start == StartWeights::Drawn { signed(drawn, source.sign) } else { drawn }
            }
        };
        let rate = match (section.plastic, section.rate) {
            (false, _) => 0.0,
            (true, rate) if rate < 0.0 => rules::rate(rows, usize::from(source.neuron.is_some())),
            (true, rate) => rate,
        };
        let delay = vec![section.delay];
        Ok(Connection {
            from,
            to,
            weights: Weights::Dense(weights),
            return_delay: delay.clone(),
            delay,
            symmetric: section.symmetric,
            rate,
        })
    }

    /// Weights and biases of the file that `weights` names replace those of the sections.
    fn load(&self, network: &mut Network, around: &Surroundings<'_>) -> Result<(), Error> {
        if self.weights == StartWeights::Drawn {
            return Ok(());
        }
        let supply = self.weights.supply(around, self.gain)?;
        let Network { populations, connections, .. } = network;
        let free = populations.iter().filter(|p| p.neuron.is_some()).count();
        supply.refuse_unknown(connections.len(), free)?;
        for (index, connection) in connections.iter_mut().enumerate() {
            let (rows, columns) = (populations[connection.from].size, populations[connection.to].size);
            connection.weights = Weights::Dense(supply.weights(index, rows, columns)?);
        }
        for (index, population) in populations.iter_mut().filter(|p| p.neuron.is_some()).enumerate() {
            let biases = supply.biases(index, population.size)?;
            if !biases.is_empty() {
                population.bias = biases;
            }
        }
        Ok(())
    }
}

/// What was found where rows of weights have not the shape of their connection.
fn misshapen(given: &[Vec<f64>], rows: usize, columns: usize) -> Option<String> {
    if given.len() != rows {
        return Some(format!("{} rows", given.len()));
    }
    let row = given.iter().position(|row| row.len() != columns)?;
    Some(format!("{} weights in row {row}", given[row].len()))
}

/// Drawn weights with the sign that their source has.
fn signed(weights: Vec<f64>, sign: Sign) -> Vec<f64> {
    match sign {
        Sign::Any => weights,
        Sign::Excitatory => weights.into_iter().map(f64::abs).collect(),
        Sign::Inhibitory => weights.into_iter().map(|w| -w.abs()).collect(),
    }
}

fn population(
    section: &PopulationSection,
    key: &str,
    around: &Surroundings<'_>,
) -> Result<Population, ConfigError> {
    let size = section.size;
    let neuron = match &section.neuron {
        NeuronChoice::Default => Some(around.neuron.clone()),
        NeuronChoice::Clamped => None,
        NeuronChoice::Own(model) => {
            membranes::check(model, &format!("network.{key}.neuron"), around.root)?;
            Some(model.clone())
        }
    };
    let list = |name: &str, values: &PerNeuron| {
        let accepted = format!("one number, or {size} numbers, one per neuron");
        values
            .list(size)
            .map_err(|count| around.error(&format!("{key}.{name}"), format!("{count} numbers"), accepted))
    };
    let bias_rate = if section.bias_rate < 0.0 { rules::rate(size, 1) } else { section.bias_rate };
    Ok(Population {
        name: section.name.clone(),
        size,
        bias_rate: if neuron.is_some() { bias_rate } else { 0.0 },
        neuron,
        sign: section.sign,
        bias: list("bias", &section.bias)?,
        start: list("start", &section.start)?,
    })
}
