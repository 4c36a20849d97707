//! A network of rate neurons whose delays a study varies: on the chip, and as theory sees it.

use super::{AtRest, Context, Number};
use crate::delays_in_use::DelaysInUse;
use crate::{Error, fidelity, stimulus};
use equipoise_base::{Instruction, Way};
use equipoise_chip::catalog::{Flow, NeuronModel, RateParams, Sync};
use equipoise_chip::params::StateFormat;
use equipoise_chip::{Coupling, Machine, Network, Observer, Params, Population, View, Weights, build};
use equipoise_oracle as oracle;
use std::sync::Arc;

equipoise_base::choice! {
    /// How one number becomes the delays of all synapses. A delay of one step is no extra delay.
    pub enum Pattern {
        /// Every synapse is late by as many extra steps.
        Uniform = "uniform",
        /// Every synapse is late by that many times its own extra delay in the file.
        Own = "own",
    }
}

/// A network whose delays can be varied.
#[derive(Clone)]
pub struct LateNetwork {
    params: Params,
    pattern: Pattern,
    /// Free populations, in the order of the flat state.
    free: Vec<usize>,
    /// Factor `a` of all its neurons.
    leak: f64,
    activation: oracle::Activation,
    input: Arc<[f32]>,
}

/// What was seen of a run.
#[derive(Clone, Debug)]
pub struct Stay {
    /// The states `u` of all free neurons after each of the last steps.
    pub states: Vec<Vec<f64>>,
    /// Digest of the chip at the end.
    pub digest: u64,
}

impl LateNetwork {
    /// The experiment's network. Its clamped inputs hold `stimulus.values`.
    ///
    /// # Errors
    /// If it is not a network of rate neurons of one kind under the Cohen-Grossberg flow, on cores that step together,
    /// which the theory is about.
    pub fn of(context: &Context<'_>, pattern: Pattern) -> Result<Self, Error> {
        let experiment = context.experiment;
        check_barrier(context)?;
        let params = experiment.params(0)?;
        let network = &params.network;
        let rate = common_model(network).map_err(|found| {
            let accepted = "rate neurons with one factor `a` and one activation, flow = \"cohen_grossberg\"";
            context.error_at("neuron", found, accepted)
        })?;
        let free =
            (0..network.populations.len()).filter(|&p| network.populations[p].neuron.is_some()).collect();
        let inputs = network.input.map_or(0, |input| network.populations[input].size);
        let input = stimulus::spread(&experiment.stimulus.values, inputs, "stimulus.values", context.root)?;
        let neuron = fidelity::neuron(&rate);
        build(&params).map_err(|error| experiment.misfit(&error.to_string()))?;
        Ok(Self { pattern, free, leak: rate.a, activation: neuron.activation, input, params })
    }

    /// The network with its couplings between free neurons multiplied by `gain`; biases and inputs stay.
    #[must_use]
    pub fn scaled(&self, gain: f64) -> Self {
        let mut this = self.clone();
        let network = &mut this.params.network;
        let populations = &network.populations;
        for connection in network.connections.iter_mut().filter(|c| populations[c.from].neuron.is_some()) {
            match &mut connection.weights {
                Weights::Dense(dense) => dense.iter_mut().for_each(|weight| *weight *= gain),
                Weights::Edges(edges) => edges.iter_mut().for_each(|edge| edge.weight *= gain),
            }
        }
        this
    }

    /// The network with its factor `a` replaced: the share of the way to its target that a state moves in one step.
    #[must_use]
    pub fn with_leak(&self, leak: f64) -> Self {
        let mut this = Self { leak, ..self.clone() };
        for population in &mut this.params.network.populations {
            if let Some(NeuronModel::Rate(rate)) = &mut population.neuron {
                rate.a = leak;
            }
        }
        this
    }

    /// Free neurons.
    #[must_use]
    pub fn neurons(&self) -> usize {
        self.free.iter().map(|&p| self.params.network.populations[p].size).sum()
    }

    /// The name of each free neuron's population.
    #[must_use]
    pub fn populations_of_neurons(&self) -> Vec<String> {
        let of = |&p: &usize| {
            let population = &self.params.network.populations[p];
            vec![population.name.clone(); population.size]
        };
        self.free.iter().flat_map(of).collect()
    }

    /// The factor `a`.
    #[must_use]
    pub fn leak(&self) -> f64 {
        self.leak
    }

    /// What the states do on the chip when the network is at rest.
    ///
    /// # Errors
    /// If the network does not fit the chip.
    pub fn at_rest(&self) -> Result<AtRest, Error> {
        let chip = build(&self.params).map_err(|error| Error::Other(error.to_string()))?;
        Ok(AtRest::of(&*chip, &self.params.network))
    }

