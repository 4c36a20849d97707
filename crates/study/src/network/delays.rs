//! `[delays]`: how long activities travel along each connection.

use super::Surroundings;
use crate::sections::{CoreDistance, DelayRule, DelaySpec, Delays, DrawnPer, RandomDelay};
use crate::{Error, places};
use equipoise_base::config::ConfigError;
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_chip::{DelayRules, DistanceDelay, Edge, Network, Population, Weights};
use equipoise_trace::number_table::NumberTable;
use equipoise_trace::{FilePath, npy};

/// Puts the delays of the section on every connection.
pub(super) fn set(network: &mut Network, around: &Surroundings<'_>) -> Result<(), Error> {
    let given = around.delays;
    for index in 0..network.connections.len() {
        let forward = entry(&given.steps, "steps", index, network, around)?;
        let back = some_entry(&given.return_steps, "return_steps", index, network, around)?;
        check_own(&forward, back.as_ref(), index, network, around)?;
        if let DelaySpec::PerAxon(steps) = &forward {
            check_forward_axons(steps, back.is_some(), index, network, around)?;
        }
        if let (DelaySpec::Rule(DelayRule::Random(random)), None) = (&forward, &back)
            && random.per == DrawnPer::Axon
        {
            let steps = drawn(random, "steps", 1, index, network, around)?;
            network.connections[index].return_delay = steps;
        }
        set_forward(network, index, forward, around)?;
        if let Some(back) = back {
            set_back(network, index, back, around)?;
        }
    }
    Ok(())
}

/// Refuses a delay that the section and a connection itself both give, unless they agree.
fn check_own(
    forward: &DelaySpec,
    back: Option<&DelaySpec>,
    index: usize,
    network: &Network,
    around: &Surroundings<'_>,
) -> Result<(), ConfigError> {
    let connection = &network.connections[index];
    let own = match connection.delay[..] {
        [own] if own > 1 => own,
        _ => return Ok(()),
    };
    // A delay of one is what the section says where it says nothing.
    let of_forward = Some(forward).filter(|spec| **spec != DelaySpec::Uniform(1));
    let of_back = back.filter(|_| connection.symmetric);
    for (key, spec) in [("steps", of_forward), ("return_steps", of_back)] {
        if let Some(spec) = spec.filter(|spec| **spec != DelaySpec::Uniform(own)) {
            let [from, to] = [connection.from, connection.to].map(|end| &network.populations[end].name);
            let key_of_own = format!("network.connection[{index}].delay");
            let found = format!(
                "{} for the connection `{from}` to `{to}`, whose own `{key_of_own}` is {own}",
                in_words(spec)
            );
            let accepted =
                "one of the two: leave one key out, or let `delays` have a list with 1 for this connection";
            return Err(wrong(around, key, found, accepted));
        }
    }
    Ok(())
}

fn in_words(spec: &DelaySpec) -> String {
    match spec {
        DelaySpec::Uniform(steps) => steps.to_string(),
        DelaySpec::PerAxon(_) => "a list".to_owned(),
        DelaySpec::Matrix(_) => "a matrix".to_owned(),
        DelaySpec::Rule(rule) => format!("kind = {:?}", rule.kind()),
    }
}

