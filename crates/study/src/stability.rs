//! How far the network on a chip is from oscillating: its free phase as equations in `f64`, with the weights, biases
//! and delays that the chip has, near the equilibrium that they have for one input.
//!
//! The equations are those of full-width numbers, a step at a time (`sync = "barrier"`, every step sent): bits,
//! converters and noise are left out, so the margin says what the network does, not its last LSB.

use crate::fidelity;
use equipoise_chip::catalog::{NeuronModel, RateParams};
use equipoise_chip::{Connection, Edge, Machine, Network, Sign, Weights};
use equipoise_oracle::critical_delay::CriticalDelay;
use equipoise_oracle::stability::{Margin, UniformDelay, margin};
use equipoise_oracle::{Neuron, RateNetwork, Synapse};
use serde::Serialize;
use std::collections::BTreeMap;

/// Uniform delays are tried up to so many steps.
pub const LONGEST_DELAY_STEPS: u32 = 64;

/// What a run reports of its network's stability. Delays count from 1, which is no extra delay.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stability {
    /// What is left after a step of the deviation that dies out last, at the network's own delays; above 1 it grows.
    pub spectral_radius: f64,
    /// 1 - spectral radius.
    pub margin: f64,
    /// Steps of one oscillation of that deviation; `None` if it does not oscillate.
    pub period_steps: Option<f64>,
    /// What one delay for all synapses would do, instead of their own: `unstable` from some delay on, `stable` at every
    /// delay, `stable_as_far_as_tried` (to [`LONGEST_DELAY_STEPS`]), or `unknown`.
    pub uniform_delay: &'static str,
    /// The first delay of all synapses at which the equilibrium is unstable.
    pub first_unstable_delay_steps: Option<u64>,
    /// The delay at which the continuous network, whose steps are very small, begins to oscillate, in time constants of
    /// the leak; 0 if it is unstable without delay, `None` if at no delay, or unknown.
    pub critical_delay_time_constants: Option<f64>,
    /// The period of the oscillation that begins there.
    pub critical_period_time_constants: Option<f64>,
    /// Neurons at a state where their response bends: the prediction holds on one side of it only.
    pub neurons_on_kink: u64,
}

/// Whether the margin of such a network can be known: what was found instead, where it cannot.
///
/// # Errors
/// If there are neurons that are no rate neurons, or learned synapses of different delays between the same two.
pub fn check(network: &Network) -> Result<(), String> {
    let is_rate = |model: &NeuronModel| matches!(model, NeuronModel::Rate(_));
    if !network.populations.iter().filter_map(|p| p.neuron.as_ref()).all(is_rate) {
        return Err("true for neurons that are no rate neurons".to_owned());
    }
    for connection in network.connections.iter().filter(|c| c.rate != 0.0) {
        let Weights::Edges(edges) = &connection.weights else { continue };
        let mut delays = BTreeMap::new();
        let unequal = |e: &Edge| *delays.entry((e.source, e.target)).or_insert(e.delay) != e.delay;
        if edges.iter().any(unequal) {
            return Err("true for plastic synapses of different delays between the same neurons".to_owned());
        }
    }
    Ok(())
}

/// The stability of the network that `machine` has now, with `input` clamped; `None` if it settles nowhere from its
/// start, or its dominant mode cannot be told from others.
///
/// # Errors
/// As [`check`].
pub fn measure(network: &Network, machine: &dyn Machine, input: &[f64]) -> Result<Option<Stability>, String> {
    check(network)?;
    let rates = rate_network(network, machine, input)?;
    let start: Vec<f64> =
        network.populations.iter().filter(|p| p.neuron.is_some()).flat_map(starts).collect();
    let Ok(state) = rates.equilibrium(&start) else { return Ok(None) };
    let tried = LONGEST_DELAY_STEPS as usize - 1;
    Ok(margin(&rates.at(&state), tried).ok().map(|margin| reported(&margin)))
}

fn starts(population: &equipoise_chip::Population) -> Vec<f64> {
    if population.start.is_empty() { vec![0.0; population.size] } else { population.start.clone() }
}

