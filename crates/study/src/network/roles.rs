//! The two populations that a program speaks to: inputs are presented to one, the other is nudged and read out.

use super::{Surroundings, names};
use equipoise_base::config::ConfigError;
use equipoise_chip::{Network, Population};

/// The population that `network.KEY` names, KEY being `input` or `output`: the one called `name`, or where none is
/// named the one called like the key, if any.
///
/// # Errors
/// If no population has that name, or it is not of the kind that the role needs.
pub(super) fn named(
    network: &Network,
    key: &str,
    name: &str,
    around: &Surroundings<'_>,
) -> Result<Option<usize>, ConfigError> {
    let wanted = if name.is_empty() { key } else { name };
    let Some(at) = network.populations.iter().position(|p| p.name == wanted) else {
        let unknown = || Err(around.error(key, format!("{name:?}"), names(network)));
        return if name.is_empty() { Ok(None) } else { unknown() };
    };
    match (key, network.populations[at].neuron.is_some()) {
        ("input", true) => {
            let found = format!("the population {wanted:?}, which has neurons");
            Err(around.error(key, found, "a clamped population: neuron = \"clamped\""))
        }
        ("output", false) => {
            let found = format!("the population {wanted:?}, which is clamped");
            Err(around.error(key, found, "a population of neurons"))
        }
        _ => Ok(Some(at)),
    }
}

/// Refuses clamped populations with keys that nothing listens to: biases, which inputs do not have, and none of the
/// activities that a population keeps which is not the input. `key` says where such a key of a population stands.
///
/// # Errors
/// At the first such population.
pub(super) fn check_clamped(
    network: &Network,
    around: &Surroundings<'_>,
    key: impl Fn(usize, &str) -> String,
) -> Result<(), ConfigError> {
    let silent = |list: &[f64]| list.iter().all(|&value| value == 0.0);
    let clamped =
        network.populations.iter().enumerate().filter(|(_, population)| population.neuron.is_none());
    for (index, Population { name, bias, start, .. }) in clamped {
        if !silent(bias) {
            let found = format!("biases of the clamped population {name:?}");
            return Err(around.error(&key(index, "bias"), found, "none: inputs have no bias registers"));
        }
        if Some(index) != network.input && silent(start) {
            let found = format!("the clamped population {name:?}, which no stimulus reaches");
            let accepted = format!("`network.input` = {name:?}, or activities that it keeps: `start`");
            return Err(around.error(&key(index, "neuron"), found, accepted));
        }
    }
    Ok(())
}
