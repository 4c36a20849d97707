//! How many cycles a step takes: reads, returned drives on the mesh, neurons, activities on the mesh, barrier.
//!
//! Under a barrier transport changes no value, so a step's traffic is scheduled beside the step itself, and
//! traffic that repeats exactly is scheduled once and reused.

use crate::inventory::Circuits;
use crate::recorder::no_transport;
use crate::routes::{Routes, Seats};
use equipoise_base::record::{Block, PerBlock};
use equipoise_base::{Action, Counts};
use equipoise_router::Transport;
use equipoise_router::transport::{Burst, FOREVER, Packet};

/// What one core does in a step, in cycles from the step's start.
#[derive(Clone, Debug, Default, Eq)]
pub(crate) struct CorePlan {
    /// When the last of the core's own reads ends.
    pub read_end: u64,
    /// When the reads of each block end, the transposed one last, block by block; 0 where there is none.
    pub return_ready: Vec<u64>,
    /// Cycles of the neurons' update; 0 for a core without neurons.
    pub update_cycles: u64,
    /// How many of the core's axons send; which of them they are changes no cycle.
    pub sends: usize,
}

impl CorePlan {
    /// Cycles in which the core reads or updates neurons.
    pub(crate) fn busy_cycles(&self) -> u64 {
        self.read_end + self.update_cycles
    }
}

impl PartialEq for CorePlan {
    /// Word by word: a plan has just been written when it is compared, and a comparison of whole slices would wait for
    /// all of its words to arrive in memory.
    fn eq(&self, other: &Self) -> bool {
        let Self { read_end, return_ready, update_cycles, sends } = self;
        (*sends, *read_end, *update_cycles) == (other.sends, other.read_end, other.update_cycles)
            && return_ready.iter().eq(&other.return_ready)
    }
}

/// A step's work and traffic, as far as cycles depend on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StepPlan {
    /// One per core.
    pub cores: Vec<CorePlan>,
}

/// What a step costs beside what its blocks count themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepTiming {
    /// Cycles of the step, the barrier included.
    pub cycles: u64,
    /// Events, hops and bits of each core.
    pub counts: Vec<Counts>,
    /// Block-cycles of each core.
    pub active: Vec<PerBlock>,
    /// Values sent.
    pub emitted: u64,
    /// Values owed to listeners: sent values times the cores that listen.
    pub owed: u64,
    /// Values delivered to listeners.
    pub delivered: u64,
    /// Packets created: one per listener, or one for all of them where the transport divides packets.
    pub packets: u64,
    /// Packets of each link.
    links: Vec<u64>,
    /// Slots of FIFOs that were taken, times cycles.
    slot_cycles: u64,
    /// Most slots of a FIFO that were taken at once.
    most_slots: u64,
}

struct Cached {
    plan: StepPlan,
    timing: StepTiming,
    uses: u64,
}

/// Schedules steps on a transport.
pub(crate) struct StepClock {
    transport: Box<dyn Transport>,
    routes: Routes,
    seats: Seats,
    barrier_cycles: u64,
    /// False: every step is scheduled anew, hop by hop.
    reuse: bool,
    /// True while somebody looks at what passes through the transport: then steps are scheduled anew.
    pub(crate) watched: bool,
    cache: Vec<Cached>,
    /// Place of the last plan.
    last: usize,
    links: Vec<u64>,
    slot_cycles: u64,
    most_slots: u64,
    /// By core: what works in its steps.
    circuits: Vec<Circuits>,
    waiting: Vec<u64>,
    ready_at: Vec<u64>,
}

/// Distinct step plans that are remembered.
const CACHE: usize = 16;

/// Tag of a packet that carries a returned drive; activities carry none.
pub(crate) const DRIVE: u64 = 1;

impl StepClock {
    /// A clock for `routes` over `transport`, which calls the cores as `seats` says; core `c` has `circuits[c]`.
    pub(crate) fn new(
        transport: Box<dyn Transport>,
        routes: Routes,
        seats: Seats,
        circuits: Vec<Circuits>,
        barrier_cycles: u64,
    ) -> Self {
        let (links, cores) = (transport.links().len(), routes.listeners.len());
        Self {
            transport,
            routes,
            seats,
            barrier_cycles,
            reuse: true,
            watched: false,
            cache: Vec::new(),
            last: 0,
            links: vec![0; links],
            slot_cycles: 0,
            most_slots: 0,
            circuits,
            waiting: vec![0; cores],
            ready_at: vec![0; cores],
        }
    }