fn reported(margin: &Margin) -> Stability {
    let (uniform_delay, first) = match margin.uniform {
        UniformDelay::From(extra) => ("unstable", Some(extra as u64 + 1)),
        UniformDelay::NotUpTo(_) => ("stable_as_far_as_tried", None),
        UniformDelay::Never => ("stable", None),
        UniformDelay::Unknown => ("unknown", None),
    };
    let (critical_delay, critical_period) = match margin.continuous {
        Some(CriticalDelay::Oscillates(onset)) => (Some(onset.tau), Some(onset.period())),
        Some(CriticalDelay::UnstableWithoutDelay) => (Some(0.0), None),
        Some(CriticalDelay::StableForEveryDelay) | None => (None, None),
    };
    Stability {
        spectral_radius: margin.spectral_radius(),
        margin: margin.margin(),
        period_steps: margin.dominant.period_steps(),
        uniform_delay,
        first_unstable_delay_steps: first,
        critical_delay_time_constants: critical_delay,
        critical_period_time_constants: critical_period,
        neurons_on_kink: margin.on_kink.len() as u64,
    }
}

/// The free neurons as the oracle has them, in the order of populations. What is clamped is part of their currents.
fn rate_network(network: &Network, machine: &dyn Machine, input: &[f64]) -> Result<RateNetwork, String> {
    let (mut units, mut current, mut first) = (Vec::new(), Vec::new(), Vec::new());
    for (index, population) in network.populations.iter().enumerate() {
        first.push(units.len());
        if let Some(NeuronModel::Rate(rate)) = &population.neuron {
            units.extend(std::iter::repeat_n(neuron(rate), population.size));
            current.extend(machine.biases(index));
        }
    }
    let mut synapses = Vec::new();
    for (index, connection) in network.connections.iter().enumerate() {
        let from = &network.populations[connection.from];
        let clamped = match &from.neuron {
            Some(_) => None,
            None if network.input == Some(connection.from) => Some(input.to_vec()),
            None => Some(starts(from)),
        };
        for edge in edges(network, connection, machine.weights(index)) {
            let (source, target) = (edge.source as usize, edge.target as usize);
            let (i, j) = (first[connection.from] + source, first[connection.to] + target);
            if let Some(values) = &clamped {
                current[j] += edge.weight * values[source];
                continue;
            }
            let delay = extra_delay(&connection.delay, source, edge.delay);
            synapses.push(Synapse { to: j, from: i, delay, weight: edge.weight });
            if connection.symmetric {
                let delay = extra_delay(&connection.return_delay, target, edge.delay);
                let weight = edge.weight * returned_sign(network, connection);
                synapses.push(Synapse { to: i, from: j, delay, weight });
            }
        }
    }
    RateNetwork::new(units, current, synapses).map_err(|error| error.to_string())
}

fn neuron(rate: &RateParams) -> Neuron {
    let neuron = fidelity::neuron(rate);
    let of_register = neuron.range == Neuron::REGISTER_RANGE;
    let range = if of_register { (-rate.register_range, rate.register_range) } else { neuron.range };
    Neuron { range, ..neuron }
}

/// The synapses of a connection with the weights that they have now, forward sign included; those of weight zero are
/// left out where all pairs have one.
fn edges(network: &Network, connection: &Connection, weights: Weights) -> Vec<Edge> {
    let targets = network.populations[connection.to].size;
    let at = |(k, &weight): (usize, &f64)| Edge {
        source: (k / targets) as u32,
        target: (k % targets) as u32,
        weight,
        delay: 1,
    };
    match (weights, &connection.weights) {
        (Weights::Dense(weights), _) => {
            weights.iter().enumerate().map(at).filter(|edge| edge.weight != 0.0).collect()
        }
        // Frozen synapses keep their own weights.
        (_, Weights::Edges(own)) if connection.rate == 0.0 => own.clone(),
        (Weights::Edges(edges), _) => edges,
    }
}

/// A synapse's delay with its axon's, beyond the step that every synapse takes.
fn extra_delay(axons: &[u32], neuron: usize, synapse: u32) -> usize {
    let axon = if let [common] = axons { *common } else { axons[neuron] };
    axon as usize + synapse as usize - 2
}