/// What the delays of each connection follow beside its numbers; empty where none follows anything.
pub(super) fn rules(network: &Network, around: &Surroundings<'_>) -> Result<Vec<DelayRules>, Error> {
    let rules = (0..network.connections.len())
        .map(|index| {
            Ok(DelayRules {
                distance: distance(index, network, around)?,
                nudged: nudged(index, network, around)?,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(if rules.iter().all(|rule| *rule == DelayRules::default()) { Vec::new() } else { rules })
}

/// Delays by distance, forward and returned: without an entry of its own the returned direction follows.
fn distance(
    index: usize,
    network: &Network,
    around: &Surroundings<'_>,
) -> Result<[Option<DistanceDelay>; 2], ConfigError> {
    let given = around.delays;
    let by_distance = |spec: &DelaySpec| match spec {
        DelaySpec::Rule(DelayRule::CoreDistance(CoreDistance { base, per_hop })) => {
            Some(DistanceDelay { base_steps: *base, steps_per_hop: *per_hop, times: 1 })
        }
        _ => None,
    };
    let forward = by_distance(&entry(&given.steps, "steps", index, network, around)?);
    let back = some_entry(&given.return_steps, "return_steps", index, network, around)?;
    Ok([forward, back.map_or(forward, |back| by_distance(&back))])
}

/// Delays of nudged phases, forward and returned; empty for no change.
fn nudged(index: usize, network: &Network, around: &Surroundings<'_>) -> Result<[Vec<u32>; 2], ConfigError> {
    let given = around.delays;
    let connection = &network.connections[index];
    let sides = [&network.populations[connection.from], &network.populations[connection.to]];
    let read = |delays: &Delays, key: &str, side: &Population| match some_entry(
        delays, key, index, network, around,
    )? {
        None => Ok(None),
        Some(DelaySpec::Uniform(steps)) => Ok(Some(vec![steps])),
        Some(DelaySpec::PerAxon(steps)) => {
            check_axons(&steps, side, key, around)?;
            Ok(Some(steps))
        }
        Some(DelaySpec::Matrix(_) | DelaySpec::Rule(_)) => {
            let accepted = "a number, or one per neuron that sends: a synapse of its own delay keeps it, for the \
                            array or the table entry that holds it is built with it";
            Err(wrong(
                around,
                key,
                "delays of single synapses, or by a rule, in nudged phases".to_owned(),
                accepted,
            ))
        }
    };
    let forward = read(&given.nudged_steps, "nudged_steps", sides[0])?;
    let back = read(&given.nudged_return_steps, "nudged_return_steps", sides[1])?;
    let follows = forward.clone().filter(|steps| steps.len() == 1);
    Ok([forward.unwrap_or_default(), back.or(follows).unwrap_or_default()])
}

/// The entry of connection `index`; `None` where the list is empty.
fn some_entry(
    given: &Delays,
    key: &str,
    index: usize,
    network: &Network,
    around: &Surroundings<'_>,
) -> Result<Option<DelaySpec>, ConfigError> {
    match given {
        Delays::Each(list) if list.is_empty() => Ok(None),
        given => entry(given, key, index, network, around).map(Some),
    }
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

fn set_forward(
    network: &mut Network,
    index: usize,
    forward: DelaySpec,
    around: &Surroundings<'_>,
) -> Result<(), Error> {
    match forward {
        // A file's own delays, where a population or table gave them, stand unless the section says otherwise.
        DelaySpec::Uniform(1) => {}
        DelaySpec::Uniform(steps) => {
            let connection = &mut network.connections[index];
            (connection.delay, connection.return_delay) = (vec![steps], vec![steps]);
        }
        DelaySpec::PerAxon(steps) => network.connections[index].delay = steps,
        DelaySpec::Matrix(path) => {
            let connection = &network.connections[index];
            let shape = [network.populations[connection.from].size, network.populations[connection.to].size];
            let steps = matrix(&path, shape)?;
            if matches!(connection.weights, Weights::Edges(_)) {
                let accepted = "no matrix for an explicit network";
                return Err(path.error("delays for synapses that have their own", accepted).into());
            }
            set_synapses(&mut network.connections[index].weights, shape[1], |synapse| steps[synapse]);
        }
        DelaySpec::Rule(DelayRule::Random(random)) => match random.per {
            DrawnPer::Axon => {
                let steps = drawn(&random, "steps", 0, index, network, around)?;
                network.connections[index].delay = steps;
            }
            DrawnPer::Synapse => {
                let columns = network.populations[network.connections[index].to].size;
                let draw = draws(&random, "steps", 0, index, around)?;
                let agrees = |edge: &Edge| {
                    let pair = edge.source as usize * columns + edge.target as usize;
                    edge.delay == 1 || edge.delay == draw(pair)
                };
                if let Weights::Edges(edges) = &network.connections[index].weights
                    && !edges.iter().all(agrees)
                {
                    let found = "random delays of synapses that have their own in the table of edges";
                    let accepted = "per = \"axon\", or a table whose delays are all 1";
                    return Err(wrong(around, "steps", found.to_owned(), accepted).into());
                }
                set_synapses(&mut network.connections[index].weights, columns, draw);
            }
        },
        // Where the cores are is known when the chip is built.
        DelaySpec::Rule(DelayRule::CoreDistance(_)) => {}
    }
    Ok(())
}

fn set_back(
    network: &mut Network,
    index: usize,
    back: DelaySpec,
    around: &Surroundings<'_>,
) -> Result<(), Error> {
    let steps = match back {
        DelaySpec::Uniform(steps) => vec![steps],
        DelaySpec::PerAxon(steps) => {
            check_axons(&steps, &network.populations[network.connections[index].to], "return_steps", around)?;
            steps
        }
        DelaySpec::Rule(DelayRule::Random(random)) if random.per == DrawnPer::Axon => {
            drawn(&random, "return_steps", 1, index, network, around)?
        }
        DelaySpec::Rule(DelayRule::Random(_)) => {
            let accepted =
                "per = \"axon\": delays of single synapses in delays.steps count for both directions";
            return Err(
                wrong(around, "return_steps", "a delay for every synapse".to_owned(), accepted).into()
            );
        }
        DelaySpec::Rule(DelayRule::CoreDistance(_)) => return Ok(()),
        DelaySpec::Matrix(path) => {
            let accepted = "a number or a list: a matrix in delays.steps counts for both directions";
            return Err(path.error("a matrix for the returned direction", accepted).into());
        }
    };
    network.connections[index].return_delay = steps;
    Ok(())
}

/// Random delays, one for each neuron that sends in direction `way` (0 forward, 1 returned).
fn drawn(
    random: &RandomDelay,
    key: &str,
    way: u32,
    index: usize,
    network: &Network,
    around: &Surroundings<'_>,
) -> Result<Vec<u32>, ConfigError> {
    let connection = &network.connections[index];
    let sends = if way == 0 { connection.from } else { connection.to };
    let draw = draws(random, key, way, index, around)?;
    Ok((0..network.populations[sends].size).map(draw).collect())
}

/// The random delay of each neuron that sends, or of each pair (row-major). Every connection and direction has a
/// stream of its own.
fn draws(
    random: &RandomDelay,
    key: &str,
    way: u32,
    index: usize,
    around: &Surroundings<'_>,
) -> Result<impl Fn(usize) -> u32 + use<>, ConfigError> {
    let RandomDelay { min, max, seed, .. } = *random;
    if min > max {
        return Err(wrong(around, key, format!("delays from {min} to {max} steps"), "min up to max"));
    }
    let seed = if seed == 0 { around.seed } else { seed };
    let noise = Noise::at(seed, Stream::of(StreamKind::Delay, 2 * index as u32 + way), 0);
    let spread = u64::from(max - min) + 1;
    Ok(move |lane| min + ((u64::from(noise.word(lane as u32)) * spread) >> 32) as u32)
}

/// Gives every synapse the delay of its pair (row-major): it becomes one of its own.
fn set_synapses(weights: &mut Weights, columns: usize, delay: impl Fn(usize) -> u32) {
    match weights {
        Weights::Dense(dense) => {
            let edge = |(pair, &weight): (usize, &f64)| Edge {
                source: (pair / columns) as u32,
                target: (pair % columns) as u32,
                weight,
                delay: delay(pair),
            };
            *weights = Weights::Edges(dense.iter().enumerate().map(edge).collect());
        }
        Weights::Edges(edges) => {
            for edge in edges {
                edge.delay = delay(edge.source as usize * columns + edge.target as usize);
            }
        }
    }
}

/// The delays of a matrix file, row-major (pre, post).
fn matrix(path: &FilePath, shape: [usize; 2]) -> Result<Vec<u32>, Error> {
    let file = path.find()?;
    let [rows, columns] = shape;
    let values = if file.extension().is_some_and(|end| end.eq_ignore_ascii_case("csv")) {
        let table = NumberTable::read(&file)?;
        if table.values.len() != rows * columns || table.columns != columns {
            let found = format!("{} rows of {} numbers", table.values.len() / table.columns, table.columns);
            return Err(path.error(found, format!("{rows} rows of {columns} delays, (pre, post)")).into());
        }
        table.values
    } else {
        let array = npy::read(&file)?;
        array.expect_shape(&shape, "one delay per synapse, (pre, post)")?;
        array.finite_f64()?
    };
    if let Some(at) = values.iter().position(|&d| !(1.0..=1e6).contains(&d) || d.fract() != 0.0) {
        let accepted = "whole numbers of steps from 1 to 1000000";
        let found = format!(
            "a delay of {} steps in row {}, column {}",
            values[at],
            at / columns + 1,
            at % columns + 1
        );
        return Err(path.error(found, accepted).into());
    }
    Ok(values.into_iter().map(|steps| steps as u32).collect())
}

#[cfg(test)]
mod tests {
    use crate::experiment::Experiment;
    use crate::session::parse;
    use equipoise_chip::{Params, Weights};

    fn params(delays: &str) -> Params {
        let text = format!("[network]\nlayers = [40, 30, 20]\n[delays]\n{delays}\n");
        let root = parse(&text, "it.toml").expect("TOML");
        let experiment = Experiment::read(&root, None, None).expect("keys");
        let params = experiment.params(1).expect("a network");
        // What a run writes down of its settings reads back as the same delays.
        let again = Experiment::read(&experiment.resolved(&params), None, None).expect("resolved keys");
        assert_eq!(again.delays, experiment.delays);
        params
    }

    #[test]
    fn random_delays_are_in_their_range_reach_its_ends_and_follow_the_seed() {
        let drawn = |seed: u64| {
            let network =
                params(&format!("steps = {{ kind = \"random\", min = 3, max = 6, seed = {seed} }}")).network;
            network.connections.iter().map(|c| (c.delay.clone(), c.return_delay.clone())).collect::<Vec<_>>()
        };
        let delays = drawn(5);
        assert_eq!([delays[0].0.len(), delays[0].1.len(), delays[1].1.len()], [40, 30, 20]);
        for list in [&delays[0].0, &delays[0].1, &delays[1].0] {
            assert_eq!([list.iter().min(), list.iter().max()], [Some(&3), Some(&6)]);
        }
        assert_ne!(delays[0].1, delays[1].0, "a stream for each direction of each connection");
        assert_eq!(drawn(5), delays);
        assert_ne!(drawn(6), delays);
    }

    #[test]
    fn random_delays_of_synapses_make_each_one_of_its_own() {
        let network = params("steps = { kind = \"random\", max = 3, per = \"synapse\" }").network;
        let Weights::Edges(edges) = &network.connections[1].weights else { panic!("synapses of their own") };
        assert_eq!(edges.len(), 600);
        let counts = [1, 2, 3].map(|delay| edges.iter().filter(|edge| edge.delay == delay).count());
        assert!(counts.iter().all(|count| (150..=250).contains(count)), "{counts:?}");
    }

    #[test]
    fn rules_are_kept_only_where_something_follows_them() {
        assert!(params("steps = 4").delay_rules.is_empty());
        let rules = params("steps = [{ kind = \"core_distance\", per_hop = 0.5 }, 2]").delay_rules;
        let distance = rules[0].distance[0].expect("by distance");
        assert_eq!((distance.base_steps, distance.steps_per_hop), (1, 0.5));
        assert_eq!((rules[0].distance[1], rules[1].distance), (Some(distance), [None; 2]));
        let nudged = params("nudged_steps = 7").delay_rules;
        assert_eq!(nudged[1].nudged, [vec![7], vec![7]]);
        let apart = params("nudged_steps = 7\nnudged_return_steps = 3").delay_rules;
        assert_eq!(apart[0].nudged, [vec![7], vec![3]]);
    }
}
