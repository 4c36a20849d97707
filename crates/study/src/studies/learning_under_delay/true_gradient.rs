//! The gradient of the loss at the equilibrium that the network has, whether a delay lets it settle there or not.

use crate::fidelity;
use equipoise_base::Way;
use equipoise_chip::catalog::{Loss, NeuronModel, RateParams};
use equipoise_chip::{Connection, Machine, Network, Params, Weights};
use equipoise_oracle::{
    EnergyNetwork, Matrix, Neuron, Parameters, Recurrent, Sample, Settling, fixed_point, implicit,
};

/// What is refused: the key, what was found, what is accepted.
pub(super) type Refusal = (&'static str, String, &'static str);

/// Steps so short that a network with strong inhibition settles; where it settles does not depend on them.
const STEP: f64 = 0.02;

/// The true gradient by what learns in `params`, with the weights of `chip`, in the order of the connections and then the
/// populations; `None` where the network settles nowhere.
pub(super) fn of(
    params: &Params,
    chip: &dyn Machine,
    input: &[f32],
    class: u32,
) -> Result<Option<Vec<f64>>, Refusal> {
    let network = &params.network;
    let model = common_model(network)?;
    check(params)?;
    let flat = Flat::new(network, chip, input, &model)?;
    let outputs = flat.recurrent.outputs().len();
    let target: Vec<f64> = (0..outputs).map(|i| f64::from(u8::from(i == class as usize))).collect();
    let sample = Sample { input: &flat.drive, target: &target };
    let settling = Settling { tolerance: 1e-13, ..Settling::default() };
    let start = flat.recurrent.zero_state();
    let free = fixed_point(&flat.recurrent, sample, 0.0, &start, &settling).ok();
    let gradient = free.and_then(|free| implicit::gradient(&flat.recurrent, sample, &free.state));
    Ok(gradient.map(|gradient| flat.by_what_learns(network, &gradient)))
}

fn common_model(network: &Network) -> Result<RateParams, Refusal> {
    let mut models = network.populations.iter().filter_map(|p| p.neuron.as_ref());
    let Some(NeuronModel::Rate(first)) = models.next() else {
        return Err(("neuron", "no rate neurons".to_owned(), "rate neurons, all of one kind"));
    };
    if models.any(|other| *other != NeuronModel::Rate(first.clone())) {
        return Err(("neuron", "neurons that differ".to_owned(), "rate neurons, all of one kind"));
    }
    Ok(first.clone())
}

fn check(params: &Params) -> Result<(), Refusal> {
    let network = &params.network;
    let is_clamped = |p: usize| network.populations[p].neuron.is_none();
    let known = |c: &Connection| {
        let dense = matches!(c.weights, Weights::Dense(_));
        dense && (is_clamped(c.from) || (c.symmetric && c.from != c.to))
    };
    if !network.connections.iter().filter(|c| c.rate > 0.0).all(known) {
        let accepted = "plastic connections from inputs, or between two populations and symmetric";
        return Err(("network", "other plastic connections".to_owned(), accepted));
    }
    if params.learning.loss != Loss::SquaredError {
        return Err(("learning.loss", params.learning.loss.word().to_owned(), "\"squared_error\""));
    }
    Ok(())
}

/// The free neurons as one population, in the order of populations.
struct Flat {
    recurrent: Recurrent,
    /// What clamped neurons drive into each.
    drive: Vec<f64>,
    /// The first neuron of each population.
    first: Vec<usize>,
    /// What each clamped population holds; empty for free ones.
    clamped: Vec<Vec<f64>>,
}

impl Flat {
    fn new(
        network: &Network,
        chip: &dyn Machine,
        input: &[f32],
        model: &RateParams,
    ) -> Result<Self, Refusal> {
        let (mut first, mut bias, mut clamped) = (Vec::new(), Vec::new(), Vec::new());
        for (index, population) in network.populations.iter().enumerate() {
            first.push(bias.len());
            let mut held = Vec::new();
            match &population.neuron {
                Some(_) => bias.extend(chip.biases(index)),
                None if network.input == Some(index) => held = chip.entered(input),
                None => chip.activity(index, &mut held),
            }
            clamped.push(held);
        }
        let n = bias.len();
        let (mut couplings, mut drive) = (Matrix::zeros(n, n), vec![0.0; n]);
        for (index, c) in network.connections.iter().enumerate() {
            for (way, (driver, driven)) in Way::BOTH.into_iter().zip([(c.from, c.to), (c.to, c.from)]) {
                chip.couplings(index, way, &mut |coupling| {
                    let to = first[driven] + coupling.to;
                    match clamped[driver].get(coupling.from) {
                        Some(held) => drive[to] += coupling.weight * held,
                        None => couplings[(to, first[driver] + coupling.from)] += coupling.weight,
                    }
                });
            }
        }
        let outputs = network.output.map_or(0..0, |p| first[p]..first[p] + network.populations[p].size);
        let neuron = Neuron { step_size: STEP, ..fidelity::neuron(model) };
        let refused = |error| ("network", format!("{error}"), "symmetric couplings between all neurons");
        let recurrent = Recurrent::new(couplings, bias, outputs, neuron).map_err(refused)?;
        Ok(Self { recurrent, drive, first, clamped })
    }

    /// Of the gradient by all couplings and biases, that by what learns.
    fn by_what_learns(&self, network: &Network, all: &Parameters) -> Vec<f64> {
        let (couplings, biases) = (&all.weights[0], &all.biases[0]);
        let mut gradient = Vec::new();
        for c in network.connections.iter().filter(|c| c.rate > 0.0) {
            let (sources, targets) = (network.populations[c.from].size, network.populations[c.to].size);
            for (i, j) in (0..sources * targets).map(|at| (at / targets, self.first[c.to] + at % targets)) {
                // A clamped neuron's synapse drives its target as a bias does, times what the neuron holds.
                gradient.push(match self.clamped[c.from].get(i) {
                    Some(held) => held * biases[j],
                    None => couplings[(j, self.first[c.from] + i)],
                });
            }
        }
        for (index, population) in network.populations.iter().enumerate().filter(|(_, p)| p.bias_rate > 0.0) {
            gradient.extend_from_slice(&biases[self.first[index]..][..population.size]);
        }
        gradient
    }
}