/// What a weight is multiplied with when the same device drives back: each direction has its driver's sign.
fn returned_sign(network: &Network, connection: &Connection) -> f64 {
    let sign =
        |population: usize| if network.populations[population].sign == Sign::Inhibitory { -1.0 } else { 1.0 };
    sign(connection.from) * sign(connection.to)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_DELAY_STEPS, measure};
    use crate::Session;
    use crate::experiment::Experiment;
    use crate::session::parse;
    use equipoise_chip::catalog::{Activation, NeuronModel, RateParams};
    use equipoise_chip::{Connection, Edge, Network, Params, Population, Sign, Weights, build};
    use equipoise_oracle::limit_cycle::Case;
    use equipoise_oracle::stability::Linearisation;
    use equipoise_oracle::{Delays, Matrix};

    /// The oracle's three neurons, as a recurrent population of an ideal chip.
    fn three_neurons(delay: u32) -> String {
        let case = Case::with_delay(0);
        let w = case.parameters.weights();
        let mut text =
            "chip = \"ideal\"\n[hardware]\nstate = \"i16f48\"\n[neuron]\nactivation = \"tanh\"\na = 0.1\n\
             [learning]\nrule = \"none\"\n[stimulus]\nsteps = 3\n[network]\nkind = \"populations\"\n"
                .to_owned();
        for (unit, bias) in case.parameters.bias().iter().enumerate() {
            text += &format!("[[network.population]]\nname = \"n{unit}\"\nsize = 1\nbias = [{bias:?}]\n");
        }
        for to in 0..3 {
            for from in 0..3 {
                let weight = w[(to, from)];
                text += &format!(
                    "[[network.connection]]\nfrom = \"n{from}\"\nto = \"n{to}\"\nweights = [[{weight:?}]]\ndelay = {delay}\n"
                );
            }
        }
        text
    }

    #[test]
    fn a_chip_with_the_oracles_three_neurons_has_their_margin() {
        for (delay, radius) in [(1, 0.905_188_084_475_591), (14, 1.000_215_109_157_419_6)] {
            let root = parse(&three_neurons(delay), "it.toml").unwrap();
            let session = Session::new(Experiment::read(&root, None, None).unwrap()).unwrap();
            let machine = session.build().unwrap();
            let found = measure(&session.params.network, &*machine, &[]).unwrap().expect("an equilibrium");
            assert!((found.spectral_radius - radius).abs() < 1e-9, "{found:?}");
            assert_eq!(found.margin, 1.0 - found.spectral_radius);
            // 13 extra steps are a delay of 14.
            assert_eq!((found.uniform_delay, found.first_unstable_delay_steps), ("unstable", Some(14)));
            assert!(found.critical_delay_time_constants.is_some_and(|tau| (1.2..1.5).contains(&tau)));
            assert_eq!(found.neurons_on_kink, 0);
        }
        const { assert!(LONGEST_DELAY_STEPS > 14) };
    }

    /// Two excitatory neurons and an inhibitory one that drives them back through the same synapses, each with a delay
    /// of its own beside that of its axon.
    fn excitation_and_inhibition() -> Params {
        let rate = RateParams { activation: Activation::Tanh, a: 0.25, ..RateParams::default() };
        let population = |name: &str, size, sign| Population {
            name: name.to_owned(),
            size,
            neuron: Some(NeuronModel::Rate(rate.clone())),
            sign,
            bias: Vec::new(),
            start: Vec::new(),
            bias_rate: 0.0,
        };
        let edge = |source, weight, delay| Edge { source, target: 0, weight, delay };
        let around = Connection {
            from: 0,
            to: 1,
            weights: Weights::Edges(vec![edge(0, 0.75, 1), edge(1, 0.5, 3)]),
            delay: vec![2],
            return_delay: vec![4],
            symmetric: true,
            rate: 0.0,
        };
        let populations = vec![population("e", 2, Sign::Excitatory), population("i", 1, Sign::Inhibitory)];
        let network = Network { populations, connections: vec![around], ..Network::default() };
        Params { network, ..Params::default() }
    }

    #[test]
    fn a_returned_synapse_has_the_sign_of_its_driver_and_delays_of_axon_and_synapse_add() {
        let mut params = excitation_and_inhibition();
        let [mut frozen, mut plastic] = [0.0; 2];
        for (rate, radius) in [(0.0, &mut frozen), (0.1, &mut plastic)] {
            params.network.connections[0].rate = rate;
            let machine = build(&params).unwrap();
            let found = measure(&params.network, &*machine, &[]).unwrap().expect("at rest");
            *radius = found.spectral_radius;
        }
        // Rows: into e0, e1, i. Extra delays: axon + synapse - 2.
        let jacobian = Matrix::from_row_slice(3, 3, &[0.0, 0.0, -0.75, 0.0, 0.0, -0.5, 0.75, 0.5, 0.0]);
        let delays = Delays::PerPair(vec![vec![0, 0, 3], vec![0, 0, 5], vec![1, 3, 0]]);
        let expected = Linearisation { jacobian, leak: 0.25 }.dominant(&delays).unwrap().radius();
        assert!((frozen - expected).abs() < 1e-9, "{frozen} and {expected}");
        // Weights that can change are read from the devices, whose words are shorter.
        assert!((plastic - expected).abs() < 1e-3, "{plastic} and {expected}");
    }
}
