//! Small networks of every kind of neuron, for statements that must hold for all of them.

use equipoise_oracle::{
    Activation, CostOn, EnergyNetwork, Flow, Layered, Matrix, Neuron, Recurrent, Sample, Settling,
    fixed_point,
};

/// A network with something to learn.
pub struct Task<N> {
    pub network: N,
    input: Vec<f64>,
    target: Vec<f64>,
}

impl<N: EnergyNetwork> Task<N> {
    pub fn sample(&self) -> Sample<'_> {
        Sample { input: &self.input, target: &self.target }
    }

    /// What the neurons are, for messages.
    pub fn name(&self) -> String {
        format!("{:?}", self.network.neuron())
    }

    /// The settled free state.
    pub fn free_state(&self) -> Vec<f64> {
        let start = self.network.zero_state();
        fixed_point(&self.network, self.sample(), 0.0, &start, &Settling::default())
            .expect("it settles")
            .state
    }
}

/// Every activation, flow and cost.
pub fn neurons() -> Vec<Neuron> {
    let mut neurons = Vec::new();
    for activation in
        [Activation::HardSigmoid, Activation::Logistic, Activation::Tanh, Activation::ClippedIdentity]
    {
        for flow in [Flow::Scellier, Flow::CohenGrossberg] {
            for cost_on in [CostOn::State, CostOn::Activity] {
                let usual = match flow {
                    Flow::Scellier => Neuron::scellier(activation, 0.2),
                    Flow::CohenGrossberg => Neuron::cohen_grossberg(activation, 0.2),
                };
                neurons.push(Neuron { cost_on, ..usual });
            }
        }
    }
    neurons
}

/// Numbers between -1 and 1 without a pattern that matters.
fn scattered(seed: usize, count: usize) -> Vec<f64> {
    (0..count).map(|k| ((seed * 131 + k * k * 31 + k * 613 + 17) % 997) as f64 / 498.0 - 1.0).collect()
}

/// 3-4-3-2 networks: two hidden layers, so that errors cross one that is neither first nor last.
pub fn layered() -> Vec<Task<Layered>> {
    let sizes = [3, 4, 3, 2];
    let build = |neuron: Neuron| {
        let weights = sizes.windows(2).enumerate().map(|(seed, pair)| {
            Matrix::from_row_slice(pair[0], pair[1], &scattered(seed, pair[0] * pair[1])) * 0.5
        });
        let biases = sizes[1..].iter().enumerate().map(|(seed, n)| {
            // Biases above zero keep some units of the hard sigmoid between its limits.
            scattered(seed + 9, *n).iter().map(|b| 0.35 + 0.2 * b).collect()
        });
        let network = Layered::new(weights.collect(), biases.collect(), neuron).expect("shapes fit");
        Task { network, input: vec![0.9, 0.2, 0.6], target: vec![0.7, 0.1] }
    };
    neurons().into_iter().map(build).collect()
}

/// Five units, all coupled to each other and to themselves, two of them outputs.
pub fn recurrent() -> Vec<Task<Recurrent>> {
    let build = |neuron: Neuron| {
        let half = Matrix::from_row_slice(5, 5, &scattered(3, 25)) * 0.2;
        let weights = &half + half.transpose();
        let bias = scattered(5, 5).iter().map(|b| 0.4 + 0.2 * b).collect();
        let network = Recurrent::new(weights, bias, 3..5, neuron).expect("shapes fit");
        Task { network, input: vec![0.1, -0.1, 0.2, 0.0, 0.05], target: vec![0.2, 0.8] }
    };
    neurons().into_iter().map(build).collect()
}