    /// The weight of one LSB of a state.
    #[must_use]
    pub fn lsb(&self) -> f64 {
        let fraction = if self.params.hardware.state == StateFormat::Wide { 48 } else { 24 };
        1.0 / (1_u64 << fraction) as f64
    }

    /// The network as theory sees it, `extra` times late: with the weights, signs, biases and delays that such a chip has
    /// after its first programming, read without noise.
    ///
    /// # Errors
    /// If synapses between the same two neurons have different delays: the theory has one for each pair.
    pub fn theory(&self, context: &Context<'_>, extra: usize) -> Result<oracle::Delayed, Error> {
        let pairs = self.pairs(context, &self.late(extra))?;
        let n = self.neurons();
        let delays = match self.pattern {
            Pattern::Uniform => oracle::Delays::Uniform(extra),
            Pattern::Own => oracle::Delays::PerPair(pairs.extra),
        };
        let weights = oracle::Matrix::from_row_slice(n, n, &pairs.weights);
        oracle::Delayed::new(weights, pairs.bias, delays, self.leak, self.activation)
            .map_err(|error| Error::Other(error.to_string()))
    }

    /// The pattern of delays as the oracle's stability functions take it.
    ///
    /// # Errors
    /// As [`LateNetwork::theory`].
    pub fn unit_delays(&self, context: &Context<'_>) -> Result<oracle::Delays, Error> {
        Ok(self.theory(context, 1)?.delays().clone())
    }

    /// The equilibrium that the network comes to from beside its start states without delays; `None` if it comes to
    /// none. Rounded to 2^-30, so that a chip that starts there does so with the same bits on every machine.
    ///
    /// # Errors
    /// As [`LateNetwork::theory`].
    pub fn equilibrium(&self, context: &Context<'_>) -> Result<Option<Vec<f64>>, Error> {
        let mut start = Vec::with_capacity(self.neurons());
        for &p in &self.free {
            let population = &self.params.network.populations[p];
            start.extend((0..population.size).map(|i| population.start.get(i).copied().unwrap_or(0.0)));
        }
        // A little off the start, which may be a saddle by symmetry: a minimum is looked for.
        let found = self.theory(context, 0)?.fixed_point(&beside(&start, 1e-3)).ok();
        let grid = (1_u64 << 30) as f64;
        Ok(found.map(|state| state.iter().map(|u| (u * grid).round() / grid).collect()))
    }

    /// Runs the chip from `start`, which is also the state of all times before, with everything `extra` times late; the
    /// last `keep` of `steps` steps are seen.
    ///
    /// # Errors
    /// If the network does not fit the chip.
    pub fn run(
        &self,
        context: &Context<'_>,
        extra: usize,
        start: &[f64],
        steps: u32,
        keep: u32,
    ) -> Result<Stay, Error> {
        let mut params = self.late(extra);
        let mut rest = start;
        for &p in &self.free {
            let population = &mut params.network.populations[p];
            let (own, others) = rest.split_at(population.size);
            (population.start, rest) = (own.to_vec(), others);
        }
        let misfit = |message: String| context.experiment.misfit(&message);
        let mut chip = build(&params).map_err(|error| misfit(error.to_string()))?;
        let mut seen = Seen { free: &self.free, skip: steps.saturating_sub(keep), states: Vec::new() };
        let program = [
            Instruction::Present { input: self.input.clone(), target: None },
            Instruction::Settle { steps: Some(steps) },
        ];
        for instruction in program {
            chip.execute(&instruction, &mut seen).map_err(|error| misfit(error.to_string()))?;
        }
        Ok(Stay { states: seen.states, digest: chip.digest() })
    }

    /// The delays of the experiment that the study does not use, if any.
    ///
    /// # Errors
    /// If the network does not fit the chip.
    pub fn replaced_delay(&self, context: &Context<'_>) -> Result<Option<Number>, Error> {
        if self.pattern == Pattern::Own { Ok(None) } else { replaced_delay(&self.params, context) }
    }

    /// What the chip is built from where everything is `extra` times late.
    fn late(&self, extra: usize) -> Params {
        match self.pattern {
            Pattern::Uniform => self.params.late_by(extra as u32),
            Pattern::Own => self.params.with_delays_times(extra as u32),
        }
    }

