//! Keys of neuron models that must fit each other.

use crate::places;
use equipoise_base::config::{ConfigError, Table};
use equipoise_chip::catalog::{Integrator, NeuronModel};

/// Refuses the model of the section at `key` if its keys contradict each other.
///
/// # Errors
/// If a step of forward Euler is longer than the membrane's time constant: the membrane would pass its target.
pub(super) fn check(model: &NeuronModel, key: &str, root: &Table) -> Result<(), ConfigError> {
    let NeuronModel::Lif(lif) = model else { return Ok(()) };
    if lif.integrator != Integrator::Euler || lif.dt_ms <= lif.tau_ms {
        return Ok(());
    }
    let found = format!("a step of {} ms with a time constant of {} ms", lif.dt_ms, lif.tau_ms);
    let accepted = "dt_ms up to tau_ms with integrator = \"euler\"; \"exact\" takes any";
    Err(places::error_at(root, &format!("{key}.dt_ms"), found, accepted))
}
