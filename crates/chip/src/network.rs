//! A network as the chip sees it: populations and connections, already resolved to numbers.
//!
//! Layered and recurrent networks, E/I circuits and spiking nets are all lists of these two; what is
//! shorthand in a file is written out before it arrives here.

use equipoise_neuron::NeuronModel;
use std::borrow::Cow;

equipoise_base::choice! {
    /// Which sign the synapses that leave a population have (Dale's law).
    pub enum Sign {
        /// Either; weights are signed.
        Any = "any",
        /// Only positive: stored as magnitudes on single devices.
        Excitatory = "excitatory",
        /// Only negative: stored as magnitudes, subtracted by the reader.
        Inhibitory = "inhibitory",
    }
}

impl Sign {
    /// What a stored magnitude is multiplied with when the population drives.
    #[must_use]
    pub fn factor(self) -> i64 {
        if self == Self::Inhibitory { -1 } else { 1 }
    }
}

/// Neurons of one kind.
#[derive(Clone, Debug)]
pub struct Population {
    /// Name in probes and messages.
    pub name: String,
    /// Number of neurons.
    pub size: usize,
    /// The model; `None` for clamped inputs, whose activity the program sets.
    pub neuron: Option<NeuronModel>,
    /// Sign of the synapses that leave.
    pub sign: Sign,
    /// Start values of the bias registers, one per neuron; empty for zeros.
    pub bias: Vec<f64>,
    /// Start state, one per neuron; empty for zeros. Of a clamped population, the activities: an input has
    /// them until the first presentation, any other keeps them.
    pub start: Vec<f64>,
    /// Learning rate of the bias registers; 0 freezes them.
    pub bias_rate: f64,
}

/// One synapse with its own delay.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Neuron of the source population.
    pub source: u32,
    /// Neuron of the target population.
    pub target: u32,
    /// Weight.
    pub weight: f64,
    /// Delay in steps, at least 1; what is above 1 adds to the delay of the axon, in both directions.
    pub delay: u32,
}

/// The weights of a connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// One weight per pair, row-major `[source][target]`.
    Dense(Vec<f64>),
    /// The synapses that exist.
    Edges(Vec<Edge>),
}

impl Weights {
    /// The weight of every pair, row-major, zero where there is no synapse; those of parallel synapses add.
    #[must_use]
    pub fn dense(&self, sources: usize, targets: usize) -> Cow<'_, [f64]> {
        match self {
            Self::Dense(dense) => Cow::Borrowed(dense),
            Self::Edges(edges) => {
                let mut dense = vec![0.0; sources * targets];
                for edge in edges {
                    dense[edge.source as usize * targets + edge.target as usize] += edge.weight;
                }
                Cow::Owned(dense)
            }
        }
    }

    /// The weights alone, in their order.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        match self {
            Self::Dense(dense) => dense.clone(),
            Self::Edges(edges) => edges.iter().map(|edge| edge.weight).collect(),
        }
    }
}

/// Synapses from one population to another.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Index of the population that drives.
    pub from: usize,
    /// Index of the population that is driven.
    pub to: usize,
    /// The weights.
    pub weights: Weights,
    /// Steps from an activity to the drive that it is part of: one per source neuron, or one for all.
    pub delay: Vec<u32>,
    /// The same for the returned direction of a symmetric connection: one per target neuron, or one for all.
    pub return_delay: Vec<u32>,
    /// True if the same synapses drive back: one array, read both ways.
    pub symmetric: bool,
    /// Learning rate; 0 freezes the connection (it has no latches then).
    pub rate: f64,
}

impl Connection {
    /// The longest delay in either direction: of an axon and a synapse together.
    fn longest_delay(&self) -> u32 {
        let axons = self.delay.iter().chain(&self.return_delay).copied().max().unwrap_or(1);
        let synapse = match &self.weights {
            Weights::Dense(_) => 1,
            Weights::Edges(edges) => edges.iter().map(|edge| edge.delay).max().unwrap_or(1),
        };
        axons.saturating_add(synapse - 1)
    }
}

/// Populations and connections.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The populations.
    pub populations: Vec<Population>,
    /// The connections.
    pub connections: Vec<Connection>,
    /// The clamped population that a program presents values to.
    pub input: Option<usize>,
    /// The population that is nudged and read out.
    pub output: Option<usize>,
    /// Layer sizes, input first, where the network is layered.
    pub layers: Vec<u64>,
    /// For each population the numbers of its neurons in the user's tables, where the network comes from some.
    pub ids: Vec<Vec<u32>>,
}

/// A network that contradicts itself, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkError(pub String);

impl std::fmt::Display for NetworkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NetworkError {}

/// Do the population's axons carry spikes? A clamped population's do where every listener spikes.
pub(crate) fn is_spiking(network: &Network, population: usize) -> bool {
    let spikes = |index: usize| matches!(network.populations[index].neuron, Some(NeuronModel::Lif(_)));
    if network.populations[population].neuron.is_some() {
        return spikes(population);
    }
    let mut listeners = network.connections.iter().filter(|c| c.from == population).map(|c| c.to).peekable();
    listeners.peek().is_some() && listeners.all(spikes)
}

