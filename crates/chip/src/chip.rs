//! The chip: the data path of one step.

use crate::build::Homes;
use crate::core::{Core, Unit};
use crate::derived::Derived;
use crate::flights::Flights;
use crate::observer::{Observer, View};
use crate::oscillation::Names;
use crate::outcome::Outcome;
use crate::pace::Pace;
use crate::settling::{Cycle, SettlingMonitor};
use crate::team::{Job, Team};
use crate::timing::StepPlan;
use crate::trail::{Keeper, StepTrail};
use crate::wires::Wires;
use equipoise_base::record::{EventBook, LearningShape, PerBlock, SettlingBook};
use equipoise_base::{Counts, Digest, Number, Phase};
use equipoise_learning::Fsm;
use equipoise_router::Which;
use equipoise_scheduler::{Clock, Timeline, WindowBook};
use std::collections::BTreeMap;

/// A chip with numbers of format `N`.
pub struct Chip<N: Number> {
    pub(crate) derived: Derived,
    pub(crate) cores: Vec<Box<Core<N>>>,
    /// The threads that share the cores' heavy work.
    pub(crate) team: Team<N>,
    pub(crate) wires: Wires<N>,
    pub(crate) pace: Pace,
    pub(crate) plan: StepPlan,
    pub(crate) clock: Clock,
    pub(crate) timeline: Timeline,
    pub(crate) fsm: Fsm,
    pub(crate) monitor: SettlingMonitor,
    pub(crate) windows: WindowBook,
    pub(crate) settling: SettlingBook,
    /// Where values went; delivered are here those that have reached a core, whatever its lines do with them.
    pub(crate) events: EventBook,
    /// What may be on lines.
    pub(crate) flights: Flights,
    /// The order in which cores are evaluated; it decides nothing.
    pub(crate) core_order: Vec<usize>,
    /// Digest of every value sent, in order, with the cycle of its step's end.
    pub(crate) order: Digest,
    pub(crate) training: bool,
    pub(crate) updates: u64,
    /// Samples presented.
    pub(crate) samples: u64,
    /// Of these, for training: the time of what is drawn once per sample.
    pub(crate) lessons: u64,
    /// The values that inputs can drive with.
    pub(crate) input_range: (f64, f64),
    /// Input values so far that were beyond that, or beyond their registers.
    pub(crate) inputs_clipped: u64,
    /// True until the clamped inputs have sent.
    pub(crate) inputs_are_fresh: bool,
    /// True if a phase of this sample did not settle.
    pub(crate) unsettled: bool,
    /// True if a phase of this sample oscillated.
    pub(crate) oscillated: bool,
    /// The last oscillation of the run, and its phase.
    pub(crate) last_cycle: Option<(Cycle, Phase)>,
    pub(crate) outcome: Outcome,
    /// Where each connection's synapses are.
    pub(crate) homes: Vec<Homes>,
    /// Names for what an oscillation is described by.
    pub(crate) names: Names,
    /// What the alternatives to this way of learning follow from.
    pub(crate) shape: LearningShape,
    /// Free phases of evaluation.
    pub(crate) inferences: u64,
    /// Cores of the chip, used or not.
    pub(crate) nodes: u64,
    /// Everything that the chip has.
    pub(crate) inventory: PerBlock,
    /// Structural keys of the hardware.
    pub(crate) structure: BTreeMap<String, String>,
    /// What is written down of a step that somebody watches.
    pub(crate) trail: Keeper,
}

impl<N: Number> Chip<N> {
    /// One step, by the chip's pace. With `observe` the controllers look after it.
    pub(crate) fn step(&mut self, observer: &mut dyn Observer, observe: bool) {
        match self.pace {
            Pace::Barrier(_) => self.barrier_step(observer, observe),
            Pace::Free(_) => self.free_step(observer),
        }
    }

    /// One step under a barrier: every core reads, drives are exchanged, every core updates its neurons, activities travel,
    /// controllers observe. Cores may be evaluated in any order; none sees another's activity of this step.
    fn barrier_step(&mut self, observer: &mut dyn Observer, observe: bool) {
        let (step, start) = (self.clock.step + 1, self.clock.cycle);
        self.watch(observer.watches(self.clock));
        self.team.all(&mut self.cores, &self.core_order, Job::Read(step));
        self.exchange();
        let loss = self.derived.loss;
        self.each_core(|core, _| core.update(loss));
        self.send();
        self.remember_sendings();
        self.settle_accounts();
        self.each_core(|core, wires| core.receive(step, wires));
        if observe {
            self.each_core(|core, _| core.observe());
        }
        self.write_trail(start);
        observer.step(&*self);
    }

    /// Does `work` on every core, in the order of evaluation.
    fn each_core(&mut self, mut work: impl FnMut(&mut Core<N>, &Wires<N>)) {
        let Self { cores, wires, core_order, .. } = self;
        core_order.iter().for_each(|&core| work(&mut cores[core], wires));
    }

