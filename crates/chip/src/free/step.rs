//! The data path without a barrier: the same work as under one, core by core when its own clock says so.

use super::FreeRun;
use super::agenda::Kind;
use super::parcels::Parcel;
use crate::chip::Chip;
use crate::core::{Core, Unit};
use crate::flights::Flights;
use crate::observer::Observer;
use crate::pace::Pace;
use crate::wires::Wires;
use equipoise_base::record::{Block, EventBook};
use equipoise_base::{Action, Axons, Counts, Digest, Number, Way};
use equipoise_learning::Loss;
use equipoise_router::transport::{FOREVER, Packet};

impl<N: Number> Chip<N> {
    /// A relaxation of `steps` steps of the slowest core begins (fewer, if it is stopped). The controllers look
    /// after the last `look` steps of each core.
    pub(crate) fn begin_free(&mut self, steps: u64, look: u64) {
        let now = self.clock.cycle;
        let Pace::Free(run) = &mut self.pace else { return };
        run.steps = 0;
        run.fresh = std::mem::take(&mut self.inputs_are_fresh);
        for (place, &core) in run.order.iter().enumerate() {
            let schedule = &mut run.schedules[core];
            (schedule.done, schedule.is_under_way) = (0, false);
            schedule.goal = schedule.fit(steps, run.longest_period);
            schedule.look_after = schedule.goal.saturating_sub(look);
            let clamped = matches!(self.cores[core].unit, Unit::Clamped(_));
            let kind = if clamped { Kind::Commit } else { Kind::Begin };
            run.agenda.add(now + schedule.offset, kind, place);
        }
    }

    /// One step of the slowest core, and what the others do meanwhile.
    pub(crate) fn free_step(&mut self, observer: &mut dyn Observer) {
        let mut cycle = self.clock.cycle;
        if let Some(mut work) = self.work() {
            work.run.aim_at_the_next_step();
            work.wires.begin_step();
            while work.run.lagging > 0 {
                let Some(next) = work.run.agenda.next_cycle() else { break };
                cycle = next;
                work.cycle(cycle);
            }
            work.book_traffic();
            if let Some(first) = work.cores.first_mut() {
                first.book.of_mut(first.phase).add(Action::Step, 1);
            }
        }
        self.clock.step_took(cycle - self.clock.cycle);
        observer.step(&*self);
    }

    /// The relaxation ends: a core that is in a step finishes it.
    pub(crate) fn end_free(&mut self) {
        let mut cycle = self.clock.cycle;
        if let Some(mut work) = self.work() {
            work.run.agenda.forget_beginnings();
            work.run.schedules.iter_mut().for_each(|schedule| schedule.goal = 0);
            while let Some(next) = work.run.agenda.next_cycle() {
                cycle = next;
                work.cycle(cycle);
            }
            work.book_traffic();
        }
        self.clock.passed(cycle - self.clock.cycle);
    }

    /// The cores rest until everything in flight has arrived.
    pub(crate) fn land_free(&mut self) {
        let mut cycle = self.clock.cycle;
        if let Some(mut work) = self.work() {
            cycle = cycle.max(work.deliver(FOREVER));
            work.book_traffic();
        }
        self.clock.passed(cycle - self.clock.cycle);
    }

    /// The drive registers hold what the activities of a start return. It is read while the chip loads, and
    /// not counted.
    pub(crate) fn start_drives(&mut self) {
        let Some(work) = self.work() else { return };
        for (route, register) in work.run.routes.returns.iter().zip(&mut work.run.registers) {
            let Core { unit: Unit::Free(neurons), blocks, steps, .. } = &mut *work.cores[route.from_core]
            else {
                continue;
            };
            let block = &mut blocks[route.block];
            let now = Axons { value: neurons.activity(), spikes: neurons.spikes() };
            let own = block.own.as_ref().map_or(now, crate::axon::Axon::axons);
            let mut drive = vec![0; block.shape.rows];
            block.store.read(Way::Transposed, own, *steps, &mut drive, &mut Counts::default());
            // A store with delays of its own has moved on by that read.
            block.store.start(Way::Transposed, now);
            let here = &drive[route.row..route.row + route.rows];
            register.iter_mut().zip(here).for_each(|(held, &part)| *held = block.return_sign * part);
        }
    }