    /// Whether equal steps share a schedule.
    pub(crate) fn reuse(&mut self, reuse: bool) {
        self.reuse = reuse;
    }

    pub(crate) fn routes(&self) -> &Routes {
        &self.routes
    }

    pub(crate) fn seats(&self) -> &Seats {
        &self.seats
    }

    pub(crate) fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    /// Puts something around the transport that changes nothing.
    pub(crate) fn wrap(&mut self, around: impl FnOnce(Box<dyn Transport>) -> Box<dyn Transport>) {
        self.transport = around(std::mem::replace(&mut self.transport, no_transport()));
    }

    /// The timing of a step with that plan.
    pub(crate) fn step(&mut self, plan: &StepPlan) -> &StepTiming {
        // Most steps repeat the one before.
        let same = |at: &usize| self.cache.get(*at).is_some_and(|cached| cached.plan == *plan);
        let found = Some(self.last).filter(same).or_else(|| (0..self.cache.len()).find(same));
        let found = found.filter(|_| self.reuse && !self.watched);
        let at = match found {
            Some(at) => at,
            None => {
                let timing = self.schedule(plan);
                if self.cache.len() == CACHE || !self.reuse {
                    self.forget_the_least_used();
                }
                self.cache.push(Cached { plan: plan.clone(), timing, uses: 0 });
                self.cache.len() - 1
            }
        };
        self.cache[at].uses += 1;
        self.last = at;
        &self.cache[at].timing
    }

    fn forget_the_least_used(&mut self) {
        let least = (0..self.cache.len()).min_by_key(|&i| self.cache[i].uses);
        if let Some(least) = least {
            let gone = self.cache.swap_remove(least);
            add_links(&mut self.links, &gone.timing.links, gone.uses);
            self.slot_cycles += gone.timing.slot_cycles * gone.uses;
            self.most_slots = self.most_slots.max(gone.timing.most_slots);
        }
    }

    /// Runs a step's traffic on the transport, cycle by cycle.
    fn schedule(&mut self, plan: &StepPlan) -> StepTiming {
        let cores = plan.cores.len();
        let mut timing = StepTiming {
            counts: vec![Counts::default(); cores],
            active: self
                .circuits
                .iter()
                .zip(&plan.cores)
                .map(|(circuits, plan)| circuits.at_work(plan))
                .collect(),
            ..StepTiming::default()
        };
        self.transport.reset();
        self.transport.clear_traffic();
        self.waiting.fill(0);
        for (at, core) in self.ready_at.iter_mut().zip(&plan.cores) {
            *at = core.read_end;
        }
        let mut end = 0;
        if let Some(last) = self.carry(plan, &mut timing) {
            timing.cycles = last + self.barrier_cycles;
            self.book_traffic(&mut timing);
            return timing;
        }
        self.send_returns(plan, &mut timing);
        for core in 0..cores {
            if self.waiting[core] == 0 {
                end = end.max(self.finish_core(core, plan, &mut timing));
            }
        }
        while let Some(delivery) = self.transport.next_delivery(FOREVER) {
            end = end.max(delivery.cycle);
            let target = self.seats.core(delivery.packet.target);
            timing.delivered += 1;
            timing.counts[target].add(Action::EventDeliver, 1);
            if delivery.packet.tag == DRIVE {
                self.waiting[target] -= 1;
                self.ready_at[target] = self.ready_at[target].max(delivery.cycle);
                if self.waiting[target] == 0 {
                    end = end.max(self.finish_core(target, plan, &mut timing));
                }
            }
        }
        timing.cycles = end + self.barrier_cycles;
        self.book_traffic(&mut timing);
        timing
    }

