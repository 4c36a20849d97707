//! Packets in, deliveries out: the interface of everything that carries events between cores.
//!
//! A transport is driven by its owner's clock. The owner creates packets at any cycle that has not been
//! simulated yet ([`Transport::send`]) and asks for the next delivery up to a cycle of its choice
//! ([`Transport::next_delivery`]). Deliveries come back by cycle, then by target, then by creation cycle,
//! source and sequence; the order in which *different* sources called `send` plays no part.
//!
//! The models keep no memory of the past once they are empty, so a step that injects the same packets at the
//! same relative cycles has the same deliveries and the same [`Traffic`]: the owner may count a stretch of
//! equal steps with [`Traffic::add_times`] and simulate only the first. Arbiters that serve in turn remember
//! whom they served last; with them this holds for steps that begin with [`Transport::reset`].

use crate::models::{ConcentratedMesh, Ideal, Mesh, Torus, Tree};
use crate::statistics::Statistics;
use crate::traffic::{Link, Traffic};
use equipoise_base::Digest;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Stands for "no limit" in [`Transport::next_delivery`].
pub const FOREVER: u64 = u64::MAX;

/// One event of a core on its way to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    /// The cycle in which the source core created it.
    pub created_cycle: u64,
    /// The core that sent it, also its mesh node: y * width + x.
    pub source: u32,
    /// The core that it goes to.
    pub target: u32,
    /// What it means to its owner; never looked at on the way.
    pub tag: u64,
}

/// A packet that has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The cycle of arrival: a sample of the target core in this cycle sees it.
    pub cycle: u64,
    /// What arrived.
    pub packet: Packet,
}

/// Packets of one source, created in one cycle: to each target the same number, target after target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst<'a> {
    /// The cycle of creation.
    pub created_cycle: u64,
    /// The core that sends.
    pub source: u32,
    /// Packets to each target.
    pub packets: u32,
    /// The targets, ascending, each once, without the source.
    pub targets: &'a [u32],
}

/// A carrier of packets. See the [module](self) for the rules that all models keep.
pub trait Transport: Send {
    /// How many cores (nodes) it connects.
    fn cores(&self) -> usize;

    /// How many routers there are, whether or not cores sit at them; none in wires.
    fn routers(&self) -> usize {
        0
    }

    /// The router at which a core sits.
    fn router_of(&self, _core: u32) -> Option<u32> {
        None
    }

    /// Slots of all FIFOs behind links, in packets.
    fn slots(&self) -> u64 {
        0
    }

    /// The first cycle that has not been simulated: packets may be created here or later.
    fn now(&self) -> u64;

    /// Accepts a packet. The sequence number that breaks ties between packets of one source counts the calls
    /// for that source.
    ///
    /// # Panics
    /// If the packet is created before [`Transport::now`], or names a core that does not exist.
    fn send(&mut self, packet: Packet);

    /// Accepts a packet for each of `targets`, ascending and each once, in place of `packet.target`. Where the
    /// model has `multicast`, it is one packet that divides where ways part, and a hop counts once for all
    /// targets behind it; otherwise it is one packet per target. Every target gets its own delivery.
    ///
    /// # Panics
    /// As [`Transport::send`].
    fn send_to(&mut self, packet: Packet, targets: &[u32]) {
        for &target in targets {
            self.send(Packet { target, ..packet });
        }
    }

