//! How activities travel: axonal delays, send policies, and the mesh with its packets.
//!
//! A population's new activities meet three leaves of this crate on their way to the cores that listen:
//!
//! 1. [`send`] decides which of them are sent in this step (all, those that moved, those that spiked);
//! 2. [`axons`] holds them back for the axonal delay of each axon, in steps;
//! 3. [`transport`] carries the packets and says, in cycles, when each one arrives; [`load`] measures how
//!    many it can carry.
//!
//! Values live in the axons' rings, packets carry only a tag: under a barrier the mesh changes the length of
//! a step and no value.

pub mod arbiter;
pub mod arbiters;
pub mod axons;
pub mod fabric;
pub mod histogram;
pub mod load;
pub mod models;
pub mod send;
pub mod statistics;
pub mod topology;
pub mod traffic;
pub mod transport;
mod which;

pub use axons::{RateAxons, SpikeAxons};
pub use send::{SendPolicy, Sender};
pub use statistics::Statistics;
pub use traffic::Traffic;
pub use transport::{Burst, Delivery, Extent, Packet, RouterModel, Transport};
pub use which::Which;
