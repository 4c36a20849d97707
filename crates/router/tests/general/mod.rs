//! The rules of virtual channels, several flits and links between chips once more, as slowly and plainly as
//! they read, for meshes and tori under the oldest-first rule. Shares no code with the simulator.

use std::collections::VecDeque;

/// A packet, and its number among those of its source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainPacket {
    pub created: u64,
    pub source: usize,
    pub sequence: u64,
    pub target: usize,
}

/// A mesh or a torus to simulate.
#[derive(Clone, Copy, Debug)]
pub struct General {
    pub width: usize,
    pub height: usize,
    pub torus: bool,
    pub depth: usize,
    pub channels: usize,
    pub router_cycles: u64,
    pub link_cycles: u64,
    pub flits: u64,
    /// Width of a chip; the plane is cut in x only.
    pub chip_width: usize,
    pub chip_link_cycles: u64,
    pub chip_link_flits: u64,
}

/// An output: (dx, dy), or `None` for the core.
type Output = Option<(i64, i64)>;

/// One FIFO of a router.
#[derive(Clone, Debug)]
struct Queue {
    router: usize,
    /// The direction of travel of what comes in, `None` from the core.
    moving: Output,
    channel: usize,
    packets: VecDeque<PlainPacket>,
    /// Flits of a packet that has won leave until this cycle, and its slot is taken until then.
    leaving_until: u64,
    /// Packets on the way here: (due cycle, packet).
    coming: Vec<(u64, PlainPacket)>,
}

impl General {
    fn at(&self, node: usize) -> [i64; 2] {
        [(node % self.width) as i64, (node / self.width) as i64]
    }

    fn sides(&self) -> [i64; 2] {
        [self.width as i64, self.height as i64]
    }

    /// The way on and the class of channels: one axis after the other.
    fn way(&self, node: usize, target: usize) -> (Output, usize) {
        for axis in [0, 1] {
            let (from, to, side) = (self.at(node)[axis], self.at(target)[axis], self.sides()[axis]);
            if from == to {
                continue;
            }
            let up_steps = (to - from).rem_euclid(side);
            let up = if self.torus { up_steps <= side - up_steps } else { to > from };
            let step = if up { 1 } else { -1 };
            // Walk the ring to see whether its seam is still ahead.
            let (mut place, mut seam_ahead) = (from, false);
            while self.torus && place != to {
                seam_ahead |= !(0..side).contains(&(place + step));
                place = (place + step).rem_euclid(side);
            }
            let direction = if axis == 0 { (step, 0) } else { (0, step) };
            return (Some(direction), usize::from(seam_ahead));
        }
        (None, 0)
    }

    /// The channel of a packet of `source` in a class: the classes take turns among the channels.
    fn channel(&self, class: usize, source: usize) -> usize {
        let classes = if self.torus { 2 } else { 1 };
        let mine: Vec<usize> = (0..self.channels).filter(|channel| channel % classes == class).collect();
        mine[source % mine.len()]
    }

    fn beyond(&self, node: usize, (dx, dy): (i64, i64)) -> Option<usize> {
        let ([x, y], [width, height]) = (self.at(node), self.sides());
        let (x, y) = if self.torus {
            ((x + dx).rem_euclid(width), (y + dy).rem_euclid(height))
        } else {
            (x + dx, y + dy)
        };
        let inside = (0..width).contains(&x) && (0..height).contains(&y);
        inside.then_some((y * width + x) as usize)
    }

