//! The digital core model: an SRAM of (source -> target, weight, delay) behind the interface of all synapse
//! stores.
//!
//! [`SynapseTable`] is made from a list of [`Edge`]s, or dense for every pair of lines. Weights are two's-complement
//! codes; every synapse has its own delay, kept inside the table. What the table books:
//!
//! | work | actions |
//! |---|---|
//! | access to one row | `sram_read`: two row pointers and every entry (target, weight, delay) |
//! | one synapse that takes part | `partial_add`: one accumulation (a digital multiply-add for held values) |
//! | what is in flight | `sram_read` and `sram_write` of the delay memory, where delays exceed one |
//! | one written weight | `sram_write` of the weight, `partial_add` of the pulses, and one access to its row |
//!
//! `cell_mac`, conversions and drives of lines belong to analog arrays and are never booked here.

mod accumulator;
mod cost;
mod params;
mod read;
mod ring;
mod rows;
mod sorting;
mod table;
mod weights;
mod wiring;

pub use params::{Carried, TableParams, Traffic};
pub use table::SynapseTable;
pub use wiring::{Edge, TableError};
