//! Sending spikes.

equipoise_base::params! {
    /// An axon sends when its neuron spikes: when its value is not zero.
    pub struct Spike {}
}