    /// Carries `bursts`, at most one of each source, through the empty transport at once: the same as sending all
    /// packets, one by one, and taking all deliveries. Books the traffic and returns the cycle of the last
    /// delivery, 0 if there is none; the transport is then as after [`Transport::reset`]. `None`, and nothing has
    /// happened, where the model has no quicker way than that. It has one for meshes of equal links and packets of
    /// one flit, oldest packet first.
    fn carry(&mut self, _bursts: &[Burst<'_>]) -> Option<u64> {
        None
    }

    /// Whether [`Transport::send_to`] sends a single packet.
    fn multicasts(&self) -> bool {
        false
    }

    /// The next delivery in a cycle up to `limit`, simulating no further than needed.
    ///
    /// `None` means that nothing more arrives up to and including `limit`, and time then stands at
    /// `limit + 1`. With [`FOREVER`] it means that nothing is in flight, and time stays where it is.
    fn next_delivery(&mut self, limit: u64) -> Option<Delivery>;

    /// Appends every delivery up to and including cycle `limit`.
    fn advance(&mut self, limit: u64, deliveries: &mut Vec<Delivery>) {
        while let Some(delivery) = self.next_delivery(limit) {
            deliveries.push(delivery);
        }
    }

    /// Deliveries owed and not yet handed out by [`Transport::next_delivery`].
    fn in_flight(&self) -> u64;

    /// Cycles from creation to arrival in an otherwise empty transport.
    fn zero_load_cycles(&self, source: u32, target: u32) -> u64;

    /// The links on the way from `source` to `target`, by their number in [`Transport::links`].
    fn path(&self, _source: u32, _target: u32) -> Vec<u32> {
        Vec::new()
    }

    /// Cycles that a packet takes at its core's port; 0 where ports have no width.
    fn packet_cycles(&self) -> u64 {
        0
    }

    /// How many links that are; none where there are no routers.
    fn hops(&self, source: u32, target: u32) -> u64 {
        self.path(source, target).len() as u64
    }

    /// The input ports of every router in the order of its FIFOs, the local one first: FIFO number
    /// core times ports plus port. Empty where FIFOs cannot be told so simply: without routers, with several
    /// virtual channels or flits, and in topologies whose routers are not the cores'.
    fn ports(&self) -> &'static [&'static str] {
        &[]
    }

    /// The directed links, in the order of [`Traffic::links`].
    fn links(&self) -> &[Link];

    /// What travelled since the books were last cleared. A hop is booked when its packet wins the link.
    fn traffic(&self) -> &Traffic;

    /// Empties the books.
    fn clear_traffic(&mut self);

    /// Begins, or ends, to keep statistics; what was kept before is dropped. [`Transport::reset`] begins anew.
    /// They change nothing else and are not part of a snapshot. Models without FIFOs keep none.
    fn watch(&mut self, _watching: bool) {}

    /// The statistics, while they are kept.
    fn statistics(&self) -> Option<&Statistics> {
        None
    }

    /// Drops every packet, sets time and sequence numbers to zero, and keeps memory and books.
    fn reset(&mut self);

    /// Everything that decides the future, for checkpoints and digests. The books are not part of it.
    fn snapshot(&self) -> Snapshot;

    /// Continues from a snapshot of a transport with the same parameters, to the same bits.
    ///
    /// # Panics
    /// If the snapshot is of another shape.
    fn resume(&mut self, snapshot: &Snapshot);

    /// Folds [`Transport::snapshot`] into a digest.
    fn digest(&self, digest: &mut Digest) {
        self.snapshot().digest(digest);
    }
}

/// How many nodes lie side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Nodes from west to east.
    pub width: u32,
    /// Nodes from south to north.
    pub height: u32,
}

impl Extent {
    /// All nodes.
    #[must_use]
    pub fn nodes(self) -> usize {
        self.width as usize * self.height as usize
    }
}

/// There are fewer nodes than cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a {} x {} mesh has {} nodes for {cores} cores", extent.width, extent.height, extent.nodes())]
pub struct TooFewNodes {
    /// The nodes.
    pub extent: Extent,
    /// Cores that need a node.
    pub cores: usize,
}

equipoise_base::family! {
    /// How packets travel between cores.
    pub enum RouterModel {
        /// Wires of zero cycles: a packet arrives in the cycle of its creation, over no hop.
        Ideal(Ideal) = "ideal",
        /// Two-dimensional mesh of routers with five FIFOs each, XY routing, oldest packet first.
        Mesh(Mesh) = "mesh",
        /// Mesh whose rows and columns are closed to rings; two classes of virtual channels, shortest way.
        Torus(Torus) = "torus",
        /// Mesh of routers that serve several cores each, XY routing.
        ConcentratedMesh(ConcentratedMesh) = "concentrated_mesh",
        /// Tree of routers with the cores at its leaves: up to the common router, then down.
        Tree(Tree) = "tree",
    }
}

