//! `[delays]`: how long activities travel along each connection.

use super::Surroundings;
use crate::sections::{DelaySpec, Delays};
use crate::{Error, places};
use equipoise_base::config::ConfigError;
use equipoise_chip::{Edge, Network, Population, Weights};
use equipoise_trace::{FilePath, npy};

/// Puts the delays of the section on every connection.
pub(super) fn set(network: &mut Network, around: &Surroundings<'_>) -> Result<(), Error> {
    let given = around.delays;
    for index in 0..network.connections.len() {
        let forward = entry(&given.steps, "steps", index, network, around)?;
        let back = match &given.return_steps {
            Delays::Each(list) if list.is_empty() => None,
            return_steps => Some(entry(return_steps, "return_steps", index, network, around)?),
        };
        if let DelaySpec::PerAxon(steps) = &forward {
            check_forward_axons(steps, back.is_some(), index, network, around)?;
        }
        set_forward(network, index, forward)?;
        if let Some(back) = back {
            set_back(network, index, back, around)?;
        }
    }
    Ok(())
}

fn wrong(around: &Surroundings<'_>, key: &str, found: String, accepted: &str) -> ConfigError {
    places::error_at(around.root, &format!("delays.{key}"), found, accepted)
}

/// The entry of connection `index`.
fn entry(
    given: &Delays,
    key: &str,
    index: usize,
    network: &Network,
    around: &Surroundings<'_>,
) -> Result<DelaySpec, ConfigError> {
    let count = network.connections.len();
    match given {
        Delays::All(spec) => Ok(spec.clone()),
        Delays::Each(list) if list.len() == count => Ok(list[index].clone()),
        Delays::Each(list) => {
            let entries = if list.len() == 1 { "entry" } else { "entries" };
            let found = format!("{} {entries} for {count} connections", list.len());
            let accepted = "one number for all connections, or one entry per connection in order";
            Err(wrong(around, key, found, accepted))
        }
    }
}

fn check_axons(
    given: &[u32],
    neurons: &Population,
    key: &str,
    around: &Surroundings<'_>,
) -> Result<(), ConfigError> {
    if given.len() == neurons.size {
        return Ok(());
    }
    let found = format!("{} delays for the {} neurons of `{}`", given.len(), neurons.size, neurons.name);
    Err(wrong(around, key, found, "one number, or one per neuron"))
}

fn check_forward_axons(
    given: &[u32],
    has_back: bool,
    index: usize,
    network: &Network,
    around: &Surroundings<'_>,
) -> Result<(), ConfigError> {
    let connection = &network.connections[index];
    let (from, to) = (&network.populations[connection.from], &network.populations[connection.to]);
    check_axons(given, from, "steps", around)?;
    if connection.symmetric && !has_back {
        let found = format!("delays per axon for the symmetric connection `{}` to `{}`", from.name, to.name);
        let accepted = "`delays.return_steps` as well: a number, or one per target neuron";
        return Err(wrong(around, "steps", found, accepted));
    }
    Ok(())
}

fn set_forward(network: &mut Network, index: usize, forward: DelaySpec) -> Result<(), Error> {
    let connection = &mut network.connections[index];
    match forward {
        // A file's own delays, where a population or table gave them, stand unless the section says otherwise.
        DelaySpec::Uniform(1) => {}
        DelaySpec::Uniform(steps) => (connection.delay, connection.return_delay) = (vec![steps], vec![steps]),
        DelaySpec::PerAxon(steps) => connection.delay = steps,
        DelaySpec::Matrix(path) => {
            let shape = [network.populations[connection.from].size, network.populations[connection.to].size];
            connection.weights = Weights::Edges(edges(&path, shape, &connection.weights)?);
        }
    }
    Ok(())
}

fn set_back(
    network: &mut Network,
    index: usize,
    back: DelaySpec,
    around: &Surroundings<'_>,
) -> Result<(), Error> {
    let connection = &mut network.connections[index];
    match back {
        DelaySpec::Uniform(steps) => connection.return_delay = vec![steps],
        DelaySpec::PerAxon(steps) => {
            check_axons(&steps, &network.populations[connection.to], "return_steps", around)?;
            connection.return_delay = steps;
        }
        DelaySpec::Matrix(path) => {
            let accepted = "a number or a list: a matrix in delays.steps counts for both directions";
            return Err(path.error("a matrix for the returned direction", accepted).into());
        }
    }
    Ok(())
}

/// A matrix of delays makes every synapse one of its own.
fn edges(path: &FilePath, shape: [usize; 2], weights: &Weights) -> Result<Vec<Edge>, Error> {
    let Weights::Dense(dense) = weights else {
        let accepted = "no matrix for an explicit network";
        return Err(path.error("delays for synapses that have their own", accepted).into());
    };
    let array = npy::read(&path.find()?)?;
    array.expect_shape(&shape, "one delay per synapse, (pre, post)")?;
    let steps = array.finite_f64()?;
    if let Some(wrong) = steps.iter().find(|&&d| !(1.0..=1e6).contains(&d) || d.fract() != 0.0) {
        let accepted = "whole numbers of steps from 1 to 1000000";
        return Err(path.error(format!("a delay of {wrong} steps"), accepted).into());
    }
    let edge = |i: usize| Edge {
        source: (i / shape[1]) as u32,
        target: (i % shape[1]) as u32,
        weight: dense[i],
        delay: steps[i] as u32,
    };
    Ok((0..dense.len()).map(edge).collect())
}
