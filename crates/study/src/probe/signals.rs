//! The signals of a waveform: what the words in a file mean.

use super::Setting;
use equipoise_base::config::ConfigError;
use equipoise_chip::params::Mesh;
use equipoise_chip::placement::smallest_mesh;
use std::ops::Range;

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The controller's state.
    Phase,
    /// The number of the step.
    Step,
    /// Every core: busy, reading, updating, learning.
    Cores,
    /// Packets in flight.
    Packets,
    /// The depths of FIFOs: those of one node, or all that ever hold a packet.
    Fifos(Option<usize>),
    /// Activities of these neurons of a population.
    Activity(usize, Range<usize>),
    /// States of these neurons of a population.
    State(usize, Range<usize>),
    /// The weight of a synapse: connection, source, target.
    Weight(usize, usize, usize),
    /// What the latches of a synapse hold.
    Latch(usize, usize, usize),
}

/// What a signal may be.
const ACCEPTED: &str = "\"phase\", \"step\", \"cores\", \"packets\", \"fifos\" (or \"fifos:NODE\"), \
    \"activity:NEURONS\", \"state:NEURONS\", \"weight:SYNAPSE\", \"latch:SYNAPSE\"; NEURONS is a population, \
    hidden1[3] or hidden1[3..7], SYNAPSE is w1[source,target]";

/// What was found instead, and what would be accepted.
type Refusal = (String, String);

/// The signals that the words of `probe.NAME.signals` want.
pub(super) fn wanted(name: &str, words: &[String], setting: Setting<'_>) -> Result<Vec<Wanted>, ConfigError> {
    let network = setting.network();
    if words.is_empty() {
        let output = network.output.map(|o| Wanted::Activity(o, 0..network.populations[o].size));
        return Ok([Wanted::Phase, Wanted::Step, Wanted::Cores, Wanted::Packets]
            .into_iter()
            .chain(output)
            .collect());
    }
    let read = |(index, word): (usize, &String)| {
        one(word, setting).map_err(|(found, accepted)| {
            let key = format!("probe.{name}.signals[{index}]");
            setting.experiment.error_at(&key, format!("{word:?}{found}"), accepted)
        })
    };
    words.iter().enumerate().map(read).collect()
}

fn one(word: &str, setting: Setting<'_>) -> Result<Wanted, Refusal> {
    let (kind, of) = match word.split_once(':') {
        Some((kind, of)) => (kind.trim(), Some(of)),
        None => (word.trim(), None),
    };
    match (kind, of) {
        ("phase", None) => Ok(Wanted::Phase),
        ("step", None) => Ok(Wanted::Step),
        ("cores", None) => Ok(Wanted::Cores),
        ("packets", None) => Ok(Wanted::Packets),
        ("fifos", node) => fifos(node.map(str::trim), setting),
        ("activity", Some(of)) => neurons(of, setting).map(|(p, range)| Wanted::Activity(p, range)),
        ("state", Some(of)) => neurons(of, setting).map(|(p, range)| Wanted::State(p, range)),
        ("weight", Some(of)) => synapse(of, setting).map(|(c, s, t)| Wanted::Weight(c, s, t)),
        ("latch", Some(of)) => latch(of, setting),
        _ => Err((String::new(), ACCEPTED.to_owned())),
    }
}

fn fifos(node: Option<&str>, setting: Setting<'_>) -> Result<Wanted, Refusal> {
    let hardware = &setting.params.hardware;
    if hardware.router.kind() == "ideal" {
        let found = " of the router \"ideal\", which has none".to_owned();
        return Err((found, "other signals, or `hardware.router.kind` = \"mesh\"".to_owned()));
    }
    let Some(node) = node else { return Ok(Wanted::Fifos(None)) };
    let nodes = match hardware.mesh {
        Mesh::Fixed(width, height) => width as usize * height as usize,
        Mesh::Auto => {
            let (width, height) = smallest_mesh(setting.slices.len());
            width * height
        }
    };
    match node.parse() {
        Ok(node) if node < nodes => Ok(Wanted::Fifos(Some(node))),
        _ => Err((String::new(), format!("\"fifos\", or a node from 0 to {}", nodes - 1))),
    }
}

/// `hidden1`, `hidden1[3]` or `hidden1[3..7]`. A population may be called as one of these; then that is meant.
fn neurons(of: &str, setting: Setting<'_>) -> Result<(usize, Range<usize>), Refusal> {
    let network = setting.network();
    let called = |name: &str| setting.population(name).or_else(|| setting.population(name.trim()));
    let (name, inside) = brackets(of.trim_end());
    let whole = called(of).map(|population| (population, None));
    let Some((population, inside)) = whole.or_else(|| Some((called(name)?, inside))) else {
        let name = name.trim();
        return Err((format!(": there is no population `{name}`"), setting.population_names()));
    };
    let size = network.populations[population].size;
    let Some(inside) = inside else { return Ok((population, 0..size)) };
    let range = match inside.split_once("..") {
        Some((first, end)) => first.trim().parse().ok().zip(end.trim().parse().ok()).map(|(a, b)| a..b),
        None => inside.trim().parse().ok().map(|one: usize| one..one.saturating_add(1)),
    };
    match range {
        Some(range) if range.start < range.end && range.end <= size => Ok((population, range)),
        _ => {
            let last = size.saturating_sub(1);
            let accepted = format!("neurons of `{name}` from 0 to {last}: {name}[0], or {name}[0..{size}]");
            Err((String::new(), accepted))
        }
    }
}

/// `w1[3,5]`.
fn synapse(of: &str, setting: Setting<'_>) -> Result<(usize, usize, usize), Refusal> {
    let network = setting.network();
    let (name, inside) = brackets(of.trim());
    let number = name.trim().strip_prefix('w').and_then(|number| number.parse::<usize>().ok());
    let index = number.and_then(|number| number.checked_sub(1)).filter(|&i| i < network.connections.len());
    let Some(index) = index else {
        let of = |(i, c): (usize, &equipoise_chip::Connection)| {
            let [from, to] = [c.from, c.to].map(|end| &network.populations[end].name);
            format!("w{}[source,target] ({from} to {to})", i + 1)
        };
        let accepted: Vec<String> = network.connections.iter().enumerate().map(of).collect();
        return Err((String::new(), accepted.join(", ")));
    };
    let connection = &network.connections[index];
    let [sources, targets] = [connection.from, connection.to].map(|end| network.populations[end].size);
    let pair = inside.and_then(|inside| inside.split_once(','));
    let pair = pair.and_then(|(s, t)| s.trim().parse().ok().zip(t.trim().parse().ok()));
    match pair {
        Some((source, target)) if source < sources && target < targets => Ok((index, source, target)),
        _ => {
            let accepted = format!(
                "{name}[source,target] with a source from 0 to {} and a target from 0 to {}",
                sources.saturating_sub(1),
                targets.saturating_sub(1)
            );
            Err((String::new(), accepted))
        }
    }
}

fn latch(of: &str, setting: Setting<'_>) -> Result<Wanted, Refusal> {
    let (connection, source, target) = synapse(of, setting)?;
    if setting.network().connections[connection].rate == 0.0 {
        let found = " of a connection that does not learn and has no latches".to_owned();
        return Err((found, "a connection with a learning rate".to_owned()));
    }
    Ok(Wanted::Latch(connection, source, target))
}

/// What stands before the last brackets, and what within.
fn brackets(of: &str) -> (&str, Option<&str>) {
    match of.strip_suffix(']').and_then(|of| of.rsplit_once('[')) {
        Some((name, inside)) => (name, Some(inside)),
        None => (of, None),
    }
}
