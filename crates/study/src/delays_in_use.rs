//! How late the synapses of a chip are, as it was built.

use equipoise_base::Way;
use equipoise_chip::{Machine, Network};

/// The shortest and the longest delay of the synapses, in steps; 1 is no extra delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DelaysInUse {
    /// In free phases.
    pub free: (u32, u32),
    /// In nudged phases.
    pub nudged: (u32, u32),
    /// Without a barrier, the steps of the slowest core that transport may add in an empty mesh; `None` under one.
    pub transport: Option<u64>,
}

impl DelaysInUse {
    /// Those of `network` on `machine`.
    #[must_use]
    pub fn of(network: &Network, machine: &dyn Machine) -> Self {
        let mut ranges: [Option<(u32, u32)>; 2] = [None; 2];
        for connection in 0..network.connections.len() {
            for way in Way::BOTH {
                machine.couplings(connection, way, &mut |coupling| {
                    for (range, delay) in ranges.iter_mut().zip(coupling.delay).filter(|_| coupling.is_listed)
                    {
                        let (least, most) = range.unwrap_or((delay, delay));
                        *range = Some((least.min(delay), most.max(delay)));
                    }
                });
            }
        }
        let [free, nudged] = ranges.map(|range| range.unwrap_or((1, 1)));
        Self { free, nudged, transport: machine.steps_in_transport() }
    }

    /// True if a synapse is later than it has to be.
    #[must_use]
    pub fn are_late(&self) -> bool {
        self.free.1.max(self.nudged.1) > 1
    }
}
