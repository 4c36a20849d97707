//! What a fabric does while it is watched: how deep its FIFOs are, and how long packets take.

use crate::fabric::Timing;
use crate::histogram::Histogram;
use crate::topology::Topology;

/// Statistics of a stretch of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    since_cycle: u64,
    ports: usize,
    channels: usize,
    depths: Vec<Depth>,
    latency: Histogram,
}

/// How full a FIFO is and has been.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Depth {
    packets: u64,
    max: u64,
    changed_cycle: u64,
    /// Packets times cycles, up to the last change.
    packet_cycles: u64,
}

/// One FIFO's use.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FifoUse {
    /// The router.
    pub router: usize,
    /// Its input port.
    pub port: usize,
    /// The virtual channel of the port.
    pub channel: usize,
    /// Most slots that were taken at once, in packets.
    pub max_packets: u64,
    /// Slots that were taken, in packets, averaged over time. A packet that goes on at once takes its slot
    /// for as many cycles as it has flits.
    pub mean_packets: f64,
}

impl Statistics {
    /// Nothing has happened; the watch begins at cycle `now`.
    pub(crate) fn new<T: Topology>(topology: &T, timing: Timing, now: u64) -> Self {
        let (ports, channels) = (topology.ports(), timing.virtual_channels as usize);
        let empty = Depth { changed_cycle: now, ..Depth::default() };
        Self {
            since_cycle: now,
            ports,
            channels,
            depths: vec![empty; topology.routers() * ports * channels],
            latency: Histogram::default(),
        }
    }

    /// FIFO number `fifo` holds packets already.
    pub(crate) fn start(&mut self, fifo: usize, packets: u64) {
        let depth = &mut self.depths[fifo];
        (depth.packets, depth.max) = (packets, packets);
    }

    /// A packet has joined a FIFO.
    pub(crate) fn joined(&mut self, fifo: usize, cycle: u64) {
        let depth = &mut self.depths[fifo];
        depth.packet_cycles += depth.packets * (cycle - depth.changed_cycle);
        depth.changed_cycle = cycle;
        depth.packets += 1;
        depth.max = depth.max.max(depth.packets);
    }

    /// A packet's slot is free from `cycle` on.
    pub(crate) fn left(&mut self, fifo: usize, cycle: u64) {
        let depth = &mut self.depths[fifo];
        depth.packet_cycles += depth.packets * (cycle - depth.changed_cycle);
        depth.changed_cycle = cycle;
        depth.packets -= 1;
    }

    /// A packet has been ejected.
    pub(crate) fn arrived(&mut self, latency_cycles: u64) {
        self.latency.add(latency_cycles);
    }

    /// The cycle in which the watch began.
    #[must_use]
    pub fn since_cycle(&self) -> u64 {
        self.since_cycle
    }

    /// Cycles from creation to delivery of every packet that was ejected.
    #[must_use]
    pub fn latency(&self) -> &Histogram {
        &self.latency
    }

    /// The use of every FIFO, up to cycle `until` (not included), by router, port and channel.
    #[must_use]
    pub fn fifos(&self, until: u64) -> Vec<FifoUse> {
        let cycles = until.saturating_sub(self.since_cycle).max(1);
        let fifo_use = |(fifo, depth): (usize, &Depth)| {
            let rest = depth.packets * until.saturating_sub(depth.changed_cycle);
            FifoUse {
                router: fifo / (self.ports * self.channels),
                port: fifo / self.channels % self.ports,
                channel: fifo % self.channels,
                max_packets: depth.max,
                mean_packets: (depth.packet_cycles + rest) as f64 / cycles as f64,
            }
        };
        self.depths.iter().enumerate().map(fifo_use).collect()
    }
}
