//! `learning.rates` and `learning.bias_rates`: how fast what is plastic learns.

use super::{NetworkSpec, Surroundings};
use crate::places;
use crate::sections::Rule;
use equipoise_base::config::ConfigError;
use equipoise_chip::Network;

impl NetworkSpec {
    /// Plastic connections get their rates, free populations their biases'.
    pub(super) fn set_rates(
        &self,
        network: &mut Network,
        around: &Surroundings<'_>,
    ) -> Result<(), ConfigError> {
        let learning = around.learning;
        if learning.rule == Rule::None || network.output.is_none() {
            network.connections.iter_mut().for_each(|c| c.rate = 0.0);
            network.populations.iter_mut().for_each(|p| p.bias_rate = 0.0);
            return Ok(());
        }
        let wrong = |key: &str, given: usize, wanted: usize, what: &str| {
            let found = format!("{given} {} for {wanted} {what}s", if given == 1 { "rate" } else { "rates" });
            let accepted = format!("one per {what} in order, or none for the rule of the network's shape");
            Err(places::error_at(around.root, &format!("learning.{key}"), found, accepted))
        };
        let count = network.connections.len();
        if !learning.rates.is_empty() && learning.rates.len() != count {
            return wrong("rates", learning.rates.len(), count, "connection");
        }
        let free: Vec<usize> =
            (0..network.populations.len()).filter(|&p| network.populations[p].neuron.is_some()).collect();
        if !learning.bias_rates.is_empty() && learning.bias_rates.len() != free.len() {
            return wrong("bias_rates", learning.bias_rates.len(), free.len(), "free population");
        }
        for (index, &rate) in learning.rates.iter().enumerate() {
            agree("rates", rate, self.own_rate(index), around)?;
            network.connections[index].rate = rate;
        }
        for (&population, &rate) in free.iter().zip(&learning.bias_rates) {
            agree("bias_rates", rate, self.own_bias_rate(population), around)?;
            network.populations[population].bias_rate = rate;
        }
        Ok(())
    }

    /// The rate that a connection gives itself, and the key that does so; `None` where it leaves it to a rule.
    pub(super) fn own_rate(&self, connection: usize) -> Option<(f64, String)> {
        let Self::Populations(spec) = self else { return None };
        let section = &spec.connection[connection];
        let key = |key: &str| format!("network.connection[{connection}].{key}");
        match (section.plastic, section.rate) {
            (false, _) => Some((0.0, key("plastic"))),
            (true, rate) => (rate >= 0.0).then(|| (rate, key("rate"))),
        }
    }

    /// The same for the biases of a population.
    pub(super) fn own_bias_rate(&self, population: usize) -> Option<(f64, String)> {
        let Self::Populations(spec) = self else { return None };
        let rate = spec.population[population].bias_rate;
        (rate >= 0.0).then(|| (rate, format!("network.population[{population}].bias_rate")))
    }
}

/// Refuses a rate of the section `[learning]` that is not the one which its connection or population gives itself.
fn agree(
    list: &str,
    rate: f64,
    own: Option<(f64, String)>,
    around: &Surroundings<'_>,
) -> Result<(), ConfigError> {
    match own {
        Some((own, key)) if own != rate => {
            let found = format!("the rate {rate}, where `{key}` makes it {own}");
            let accepted = "one of the two: leave one key out, or let them agree";
            Err(places::error_at(around.root, &format!("learning.{list}"), found, accepted))
        }
        _ => Ok(()),
    }
}
