//! Cores without a barrier: every core steps by its own period, inputs are held registers, and the transport's
//! time is part of the dynamics.
//!
//! A core's step of period P that begins at cycle s samples its array rows at s, samples drives in the first
//! cycle of its neurons' update, P minus the update's time later, and sends its new activities at s + P, where
//! its controllers look and its next step may begin. A returned drive is sent when the last conversion of its
//! read ends. What arrives in a cycle is seen by a sample in it.
//!
//! A phase is a number of steps of the slowest core; any other core makes as many of its own as fit. Between
//! phases the cores rest, and what is in flight keeps flying.

mod agenda;
mod parcels;
mod schedule;
mod step;

use crate::core::Core;
use crate::network::NetworkError;
use crate::routes::{Routes, Seats};
use agenda::Agenda;
use equipoise_base::Number;
use equipoise_router::Transport;
use equipoise_scheduler::Free;
use parcels::Parcels;
use schedule::Schedule;

/// The state of cores that step by themselves, and of everything between them.
pub(crate) struct FreeRun {
    transport: Box<dyn Transport>,
    routes: Routes,
    seats: Seats,
    /// The returned drives that each core gives, as numbers of routes, ascending.
    given: Vec<Vec<usize>>,
    /// The returned drives that each core takes.
    taken: Vec<Vec<usize>>,
    schedules: Vec<Schedule>,
    agenda: Agenda,
    parcels: Parcels,
    /// The drive registers of each route, one per neuron of the driven core, raw LSB.
    registers: Vec<Vec<i64>>,
    /// Their shadow.
    shadow: Vec<Vec<i64>>,
    /// Cycles for which a packet is held back at its source.
    delay_cycles: u64,
    /// Cycles of the slowest core's step.
    longest_period: u64,
    /// Core at each place of the order of evaluation, which decides nothing.
    order: Vec<usize>,
    /// Steps of the slowest core in this relaxation.
    steps: u64,
    /// Cores that have not done their part of the present step.
    lagging: usize,
    /// The input registers were loaded and their packets have not been sent.
    fresh: bool,
    /// Packets over each link so far.
    links: Vec<u64>,
    slot_cycles: u64,
    most_slots: u64,
    /// Cores that sent in this cycle.
    senders: Vec<usize>,
}

impl FreeRun {
    /// `cores` at rest, connected by `transport`.
    ///
    /// # Errors
    /// If a period is shorter than a core's pipeline, or a time or a list does not suit a chip without barrier.
    pub(crate) fn new<N: Number>(
        params: &Free,
        transport: Box<dyn Transport>,
        routes: Routes,
        seats: Seats,
        cores: &[Box<Core<N>>],
    ) -> Result<Self, NetworkError> {
        let (schedules, longest_period) = schedule::of_cores(params, cores)?;
        let registers: Vec<Vec<i64>> = routes.returns.iter().map(|route| vec![0; route.rows]).collect();
        let (mut given, mut taken) = (vec![Vec::new(); cores.len()], vec![Vec::new(); cores.len()]);
        for (number, route) in routes.returns.iter().enumerate() {
            given[route.from_core].push(number);
            taken[route.to_core].push(number);
        }
        Ok(Self {
            given,
            taken,
            links: vec![0; transport.links().len()],
            slot_cycles: 0,
            most_slots: 0,
            shadow: registers.clone(),
            registers,
            schedules,
            longest_period,
            delay_cycles: u64::from(params.delay_cycles),
            order: (0..cores.len()).collect(),
            agenda: Agenda::default(),
            parcels: Parcels::default(),
            steps: 0,
            lagging: 0,
            fresh: false,
            senders: Vec::new(),
            transport,
            routes,
            seats,
        })
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

    /// Evaluates cores in this order within a cycle.
    pub(crate) fn set_order(&mut self, order: &[usize]) {
        self.order = order.to_vec();
    }

    /// Packets over every link so far.
    pub(crate) fn link_packets(&self) -> Vec<u64> {
        self.links.clone()
    }

    /// Slots of FIFOs that were taken, times cycles, and most of one FIFO at once.
    pub(crate) fn slots_taken(&self) -> (u64, u64) {
        (self.slot_cycles, self.most_slots)
    }

    /// Steps of the slowest core within which anything sent has arrived, in an otherwise empty transport.
    pub(crate) fn steps_in_transport(&self) -> u64 {
        let nodes = || (0..self.schedules.len()).map(|core| self.seats.node(core));
        let pairs = nodes().flat_map(|from| nodes().map(move |to| (from, to)));
        let longest = pairs.map(|(from, to)| self.transport.zero_load_cycles(from, to)).max().unwrap_or(0);
        (longest + self.delay_cycles).div_ceil(self.longest_period) + 1
    }

    /// Number of registers for returned drives at a core.
    pub(crate) fn drive_registers(&self, core: usize) -> u64 {
        self.taken[core].iter().map(|&route| self.registers[route].len() as u64).sum()
    }

    /// The drive registers go to their shadow.
    pub(crate) fn save(&mut self) {
        self.shadow.clone_from(&self.registers);
    }

    /// The shadow comes back.
    pub(crate) fn restore(&mut self) {
        self.registers.clone_from(&self.shadow);
    }
}