    fn work(&mut self) -> Option<Work<'_, N>> {
        let Self { cores, wires, pace, events, flights, order, derived, .. } = self;
        let Pace::Free(run) = pace else { return None };
        Some(Work {
            cores,
            wires,
            run,
            events,
            flights,
            order,
            loss: derived.loss,
            hold_clamped: derived.hold_clamped,
        })
    }
}

impl FreeRun {
    /// The chip's step goes on until every core has made the own steps that belong to it.
    fn aim_at_the_next_step(&mut self) {
        self.steps += 1;
        self.lagging = 0;
        for schedule in &mut self.schedules {
            schedule.target = schedule.fit(self.steps, self.longest_period);
            self.lagging += usize::from(schedule.done < schedule.target);
        }
    }
}

/// The parts of a chip that work together in a cycle.
struct Work<'a, N: Number> {
    cores: &'a mut [Box<Core<N>>],
    wires: &'a mut Wires<N>,
    run: &'a mut FreeRun,
    events: &'a mut EventBook,
    flights: &'a mut Flights,
    order: &'a mut Digest,
    loss: Loss,
    hold_clamped: bool,
}

impl<N: Number> Work<'_, N> {
    /// Everything that happens in a cycle.
    fn cycle(&mut self, cycle: u64) {
        while let Some((kind, place)) = self.run.agenda.creation(cycle) {
            let core = self.run.order[place];
            match (kind, &self.cores[core].unit) {
                (Kind::Returned(block), _) => self.send_returned(core, block as usize, cycle),
                (_, Unit::Free(_)) => self.commit(core, place, cycle),
                (_, Unit::Clamped(_)) => self.clamped(core, place, cycle),
            }
        }
        self.note_senders(cycle);
        self.deliver(cycle);
        while let Some((kind, place)) = self.run.agenda.event(cycle) {
            let core = self.run.order[place];
            match kind {
                Kind::Update => self.sample_drives(core, cycle),
                Kind::Look => self.cores[core].observe(),
                _ => self.begin(core, place, cycle),
            }
        }
    }

    /// A core's step begins: array rows are sampled and read.
    fn begin(&mut self, index: usize, place: usize, cycle: u64) {
        let core = &mut self.cores[index];
        let step = core.steps + 1;
        core.read(step);
        core.blocks.iter_mut().for_each(|block| block.axon.arrive(step + 1));
        let schedule = &mut self.run.schedules[index];
        schedule.sampled_rows = Some(cycle);
        let end = cycle + schedule.period;
        self.run.agenda.add(end - schedule.update_cycles, Kind::Update, place);
        self.run.agenda.add(end, Kind::Commit, place);
        for (block, &ready) in core.plan.return_ready.iter().enumerate() {
            if core.blocks[block].returned.is_some() {
                self.run.agenda.add(cycle + ready.max(1), Kind::Returned(block as u32), place);
            }
        }
    }

    /// A core's update begins: every drive register is sampled.
    fn sample_drives(&mut self, index: usize, cycle: u64) {
        self.run.schedules[index].sampled_drives = Some(cycle);
        for &number in &self.run.taken[index] {
            let route = &self.run.routes.returns[number];
            if route.from_core != index {
                self.cores[index].add_returned(&self.run.registers[number]);
            } else if let Some(returned) = &self.cores[index].blocks[route.block].returned {
                let here = returned[route.row..route.row + route.rows].to_vec();
                self.cores[index].add_returned(&here);
            }
        }
    }

    /// A core's step ends: its neurons have their new states, and what they send leaves.
    fn commit(&mut self, index: usize, place: usize, cycle: u64) {
        let core = &mut self.cores[index];
        core.update(self.loss);
        core.book.active[core.phase as usize] += &core.circuits.at_work(&core.plan);
        core.book.busy_cycles += core.plan.busy_cycles();
        let Unit::Free(neurons) = &core.unit else { return };
        let which = core.sender.decide(neurons.activity());
        let (population, range) = (core.slice.population, core.slice.range.clone());
        self.wires.send(population, &range, neurons.activity(), which);
        let sent: Vec<(usize, N)> =
            which.iter(range.len()).map(|axon| (range.start + axon, neurons.activity()[axon])).collect();
        // Back lines of the core's own activities step with the core.
        let (step, all) = (
            core.steps,
            neurons.spikes().map_or(equipoise_router::Which::All, equipoise_router::Which::Only),
        );
        for own in core.blocks.iter_mut().filter_map(|block| block.own.as_mut()) {
            own.emit(step, neurons.activity(), all);
            own.arrive(step + 1);
        }
        for block in core.blocks.iter_mut().filter(|block| block.from == population) {
            sent.iter().for_each(|&(axon, value)| block.axon.deliver(axon, value));
        }
        self.send(index, &sent, cycle, cycle);
        let schedule = &mut self.run.schedules[index];
        schedule.done += 1;
        self.run.lagging -= usize::from(schedule.done == schedule.target);
        if schedule.done > schedule.look_after {
            self.run.agenda.add(cycle, Kind::Look, place);
        }
        if schedule.done < schedule.goal {
            self.run.agenda.add(cycle, Kind::Begin, place);
        }
    }

    /// Clamped inputs at the start of a relaxation and after each of their steps.
    fn clamped(&mut self, index: usize, place: usize, cycle: u64) {
        let schedule = &mut self.run.schedules[index];
        let is_first = !std::mem::replace(&mut schedule.is_under_way, true);
        if !is_first {
            schedule.done += 1;
            self.run.lagging -= usize::from(schedule.done == schedule.target);
        }
        let more = schedule.done < schedule.goal;
        if more {
            self.run.agenda.add(cycle + schedule.period, Kind::Commit, place);
        }
        let meets = cycle + schedule.period;
        let core = &mut self.cores[index];
        let Unit::Clamped(clamped) = &core.unit else { return };
        let (population, start) = (core.slice.population, core.slice.range.start);
        let is_recording = !clamped.events.is_empty();
        match (is_recording, is_first && self.run.fresh) {
            // What was loaded, or step 0 of the recording, is in the registers; only the packets travel.
            (_, true) => {
                let loaded =
                    if is_recording { std::mem::take(&mut core.plan.sends) } else { clamped.value.len() };
                self.send_loaded(index, loaded, cycle);
            }
            (true, false) if !is_first => {
                core.update(self.loss);
                let Unit::Clamped(clamped) = &core.unit else { return };
                let which = core.sender.decide(&clamped.value);
                let sent: Vec<(usize, N)> =
                    which.iter(clamped.value.len()).map(|line| (start + line, clamped.value[line])).collect();
                self.wires.send(population, &core.slice.range, &clamped.value, which);
                self.send(index, &sent, cycle, cycle);
            }
            (false, false) if more && !self.hold_clamped => {
                let values = clamped.value.iter().enumerate();
                let sent: Vec<(usize, N)> = values.map(|(line, &value)| (start + line, value)).collect();
                self.send(index, &sent, cycle, meets);
            }
            _ => {}
        }
    }

    /// A packet for every value and every core that listens. The first sample of a listener from cycle `meets`
    /// on is the one that no delay but one step would let it meet.
    fn send(&mut self, index: usize, sent: &[(usize, N)], cycle: u64, meets: u64) {
        let population = self.cores[index].slice.population as u32;
        self.post_to_listeners(index, cycle, sent.len(), |i| {
            let (axon, value) = sent[i];
            Parcel::Activity { population, axon: axon as u32, raw: value.raw(), meets }
        });
        self.events.emitted += sent.len() as u64;
        if !sent.is_empty() {
            self.run.senders.push(index);
        }
    }

    /// Packets for what the listeners' registers hold already.
    fn send_loaded(&mut self, index: usize, count: usize, cycle: u64) {
        self.post_to_listeners(index, cycle, count, |_| Parcel::Loaded);
        self.events.emitted += count as u64;
        if count > 0 {
            self.run.senders.push(index);
        }
    }

    /// The drives of a transposed read leave together.
    fn send_returned(&mut self, index: usize, block: usize, cycle: u64) {
        for which in 0..self.run.given[index].len() {
            let at = self.run.given[index][which];
            let route = &self.run.routes.returns[at];
            if route.block != block || route.to_core == index {
                continue;
            }
            let (target, row, rows) = (route.to_core, route.row, route.rows);
            for neuron in 0..rows {
                let Some(returned) = &self.cores[index].blocks[block].returned else { return };
                let raw = returned[row + neuron];
                let parcel = Parcel::Drive { route: at as u32, neuron: neuron as u32, raw, meets: cycle };
                self.post(index, &[self.run.seats.node(target)], cycle, parcel);
            }
            self.events.emitted += rows as u64;
        }
    }

    /// A packet for each of `count` parcels and each core that listens, or one packet for all listeners.
    fn post_to_listeners(
        &mut self,
        index: usize,
        cycle: u64,
        count: usize,
        parcel: impl Fn(usize) -> Parcel,
    ) {
        let listeners = self.run.seats.listeners(index).to_vec();
        if self.run.transport.multicasts() && !listeners.is_empty() {
            (0..count).for_each(|i| self.post(index, &listeners, cycle, parcel(i)));
        } else {
            for listener in &listeners {
                (0..count).for_each(|i| self.post(index, std::slice::from_ref(listener), cycle, parcel(i)));
            }
        }
    }

    /// A packet of the core `index` for the cores on the nodes `targets`.
    fn post(&mut self, index: usize, targets: &[u32], cycle: u64, parcel: Parcel) {
        let tag = self.run.parcels.keep(parcel, targets.len());
        // Where a phase begins in the very cycle in which the last one ended, that cycle's transport is over.
        let created_cycle = (cycle + self.run.delay_cycles).max(self.run.transport.now());
        let source = self.run.seats.node(index);
        self.run.transport.send_to(Packet { created_cycle, source, target: targets[0], tag }, targets);
        self.events.fan_out_total += targets.len() as u64;
        self.events.packets += 1;
        let core = &mut self.cores[index];
        core.book.of_mut(core.phase).add(Action::EventEmit, 1);
    }

    /// What arrives up to and in cycle `limit` goes to its registers. Returns the cycle of the last arrival.
    fn deliver(&mut self, limit: u64) -> u64 {
        let mut last = 0;
        while let Some(delivery) = self.run.transport.next_delivery(limit) {
            last = delivery.cycle;
            let target = self.run.seats.core(delivery.packet.target);
            let core = &mut self.cores[target];
            core.book.of_mut(core.phase).add(Action::EventDeliver, 1);
            self.events.delivered += 1;
            let schedule = &self.run.schedules[target];
            let (sampled, meets) = match self.run.parcels.hand_out(delivery.packet.tag) {
                Parcel::Activity { population, axon, raw, meets } => {
                    if self.flights.delayed() {
                        self.flights.reached(target, population as usize, core.steps, axon);
                    }
                    for block in core.blocks.iter_mut().filter(|block| block.from == population as usize) {
                        block.axon.deliver(axon as usize, N::from_raw(raw));
                    }
                    (schedule.sampled_rows, meets)
                }
                Parcel::Drive { route, neuron, raw, meets } => {
                    self.run.registers[route as usize][neuron as usize] = raw;
                    (schedule.sampled_drives, meets)
                }
                Parcel::Loaded => continue,
            };
            // The last sample lies before this cycle, so one since `meets` was missed.
            self.events.late += u64::from(sampled.is_some_and(|sampled| sampled >= meets));
        }
        last
    }

    /// Who sent what in which cycle goes into the digest, whatever the order of evaluation.
    fn note_senders(&mut self, cycle: u64) {
        self.run.senders.sort_unstable();
        for &sender in &self.run.senders {
            let slice = &self.cores[sender].slice;
            let values = &self.wires.values(slice.population)[slice.range.clone()];
            self.order.word(cycle);
            self.order.words(values.iter().map(|value| value.raw() as u64));
        }
        self.run.senders.clear();
    }

    /// Hops and bits since the last booking go to the cores that sent.
    fn book_traffic(&mut self) {
        let traffic = self.run.transport.traffic();
        self.run.links.iter_mut().zip(&traffic.links).for_each(|(sum, &packets)| *sum += packets);
        self.run.slot_cycles += traffic.slot_cycles;
        self.run.most_slots = self.run.most_slots.max(traffic.most_slots);
        for (index, core) in self.cores.iter_mut().enumerate() {
            let (phase, node) = (core.phase, self.run.seats.node(index) as usize);
            traffic.count_into(node, core.book.of_mut(phase));
            let cycles = traffic.hops[node] * self.run.transport.packet_cycles();
            core.book.active[phase as usize].add(Block::Router, cycles);
        }
        self.run.transport.clear_traffic();
    }
}
