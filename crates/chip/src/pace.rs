//! What paces the steps: a barrier, or every core by itself.

use crate::free::FreeRun;
use crate::routes::{Routes, Seats};
use crate::timing::StepClock;
use equipoise_base::record::{FifoUse, LinkTraffic};
use equipoise_router::Transport;
use equipoise_router::traffic::Link;

/// The pace of a chip.
pub(crate) enum Pace {
    /// All cores step together.
    Barrier(Box<StepClock>),
    /// Every core steps by itself.
    Free(Box<FreeRun>),
}

impl Pace {
    pub(crate) fn routes(&self) -> &Routes {
        match self {
            Self::Barrier(clock) => clock.routes(),
            Self::Free(run) => run.routes(),
        }
    }

    pub(crate) fn seats(&self) -> &Seats {
        match self {
            Self::Barrier(clock) => clock.seats(),
            Self::Free(run) => run.seats(),
        }
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        match self {
            Self::Barrier(clock) => clock.transport(),
            Self::Free(run) => run.transport(),
        }
    }

    /// Traffic of every link so far.
    pub(crate) fn link_traffic(&self) -> Vec<LinkTraffic> {
        let packets = match self {
            Self::Barrier(clock) => clock.link_packets(),
            Self::Free(run) => run.link_packets(),
        };
        let traffic = |(link, packets): (&Link, u64)| {
            let Link { from, to, packet_cycles, .. } = *link;
            LinkTraffic { from, to, packets, busy_cycles: packets * packet_cycles }
        };
        self.transport().links().iter().zip(packets).map(traffic).collect()
    }

    /// The use of FIFOs so far.
    pub(crate) fn fifo_use(&self) -> FifoUse {
        let (slot_cycles, most) = match self {
            Self::Barrier(clock) => clock.slots_taken(),
            Self::Free(run) => run.slots_taken(),
        };
        FifoUse { slots: self.transport().slots(), slot_cycles, most }
    }
}
