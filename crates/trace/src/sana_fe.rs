//! Spikes, messages and performance as tables with the names that SANA-FE gives their columns, so that scripts
//! written for its output read ours.
//!
//! The names are those of SANA-FE 2.2 (`src/chip.cpp`, functions `sim_trace_write_*_header`). Neurons are named
//! `group.offset`, hardware `tile.core`. Times are seconds from the start of the time-step, as there.

use crate::error::Error;
use crate::table_writer::{Cell, TableWriter};
use std::path::Path;

/// The columns of `spikes.csv`.
pub const SPIKES: [&str; 2] = ["neuron", "timestep"];

/// The columns of `messages.csv`.
pub const MESSAGES: [&str; 16] = [
    "timestep",
    "mid",
    "src_neuron",
    "src_hw",
    "dest_hw",
    "hops",
    "spikes",
    "send_timestamp",
    "received_timestamp",
    "processed_timestamp",
    "generation_delay",
    "processing_delay",
    "network_delay",
    "blocking_delay",
    "min_hop_delay",
    "messages_along_route",
];

/// The columns of `perf.csv`.
pub const PERFORMANCE: [&str; 12] = [
    "timestep",
    "fired",
    "updated",
    "packets",
    "hops",
    "spikes",
    "sim_time",
    "synapse_energy",
    "dendrite_energy",
    "soma_energy",
    "network_energy",
    "total_energy",
];

/// One message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// The time-step.
    pub timestep: u64,
    /// Its number in the run, from 0.
    pub mid: u64,
    /// The neuron that it comes from, as `group.offset`.
    pub source_neuron: String,
    /// The mesh node of the sender.
    pub source_node: u64,
    /// The mesh node of the receiver.
    pub target_node: u64,
    /// Links on its way.
    pub hops: u64,
    /// Synapses that it reaches.
    pub synapses: u64,
    /// The cycle of the time-step in which it was sent.
    pub sent: u64,
    /// The cycle of the time-step in which it arrived.
    pub received: u64,
    /// The cycle of the time-step from which on the receiver had it.
    pub processed: u64,
    /// Cycles from the sender's message before it (from the time-step's start for the first) to this one.
    pub generation: u64,
    /// Cycles that the way takes a message that meets no other.
    pub unhindered: u64,
}

/// One time-step. Energies in joules.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Performance {
    /// The time-step.
    pub timestep: u64,
    /// Spikes of neurons.
    pub fired: u64,
    /// Neurons updated.
    pub updated: u64,
    /// Messages between cores.
    pub packets: u64,
    /// Links that they crossed.
    pub hops: u64,
    /// Synapses that they reached.
    pub synaptic_events: u64,
    /// Length of the time-step.
    pub seconds: f64,
    /// Energy of the synapses.
    pub synapse_j: f64,
    /// Energy of the sums.
    pub dendrite_j: f64,
    /// Energy of the neurons.
    pub soma_j: f64,
    /// Energy of the network.
    pub network_j: f64,
    /// Energy of everything.
    pub total_j: f64,
}

/// Writes spikes: neurons as `group.offset`, with their time-steps.
///
/// # Errors
/// If the file cannot be written.
pub fn write_spikes<'a>(
    path: &Path,
    spikes: impl Iterator<Item = (&'a str, usize, u64)>,
) -> Result<(), Error> {
    let mut table = TableWriter::create(path, &SPIKES)?;
    for (group, offset, timestep) in spikes {
        table.row(&[Cell::Text(&neuron(group, offset)), timestep.into()])?;
    }
    table.finish()
}

/// The name of a neuron.
#[must_use]
pub fn neuron(group: &str, offset: usize) -> String {
    format!("{group}.{offset}")
}

/// Writes messages of a chip with that clock. How many others are on a route is a part of SANA-FE's estimate of congestion; here
/// congestion is simulated, and the last column is empty.
///
/// # Errors
/// If the file cannot be written.
pub fn write_messages(path: &Path, messages: &[Message], clock_hz: f64) -> Result<(), Error> {
    let mut table = TableWriter::create(path, &MESSAGES)?;
    let seconds = |cycles: u64| Cell::Number(cycles as f64 / clock_hz);
    for m in messages {
        let (source, target) = (neuron(&m.source_node.to_string(), 0), neuron(&m.target_node.to_string(), 0));
        let network = m.received - m.sent;
        table.row(&[
            m.timestep.into(),
            m.mid.into(),
            Cell::Text(&m.source_neuron),
            Cell::Text(&source),
            Cell::Text(&target),
            m.hops.into(),
            m.synapses.into(),
            seconds(m.sent),
            seconds(m.received),
            seconds(m.processed),
            seconds(m.generation),
            seconds(m.processed - m.received),
            seconds(network),
            seconds(network - m.unhindered),
            seconds(m.unhindered),
            Cell::Absent,
        ])?;
    }
    table.finish()
}

/// Writes one row per time-step.
///
/// # Errors
/// If the file cannot be written.
pub fn write_performance(path: &Path, steps: &[Performance]) -> Result<(), Error> {
    let mut table = TableWriter::create(path, &PERFORMANCE)?;
    for s in steps {
        table.row(&[
            s.timestep.into(),
            s.fired.into(),
            s.updated.into(),
            s.packets.into(),
            s.hops.into(),
            s.synaptic_events.into(),
            s.seconds.into(),
            s.synapse_j.into(),
            s.dendrite_j.into(),
            s.soma_j.into(),
            s.network_j.into(),
            s.total_j.into(),
        ])?;
    }
    table.finish()
}
