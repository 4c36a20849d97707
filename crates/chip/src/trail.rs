//! When everything within a step happened: reads, updates, packets, FIFOs.
//!
//! The step's own schedule is what is written down: a recorder around the transport notes what passes
//! through it, so that a look cannot disagree with what the step took. Without a look there is no recorder.

use crate::chip::Chip;
use crate::core::Unit;
use crate::pace::Pace;
use crate::recorder::{DRIVE, Log, Recorder, SharedLog};
use equipoise_base::Number;
use equipoise_router::Which;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

pub use crate::recorder::{Crossing, Depth};

/// How closely a step is looked at; each includes what stands before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Watch {
    /// Only its end.
    #[default]
    Nothing,
    /// Reads, updates and packets.
    Packets,
    /// FIFOs and links, cycle by cycle.
    Mesh,
}

/// One step. All cycles count from the beginning of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTrail {
    /// The step's number, from 1.
    pub step: u64,
    /// Its cycles, the barrier included.
    pub cycles: Range<u64>,
    /// The pipeline of every core.
    pub cores: Vec<CoreTrail>,
    /// Packets by arrival, then by target.
    pub packets: Vec<PacketTrail>,
    /// Changes of FIFO depths, by cycle; every FIFO is empty at the step's start. Only for [`Watch::Mesh`].
    pub depths: Vec<Depth>,
    /// Packets on links, by cycle. Only for [`Watch::Mesh`].
    pub crossings: Vec<Crossing>,
}

/// What one core does in a step. An empty range stands for work that there is none of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CoreTrail {
    /// From the first array read to the end of the last.
    pub reading: Range<u64>,
    /// The update of its neurons. New activities are there, and are sent, in the cycle after it: its end.
    pub updating: Range<u64>,
}

/// What a packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cargo {
    /// The activity of this neuron of the source core's population.
    Activity(usize),
    /// A returned drive for this neuron of the target core's population.
    Drive(usize),
}

/// One packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketTrail {
    /// The core that sent it.
    pub source: usize,
    /// The core that it went to.
    pub target: usize,
    /// What it carried.
    pub cargo: Cargo,
    /// The cycle in which it was created.
    pub created: u64,
    /// The cycle in which it arrived.
    pub arrived: u64,
}

/// The look at a chip's steps.
#[derive(Default)]
pub(crate) struct Keeper {
    log: Option<SharedLog>,
    watch: Watch,
    step: StepTrail,
}

impl Keeper {
    /// The last step, if it was watched.
    pub(crate) fn last(&self) -> Option<&StepTrail> {
        (self.watch > Watch::Nothing).then_some(&self.step)
    }
}

impl<N: Number> Chip<N> {
    /// The next step is looked at that closely.
    pub(crate) fn watch(&mut self, watch: Watch) {
        let Pace::Barrier(clock) = &mut self.pace else { return };
        self.trail.watch = watch;
        clock.watched = watch > Watch::Nothing;
        if watch > Watch::Nothing && self.trail.log.is_none() {
            let log = SharedLog::default();
            clock.wrap(|transport| Box::new(Recorder::new(transport, log.clone())));
            self.trail.log = Some(log);
        }
        if let Some(log) = &self.trail.log {
            log.begin(watch);
        }
    }

    /// Writes the trail of the step that began in the cycle `start` and has ended now.
    pub(crate) fn write_trail(&mut self, start: u64) {
        let Some(log) = self.trail.log.as_ref().filter(|_| self.trail.watch > Watch::Nothing) else { return };
        let log = log.take();
        let mut trail = std::mem::take(&mut self.trail.step);
        (trail.step, trail.cycles) = (self.clock.step, start..self.clock.cycle);
        trail.cores = self.pipelines(&log, start);
        trail.packets = self.packets(&log, start);
        let later = |cycle: u64| start + cycle;
        trail.depths = log.depths.iter().map(|d| Depth { cycle: later(d.cycle), ..*d }).collect();
        let core = |node: usize| self.pace.seats().core(node as u32);
        let crossing = |c: &Crossing| Crossing {
            cycle: later(c.cycle),
            source: core(c.source),
            target: core(c.target),
            ..*c
        };
        trail.crossings = log.crossings.iter().map(crossing).collect();
        self.trail.step = trail;
    }

    /// Reads end as planned; an update begins when the core's own reads and its last drive are there.
    fn pipelines(&self, log: &Log, start: u64) -> Vec<CoreTrail> {
        let pipeline = |(core, plan): (usize, &crate::timing::CorePlan)| {
            let node = self.pace.seats().node(core);
            let mine = |d: &&equipoise_router::Delivery| d.packet.tag == DRIVE && d.packet.target == node;
            let last_drive = log.arrived.iter().filter(mine).map(|d| d.cycle).max().unwrap_or(0);
            let ready = start + plan.read_end.max(last_drive);
            CoreTrail { reading: start..start + plan.read_end, updating: ready..ready + plan.update_cycles }
        };
        self.plan.cores.iter().enumerate().map(pipeline).collect()
    }

