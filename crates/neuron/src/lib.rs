//! Neuron models: from a drive to a state, and from the state to the activity on the wire.
//!
//! A model simulates one slice of one population: [`Neurons`] is its interface, [`NeuronModel`] the list of
//! models, and [`NeuronModel::build`] makes one. Everything is fixed point; the format is the type parameter
//! `N`. To add a model: one file under `models/` and two lines in `models/mod.rs`.

mod activation;
mod models;
mod neurons;
mod register;

pub use activation::Activation;
pub use models::NeuronModel;
pub use models::lif::{Fires, Integrator, LifParams, Reset};
pub use models::rate::{CostOn, Flow, RateParams};
pub use neurons::Neurons;
