//! Layers from input to output.

use super::weights::StartWeights;
use super::{Surroundings, clamped, connect, free};
use crate::{Error, rules};
use equipoise_chip::Network;
use equipoise_trace::FilePath;

equipoise_base::params! {
    /// A layered network.
    pub struct Layered {
        /// Neurons of each layer, the clamped input first.
        layers: Vec<usize> = vec![64, 64, 10], "neurons", 1..=100_000_000;
        /// Start weights: "drawn", an .npz file (w1, w2, ..., b1, ...), or a list of .npy files, each of shape (pre, post).
        weights: StartWeights = StartWeights::Drawn, "";
        /// Start biases: .npy files, one per layer after the input; left out, those of the .npz, or zeros.
        biases: Vec<FilePath> = Vec::new(), "";
        /// What drawn weights are multiplied with.
        gain: f64 = 1.0, "1", 0.0..=100.0;
    }
}

impl Layered {
    pub(super) fn build(&self, around: &Surroundings<'_>) -> Result<Network, Error> {
        if self.layers.len() < 2 {
            let found = format!("{:?}", self.layers);
            return Err(around
                .error("layers", found, "at least two layers, the input and the output")
                .into());
        }
        for pair in self.layers.windows(2) {
            around.check_size("layers", pair[0], pair[1])?;
        }
        let supply = self.weights.supply(around, self.gain)?.with_biases(&self.biases);
        let last = self.layers.len() - 1;
        supply.refuse_unknown(last, last)?;
        let mut network = Network { input: Some(0), output: Some(last), ..Network::default() };
        for (depth, &size) in self.layers.iter().enumerate() {
            let name = match depth {
                0 => "input".to_owned(),
                d if d == last => "output".to_owned(),
                d => format!("hidden{d}"),
            };
            network.populations.push(if depth == 0 {
                clamped(&name, size)
            } else {
                free(&name, size, around)
            });
            network.layers.push(size as u64);
        }
        for (depth, pair) in self.layers.windows(2).enumerate() {
            let mut connection = connect(depth, depth + 1, supply.weights(depth, pair[0], pair[1])?, true);
            connection.rate = rules::rate(pair[0], depth);
            network.connections.push(connection);
            network.populations[depth + 1].bias = supply.biases(depth, pair[1])?;
        }
        let rates: Vec<f64> = network.connections.iter().map(|c| c.rate).collect();
        network.populations[1..].iter_mut().for_each(|p| p.bias_rate = rules::bias_rate(&rates));
        Ok(network)
    }
}
