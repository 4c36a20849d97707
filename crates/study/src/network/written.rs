//! Which key of a file gave what a network came to have.

use super::NetworkSpec;
use super::population_sections::NeuronChoice;
use super::weights::StartWeights;
use crate::places;
use equipoise_base::config::Table;

impl NetworkSpec {
    /// The key of the file for `key` of the chip: `population[1].neuron.threshold`, `population[0].bias`,
    /// `connection[2].rate`. Other keys are the file's already.
    pub(crate) fn written_key(&self, key: &str, root: &Table) -> String {
        let part = |list: &str| {
            let (index, rest) = key.strip_prefix(list)?.split_once("].")?;
            Some((index.parse::<usize>().ok()?, rest))
        };
        match (part("population["), part("connection[")) {
            (Some((index, "bias_rate")), _) => {
                self.own_bias_rate(index).map_or_else(|| "learning.bias_rates".to_owned(), |(_, key)| key)
            }
            (Some((index, rest)), _) => match rest.strip_prefix("neuron.") {
                Some(parameter) => self.neuron_key(index, parameter),
                None => self.values_key(index, rest),
            },
            (_, Some((index, _))) => match self.own_rate(index) {
                Some((_, key)) if places::written_at(root, "learning.rates").is_none() => key,
                _ => "learning.rates".to_owned(),
            },
            _ => key.to_owned(),
        }
    }

    fn neuron_key(&self, population: usize, parameter: &str) -> String {
        match self {
            Self::Populations(spec) if matches!(spec.population[population].neuron, NeuronChoice::Own(_)) => {
                format!("network.population[{population}].neuron.{parameter}")
            }
            _ => format!("neuron.{parameter}"),
        }
    }

    /// The key of biases or start states.
    fn values_key(&self, population: usize, what: &str) -> String {
        let of_file = |start: &StartWeights| what == "bias" && *start != StartWeights::Drawn;
        match self {
            Self::Layered(spec) if !spec.biases.is_empty() => "network.biases".to_owned(),
            Self::Recurrent(spec) if !spec.biases.is_empty() => "network.biases".to_owned(),
            Self::Layered(_) | Self::Recurrent(_) => "network.weights".to_owned(),
            Self::Populations(spec) if of_file(&spec.weights) => "network.weights".to_owned(),
            Self::Populations(_) => format!("network.population[{population}].{what}"),
            Self::Explicit(_) => "network.neurons".to_owned(),
        }
    }
}
