//! One cycle of a fabric up to its grants, and which cycle is the next in which anything happens.

use super::branches::{Branch, MANY};
use super::queues::{NONE, Slot};
use super::{Fabric, Grant, Release};
use crate::arbiter::Arbiter;
use crate::topology::Topology;

impl<T: Topology, A: Arbiter> Fabric<T, A> {
    /// The first cycle from now on in which anything can happen; `None` if nothing ever will.
    pub(super) fn next_event_cycle(&self) -> Option<u64> {
        let state = &self.state;
        if state.awake.words().iter().any(|&word| word != 0) {
            return Some(state.now);
        }
        // A core's full FIFO frees a slot only after a router has been awake.
        let has_room = |&core: &usize| {
            state.fifos[self.wiring.entry[core] as usize].claimed < self.wiring.timing.fifo_depth
        };
        let created = |core: usize| state.slab[state.sources[core][0]].rank.created_cycle.max(state.now);
        let first_created = state.sending.iter().filter(has_room).map(created).min();
        let first_due = if state.on_wires == 0 { None } else { first_used(&state.wheel, state.now) };
        let first_free = if state.taken_outputs == 0 { None } else { first_used(&state.releases, state.now) };
        [first_created, first_due, first_free].into_iter().flatten().min()
    }

    /// Nothing happens before `cycle`.
    pub(super) fn pass_until(&mut self, cycle: u64) {
        self.traffic.slot_cycles += self.state.claimed_slots * (cycle - self.state.now);
        self.state.now = cycle;
    }

    /// Simulates the cycle `now`.
    pub(super) fn step(&mut self) {
        self.free();
        self.traffic.slot_cycles += self.state.claimed_slots;
        self.join();
        self.enter();
        self.decide();
        self.leave();
        self.state.now += 1;
    }

