//! A transport that notes what passes through another one.

use crate::trail::Watch;
use equipoise_router::traffic::Link;
use equipoise_router::transport::{Flight, Place, Snapshot};
use equipoise_router::{Delivery, Packet, Statistics, Traffic, Transport};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(crate) use crate::timing::DRIVE;

/// A FIFO's depth from a cycle on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// The first cycle with that depth.
    pub cycle: u64,
    /// The FIFO: node times ports plus port.
    pub fifo: usize,
    /// Packets that compete in this cycle: before the winners leave.
    pub packets: u64,
}

/// A packet on a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The cycle in which it won the link.
    pub cycle: u64,
    /// The FIFO at the link's far end.
    pub fifo: usize,
    /// The core that sent it; to the transport, its node.
    pub source: usize,
    /// The core that it goes to; to the transport, its node.
    pub target: usize,
}

/// What passed in one step. Cycles count from the step's start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log {
    watch: Watch,
    pub arrived: Vec<Delivery>,
    pub depths: Vec<Depth>,
    pub crossings: Vec<Crossing>,
}

/// A log that the recorder writes and the chip reads.
#[derive(Clone, Default)]
pub(crate) struct SharedLog(Arc<Mutex<Log>>);

impl SharedLog {
    fn get(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Empties the log for a step that is watched like that.
    pub fn begin(&self, watch: Watch) {
        *self.get() = Log { watch, ..Log::default() };
    }

    /// What was written; the log is empty then.
    pub fn take(&self) -> Log {
        std::mem::take(&mut *self.get())
    }
}

/// A transport with an open ear.
pub(crate) struct Recorder {
    inner: Box<dyn Transport>,
    log: SharedLog,
    depths: BTreeMap<usize, u64>,
    /// The latest arrival at a far end that is known: all links take equally long.
    latest_due: u64,
}

impl Recorder {
    pub fn new(inner: Box<dyn Transport>, log: SharedLog) -> Self {
        Self { inner, log, depths: BTreeMap::new(), latest_due: 0 }
    }

    /// The next delivery, cycle by cycle, with a look at the routers in each.
    fn next_seen(&mut self, limit: u64) -> Option<Delivery> {
        while self.inner.in_flight() > 0 && self.inner.now() <= limit {
            let before = self.inner.snapshot();
            let delivery = self.inner.next_delivery(before.now);
            if delivery.is_some() {
                return delivery;
            }
            self.see(&before);
        }
        if self.inner.in_flight() == 0 {
            let now = self.inner.now();
            self.note_depths(now, BTreeMap::new());
        }
        self.inner.next_delivery(limit)
    }

    /// What the cycle that `before` begins did to FIFOs and links.
    fn see(&mut self, before: &Snapshot) {
        let (cycle, after) = (before.now, self.inner.snapshot());
        let ports = self.inner.ports().len();
        let mut depths: BTreeMap<usize, u64> = BTreeMap::new();
        for Flight { packet, place, .. } in &before.flights {
            match *place {
                Place::Fifo(fifo) => *depths.entry(fifo as usize).or_default() += 1,
                Place::Wire { fifo, due_cycle } if due_cycle == cycle => {
                    *depths.entry(fifo as usize).or_default() += 1;
                }
                Place::Source => *depths.entry(packet.source as usize * ports).or_default() += 1,
                _ => {}
            }
        }
        let mut due = self.latest_due;
        let mut log = self.log.get();
        for Flight { packet, place, .. } in &after.flights {
            match *place {
                // What is still at its source has not entered the FIFO in this cycle.
                Place::Source => *depths.entry(packet.source as usize * ports).or_default() -= 1,
                Place::Wire { fifo, due_cycle } if due_cycle > self.latest_due => {
                    due = due_cycle;
                    let (source, target) = (packet.source as usize, packet.target as usize);
                    log.crossings.push(Crossing { cycle, fifo: fifo as usize, source, target });
                }
                _ => {}
            }
        }
        drop(log);
        self.latest_due = due;
        depths.retain(|_, packets| *packets > 0);
        self.note_depths(cycle, depths);
    }

    fn note_depths(&mut self, cycle: u64, depths: BTreeMap<usize, u64>) {
        let mut log = self.log.get();
        for &fifo in self.depths.keys().filter(|fifo| !depths.contains_key(fifo)) {
            log.depths.push(Depth { cycle, fifo, packets: 0 });
        }
        for (&fifo, &packets) in
            depths.iter().filter(|(fifo, packets)| self.depths.get(fifo) != Some(packets))
        {
            log.depths.push(Depth { cycle, fifo, packets });
        }
        drop(log);
        self.depths = depths;
    }
}

impl Transport for Recorder {
    fn cores(&self) -> usize {
        self.inner.cores()
    }

    fn routers(&self) -> usize {
        self.inner.routers()
    }

    fn router_of(&self, core: u32) -> Option<u32> {
        self.inner.router_of(core)
    }

    fn slots(&self) -> u64 {
        self.inner.slots()
    }

    fn now(&self) -> u64 {
        self.inner.now()
    }

    fn send(&mut self, packet: Packet) {
        self.inner.send(packet);
    }

    fn next_delivery(&mut self, limit: u64) -> Option<Delivery> {
        let watch = self.log.get().watch;
        let cycle_by_cycle = watch == Watch::Mesh && !self.inner.ports().is_empty();
        let delivery = if cycle_by_cycle { self.next_seen(limit) } else { self.inner.next_delivery(limit) };
        if watch > Watch::Nothing {
            self.log.get().arrived.extend(delivery);
        }
        delivery
    }

    fn in_flight(&self) -> u64 {
        self.inner.in_flight()
    }

    fn zero_load_cycles(&self, source: u32, target: u32) -> u64 {
        self.inner.zero_load_cycles(source, target)
    }

    fn send_to(&mut self, packet: Packet, targets: &[u32]) {
        self.inner.send_to(packet, targets);
    }

    fn multicasts(&self) -> bool {
        self.inner.multicasts()
    }

    fn path(&self, source: u32, target: u32) -> Vec<u32> {
        self.inner.path(source, target)
    }

    fn packet_cycles(&self) -> u64 {
        self.inner.packet_cycles()
    }

    fn ports(&self) -> &'static [&'static str] {
        self.inner.ports()
    }

    fn links(&self) -> &[Link] {
        self.inner.links()
    }

    fn traffic(&self) -> &Traffic {
        self.inner.traffic()
    }

    fn clear_traffic(&mut self) {
        self.inner.clear_traffic();
    }

    fn watch(&mut self, watching: bool) {
        self.inner.watch(watching);
    }

    fn statistics(&self) -> Option<&Statistics> {
        self.inner.statistics()
    }

    fn reset(&mut self) {
        self.inner.reset();
        self.depths.clear();
        self.latest_due = 0;
    }

    fn snapshot(&self) -> Snapshot {
        self.inner.snapshot()
    }

    fn resume(&mut self, snapshot: &Snapshot) {
        self.inner.resume(snapshot);
    }
}

/// Stands in a place from which a transport is taken to be put back.
pub(crate) fn no_transport() -> Box<dyn Transport> {
    equipoise_router::models::Ideal::default().build(0)
}