impl RouterModel {
    /// True where routers lie between the cores, which then sit on nodes; wires lead from core to core.
    #[must_use]
    pub fn has_routers(&self) -> bool {
        !matches!(self, Self::Ideal(_))
    }

    /// An empty transport between `cores` cores on the nodes of `extent`, which wires have no use for.
    ///
    /// # Errors
    /// If there are fewer nodes than `cores`.
    pub fn build(&self, cores: usize, extent: Extent) -> Result<Box<dyn Transport>, TooFewNodes> {
        match self {
            Self::Ideal(params) => Ok(params.build(cores)),
            Self::Mesh(params) => params.build(cores, extent),
            Self::Torus(params) => params.build(cores, extent),
            Self::ConcentratedMesh(params) => params.build(cores, extent),
            Self::Tree(params) => params.build(cores, extent),
        }
    }
}

/// The state of a transport in terms that all models share.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// See [`Transport::now`].
    pub now: u64,
    /// Packets that each core has sent: its next sequence number.
    pub sequences: Vec<u64>,
    /// Packets in flight: place by place, each place in its own order. A packet with several targets has a
    /// flight for each, one after the other with one sequence number.
    pub flights: Vec<Flight>,
    /// Outputs over which flits are still leaving.
    pub leaving: Vec<Leaving>,
    /// What arbiters remember, if they do.
    pub arbiter: Vec<u64>,
}

/// An output of a router that a packet of several flits takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaving {
    /// The FIFO that the flits leave.
    pub fifo: u32,
    /// The output port of its router.
    pub port: u32,
    /// The packet needs no further output: its slot is free when its flits have gone.
    pub last: bool,
    /// The cycle from which on the output can be granted again.
    pub free_cycle: u64,
}

/// A packet in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// The packet.
    pub packet: Packet,
    /// Its number among the packets of its source.
    pub sequence: u64,
    /// Where it is.
    pub place: Place,
}

/// Where a packet in flight is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// With its source core: not created yet, or waiting for room in the local FIFO.
    Source,
    /// In this FIFO, behind those listed before it.
    Fifo(u32),
    /// On the way to a FIFO.
    Wire {
        /// The FIFO.
        fifo: u32,
        /// The cycle in which it is there.
        due_cycle: u64,
    },
    /// Past its last contention, on the way to its target core.
    Ejected {
        /// The cycle of delivery.
        due_cycle: u64,
    },
}

impl Snapshot {
    /// Folds the snapshot into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        digest.word(self.now);
        digest.words(self.sequences.iter().copied());
        digest.word(self.flights.len() as u64);
        for Flight { packet, sequence, place } in &self.flights {
            let (kind, fifo, due_cycle) = match *place {
                Place::Source => (0, 0, 0),
                Place::Fifo(fifo) => (1, fifo, 0),
                Place::Wire { fifo, due_cycle } => (2, fifo, due_cycle),
                Place::Ejected { due_cycle } => (3, 0, due_cycle),
            };
            let ends = u64::from(packet.source) << 32 | u64::from(packet.target);
            let whereabouts = u64::from(fifo) << 2 | kind;
            for word in [packet.created_cycle, ends, packet.tag, *sequence, whereabouts, due_cycle] {
                digest.word(word);
            }
        }
        for Leaving { fifo, port, last, free_cycle } in &self.leaving {
            let output = u64::from(*fifo) << 32 | u64::from(*port) << 1 | u64::from(*last);
            digest.word(output);
            digest.word(*free_cycle);
        }
        for &word in &self.arbiter {
            digest.word(word);
        }
    }
}