impl Network {
    /// Calls `change` with every delay of axons and synapses.
    pub(crate) fn each_delay(&mut self, mut change: impl FnMut(&mut u32)) {
        for connection in &mut self.connections {
            connection.delay.iter_mut().chain(&mut connection.return_delay).for_each(&mut change);
            if let Weights::Edges(edges) = &mut connection.weights {
                edges.iter_mut().for_each(|edge| change(&mut edge.delay));
            }
        }
    }

    /// Checks that sizes, indices and signs fit together.
    ///
    /// # Errors
    /// At the first contradiction, naming the population or connection.
    pub fn check(&self) -> Result<(), NetworkError> {
        let refuse = |message: String| Err(NetworkError(message));
        for population in &self.populations {
            let Population { name, size, bias, start, .. } = population;
            if *size == 0 {
                return refuse(format!("population `{name}` has no neurons; accepted: a size of at least 1"));
            }
            for (what, list) in [("bias", bias), ("start", start)] {
                if !list.is_empty() && list.len() != *size {
                    return refuse(format!(
                        "population `{name}` has {size} neurons and {} values of `{what}`",
                        list.len()
                    ));
                }
                if let Some(value) = list.iter().find(|v| !v.is_finite()) {
                    return refuse(format!(
                        "population `{name}` has the value {value} in `{what}`; accepted: finite numbers"
                    ));
                }
            }
        }
        self.connections.iter().try_for_each(|connection| self.check_connection(connection))
    }

    fn check_connection(&self, connection: &Connection) -> Result<(), NetworkError> {
        let (Some(from), Some(to)) =
            (self.populations.get(connection.from), self.populations.get(connection.to))
        else {
            return Err(NetworkError("a connection names a population that does not exist".to_owned()));
        };
        let name = format!("connection `{}` to `{}`", from.name, to.name);
        let refuse = |message: String| Err(NetworkError(format!("{name}: {message}")));
        if to.neuron.is_none() {
            return refuse("a clamped population cannot be driven".to_owned());
        }
        for (delays, size, side) in
            [(&connection.delay, from.size, "source"), (&connection.return_delay, to.size, "target")]
        {
            if delays.len() != 1 && delays.len() != size {
                return refuse(format!(
                    "{} delays for {size} {side} neurons; accepted: one, or one per neuron",
                    delays.len()
                ));
            }
            if delays.contains(&0) {
                return refuse("a delay of 0 steps; accepted: at least 1, no activity is visible in the step that emitted it".to_owned());
            }
        }
        let bad = |weight: f64| {
            !weight.is_finite()
                || (from.sign == Sign::Excitatory && weight < 0.0)
                || (from.sign == Sign::Inhibitory && weight > 0.0)
        };
        let wrong = match &connection.weights {
            Weights::Dense(dense) => {
                if dense.len() != from.size * to.size {
                    return refuse(format!(
                        "{} weights; accepted: {} x {} = {}",
                        dense.len(),
                        from.size,
                        to.size,
                        from.size * to.size
                    ));
                }
                dense.iter().copied().find(|&w| bad(w))
            }
            Weights::Edges(edges) => {
                // A list may be long, so one walk finds out whether there is anything to look for.
                let fits = |e: &Edge| (e.source as usize) < from.size && (e.target as usize) < to.size;
                if edges.iter().all(|e| fits(e) && e.delay > 0 && !bad(e.weight)) {
                    return Ok(());
                }
                if let Some(edge) = edges.iter().find(|e| !fits(e)) {
                    return refuse(format!(
                        "a synapse from neuron {} to neuron {}, beyond the populations' sizes {} and {}",
                        edge.source, edge.target, from.size, to.size
                    ));
                }
                if edges.iter().any(|e| e.delay == 0) {
                    return refuse("a synapse with a delay of 0 steps; accepted: at least 1".to_owned());
                }
                edges.iter().map(|e| e.weight).find(|&w| bad(w))
            }
        };
        match wrong {
            Some(weight) => refuse(format!(
                "the weight {weight}; accepted: finite numbers of the sign that `{}` ({}) has",
                from.name,
                from.sign.word()
            )),
            None => Ok(()),
        }
    }

    /// Plastic synapses P: the pairs of connections with a rate.
    #[must_use]
    pub fn plastic_synapses(&self) -> u64 {
        self.connections.iter().filter(|c| c.rate != 0.0).map(|c| self.synapses(c)).sum()
    }

    /// Synapses of one connection.
    #[must_use]
    pub fn synapses(&self, connection: &Connection) -> u64 {
        match &connection.weights {
            Weights::Dense(dense) => dense.len() as u64,
            Weights::Edges(edges) => edges.len() as u64,
        }
    }

    /// The longest way from an activity to a drive that it is part of, in steps, at least 1.
    #[must_use]
    pub fn longest_delay(&self) -> u32 {
        self.connections.iter().map(Connection::longest_delay).max().unwrap_or(1)
    }

    /// Neurons that are not clamped.
    #[must_use]
    pub fn free_neurons(&self) -> u64 {
        self.populations.iter().filter(|p| p.neuron.is_some()).map(|p| p.size as u64).sum()
    }
}
