//! What sixteen routers of a mesh do in a cycle, side by side: plain loops over arrays, which compilers turn into vectors.

/// Routers side by side.
pub(super) const LANES: usize = 16;

/// One word for each.
pub(super) type Lanes = [u32; LANES];

/// No packet. Its target lies beyond every mesh.
pub(super) const NONE: u32 = u32::MAX;

/// North, east, south, west, and the core.
pub(super) type Sides<T> = [T; 5];

#[inline(always)]
pub(super) fn load(plane: &[u32], at: usize) -> Lanes {
    *plane[at..].first_chunk().expect("our own bug: a plane ends between lanes")
}

#[inline(always)]
pub(super) fn store(plane: &mut [u32], at: usize, lanes: &Lanes) {
    *plane[at..].first_chunk_mut().expect("our own bug: a plane ends between lanes") = *lanes;
}

#[inline(always)]
fn choose(condition: bool, yes: u32, no: u32) -> u32 {
    if condition { yes } else { no }
}

/// The heads of FIFOs of those `lengths` that `due` has joined; `first` is in their first slots.
#[inline(always)]
pub(super) fn join(lengths: &Lanes, due: &Lanes, first: &Lanes) -> Lanes {
    let mut heads = [0; LANES];
    for lane in 0..LANES {
        heads[lane] = choose(lengths[lane] == 0, due[lane], first[lane]);
    }
    heads
}

/// Grants the output ports. `heads` are those of the FIFOs of the sides, and of the cores; `claimed` are the packets in
/// the FIFOs behind the sides, which hold `depth`. Packets go along x first, then along y. Returns the winner of each
/// port, and 1 for each FIFO whose head goes.
#[inline(always)]
pub(super) fn decide(
    heads: &Sides<Lanes>,
    claimed: &[Lanes; 4],
    depth: u32,
    place: &(Lanes, Lanes),
) -> (Sides<Lanes>, Sides<Lanes>) {
    let mut wins = [[NONE; LANES]; 5];
    let mut gone = [[0; LANES]; 5];
    for lane in 0..LANES {
        let (x, y) = (place.0[lane], place.1[lane]);
        let head = [heads[0][lane], heads[1][lane], heads[2][lane], heads[3][lane], heads[4][lane]];
        let [north, east, south, west, core] = head;
        let to_x = |word: u32| word & 0xff;
        let to_y = |word: u32| word >> 8 & 0xff;
        let if_east = |word: u32| choose(to_x(word) > x, word, NONE);
        let if_west = |word: u32| choose(to_x(word) < x, word, NONE);
        let if_north = |word: u32| choose((to_x(word) == x) & (to_y(word) > y), word, NONE);
        let if_south = |word: u32| choose((to_x(word) == x) & (to_y(word) < y), word, NONE);
        let if_here = |word: u32| choose((to_x(word) == x) & (to_y(word) == y), word, NONE);
        let open = |side: usize, word: u32| choose(claimed[side][lane] < depth, word, NONE);
        // What travels along y never turns back to x, and nothing turns round.
        let to_north = if_north(south).min(if_north(east)).min(if_north(west)).min(if_north(core));
        let to_south = if_south(north).min(if_south(east)).min(if_south(west)).min(if_south(core));
        let won = [
            open(0, to_north),
            open(1, if_east(west).min(if_east(core))),
            open(2, to_south),
            open(3, if_west(east).min(if_west(core))),
            if_here(north).min(if_here(south)).min(if_here(east)).min(if_here(west)).min(if_here(core)),
        ];
        let [up, right, down, left, here] = won;
        let stays_in_y = |word: u32| (word == up) | (word == down) | (word == here);
        let goes = [
            (north == down) | (north == here),
            stays_in_y(east) | (east == left),
            (south == up) | (south == here),
            stays_in_y(west) | (west == right),
            stays_in_y(core) | (core == right) | (core == left),
        ];
        for side in 0..5 {
            gone[side][lane] = u32::from(goes[side] & (head[side] != NONE));
            wins[side][lane] = won[side];
        }
    }
    (wins, gone)
}

/// What is `due` joins FIFOs of `depth` slots, then the heads of those in `gone` go. The planes of `slots` and
/// `lengths` are `stride` words long, and the lanes begin at `at`.
#[inline(always)]
pub(super) fn pop(
    (slots, lengths): (&mut [u32], &mut [u32]),
    (stride, at, depth): (usize, usize, usize),
    due: &Lanes,
    gone: &Lanes,
) {
    let mut length = load(lengths, at);
    let mut here = with_due(0, &load(slots, at), &length, due);
    for slot in 0..depth {
        let next = if slot + 1 < depth {
            with_due(slot as u32 + 1, &load(slots, (slot + 1) * stride + at), &length, due)
        } else {
            [NONE; LANES]
        };
        for lane in 0..LANES {
            here[lane] = choose(gone[lane] == 1, next[lane], here[lane]);
        }
        store(slots, slot * stride + at, &here);
        here = next;
    }
    for lane in 0..LANES {
        length[lane] = length[lane] + u32::from(due[lane] != NONE) - gone[lane];
    }
    store(lengths, at, &length);
}

/// The words in slot number `slot` of FIFOs of those `lengths`, once `due` has joined.
#[inline(always)]
fn with_due(slot: u32, words: &Lanes, lengths: &Lanes, due: &Lanes) -> Lanes {
    let mut joined = [0; LANES];
    for lane in 0..LANES {
        joined[lane] = choose(lengths[lane] == slot, due[lane], words[lane]);
    }
    joined
}
