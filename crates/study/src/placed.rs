//! Where the cores sit and what that saves, as `summary.json` and the program say it.

use equipoise_chip::params::Placement;
use equipoise_chip::placement::{PacketHops, Saving, Slice};
use serde::Serialize;

/// A placement that is not the order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Placed {
    /// `traffic`, or `table` where the experiment names the nodes.
    pub rule: &'static str,
    /// The node of each core.
    pub nodes: Vec<u32>,
    /// Packets times links.
    pub packet_hops: Hops,
    /// The same with core c on node c.
    pub in_order: Hops,
    /// The share of a training sample's packet-hops that is saved.
    pub saved: f64,
}

/// Packets times links, if every neuron sends in every step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Hops {
    /// In every step.
    pub per_step: u64,
    /// Beside that for every sample: held inputs send once.
    pub per_sample: u64,
}

impl Placed {
    /// What to say of `placement`; nothing of the order.
    pub(crate) fn new(placement: &Placement, slices: &[Slice], saving: &Saving) -> Option<Self> {
        let rule = match placement {
            Placement::Order => return None,
            Placement::Traffic => "traffic",
            Placement::Nodes(_) | Placement::Populations(_) => "table",
        };
        let hops = |PacketHops { per_step, per_sample }| Hops { per_step, per_sample };
        Some(Self {
            rule,
            nodes: slices.iter().map(|slice| slice.node).collect(),
            packet_hops: hops(saving.placed),
            in_order: hops(saving.in_order),
            saved: saving.share,
        })
    }
}
