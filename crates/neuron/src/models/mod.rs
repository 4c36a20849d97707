//! The list of neuron models.

pub mod lif;
pub mod rate;

use crate::Neurons;
use equipoise_base::{Number, Refusal, family};

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
    /// Checks what a chip of format `N` cannot hold of the parameters.
    ///
    /// # Errors
    /// Names the key and what is accepted.
    pub fn check<N: Number>(&self) -> Result<(), Refusal> {
        match self {
            Self::Rate(params) => params.check::<N>(),
            Self::Lif(params) => params.check::<N>(),
        }
    }

    /// The least and the greatest state that a neuron can start in.
    #[must_use]
    pub fn start_range<N: Number>(&self) -> (f64, f64) {
        match self {
            Self::Rate(params) => params.range::<N>().ends::<N>(),
            Self::Lif(params) => params.range::<N>().ends::<N>(),
        }
    }

    /// A slice of a population in its start state: one neuron per element of `start`.
    #[must_use]
    pub fn build<N: Number>(&self, start: &[N]) -> Box<dyn Neurons<N>> {
        match self {
            Self::Rate(params) => Box::new(rate::Rate::new(params, start)),
            Self::Lif(params) => Box::new(lif::Lif::new(params, start)),
        }
    }
}
