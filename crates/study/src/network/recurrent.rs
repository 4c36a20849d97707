//! A population coupled with itself.

use super::weights::StartWeights;
use super::{Surroundings, clamped, connect, free, hebbian};
use crate::{Error, rules};
use equipoise_base::config::ConfigError;
use equipoise_chip::Network;
use equipoise_trace::FilePath;

equipoise_base::choice! {
    /// How the symmetric weights lie in the array.
    pub enum Storage {
        /// Both triangles, read forward only.
        Full = "full",
        /// The upper triangle, read both ways; both reads are summed.
        Triangle = "triangle",
    }
}

equipoise_base::params! {
    /// A recurrent network.
    pub struct Recurrent {
        /// Neurons of the recurrent population.
        neurons: usize = 64, "neurons", 1..=10_000_000;
        /// Clamped inputs that drive all of them; 0 for none.
        inputs: usize = 0, "neurons", 0..=10_000_000;
        /// Output neurons coupled symmetrically with them; 0 to nudge and read out the recurrent population itself.
        outputs: usize = 0, "neurons", 0..=10_000_000;
        /// How the recurrent weights lie in the array.
        storage: Storage = Storage::Full, "";
        /// Patterns of +1 and -1 to store by Hebb's rule, instead of drawn or loaded weights.
        patterns: Vec<Vec<f64>> = Vec::new(), "1", -1..=1;
        /// Start weights in the order recurrent, input, output; see `layered`.
        weights: StartWeights = StartWeights::Drawn, "";
        /// Start biases: .npy files, of the recurrent population and of the outputs; left out, those of the .npz, or zeros.
        biases: Vec<FilePath> = Vec::new(), "";
        /// What drawn weights and stored patterns are multiplied with.
        gain: f64 = 1.0, "1", 0.0..=100.0;
    }
}

impl Recurrent {
    pub(super) fn build(&self, around: &Surroundings<'_>) -> Result<Network, Error> {
        let n = self.neurons;
        self.check(around)?;
        let supply = self.weights.supply(around, self.gain)?.with_biases(&self.biases);
        let (inputs, outputs) = (usize::from(self.inputs > 0), usize::from(self.outputs > 0));
        supply.refuse_unknown(1 + inputs + outputs, 1 + outputs)?;
        let mut recurrent = if !self.patterns.is_empty() {
            hebbian(&self.patterns, n).into_iter().map(|weight| self.gain * weight).collect()
        } else if self.weights == StartWeights::Drawn {
            symmetric(&supply.weights(0, n, n)?, n)
        } else {
            supply.weights(0, n, n)?
        };
        let triangle = self.storage == Storage::Triangle;
        if triangle {
            (0..n * n).filter(|i| i % n <= i / n).for_each(|i| recurrent[i] = 0.0);
        }
        let mut network = Network { populations: vec![free("recurrent", n, around)], ..Network::default() };
        network.connections.push(connect(0, 0, recurrent, triangle));
        network.connections[0].rate = rules::rate(n, 1);
        network.populations[0].bias = supply.biases(0, n)?;
        if self.inputs > 0 {
            network.input = Some(network.populations.len());
            network.populations.push(clamped("input", self.inputs));
            let mut connection = connect(1, 0, supply.weights(1, self.inputs, n)?, false);
            connection.rate = rules::rate(self.inputs, 0);
            network.connections.push(connection);
        }
        network.output = Some(0);
        if self.outputs > 0 {
            let output = network.populations.len();
            network.output = Some(output);
            network.populations.push(free("output", self.outputs, around));
            network.populations[output].bias = supply.biases(1, self.outputs)?;
            let mut connection =
                connect(0, output, supply.weights(network.connections.len(), n, self.outputs)?, true);
            connection.rate = rules::rate(n, 1);
            network.connections.push(connection);
        }
        let rate = rules::rate(n, 1);
        network.populations.iter_mut().filter(|p| p.neuron.is_some()).for_each(|p| p.bias_rate = rate);
        Ok(network)
    }

    fn check(&self, around: &Surroundings<'_>) -> Result<(), ConfigError> {
        let n = self.neurons;
        around.check_size("neurons", n, n)?;
        around.check_size("inputs", self.inputs, n)?;
        around.check_size("outputs", n, self.outputs)?;
        let wrong = |found: String| {
            Err(around.error("patterns", found, format!("patterns of {n} values 1 or -1, one per neuron")))
        };
        for (number, pattern) in self.patterns.iter().enumerate() {
            if pattern.len() != n {
                return wrong(format!("{} values in pattern {number}", pattern.len()));
            }
            if let Some(value) = pattern.iter().find(|value| value.abs() != 1.0) {
                return wrong(format!("the value {value} in pattern {number}"));
            }
        }
        Ok(())
    }
}

/// The symmetric part without self-couplings of row-major `weights`: recurrent energies need W = W^T.
fn symmetric(weights: &[f64], n: usize) -> Vec<f64> {
    let at = |i: usize, j: usize| if i == j { 0.0 } else { 0.5 * (weights[i * n + j] + weights[j * n + i]) };
    (0..n * n).map(|k| at(k / n, k % n)).collect()
}