    /// Runs until everything has arrived: (cycle, packet) by cycle, then target.
    ///
    /// Panics if that takes more than `patience` cycles.
    pub fn run(&self, packets: &[PlainPacket], patience: u64) -> Vec<(u64, PlainPacket)> {
        let nodes = self.width * self.height;
        let mut outside: Vec<Vec<PlainPacket>> = vec![Vec::new(); nodes];
        packets.iter().for_each(|&packet| outside[packet.source].push(packet));
        outside.iter_mut().for_each(|queue| queue.sort_by_key(|p| (p.created, p.sequence)));
        let mut queues = self.queues();
        // Per router and output: busy until.
        let mut outputs: Vec<(usize, Output, u64)> = Vec::new();
        let mut arrived = Vec::new();
        for t in 0..patience {
            if arrived.len() == packets.len() {
                arrived.sort_by_key(|&(cycle, packet): &(u64, PlainPacket)| (cycle, packet.target));
                return arrived;
            }
            for queue in &mut queues {
                let landed: Vec<_> = queue.coming.extract_if(.., |(due, _)| *due == t).collect();
                queue.packets.extend(landed.into_iter().map(|(_, packet)| packet));
                while queue.moving.is_none()
                    && self.taken(queue, t) < self.depth
                    && outside[queue.router].first().is_some_and(|p| p.created <= t)
                {
                    queue.packets.push_back(outside[queue.router].remove(0));
                }
            }
            for (queue, output, next) in self.winners(&queues, &outputs, t) {
                let router = queues[queue].router;
                let packet = queues[queue].packets.pop_front().expect("a winner is at a head");
                let Some(next) = next else {
                    queues[queue].leaving_until = t + self.flits;
                    outputs.push((router, output, t + self.flits));
                    arrived.push((t + self.router_cycles + self.flits - 1, packet));
                    continue;
                };
                let crosses = router % self.width / self.chip_width
                    != queues[next].router % self.width / self.chip_width;
                let (flight, taken) = if crosses {
                    (self.chip_link_cycles, self.chip_link_flits)
                } else {
                    (self.link_cycles, self.flits)
                };
                queues[queue].leaving_until = t + taken;
                outputs.push((router, output, t + taken));
                queues[next].coming.push((t + self.router_cycles + flight + taken - self.flits, packet));
            }
            outputs.retain(|&(_, _, until)| until > t + 1);
        }
        panic!("{} of {} packets have arrived after {patience} cycles", arrived.len(), packets.len());
    }

    fn queues(&self) -> Vec<Queue> {
        let mut queues = Vec::new();
        for router in 0..self.width * self.height {
            let mut add = |moving, channel| {
                let (packets, coming) = (VecDeque::new(), Vec::new());
                queues.push(Queue { router, moving, channel, packets, leaving_until: 0, coming });
            };
            add(None, 0);
            for direction in [(1, 0), (-1, 0), (0, 1), (0, -1)] {
                (0..self.channels).for_each(|channel| add(Some(direction), channel));
            }
        }
        queues
    }

    /// Slots that are taken at the start of what cycle `t` decides.
    fn taken(&self, queue: &Queue, t: u64) -> usize {
        queue.packets.len() + queue.coming.len() + usize::from(queue.leaving_until > t)
    }

    /// (Queue, output, next queue) of every packet that wins in cycle `t`.
    fn winners(
        &self,
        queues: &[Queue],
        outputs: &[(usize, Output, u64)],
        t: u64,
    ) -> Vec<(usize, Output, Option<usize>)> {
        let mut asking = Vec::new();
        for (at, queue) in queues.iter().enumerate() {
            let Some(packet) = queue.packets.front().filter(|_| queue.leaving_until <= t) else { continue };
            let (output, class) = self.way(queue.router, packet.target);
            if outputs.iter().any(|&(r, o, until)| (r, o) == (queue.router, output) && until > t) {
                continue;
            }
            let next = output.map(|direction| {
                let router = self.beyond(queue.router, direction).expect("a route stays inside");
                let channel = self.channel(class, packet.source);
                let there = |q: &Queue| (q.router, q.moving, q.channel) == (router, output, channel);
                queues.iter().position(there).expect("every channel has a queue")
            });
            if next.is_none_or(|next| self.taken(&queues[next], t) < self.depth) {
                let rank = (packet.created, packet.source, packet.sequence);
                asking.push((queue.router, output, rank, at, next));
            }
        }
        asking.sort_by_key(|&(router, output, rank, ..)| (router, output, rank));
        asking.dedup_by_key(|&mut (router, output, ..)| (router, output));
        asking.into_iter().map(|(_, output, _, at, next)| (at, output, next)).collect()
    }
}
