//! The slow, plain f64 truth that the chip is measured against.
//!
//! This crate knows no chip. It states the equations of equilibrium propagation (EP), backpropagation
//! through time (BPTT) and delayed rate networks as directly as it can, in double precision, and nothing
//! in it is tuned for speed. Tests of other crates and the studies ask it five kinds of questions:
//!
//! - **Where does the network settle?** [`relax`] gives every state of a phase, [`fixed_point`] the
//!   equilibrium, [`energy`] the function that both descend.
//! - **What does EP say the gradient is?** [`ep::at_fixed_points`], [`ep::after_steps`] and, step by step,
//!   [`ep::per_step`].
//! - **What is the gradient?** [`finite_difference`], [`implicit`] and [`bptt`] are three unrelated ways to
//!   it; [`Fidelity`] compares two of them.
//! - **When do delays make it oscillate?** [`Delayed`] simulates, [`stability`] and [`critical_delay`] predict;
//!   [`RateNetwork`] is any rate network of a chip, [`stability::margin`] says how far it is from oscillating.
//! - **What can be learned while it oscillates?** [`bptt_delayed`] and [`ep_delayed`] on any delayed network,
//!   [`limit_cycle`] on three neurons with something to learn.
//!
//! Conventions, the same everywhere: a *state* is the vector `u` of the free units (clamped inputs are not in
//! it); the *activity* is `rho(u)`; a *gradient* is `dL/dtheta`, so that learning subtracts it; a symmetric
//! synapse is one parameter; weights have the shape (pre, post) in [`Layered`] and (to, from) in
//! [`Recurrent`] and [`Delayed`]. All quantities are dimensionless, time is counted in relaxation steps
//! (in leak time constants in [`critical_delay`]).
//!
//! ```
//! use equipoise_oracle::{Activation, Layered, Matrix, Neuron, Nudge, Nudging, Sample, Steps, ep};
//! # use equipoise_oracle::EnergyNetwork;
//! let weights = vec![Matrix::from_row_slice(2, 1, &[0.8, -0.3]), Matrix::from_row_slice(1, 1, &[0.5])];
//! let biases = vec![vec![0.1], vec![0.2]];
//! let neuron = Neuron::cohen_grossberg(Activation::HardSigmoid, 0.5);
//! let mut net = Layered::new(weights, biases, neuron)?;
//! let sample = Sample { input: &[1.0, 0.5], target: &[1.0] };
//! let nudge = Nudge { nudging: Nudging::Centered, beta: 0.1 };
//! let estimate = ep::after_steps(&net, sample, &net.zero_state(), nudge, Steps { free: 60, nudged: 60 });
//! assert!(estimate.gradient.biases[1][0] < 0.0); // the output is too low: its bias must grow
//! net.parameters.add_scaled(-0.1, &estimate.gradient);
//! # Ok::<(), equipoise_oracle::ShapeError>(())
//! ```
#![allow(
    clippy::disallowed_methods,
    reason = "the oracle is compared within tolerances and is no part of any digest, so std's exp and tanh may differ in the last bit"
)]

mod activation;
pub mod bptt;
pub mod bptt_delayed;
pub mod critical_delay;
mod delayed;
mod dynamics;
mod eigen;
mod energy;
pub mod ep;
pub mod ep_delayed;
mod fidelity;
pub mod finite_difference;
pub mod implicit;
mod krylov;
mod layered;
pub mod limit_cycle;
mod linear_steps;
mod margin;
mod network;
mod neuron;
mod noise_response;
mod operating_point;
mod parameters;
mod rate_network;
mod recurrent;
mod relaxation;
mod split_mix;
pub mod stability;
mod symmetric;
mod trinomial;

pub use activation::Activation;
pub use delayed::{Delayed, Delays};
pub use eigen::NoEigenvalues;
pub use energy::{cost, energy, total_energy};
pub use ep::{Nudge, Nudging, Steps};
pub use fidelity::Fidelity;
pub use layered::Layered;
pub use nalgebra::Complex;
pub use network::{EnergyNetwork, Sample, ShapeError};
pub use neuron::{CostOn, Flow, Neuron};
pub use parameters::Parameters;
pub use rate_network::{Pull, RateNetwork, Synapse};
pub use recurrent::Recurrent;
pub use relaxation::{FixedPoint, NotSettled, Settling, fixed_point, relax};
pub use split_mix::SplitMix64;
pub use symmetric::Symmetric;

/// A dense f64 matrix. `Matrix::from_row_slice(rows, columns, &values)` reads row-major values;
/// `m[(row, column)]` is one entry.
pub type Matrix = nalgebra::DMatrix<f64>;