    /// Returned drives go to the cores whose neurons they drive.
    fn exchange(&mut self) {
        for route in &self.pace.routes().returns {
            // A route's two cores may be one and the same, so the drive leaves its core for the while.
            let returned = self.cores[route.from_core].blocks[route.block].returned.take();
            if let Some(returned) = &returned {
                self.cores[route.to_core].add_returned(&returned[route.row..route.row + route.rows]);
            }
            self.cores[route.from_core].blocks[route.block].returned = returned;
        }
    }

    /// Every core's senders decide; what they send is on the wires.
    fn send(&mut self) {
        self.wires.begin_step();
        for (core, plan) in self.cores.iter_mut().zip(&mut self.plan.cores) {
            plan.clone_from(&core.plan);
            let (population, range) = (core.slice.population, core.slice.range.clone());
            plan.sends = match &core.unit {
                Unit::Clamped(clamped) if clamped.events.is_empty() => {
                    // Held inputs are in their listeners' registers already; only their packets travel.
                    if self.inputs_are_fresh {
                        range.len()
                    } else if self.derived.hold_clamped {
                        0
                    } else {
                        self.wires.send(population, &range, &clamped.value, Which::All)
                    }
                }
                Unit::Clamped(clamped) => {
                    let which = core.sender.decide(&clamped.value);
                    // What the recording sent in step 0 travels with the first step.
                    let before = std::mem::take(&mut core.plan.sends);
                    before + self.wires.send(population, &range, &clamped.value, which)
                }
                Unit::Free(neurons) => {
                    let which = core.sender.decide(neurons.activity());
                    self.wires.send(population, &range, neurons.activity(), which)
                }
            };
            if plan.sends > 0 {
                self.order.numbers(&self.wires.values(population)[range]);
            }
        }
        self.inputs_are_fresh = false;
    }

    /// The step's cycles, events and traffic are booked.
    fn settle_accounts(&mut self) {
        let Pace::Barrier(clock) = &mut self.pace else { return };
        let timing = clock.step(&self.plan);
        self.clock.step_took(timing.cycles);
        for ((core, counts), active) in self.cores.iter_mut().zip(&timing.counts).zip(&timing.active) {
            let phase = core.phase;
            *core.book.of_mut(phase) += counts;
            core.book.active[phase as usize] += active;
            core.book.busy_cycles += core.plan.busy_cycles();
        }
        if let Some(first) = self.cores.first_mut() {
            let counts = first.book.of_mut(first.phase);
            counts.add(equipoise_base::Action::Step, 1);
            counts.add(equipoise_base::Action::Barrier, 1);
        }
        self.events.emitted += timing.emitted;
        self.events.fan_out_total += timing.owed;
        self.events.delivered += timing.delivered;
        self.events.packets += timing.packets;
        self.order.word(self.clock.cycle);
    }

    /// The present phase, as work is booked.
    pub(crate) fn phase(&self) -> Phase {
        self.cores.first().map_or(Phase::Done, |core| core.phase)
    }
}

impl<N: Number> View for Chip<N> {
    fn clock(&self) -> Clock {
        self.clock
    }
    fn phase(&self) -> Phase {
        Self::phase(self)
    }
    fn state(&self, population: usize, out: &mut Vec<f64>) {
        out.clear();
        for core in self.cores.iter().filter(|c| c.slice.population == population) {
            let state = if let Unit::Free(neurons) = &core.unit { neurons.state() } else { core.activity() };
            out.extend(state.iter().map(|n| n.value()));
        }
    }
    fn activity(&self, population: usize, out: &mut Vec<f64>) {
        out.clear();
        for core in self.cores.iter().filter(|c| c.slice.population == population) {
            out.extend(core.activity().iter().map(|n| n.value()));
        }
    }
    fn spikes(&self, population: usize, out: &mut Vec<usize>) {
        out.clear();
        for core in self.cores.iter().filter(|c| c.slice.population == population) {
            if let Unit::Free(neurons) = &core.unit
                && let Some(spikes) = neurons.spikes()
            {
                out.extend(spikes.iter().map(|i| core.slice.range.start + i));
            }
        }
    }
    fn trail(&self) -> Option<&StepTrail> {
        self.trail.last()
    }
    fn counts(&self) -> Counts {
        crate::Machine::meter(self).counts
    }
    fn weight(&self, connection: usize, source: usize, target: usize) -> f64 {
        self.weight_of(connection, source, target)
    }
    fn latch(&self, connection: usize, source: usize, target: usize) -> [f64; 2] {
        self.latch_of(connection, source, target)
    }
    fn ports(&self) -> &'static [&'static str] {
        self.pace.transport().ports()
    }
    fn distance(&self, source: usize, target: usize) -> (u64, u64) {
        let (transport, seats) = (self.pace.transport(), self.pace.seats());
        let (source, target) = (seats.node(source), seats.node(target));
        (transport.hops(source, target), transport.zero_load_cycles(source, target))
    }
}
