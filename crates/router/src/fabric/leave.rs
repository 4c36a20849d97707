//! The end of a cycle: winners leave their FIFO.

use super::branches::MANY;
use super::queues::{Fifo, NONE, Slot};
use super::wiring::Far;
use super::{Fabric, Grant, Release};
use crate::arbiter::Arbiter;
use crate::topology::Topology;
use crate::transport::Delivery;

impl<T: Topology, A: Arbiter> Fabric<T, A> {
    pub(super) fn leave(&mut self) {
        let mut grants = std::mem::take(&mut self.grants);
        for &Grant { fifo, port } in &grants {
            let (router, _) = self.wiring.place(fifo as usize);
            let far = self.wiring.far[router * self.topology.ports() + port as usize];
            if far.taken_cycles > 1 {
                self.take_output(fifo, port, far.taken_cycles);
            }
            let (packet, next) = self.take_winner(fifo as usize, port as u8);
            if far.link == NONE {
                self.eject(packet);
            } else {
                self.travel(packet, next, far);
            }
            if self.state.occupied[router] == 0 {
                self.state.awake.remove(router);
            }
        }
        grants.clear();
        self.grants = grants;
    }

    /// The output and the FIFO are busy until the last flit has gone.
    pub(super) fn take_output(&mut self, fifo: u32, port: u32, cycles: u32) {
        let state = &mut self.state;
        let (router, input) = self.wiring.place(fifo as usize);
        state.taken[router] |= 1 << port;
        state.occupied[router] &= !(1 << input);
        state.fifos[fifo as usize].leaving += 1;
        let free_cycle = state.now + u64::from(cycles);
        let slot = (free_cycle % state.releases.len() as u64) as usize;
        state.releases[slot].push(Release { fifo, port });
        state.taken_outputs += 1;
    }

    /// Takes what won `port` from the head of `fifo`: the packet, and the FIFO that it goes to.
    fn take_winner(&mut self, fifo: usize, port: u8) -> (u32, u32) {
        let Fifo { head, next, .. } = self.state.fifos[fifo];
        if next != MANY {
            self.take_head(fifo);
            return (head, next);
        }
        let branches = &mut self.state.branches[fifo];
        let won = branches.iter().position(|branch| branch.port == port);
        let branch = branches.remove(won.expect("our own bug: a grant that nobody asked for"));
        if branches.is_empty() {
            self.take_head(fifo);
            self.state.slab.release(head);
        }
        (branch.packet, branch.next)
    }

    /// Takes the head off `fifo`, which is not empty.
    #[inline]
    fn take_head(&mut self, fifo: usize) {
        let state = &mut self.state;
        let queue = &mut state.fifos[fifo];
        queue.head = std::mem::replace(&mut state.slab[queue.head].next, NONE);
        let leaving = queue.leaving > 0;
        queue.gone = leaving;
        if queue.head == NONE {
            let (router, input) = self.wiring.place(fifo);
            state.occupied[router] &= !(1 << input);
        } else {
            self.present(fifo);
        }
        if !leaving {
            self.free_slot(fifo, self.state.now + 1);
        }
    }

    /// A slot of `fifo` is free from `cycle` on: whoever sends there may go on.
    #[inline]
    pub(super) fn free_slot(&mut self, fifo: usize, cycle: u64) {
        self.state.fifos[fifo].claimed -= 1;
        let before = self.wiring.before[fifo];
        if before != NONE {
            self.state.claimed_slots -= 1;
            if self.state.occupied[before as usize] != 0 {
                self.state.awake.insert(before as usize);
            }
        }
        if let Some(statistics) = &mut self.statistics {
            statistics.left(self.wiring.public_number(fifo), cycle);
        }
    }

    /// Sends a packet over a link.
    fn travel(&mut self, packet: u32, next: u32, far: Far) {
        let state = &mut self.state;
        let source = state.slab[packet].rank.source() as usize;
        self.traffic.hops[source] += 1;
        self.traffic.links[far.link as usize] += 1;
        if far.crosses_chips {
            self.traffic.chip_hops[source] += 1;
        }
        state.fifos[next as usize].claimed += 1;
        state.claimed_slots += 1;
        let due_cycle = state.now + u64::from(far.flight_cycles);
        let slot = (due_cycle % state.wheel.len() as u64) as usize;
        state.wheel[slot].push((next, packet));
        state.on_wires += 1;
    }

    /// Hands a packet to its core.
    fn eject(&mut self, packet: u32) {
        let timing = self.wiring.timing;
        let cycle = self.state.now + u64::from(timing.router_cycles) + u64::from(timing.flits) - 1;
        let slot: Slot = self.state.slab.release(packet);
        let packet = slot.packet(slot.target);
        if let Some(statistics) = &mut self.statistics {
            statistics.arrived(cycle - packet.created_cycle);
        }
        // Cores that share a router need not be numbered in the order of routers.
        let ejected = &mut self.state.ejected;
        let later = |d: &&Delivery| (d.cycle, d.packet.target) > (cycle, packet.target);
        let behind = ejected.iter().rev().take_while(later).count();
        if behind == 0 {
            ejected.push_back(Delivery { cycle, packet });
        } else {
            ejected.insert(ejected.len() - behind, Delivery { cycle, packet });
        }
    }
}
