//! All routers of a mesh at once, side by side in vectors, for traffic that is known beforehand.
//!
//! Under a barrier a core sends all packets of a step in one cycle, the same number to each of its targets, and only the
//! cycle of the last delivery is asked for. A packet is then one word: the rank of its source by age, the row and the
//! column of its target. Smaller words go first, which is the rule of [`OldestFirst`](crate::arbiters::OldestFirst),
//! because a source sends to its targets in ascending order. Two packets of one word take the same way one after the
//! other and never meet in an arbiter, so that they need no numbers. The rules of a cycle are the fabric's; a test
//! compares the two.

use super::lanes::{LANES, Lanes, NONE, Sides, decide, join, load, pop, store};
use crate::transport::Burst;

/// Ports that lead to other routers: north, east, south, west.
const SIDES: usize = 4;

/// A mesh without packets, and room for them.
#[derive(Clone, Debug)]
pub(super) struct Swarm {
    width: usize,
    routers: usize,
    depth: usize,
    /// Cycles from winning a link to joining the FIFO behind it.
    flight: usize,
    /// Cycles from the last contention to the core.
    ejection: u64,
    /// Lanes before the first router, so that every router has neighbours.
    pad: usize,
    /// From one plane to the next: a lane for each router between two pads.
    stride: usize,
    columns: Vec<u32>,
    rows: Vec<u32>,
    /// By side and slot: FIFOs, the head first.
    slots: Vec<u32>,
    /// By side: packets in the FIFO.
    lengths: Vec<u32>,
    /// By side: packets in the FIFO and on the way to it.
    claimed: Vec<u32>,
    /// By side: the winner of the output port in this cycle; one plane more for the cores.
    wins: Vec<u32>,
    /// By side: 1 where the head of the FIFO goes in this cycle; one plane more for the cores.
    gone: Vec<u32>,
    /// By due cycle modulo the flight, and side.
    wires: Vec<u32>,
    /// The packet that a core has ready.
    ready: Vec<u32>,
    /// Packets to the same target behind it, itself included.
    left: Vec<u32>,
}

impl Swarm {
    /// Side of the largest mesh whose places fit a word.
    const MAX_SIDE: usize = 255;

    /// A mesh of that size; `None` where a packet does not fit a word.
    pub(super) fn new(
        (width, height): (usize, usize),
        depth: usize,
        flight: usize,
        ejection: u64,
    ) -> Option<Self> {
        let routers = width * height;
        if width > Self::MAX_SIDE || height > Self::MAX_SIDE || routers > usize::from(u16::MAX) {
            return None;
        }
        let pad = width.max(1);
        let stride = routers.next_multiple_of(LANES) + 2 * pad;
        let planes = |count: usize, fill: u32| vec![fill; count * stride];
        let mut swarm = Self {
            width,
            routers,
            depth,
            flight,
            ejection,
            pad,
            stride,
            columns: planes(1, 0),
            rows: planes(1, 0),
            slots: planes(SIDES * depth, NONE),
            lengths: planes(SIDES, 0),
            claimed: planes(SIDES, 0),
            wins: planes(SIDES + 1, NONE),
            gone: planes(SIDES + 1, 0),
            wires: planes(SIDES * flight, NONE),
            ready: planes(1, NONE),
            left: planes(1, 0),
        };
        for router in 0..routers {
            swarm.columns[pad + router] = (router % width) as u32;
            swarm.rows[pad + router] = (router / width) as u32;
        }
        Some(swarm)
    }

    fn word(&self, rank: usize, target: u32) -> u32 {
        let target = target as usize;
        (rank << 16 | (target / self.width) << 8 | (target % self.width)) as u32
    }

