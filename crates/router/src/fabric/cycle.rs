//! One cycle of a fabric, and which cycle is the next in which anything happens.

use super::queues::NONE;
use super::{Fabric, Far, Grant, Timing};
use crate::arbiter::Arbiter;
use crate::topology::{LOCAL, MAX_PORTS, Topology};
use crate::transport::Delivery;

impl<T: Topology, A: Arbiter> Fabric<T, A> {
    /// The first cycle from now on in which anything can happen; `None` if nothing ever will.
    pub(super) fn next_event_cycle(&self) -> Option<u64> {
        let state = &self.state;
        if state.busy.words().iter().any(|&word| word != 0) {
            return Some(state.now);
        }
        let created = |node: usize| state.slab[state.sources[node][0]].rank.created_cycle.max(state.now);
        let first_created = state.sending.iter().map(created).min();
        let wheel = state.wheel.len() as u64;
        let due = |&cycle: &u64| !state.wheel[(cycle % wheel) as usize].is_empty();
        let first_due = if state.on_wires == 0 { None } else { (state.now..state.now + wheel).find(due) };
        first_created.into_iter().chain(first_due).min()
    }

    /// Simulates the cycle `now`.
    pub(super) fn step(&mut self) {
        self.join();
        self.enter();
        self.decide();
        self.leave();
        self.state.now += 1;
    }

    /// Packets that are due join their FIFO.
    fn join(&mut self) {
        if self.state.on_wires == 0 {
            return;
        }
        let slot = (self.state.now % self.state.wheel.len() as u64) as usize;
        let mut due = std::mem::take(&mut self.state.wheel[slot]);
        self.state.on_wires -= due.len() as u64;
        for &(fifo, packet) in &due {
            self.append(fifo as usize, packet);
        }
        due.clear();
        self.state.wheel[slot] = due;
    }

    /// Created packets enter their local FIFO while it has room.
    fn enter(&mut self) {
        for word in 0..self.state.sending.words().len() {
            let mut rest = self.state.sending.words()[word];
            while rest != 0 {
                self.enter_at(word * 64 + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }

    fn enter_at(&mut self, node: usize) {
        let fifo = node * T::PORTS + LOCAL;
        while let Some(&packet) = self.state.sources[node].front() {
            let created = self.state.slab[packet].rank.created_cycle <= self.state.now;
            if !created || self.state.fifos[fifo].claimed >= self.derived.timing.fifo_depth {
                return;
            }
            self.state.sources[node].pop_front();
            self.state.fifos[fifo].claimed += 1;
            self.append(fifo, packet);
        }
        self.state.sending.remove(node);
    }

    /// Puts `packet` at the end of `fifo`.
    pub(super) fn append(&mut self, fifo: usize, packet: u32) {
        let queue = &mut self.state.fifos[fifo];
        if queue.head == NONE {
            queue.head = packet;
            queue.tail = packet;
            let (node, port) = (fifo / T::PORTS, fifo % T::PORTS);
            queue.wants = self.topology.route(node, self.state.slab[packet].target as usize) as u32;
            if self.state.occupied[node] == 0 {
                self.state.busy.insert(node);
            }
            self.state.occupied[node] |= 1 << port;
        } else {
            let last = std::mem::replace(&mut queue.tail, packet);
            self.state.slab[last].next = packet;
        }
    }

    /// Grants output ports, router by router.
    fn decide(&mut self) {
        let Self { arbiter, derived, state, grants, .. } = self;
        for node in state.busy.iter() {
            let first = node * T::PORTS;
            let fifos = &state.fifos[first..first + T::PORTS];
            let mut requests = [0_u8; MAX_PORTS];
            let mut rest = state.occupied[node];
            while rest != 0 {
                let input = rest.trailing_zeros() as usize;
                requests[fifos[input].wants as usize] |= 1 << input;
                rest &= rest - 1;
            }
            for (port, &wanted_by) in requests[..T::PORTS].iter().enumerate() {
                let has_room = || {
                    let far = derived.far[first + port].fifo as usize;
                    port == LOCAL || state.fifos[far].claimed < derived.timing.fifo_depth
                };
                if wanted_by != 0 && has_room() {
                    let rank = |input: usize| state.slab[fifos[input].head].rank;
                    let input = arbiter.grant(first + port, wanted_by, rank);
                    grants.push(Grant { fifo: (first + input) as u32, port: port as u32 });
                }
            }
        }
    }

    /// Winners leave their FIFO.
    fn leave(&mut self) {
        let Timing { router_cycles, link_cycles, .. } = self.derived.timing;
        let due_cycle = self.state.now + u64::from(router_cycles) + u64::from(link_cycles);
        let due_slot = (due_cycle % self.state.wheel.len() as u64) as usize;
        let mut grants = std::mem::take(&mut self.grants);
        for &Grant { fifo, port } in &grants {
            let packet = self.take_head(fifo as usize);
            if port as usize == LOCAL {
                self.eject(packet);
                continue;
            }
            let Far { fifo: next, link } =
                self.derived.far[fifo as usize / T::PORTS * T::PORTS + port as usize];
            let source = self.state.slab[packet].rank.source();
            self.traffic.hops[source as usize] += 1;
            self.traffic.links[link as usize] += 1;
            self.state.fifos[next as usize].claimed += 1;
            self.state.wheel[due_slot].push((next, packet));
            self.state.on_wires += 1;
        }
        grants.clear();
        self.grants = grants;
    }

    /// Takes the head of `fifo`, which is not empty.
    fn take_head(&mut self, fifo: usize) -> u32 {
        let state = &mut self.state;
        let queue = &mut state.fifos[fifo];
        let packet = queue.head;
        queue.claimed -= 1;
        queue.head = std::mem::replace(&mut state.slab[packet].next, NONE);
        let (node, port) = (fifo / T::PORTS, fifo % T::PORTS);
        if queue.head == NONE {
            state.occupied[node] &= !(1 << port);
            if state.occupied[node] == 0 {
                state.busy.remove(node);
            }
        } else {
            queue.wants = self.topology.route(node, state.slab[queue.head].target as usize) as u32;
        }
        packet
    }

    /// Hands a packet to its core.
    fn eject(&mut self, packet: u32) {
        let cycle = self.state.now + u64::from(self.derived.timing.router_cycles);
        let packet = self.state.slab.release(packet).packet();
        self.state.ejected.push_back(Delivery { cycle, packet });
    }
}