    /// Couplings, extra delays and constant drives between all pairs of free neurons of a chip.
    fn pairs(&self, context: &Context<'_>, params: &Params) -> Result<Pairs, Error> {
        let network = &params.network;
        let chip = build(params).map_err(|error| context.experiment.misfit(&error.to_string()))?;
        let n = self.neurons();
        let mut first = vec![0; network.populations.len()];
        let mut bias = Vec::with_capacity(n);
        for &p in &self.free {
            first[p] = bias.len();
            bias.extend(chip.biases(p));
        }
        let held = self.held(&*chip);
        let mut pairs = Pairs { n, weights: vec![0.0; n * n], extra: vec![vec![0; n]; n], bias, torn: None };
        for (index, c) in network.connections.iter().enumerate() {
            let ends = [(c.from, c.to), (c.to, c.from)];
            for (way, (driver, driven)) in Way::BOTH.into_iter().zip(ends) {
                chip.couplings(index, way, &mut |coupling| {
                    let Coupling { weight, delay: [delay, _], .. } = coupling;
                    let to = first[driven] + coupling.to;
                    match &held[driver] {
                        Some(values) => pairs.bias[to] += weight * values[coupling.from],
                        None => pairs.couple(first[driver] + coupling.from, to, weight, delay as usize - 1),
                    }
                });
            }
        }
        match pairs.torn {
            None => Ok(pairs),
            Some(found) => {
                let accepted = "one delay for each pair of neurons, which is what the theory has";
                Err(context.error_at("network", found, accepted).into())
            }
        }
    }

    /// What clamped populations hold; `None` for free ones.
    fn held(&self, chip: &dyn Machine) -> Vec<Option<Vec<f64>>> {
        let network = &self.params.network;
        let of = |(index, population): (usize, &Population)| {
            population.neuron.is_none().then(|| {
                if network.input == Some(index) {
                    return chip.entered(&self.input);
                }
                let mut values = Vec::new();
                chip.activity(index, &mut values);
                values
            })
        };
        network.populations.iter().enumerate().map(of).collect()
    }
}

/// A network as a matrix.
struct Pairs {
    n: usize,
    /// Row-major (to, from).
    weights: Vec<f64>,
    /// `[to][from]`.
    extra: Vec<Vec<usize>>,
    bias: Vec<f64>,
    /// Two neurons whose synapses have different delays, in words.
    torn: Option<String>,
}

impl Pairs {
    fn couple(&mut self, from: usize, to: usize, weight: f64, extra: usize) {
        if weight == 0.0 {
            return;
        }
        let slot = &mut self.weights[to * self.n + from];
        let known = &mut self.extra[to][from];
        if *slot != 0.0 && *known != extra {
            let delays = format!("{} and {} steps", *known + 1, extra + 1);
            self.torn = Some(format!("synapses from neuron {from} to neuron {to} with delays of {delays}"));
        }
        (*slot, *known) = (*slot + weight, extra);
    }
}

/// The longest delay that the experiment gives its network, where there is one and a study puts its own in the place of
/// all.
///
/// # Errors
/// If the network does not fit the chip.
pub fn replaced_delay(params: &Params, context: &Context<'_>) -> Result<Option<Number>, Error> {
    let chip = build(params).map_err(|error| context.experiment.misfit(&error.to_string()))?;
    let delays = DelaysInUse::of(&params.network, &*chip);
    let longest = f64::from(delays.free.1.max(delays.nudged.1));
    let name = "longest delay of the experiment itself, in whose place the study puts its own";
    Ok(delays.are_late().then(|| Number::alone(name, longest, "steps")))
}

/// Refuses cores that step by themselves.
///
/// # Errors
/// If there is no barrier.
pub fn check_barrier(context: &Context<'_>) -> Result<(), Error> {
    if !matches!(context.experiment.hardware.sync, Sync::Free(_)) {
        return Ok(());
    }
    let accepted =
        "\"barrier\": without one what is in transport is late as well, which is no part of the theory";
    Err(context.error_at("hardware.sync", "\"free\"", accepted).into())
}

/// The model that all free neurons share; `Err` with what is found instead.
fn common_model(network: &Network) -> Result<RateParams, String> {
    let mut models = network.populations.iter().filter_map(|p| p.neuron.as_ref());
    let Some(NeuronModel::Rate(first)) = models.next() else {
        return Err("no rate neurons".to_owned());
    };
    if first.flow != Flow::CohenGrossberg {
        return Err(format!("flow = {:?}", first.flow.word()));
    }
    if models.any(|other| *other != NeuronModel::Rate(first.clone())) {
        return Err("neurons that differ".to_owned());
    }
    Ok(first.clone())
}

/// Sees the states of the free populations in the last steps.
struct Seen<'a> {
    free: &'a [usize],
    skip: u32,
    states: Vec<Vec<f64>>,
}

impl Observer for Seen<'_> {
    fn step(&mut self, view: &dyn View) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        let (mut all, mut one) = (Vec::new(), Vec::new());
        for &population in self.free {
            view.state(population, &mut one);
            all.append(&mut one);
        }
        self.states.push(all);
    }
}

/// A state beside `equilibrium`: each neuron pushed by `size`, -`size` / 2 or 0.7 `size` in turn, so that no mode is left out
/// by symmetry.
#[must_use]
pub fn beside(equilibrium: &[f64], size: f64) -> Vec<f64> {
    equilibrium.iter().enumerate().map(|(i, u)| u + size * [1.0, -0.5, 0.7][i % 3]).collect()
}