    /// Carries a step without returned drives at once, where the transport can: then all packets are known before the
    /// first one leaves. Returns the end of the step. Not where steps are to be scheduled hop by hop.
    fn carry(&mut self, plan: &StepPlan, timing: &mut StepTiming) -> Option<u64> {
        let Self { transport, routes, seats, ready_at, .. } = self;
        if !self.reuse || self.watched || !routes.returns.is_empty() {
            return None;
        }
        let burst = |(core, plan): (usize, &CorePlan)| Burst {
            created_cycle: ready_at[core] + plan.update_cycles,
            source: seats.node(core),
            packets: plan.sends as u32,
            targets: seats.listeners(core),
        };
        let bursts: Vec<Burst<'_>> = plan.cores.iter().enumerate().map(burst).collect();
        let mut end = transport.carry(&bursts)?;
        for (core, burst) in bursts.iter().enumerate() {
            let (sends, owed) =
                (plan.cores[core].sends as u64, (plan.cores[core].sends * burst.targets.len()) as u64);
            timing.emitted += sends;
            timing.owed += owed;
            timing.delivered += owed;
            timing.packets += owed;
            timing.counts[core].add(Action::EventEmit, owed);
            let listeners = burst.targets.iter().map(|&node| seats.core(node));
            listeners.for_each(|to| timing.counts[to].add(Action::EventDeliver, sends));
            end = end.max(burst.created_cycle);
        }
        Some(end)
    }

    /// Results of transposed reads are injected together when the last conversion ends.
    fn send_returns(&mut self, plan: &StepPlan, timing: &mut StepTiming) {
        let mut order: Vec<usize> = (0..self.routes.returns.len()).collect();
        let ready = |r: &usize| {
            let route = &self.routes.returns[*r];
            (route.from_core, plan.cores[route.from_core].return_ready[route.block], *r)
        };
        order.sort_by_key(ready);
        for index in order {
            let route = &self.routes.returns[index];
            let created_cycle = plan.cores[route.from_core].return_ready[route.block];
            if route.from_core == route.to_core {
                continue;
            }
            for _ in 0..route.rows {
                let (source, target) = (self.seats.node(route.from_core), self.seats.node(route.to_core));
                self.transport.send(Packet { created_cycle, source, target, tag: DRIVE });
            }
            self.waiting[route.to_core] += route.rows as u64;
            timing.emitted += route.rows as u64;
            timing.owed += route.rows as u64;
            timing.packets += route.rows as u64;
            timing.counts[route.from_core].add(Action::EventEmit, route.rows as u64);
        }
    }

    /// A core has everything: its neurons update, then its activities are sent. Returns the update's end.
    fn finish_core(&mut self, core: usize, plan: &StepPlan, timing: &mut StepTiming) -> u64 {
        let done = self.ready_at[core] + plan.cores[core].update_cycles;
        let sends = plan.cores[core].sends;
        let listeners = self.seats.listeners(core);
        let source = self.seats.node(core);
        let packet = |target| Packet { created_cycle: done, source, target, tag: 0 };
        let owed = (sends * listeners.len()) as u64;
        let packets = if self.transport.multicasts() && owed > 0 {
            (0..sends).for_each(|_| self.transport.send_to(packet(0), listeners));
            sends as u64
        } else {
            for &target in listeners {
                (0..sends).for_each(|_| self.transport.send(packet(target)));
            }
            owed
        };
        timing.emitted += sends as u64;
        timing.owed += owed;
        timing.packets += packets;
        timing.counts[core].add(Action::EventEmit, packets);
        done
    }

    /// Hops and bits go to the core that sent, link by link to the mesh.
    fn book_traffic(&mut self, timing: &mut StepTiming) {
        let traffic = self.transport.traffic();
        for (core, (counts, active)) in timing.counts.iter_mut().zip(&mut timing.active).enumerate() {
            let node = self.seats.node(core) as usize;
            traffic.count_into(node, counts);
            active.add(Block::Router, traffic.hops[node] * self.transport.packet_cycles());
        }
        timing.links.clone_from(&traffic.links);
        (timing.slot_cycles, timing.most_slots) = (traffic.slot_cycles, traffic.most_slots);
    }

    /// Packets over every link so far.
    pub(crate) fn link_packets(&self) -> Vec<u64> {
        let mut packets = self.links.clone();
        for cached in &self.cache {
            add_links(&mut packets, &cached.timing.links, cached.uses);
        }
        packets
    }

    /// Slots of FIFOs that were taken, times cycles, and most of one FIFO at once.
    pub(crate) fn slots_taken(&self) -> (u64, u64) {
        let add = |(cycles, most): (u64, u64), Cached { timing, uses, .. }: &Cached| {
            (cycles + timing.slot_cycles * uses, most.max(timing.most_slots))
        };
        self.cache.iter().fold((self.slot_cycles, self.most_slots), add)
    }
}

fn add_links(sum: &mut [u64], links: &[u64], times: u64) {
    for (total, packets) in sum.iter_mut().zip(links) {
        *total += packets * times;
    }
}