    /// Sends `bursts`, at most one of each source.
    pub(super) fn run(&mut self, bursts: &[Burst<'_>]) -> Carried {
        let mut order: Vec<&Burst<'_>> =
            bursts.iter().filter(|burst| burst.packets > 0 && !burst.targets.is_empty()).collect();
        order.sort_by_key(|burst| (burst.created_cycle, burst.source));
        let mut waiting: u64 = order.iter().map(|b| u64::from(b.packets) * b.targets.len() as u64).sum();
        let Some(mut now) = order.first().map(|burst| burst.created_cycle) else { return Carried::default() };
        // By router: its burst, and the next target in it.
        let mut sources = vec![(0_usize, 0_usize); self.routers];
        let (mut begun, mut inside) = (0, 0_u64);
        let mut carried = Carried { last: now, ..Carried::default() };
        while waiting + inside > 0 {
            while let Some(burst) = order.get(begun).filter(|burst| burst.created_cycle <= now) {
                let router = burst.source as usize;
                sources[router] = (begun, 0);
                self.ready[self.pad + router] = self.word(begun, burst.targets[0]);
                self.left[self.pad + router] = burst.packets;
                begun += 1;
            }
            let idle = inside == 0 && self.ready[self.pad..][..self.routers].iter().all(|&w| w == NONE);
            if let Some(burst) = order.get(begun).filter(|_| idle) {
                now = burst.created_cycle;
                continue;
            }
            let Moves { entered, ejected, dry, claimed, fullest } =
                cycle(self, (now % self.flight as u64) as usize);
            carried.slot_cycles += u64::from(claimed);
            carried.most_slots = carried.most_slots.max(fullest.into());
            if dry > 0 {
                self.next_targets(&order, &mut sources);
            }
            waiting -= u64::from(entered);
            inside = inside + u64::from(entered) - u64::from(ejected);
            carried.last = if ejected > 0 { now + self.ejection } else { carried.last };
            now += 1;
        }
        carried
    }

    /// Cores whose last packet to a target has gone turn to their next one.
    fn next_targets(&mut self, order: &[&Burst<'_>], sources: &mut [(usize, usize)]) {
        for (router, (rank, at)) in sources.iter_mut().enumerate() {
            let lane = self.pad + router;
            if self.ready[lane] != NONE && self.left[lane] == 0 {
                *at += 1;
                let burst = order[*rank];
                let next = burst.targets.get(*at).map(|&target| (self.word(*rank, target), burst.packets));
                (self.ready[lane], self.left[lane]) = next.unwrap_or((NONE, 0));
            }
        }
    }
}

/// What became of bursts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Carried {
    /// The cycle of the last delivery; 0 without any.
    pub last: u64,
    /// See [`Traffic`](crate::Traffic).
    pub slot_cycles: u64,
    /// See [`Traffic`](crate::Traffic).
    pub most_slots: u64,
}

/// What moved in a cycle.
struct Moves {
    /// Slots that were taken or promised when it began.
    claimed: u32,
    /// The fullest FIFO to which a packet was sent, this one included.
    fullest: u32,
    /// Packets that left their cores.
    entered: u32,
    /// Packets that came to their cores.
    ejected: u32,
    /// Cores whose last packet to a target left.
    dry: u32,
}

/// One cycle, `now` modulo the flight.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn cycle(swarm: &mut Swarm, now: usize) -> Moves {
    let Swarm { width, pad, stride, depth, .. } = *swarm;
    let (end, depth_word) = (stride - pad, depth as u32);
    // From a router to the one in the north, east, south and west.
    let neighbour = |at: usize, side: usize| match side {
        0 => at + width,
        1 => at + 1,
        2 => at - width,
        _ => at - 1,
    };
    let opposite = |side: usize| (side + 2) % SIDES;
    let (mut entered, mut ejected, mut dry) = ([0; LANES], [0; LANES], [0; LANES]);
    for at in (pad..end).step_by(LANES) {
        let mut heads: Sides<Lanes> = [[NONE; LANES]; SIDES + 1];
        let mut room: [Lanes; SIDES] = [[0; LANES]; SIDES];
        for side in 0..SIDES {
            let due = load(&swarm.wires, (now * SIDES + side) * stride + at);
            let first = load(&swarm.slots, side * depth * stride + at);
            heads[side] = join(&load(&swarm.lengths, side * stride + at), &due, &first);
            room[side] = load(&swarm.claimed, opposite(side) * stride + neighbour(at, side));
        }
        heads[SIDES] = load(&swarm.ready, at);
        let place = (load(&swarm.columns, at), load(&swarm.rows, at));
        let (wins, gone) = decide(&heads, &room, depth_word, &place);
        for side in 0..=SIDES {
            store(&mut swarm.wins, side * stride + at, &wins[side]);
            store(&mut swarm.gone, side * stride + at, &gone[side]);
        }
        for (side, gone) in gone[..SIDES].iter().enumerate() {
            let due = load(&swarm.wires, (now * SIDES + side) * stride + at);
            pop(
                (&mut swarm.slots[side * depth * stride..], &mut swarm.lengths[side * stride..]),
                (stride, at, depth),
                &due,
                gone,
            );
        }
        let mut left = load(&swarm.left, at);
        for lane in 0..LANES {
            left[lane] -= gone[SIDES][lane];
            entered[lane] += gone[SIDES][lane];
            dry[lane] += gone[SIDES][lane] & u32::from(left[lane] == 0);
            ejected[lane] += u32::from(wins[SIDES][lane] != NONE);
        }
        store(&mut swarm.left, at, &left);
    }
    let (mut taken, mut fullest) = ([0; LANES], [0; LANES]);
    // What has won travels; the slots that it leaves can be granted from the next cycle on.
    for side in 0..SIDES {
        for at in (pad..end).step_by(LANES) {
            let came = load(&swarm.wins, opposite(side) * stride + neighbour(at, side));
            let gone = load(&swarm.gone, side * stride + at);
            let mut claimed = load(&swarm.claimed, side * stride + at);
            for lane in 0..LANES {
                let comes = u32::from(came[lane] != NONE);
                taken[lane] += claimed[lane];
                claimed[lane] += comes;
                fullest[lane] = fullest[lane].max(claimed[lane] * comes);
                claimed[lane] -= gone[lane];
            }
            store(&mut swarm.claimed, side * stride + at, &claimed);
            store(&mut swarm.wires, (now * SIDES + side) * stride + at, &came);
        }
    }
    Moves {
        claimed: taken.iter().sum(),
        fullest: fullest.into_iter().max().unwrap_or(0),
        entered: entered.iter().sum(),
        ejected: ejected.iter().sum(),
        dry: dry.iter().sum(),
    }
}
