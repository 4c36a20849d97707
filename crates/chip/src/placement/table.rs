//! Which core sits on which node, as a user's table says it.

use super::{Placement, Slice};
use crate::network::{Network, NetworkError};
use std::collections::BTreeMap;

/// The nodes that a table names, one for each of `slices`, on a mesh of so many `nodes`; `None` where the placement is a
/// rule.
///
/// # Errors
/// If a core has no node, a node two cores, or a node or population is none.
pub(super) fn given(
    placement: &Placement,
    network: &Network,
    slices: &[Slice],
    nodes: usize,
) -> Result<Option<Vec<u32>>, NetworkError> {
    let (given, keys) = match placement {
        Placement::Order | Placement::Traffic => return Ok(None),
        Placement::Nodes(given) => {
            check_number("hardware.placement", "the network", given.len(), slices.len())?;
            let keys = (0..given.len()).map(|core| format!("hardware.placement[{core}]"));
            (given.clone(), keys.collect::<Vec<_>>())
        }
        Placement::Populations(populations) => of_populations(populations, network, slices)?,
    };
    let mut first: BTreeMap<u32, usize> = BTreeMap::new();
    for (core, &node) in given.iter().enumerate() {
        if node as usize >= nodes {
            return refuse(&keys[core], &format!("node {node}"), &format!("a node from 0 to {}", nodes - 1));
        }
        if let Some(other) = first.insert(node, core) {
            let found = format!("node {node} for core {core}, on which core {other} sits");
            return refuse(&keys[core], &found, "a node of its own for every core");
        }
    }
    Ok(Some(given))
}

/// The nodes and, for messages, where each stands.
fn of_populations(
    populations: &[(String, Vec<u32>)],
    network: &Network,
    slices: &[Slice],
) -> Result<(Vec<u32>, Vec<String>), NetworkError> {
    let known = || network.populations.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
    if let Some((name, _)) =
        populations.iter().find(|(name, _)| network.populations.iter().all(|p| p.name != *name))
    {
        return refuse(&format!("hardware.placement.{name}"), "an unknown population", &known());
    }
    let (mut given, mut keys) = (Vec::new(), Vec::new());
    for (index, population) in network.populations.iter().enumerate() {
        let name = &population.name;
        let cores = slices.iter().filter(|slice| slice.population == index).count();
        let Some((_, nodes)) = populations.iter().find(|(other, _)| other == name) else {
            let found = format!("no nodes for population `{name}`");
            return refuse("hardware.placement", &found, "the nodes of every population");
        };
        let key = format!("hardware.placement.{name}");
        check_number(&key, &format!("population `{name}`"), nodes.len(), cores)?;
        given.extend(nodes);
        keys.extend((0..cores).map(|at| if cores == 1 { key.clone() } else { format!("{key}[{at}]") }));
    }
    Ok((given, keys))
}

fn check_number(key: &str, whose: &str, nodes: usize, cores: usize) -> Result<(), NetworkError> {
    if nodes == cores {
        return Ok(());
    }
    let s = |n: usize| if n == 1 { "" } else { "s" };
    let found = format!("{nodes} node{}", s(nodes));
    refuse(key, &found, &format!("one for each of the {cores} core{} that {whose} takes", s(cores)))
}

fn refuse<T>(key: &str, found: &str, accepted: &str) -> Result<T, NetworkError> {
    Err(NetworkError(format!("`{key}`: found {found}; accepted: {accepted}")))
}
