//! The rules of the mesh once more, as slowly and plainly as they read: every FIFO of every router is looked
//! at in every cycle, and nothing is jumped. Shares no code with the simulator.

use std::collections::VecDeque;

/// A mesh to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Plain {
    pub width: usize,
    pub height: usize,
    pub depth: usize,
    pub router_cycles: u64,
    pub link_cycles: u64,
}

/// A packet, and its number among those of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainPacket {
    pub created: u64,
    pub source: usize,
    pub sequence: u64,
    pub target: usize,
}

/// Where a packet at a router wants to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    Here,
    To(usize),
}

/// A packet that will be in the FIFO of `router` for what comes from `from`.
struct Flying {
    due: u64,
    router: usize,
    from: usize,
    packet: PlainPacket,
}

struct Router {
    /// (The router, or the core itself, from which its packets come; the packets.)
    fifos: Vec<(usize, VecDeque<PlainPacket>)>,
}

impl Plain {
    fn neighbours(&self, node: usize) -> Vec<usize> {
        let (x, y) = (node % self.width, node / self.width);
        let mut found = Vec::new();
        if y + 1 < self.height {
            found.push(node + self.width);
        }
        if x + 1 < self.width {
            found.push(node + 1);
        }
        if y > 0 {
            found.push(node - self.width);
        }
        if x > 0 {
            found.push(node - 1);
        }
        found
    }

    fn output(&self, node: usize, target: usize) -> Output {
        let (x, y) = (node % self.width, node / self.width);
        let (to_x, to_y) = (target % self.width, target / self.width);
        if to_x != x {
            Output::To(if to_x > x { node + 1 } else { node - 1 })
        } else if to_y != y {
            Output::To(if to_y > y { node + self.width } else { node - self.width })
        } else {
            Output::Here
        }
    }

    /// Runs until everything has arrived: (cycle, packet) by cycle, then target.
    ///
    /// Panics if that takes more than `patience` cycles.
    pub fn run(&self, packets: &[PlainPacket], patience: u64) -> Vec<(u64, PlainPacket)> {
        let nodes = self.width * self.height;
        let mut outside: Vec<Vec<PlainPacket>> = vec![Vec::new(); nodes];
        for &packet in packets {
            outside[packet.source].push(packet);
        }
        for queue in &mut outside {
            queue.sort_by_key(|packet| (packet.created, packet.sequence));
        }
        let mut routers: Vec<Router> = (0..nodes).map(|node| self.router(node)).collect();
        let mut flying: Vec<Flying> = Vec::new();
        let mut arrived = Vec::new();
        for t in 0..patience {
            if arrived.len() == packets.len() {
                arrived.sort_by_key(|&(cycle, packet): &(u64, PlainPacket)| (cycle, packet.target));
                return arrived;
            }
            for landed in flying.extract_if(.., |flight| flight.due == t) {
                fifo(&mut routers[landed.router], landed.from).push_back(landed.packet);
            }
            for (node, queue) in outside.iter_mut().enumerate() {
                let local = fifo(&mut routers[node], node);
                while local.len() < self.depth && queue.first().is_some_and(|packet| packet.created <= t) {
                    local.push_back(queue.remove(0));
                }
            }
            let wins = self.winners(&routers, &flying);
            for (node, from, output) in wins {
                let packet = fifo(&mut routers[node], from).pop_front().expect("a winner is at a head");
                match output {
                    Output::Here => arrived.push((t + self.router_cycles, packet)),
                    Output::To(router) => {
                        let due = t + self.router_cycles + self.link_cycles;
                        flying.push(Flying { due, router, from: node, packet });
                    }
                }
            }
        }
        panic!("{} of {} packets have arrived after {patience} cycles", arrived.len(), packets.len());
    }

    fn router(&self, node: usize) -> Router {
        let mut fifos = vec![(node, VecDeque::new())];
        fifos.extend(self.neighbours(node).into_iter().map(|from| (from, VecDeque::new())));
        Router { fifos }
    }

    /// (Router, FIFO, output) of every packet that leaves its router in this cycle.
    fn winners(&self, routers: &[Router], flying: &[Flying]) -> Vec<(usize, usize, Output)> {
        let mut wins = Vec::new();
        for (node, router) in routers.iter().enumerate() {
            let mut outputs = vec![Output::Here];
            outputs.extend(self.neighbours(node).into_iter().map(Output::To));
            for output in outputs {
                let heads = router.fifos.iter().filter_map(|(from, queue)| Some((*from, *queue.front()?)));
                let wanting = heads.filter(|(_, packet)| self.output(node, packet.target) == output);
                let first = wanting.min_by_key(|(_, p)| (p.created, p.source, p.sequence));
                if let Some((from, _)) = first
                    && self.has_room(node, output, routers, flying)
                {
                    wins.push((node, from, output));
                }
            }
        }
        wins
    }

    fn has_room(&self, node: usize, output: Output, routers: &[Router], flying: &[Flying]) -> bool {
        let Output::To(next) = output else { return true };
        let there = routers[next].fifos.iter().find(|(from, _)| *from == node).map_or(0, |(_, q)| q.len());
        let on_the_way = flying.iter().filter(|flight| flight.router == next && flight.from == node).count();
        there + on_the_way < self.depth
    }
}

fn fifo(router: &mut Router, from: usize) -> &mut VecDeque<PlainPacket> {
    let found = router.fifos.iter_mut().find(|(f, _)| *f == from);
    &mut found.expect("packets come from neighbours or the core").1
}
