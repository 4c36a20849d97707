//! Defaults that follow from the network's shape, so that a file which names only chip, layers, source and
//! epochs learns.
//!
//! The rules were chosen on the shipped digits and on MNIST (see docs/decisions): rates of the order of the
//! inverse root of the fan-in, halved from layer to layer toward the output as in the published settings of
//! Scellier and Bengio (2017), who train with 0.1 and 0.05; the free phase five times longer for every
//! further hidden layer, for settling slows down with depth.

/// Rate of the synapses from a layer of `fan_in` neurons, `depth` layers above the input (from 0).
#[must_use]
pub fn rate(fan_in: usize, depth: usize) -> f64 {
    let halvings = (1_u64 << depth.min(32)) as f64;
    0.8 / halvings / (fan_in as f64).sqrt()
}

/// Rate of the biases, that of the last layer's synapses.
#[must_use]
pub fn bias_rate(layer_rates: &[f64]) -> f64 {
    layer_rates.last().copied().unwrap_or(0.0)
}

/// Steps of the free phase of a network with `hidden` hidden layers.
#[must_use]
pub fn free_steps(hidden: usize) -> u32 {
    match hidden {
        0 | 1 => 20,
        2 => 100,
        _ => 500,
    }
}

/// Steps of a nudged phase of a network with `hidden` hidden layers: long enough for the nudge to reach the
/// input's synapses.
#[must_use]
pub fn nudged_steps(hidden: usize) -> u32 {
    4 + 2 * hidden.max(1) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_network_gets_the_published_settings() {
        assert_eq!((rate(64, 0), rate(64, 1)), (0.1, 0.05));
        assert_eq!((free_steps(1), nudged_steps(1)), (20, 6));
    }
}
