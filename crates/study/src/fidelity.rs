//! Gradient fidelity: what the chip's latches hold after one sample, beside the true gradient of the loss at
//! the network's equilibrium with the chip's own weights (implicit differentiation in `f64`).

use crate::program::latched_phases;
use equipoise_base::Instruction;
use equipoise_base::instruction::Target;
use equipoise_base::record::GradientFidelity;
use equipoise_chip::catalog::{Activation, CostOn, Flow, NeuronModel, RateParams};
use equipoise_chip::{Machine, Network, Params, Unobserved, build};
use equipoise_oracle as oracle;

/// Measures one sample on a chip of its own, built from `params`, so that the run is not touched. `None` where
/// the network has no equilibrium, or its gradient vanishes.
///
/// # Errors
/// What stands in the way: the true gradient is known here for layered networks of rate neurons.
pub fn measure(params: &Params, input: &[f32], class: u32) -> Result<Option<GradientFidelity>, String> {
    let network = &params.network;
    if network.layers.is_empty() {
        return Err("true for a network that is not layered".to_owned());
    }
    let Some(NeuronModel::Rate(rate)) = &network.populations[1].neuron else {
        return Err("true for neurons that are no rate neurons".to_owned());
    };
    let mut chip = build(params).map_err(|error| error.to_string())?;
    let held = chip.entered(input);
    let Some(truth) = true_gradient(&*chip, network, rate, &held, class)? else { return Ok(None) };
    execute_until_latched(&mut *chip, params, input, class)?;
    let mut estimate = Vec::with_capacity(truth.len());
    for connection in 0..network.connections.len() {
        estimate.extend(chip.weight_estimate(connection).values());
    }
    for population in 1..network.populations.len() {
        estimate.extend(chip.bias_estimate(population));
    }
    // The latches hold minus the gradient.
    estimate.iter_mut().for_each(|value| *value = -*value);
    let agreement = oracle::Fidelity::of(&estimate, &truth);
    Ok(agreement.map(|f| GradientFidelity {
        cosine: f.cosine,
        relative_error: f.relative_error,
        norm_ratio: f.norm_ratio,
    }))
}

fn execute_until_latched(
    chip: &mut dyn Machine,
    params: &Params,
    input: &[f32],
    class: u32,
) -> Result<(), String> {
    let present = Instruction::Present { input: input.into(), target: Some(Target::Class(class)) };
    let phases = latched_phases(params.learning.nudging);
    std::iter::once(present).chain(phases).try_for_each(|instruction| {
        chip.execute(&instruction, &mut Unobserved).map_err(|error| error.to_string())
    })
}

/// The gradient at the equilibrium, weights in the order of connections and then biases, rows first; `None`
/// where the network does not settle or its equilibrium is degenerate.
fn true_gradient(
    chip: &dyn Machine,
    network: &Network,
    rate: &RateParams,
    input: &[f64],
    class: u32,
) -> Result<Option<Vec<f64>>, String> {
    let matrix = |index: usize| {
        let c = &network.connections[index];
        let (rows, columns) = (network.populations[c.from].size, network.populations[c.to].size);
        oracle::Matrix::from_row_slice(rows, columns, &chip.weights(index).dense(rows, columns))
    };
    let weights = (0..network.connections.len()).map(matrix).collect();
    let biases = (1..network.populations.len()).map(|population| chip.biases(population)).collect();
    let truth = oracle::Layered::new(weights, biases, neuron(rate)).map_err(|error| error.to_string())?;
    let outputs = network.populations.last().map_or(0, |p| p.size);
    let target: Vec<f64> = (0..outputs).map(|i| f64::from(u8::from(i == class as usize))).collect();
    let sample = oracle::Sample { input, target: &target };
    let start = vec![0.0; network.free_neurons() as usize];
    let settling = oracle::Settling { tolerance: 1e-12, ..oracle::Settling::default() };
    let free = oracle::fixed_point(&truth, sample, 0.0, &start, &settling).ok();
    let gradient = free.and_then(|free| oracle::implicit::gradient(&truth, sample, &free.state));
    Ok(gradient.map(|gradient| gradient.flat()))
}

/// The rule of the chip's neurons in the oracle's words.
pub(crate) fn neuron(rate: &RateParams) -> oracle::Neuron {
    let activation = match rate.activation {
        Activation::HardSigmoid => oracle::Activation::HardSigmoid,
        Activation::Logistic => oracle::Activation::Logistic,
        Activation::Tanh => oracle::Activation::Tanh,
    };
    let neuron = match rate.flow {
        Flow::CohenGrossberg => oracle::Neuron::cohen_grossberg(activation, rate.a),
        Flow::Scellier => oracle::Neuron::scellier(activation, rate.a),
    };
    let cost_on = match rate.cost_on {
        CostOn::Activity => oracle::CostOn::Activity,
        CostOn::State => oracle::CostOn::State,
    };
    let of_register = neuron.range == oracle::Neuron::REGISTER_RANGE;
    let range = if of_register { (-rate.register_range, rate.register_range) } else { neuron.range };
    oracle::Neuron { cost_on, range, ..neuron }
}
