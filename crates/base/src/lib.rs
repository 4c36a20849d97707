//! What every block of the chip shares: time, ids, fixed-point numbers, noise, counted actions, digests,
//! the instruction, the declaration of parameters, and the record of a run.
//!
//! Nothing here does I/O and nothing here knows a block. A block crate (`device`, `neuron`, `router`, ...)
//! depends on this crate alone, so blocks cannot see each other.

pub mod action;
pub mod config;
pub mod digest;
pub mod family;
pub mod instruction;
pub mod noise;
pub mod number;
pub mod params;
pub mod record;
pub mod refusal;
pub mod requests;
pub mod sparsity;
pub mod spikes;
pub mod synapses;
pub mod time;
pub mod words;

pub use action::{Action, Counts};
pub use digest::Digest;
pub use instruction::Instruction;
pub use number::{Number, Rounding};
pub use refusal::Refusal;
pub use requests::Requests;
pub use sparsity::Sparsity;
pub use spikes::SpikeSet;
pub use synapses::{Axons, Grain, Shape, Synapses, Way};
pub use time::{Delay, Phase};