    /// Packets of one pair of cores arrive in the order in which they were sent, so counting tells which is
    /// which.
    fn packets(&self, log: &Log, start: u64) -> Vec<PacketTrail> {
        let senders: Vec<Vec<usize>> = (0..self.cores.len()).map(|core| self.senders(core)).collect();
        let driven = self.driven();
        let seats = self.pace.seats();
        let mut seen: BTreeMap<(usize, usize, u64), usize> = BTreeMap::new();
        let packet = |delivery: &equipoise_router::Delivery| {
            let equipoise_router::Packet { created_cycle, source, target, tag } = delivery.packet;
            let (source, target) = (seats.core(source), seats.core(target));
            let number = seen.entry((source, target, tag)).or_default();
            let cargo = if tag == DRIVE {
                Cargo::Drive(driven[&(source, target)][*number])
            } else {
                Cargo::Activity(senders[source][*number])
            };
            *number += 1;
            let (created, arrived) = (start + created_cycle, start + delivery.cycle);
            PacketTrail { source, target, cargo, created, arrived }
        };
        log.arrived.iter().map(packet).collect()
    }

    /// The neurons whose activities left the core in the present step, in the order of its packets.
    fn senders(&self, core: usize) -> Vec<usize> {
        let range = self.cores[core].slice.range.clone();
        let sends = self.plan.cores[core].sends;
        let mut senders = Vec::with_capacity(sends);
        if sends == 0 {
            return senders;
        }
        if let Unit::Clamped(clamped) = &self.cores[core].unit {
            if clamped.events.is_empty() {
                return range.take(sends).collect();
            }
            if clamped.played == 2 {
                // What the recording sent in step 0 travels with the first step.
                let first = clamped.events.iter().take_while(|(step, _)| *step == 0);
                let lines: BTreeSet<usize> = first.map(|&(_, line)| range.start + line as usize).collect();
                senders.extend(lines);
            }
        }
        match self.wires.sent(self.cores[core].slice.population) {
            Some(Which::All) => senders.extend(range),
            Some(Which::Only(set)) => senders.extend(set.iter().filter(|neuron| range.contains(neuron))),
            None => {}
        }
        assert_eq!(senders.len(), sends, "every value that core {core} sent has its neuron");
        senders
    }

    /// The neurons that returned drives go to, in the order of the packets of each pair of cores.
    fn driven(&self) -> BTreeMap<(usize, usize), Vec<usize>> {
        let routes = &self.pace.routes().returns;
        let mut order: Vec<usize> = (0..routes.len()).collect();
        order.sort_by_key(|&r| (self.plan.cores[routes[r].from_core].return_ready[routes[r].block], r));
        let mut driven: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for route in order.into_iter().map(|r| &routes[r]) {
            driven
                .entry((route.from_core, route.to_core))
                .or_default()
                .extend(route.row..route.row + route.rows);
        }
        driven
    }

    /// Sums `part` over the arrays that hold the synapse from `source` to `target` of a connection: each with
    /// its core, block, and the synapse's column there.
    pub(crate) fn of_synapse<T>(
        &self,
        connection: usize,
        target: usize,
        start: T,
        mut part: impl FnMut(T, &crate::block::Block<N>, usize) -> T,
    ) -> T {
        let mut sum = start;
        for home in self.homes.get(connection).into_iter().flat_map(|homes| &homes.list) {
            let cores = self.cores.iter().filter(|core| core.slice.population == home.to);
            for core in cores.filter(|core| core.slice.range.contains(&target)) {
                sum = part(sum, &core.blocks[home.block], target - core.slice.range.start);
            }
        }
        sum
    }

    pub(crate) fn weight_of(&self, connection: usize, source: usize, target: usize) -> f64 {
        self.of_synapse(connection, target, 0.0, |sum, block, column| {
            let mut weights = vec![N::ZERO; block.shape.columns];
            block.store.weights_row(source, &mut weights);
            sum + block.forward_sign as f64 * weights[column].value()
        })
    }

    pub(crate) fn latch_of(&self, connection: usize, source: usize, target: usize) -> [f64; 2] {
        self.of_synapse(connection, target, [0.0; 2], |[first, second], block, column| {
            let held = block.controller.as_ref().map_or([0.0; 2], |c| c.latched(source, column));
            [first + held[0], second + held[1]]
        })
    }
}
