//! Packets, hops and bits that learning moves over the mesh, in closed form.
//!
//! Per step an activity travels from core(l-1) to core(l) for each of the n_{l-1} neurons, and for l >= 2 as
//! many drives travel back, since the transposed read yields one sum per neuron of the lower layer.

use crate::counts::{Layered, Program};
use serde::Serialize;

/// What travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Values sent to a core, one packet each.
    pub packets: u64,
    /// Packets times links.
    pub hops: u64,
    /// Bits times links.
    pub bits: u64,
}

impl Traffic {
    /// The traffic of `steps` equal steps.
    #[must_use]
    pub fn times(self, steps: u64) -> Self {
        Self { packets: self.packets * steps, hops: self.hops * steps, bits: self.bits * steps }
    }
}

/// The traffic of one step with layer l on mesh node `nodes[l]` (x, y) and packets of `packet_bits`; XY
/// routing, so a packet takes as many links as the Manhattan distance. `None` unless there is a node per
/// layer.
#[must_use]
pub fn step(network: &Layered, nodes: &[(u64, u64)], packet_bits: u64) -> Option<Traffic> {
    let layers = network.layers();
    if nodes.len() != layers.len() {
        return None;
    }
    let mut traffic = Traffic::default();
    for (l, (&senders, ends)) in layers.iter().zip(nodes.windows(2)).enumerate() {
        let links = ends[0].0.abs_diff(ends[1].0) + ends[0].1.abs_diff(ends[1].1);
        let packets = if l == 0 { senders } else { 2 * senders };
        traffic.packets += packets;
        traffic.hops += packets * links;
        traffic.bits += packets * links * packet_bits;
    }
    Some(traffic)
}

/// Traffic of one update of equilibrium propagation and of one gradient by backpropagation through
/// `bptt_steps` steps, from the traffic of a step.
#[must_use]
pub fn ep_beside_bptt(step: Traffic, program: Program, bptt_steps: u64) -> (Traffic, Traffic) {
    (step.times(program.steps()), step.times(2 * bptt_steps))
}
