//! What paces the steps: a barrier, or every core by itself.

use crate::free::FreeRun;
use crate::routes::Routes;
use crate::timing::StepClock;
use equipoise_base::record::LinkTraffic;
use equipoise_router::Transport;

/// The pace of a chip.
pub(crate) enum Pace {
    /// All cores step together.
    Barrier(StepClock),
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

    pub(crate) fn transport(&self) -> &dyn Transport {
        match self {
            Self::Barrier(clock) => clock.transport(),
            Self::Free(run) => run.transport(),
        }
    }

    /// Traffic of every link so far.
    pub(crate) fn link_traffic(&self) -> Vec<LinkTraffic> {
        match self {
            Self::Barrier(clock) => clock.link_traffic(),
            Self::Free(run) => run.link_traffic(),
        }
    }
}
