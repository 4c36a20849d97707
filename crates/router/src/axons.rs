//! Axonal delay rings.
//!
//! What a step k emits over an axon of delay d arrives in step k + d: it is part of the drive that produces
//! the state of step k + d. The order of calls in a step s is `arrive(s)`, then `emit(s, ...)`, so d = 1 is
//! no extra delay and nothing is visible in the step that emitted it.
//!
//! Delays may differ from axon to axon and may change between steps; what is in flight keeps the delay that
//! it left with. There is no cap: a ring is as long as the largest delay it was ever given, and an axon costs
//! the same time for every delay.

mod delays;
mod rate;
mod ring;
mod spike;

pub use delays::Delays;
pub use rate::{RateAxons, RateState};
pub use spike::{SpikeAxons, SpikeState, Spikes};