    /// Outputs whose last flit has gone are free, and so are the slots that they emptied.
    fn free(&mut self) {
        if self.state.taken_outputs == 0 {
            return;
        }
        let slot = (self.state.now % self.state.releases.len() as u64) as usize;
        let mut due = std::mem::take(&mut self.state.releases[slot]);
        self.state.taken_outputs -= due.len() as u64;
        for &Release { fifo, port } in &due {
            let (router, input) = self.wiring.place(fifo as usize);
            self.state.taken[router] &= !(1 << port);
            let queue = &mut self.state.fifos[fifo as usize];
            queue.leaving -= 1;
            if queue.leaving == 0 {
                if queue.head != NONE {
                    self.state.occupied[router] |= 1 << input;
                }
                if std::mem::take(&mut queue.gone) {
                    self.free_slot(fifo as usize, self.state.now);
                }
            }
            if self.state.occupied[router] != 0 {
                self.state.awake.insert(router);
            }
        }
        due.clear();
        self.state.releases[slot] = due;
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

    /// Created packets enter their core's FIFO while it has room.
    fn enter(&mut self) {
        let words = self.state.sending.words().len();
        for word in 0..words {
            let mut rest = self.state.sending.word(word);
            while rest != 0 {
                self.enter_at(word * 64 + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }

    fn enter_at(&mut self, core: usize) {
        let fifo = self.wiring.entry[core] as usize;
        while let Some(&packet) = self.state.sources[core].front() {
            if self.state.fifos[fifo].claimed >= self.wiring.timing.fifo_depth
                || self.state.slab[packet].rank.created_cycle > self.state.now
            {
                return;
            }
            self.state.sources[core].pop_front();
            self.state.fifos[fifo].claimed += 1;
            self.append(fifo, packet);
        }
        self.state.sending.remove(core);
    }

    /// Puts `packet` at the end of `fifo`.
    pub(super) fn append(&mut self, fifo: usize, packet: u32) {
        if let Some(statistics) = &mut self.statistics {
            statistics.joined(self.wiring.public_number(fifo), self.state.now);
        }
        let queue = &mut self.state.fifos[fifo];
        if queue.head == NONE {
            queue.head = packet;
            queue.tail = packet;
            self.present(fifo);
        } else {
            let last = std::mem::replace(&mut queue.tail, packet);
            self.state.slab[last].next = packet;
        }
    }

    /// The packet at the head of `fifo` is new there: finds out what it wants.
    #[inline]
    pub(super) fn present(&mut self, fifo: usize) {
        let state = &mut self.state;
        let (router, input) = self.wiring.place(fifo);
        let queue = &mut state.fifos[fifo];
        let Slot { rank, target, group, .. } = state.slab[queue.head];
        queue.rank = rank;
        if queue.leaving == 0 {
            state.occupied[router] |= 1 << input;
            state.awake.insert(router);
        }
        if group == NONE {
            let way = self.topology.route(router, target as usize);
            (queue.port, queue.next) = self.wiring.next(router, self.topology.ports(), way, rank.source());
        } else {
            queue.next = MANY;
            self.part(fifo);
        }
    }

    /// Parts the packet with many targets at the head of `fifo`: one copy for each FIFO that follows.
    fn part(&mut self, fifo: usize) {
        let Self { topology, wiring, state, .. } = self;
        let (router, _) = wiring.place(fifo);
        let packet = state.slab[state.fifos[fifo].head];
        let Slot { rank, group, first, target: count, .. } = packet;
        let follows = |&target: &u32| {
            wiring.next(router, topology.ports(), topology.route(router, target as usize), rank.source())
        };
        // Equal targets do not exist, so an unstable sort has one result.
        state
            .groups
            .targets_mut(group, first, count)
            .sort_unstable_by_key(|target| (follows(target), *target));
        let mut at = 0;
        while at < count {
            let rest = state.groups.targets(group, first + at, count - at);
            let (port, next) = follows(&rest[0]);
            let same = rest.iter().take_while(|target| follows(target) == (port, next)).count() as u32;
            let mut copy = Slot { first: first + at, target: same, next: NONE, ..packet };
            if same == 1 {
                (copy.target, copy.group) = (rest[0], NONE);
                state.groups.leave_one(group);
            }
            state.branches[fifo].push(Branch { packet: state.slab.insert(copy), port, next });
            at += same;
        }
    }

    /// Grants output ports, router by router.
    fn decide(&mut self) {
        for word in 0..self.state.awake.words().len() {
            let mut rest = self.state.awake.words()[word];
            while rest != 0 {
                let router = word * 64 + rest.trailing_zeros() as usize;
                let before = self.grants.len();
                self.decide_at(router);
                if self.grants.len() == before {
                    self.state.awake.remove(router);
                }
                rest &= rest - 1;
            }
        }
    }

    #[inline]
    fn decide_at(&mut self, router: usize) {
        let Self { arbiter, wiring, state, grants, topology, requests, traffic, .. } = self;
        let (first, depth) = (wiring.first(router), wiring.timing.fifo_depth);
        // Only the entries of ports that are in `wanted` mean anything.
        let mut wanted = 0_u64;
        let mut ask = |port: u8, input: usize| {
            let (bit, request) = (1 << port, 1 << input);
            let others = if wanted & bit == 0 { 0 } else { requests[port as usize] };
            requests[port as usize] = others | request;
            wanted |= bit;
        };
        let fifos = &state.fifos[first..first + wiring.inputs()];
        let mut rest = state.occupied[router];
        while rest != 0 {
            let input = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            let queue = &fifos[input];
            if queue.next != MANY {
                if state.fifos[queue.next as usize].claimed < depth {
                    ask(queue.port, input);
                }
                continue;
            }
            let branches = &state.branches[first + input];
            for (at, branch) in branches.iter().enumerate() {
                // Branches over one port (in two classes of channels) go one after the other.
                let waits = at > 0 && branches[at - 1].port == branch.port;
                if !waits && state.fifos[branch.next as usize].claimed < depth {
                    ask(branch.port, input);
                }
            }
        }
        wanted &= !state.taken[router];
        while wanted != 0 {
            let port = wanted.trailing_zeros() as usize;
            wanted &= wanted - 1;
            let rank = |input: usize| fifos[input].rank;
            let input = arbiter.grant(router * topology.ports() + port, requests[port], rank);
            let next = match fifos[input].next {
                MANY => branch_over(&state.branches[first + input], port),
                next => next,
            };
            if next != wiring.sink() {
                let slots = u64::from(state.fifos[next as usize].claimed) + 1;
                traffic.most_slots = traffic.most_slots.max(slots);
            }
            grants.push(Grant { fifo: (first + input) as u32, port: port as u32 });
        }
    }
}

/// The FIFO behind `port` that one of the branches wants.
fn branch_over(branches: &[Branch], port: usize) -> u32 {
    let branch = branches.iter().find(|branch| usize::from(branch.port) == port);
    branch.expect("our own bug: a grant that nobody asked for").next
}

/// The first cycle from `now` on that holds anything in a wheel that reaches one turn ahead.
fn first_used<E>(wheel: &[Vec<E>], now: u64) -> Option<u64> {
    let turn = wheel.len() as u64;
    (now..now + turn).find(|cycle| !wheel[(cycle % turn) as usize].is_empty())
}
