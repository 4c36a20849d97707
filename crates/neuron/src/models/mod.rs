//! The list of neuron models.

pub mod lif;
pub mod rate;

use crate::Neurons;
use equipoise_base::{Number, family};

family! {
    /// The neuron models; the section `[neuron]` of an experiment.
    pub enum NeuronModel {
        /// A leaky rate neuron: the state of an energy that descends by gradient steps.
        Rate(rate::RateParams) = "rate",
        /// A leaky integrate-and-fire neuron: a membrane that spikes at a threshold and is reset.
        Lif(lif::LifParams) = "lif",
    }
}

impl NeuronModel {
    /// A slice of a population in its start state: one neuron per element of `start`.
    #[must_use]
    pub fn build<N: Number>(&self, start: &[N]) -> Box<dyn Neurons<N>> {
        match self {
            Self::Rate(params) => Box::new(rate::Rate::new(params, start)),
            Self::Lif(params) => Box::new(lif::Lif::new(params, start)),
        }
    }
}
