//! The learning controller: equilibrium propagation as a chip does it.
//!
//! A controller sees activities, the phase, and what its own latches hold. It cannot name an array, so it
//! cannot peek at true weights: the accuracy that the simulator reports stays honest.
//!
//! One sample walks through the states of [`fsm`]; in the nudged phases [`nudging`] and [`loss`] pull the
//! outputs toward the target; [`correlations`] latch products of activities; [`pulses`] turns their
//! difference into device pulses, and [`timing`] says how long that takes.

pub mod bias;
mod columns;
mod comparison;
pub mod correlations;
pub mod fsm;
mod kernels;
pub mod limits;
pub mod loss;
pub mod nudging;
pub mod params;
pub mod pulses;
mod rows;
mod sweep;
pub mod synapse;
pub mod timing;

pub use bias::BiasController;
pub use correlations::Slot;
pub use fsm::{Fsm, OrderError, State};
pub use loss::Loss;
pub use nudging::Nudging;
pub use params::{Latch, LatchKind, UpdateScheme};
pub use synapse::{SynapseController, SynapseParams};
pub use timing::UpdateTiming;
