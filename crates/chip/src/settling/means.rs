//! The settling of a noisy network.
//!
//! A noisy state never stands still, but a drift shows in its means. The steps of a phase are cut into blocks of
//! h = hold, 2 hold, 4 hold, ... steps, as many as there is room for. From one block to the next the mean of a neuron
//! changes by D, known to a standard error s. The network has settled if its drift per step is *known* to be below
//! epsilon, for every neuron and some h:
//!
//! ```text
//! |D| + c s < h epsilon,   s^2 = (2 / h) q (2 - a) / a^2,   c^2 = 9 + 2 ln n
//! ```
//!
//! q is half the mean square of a step's change of state, over the block and the neurons of a core: with white noise in
//! the drives a state that leaks by `a` is an autoregression of order one, with the variance q / a and the long-run
//! variance q (2 - a) / a^2; a slow drift adds next to nothing to q. c would be 3 for one neuron; for n so many are
//! asked that three alone would be passed by too few of them by chance (the bound is Bonferroni's, to a few per cent).
//!
//! More noise makes s larger, so that less is known: a phase that passes under noise would pass under less. Where c s
//! alone is more than h epsilon, noise *hides* whether the network has settled, and longer phases tell: s / h falls
//! with the power 3/2 of h.

use equipoise_base::Number;

/// States are looked at to so many bits of fraction: the sums of long blocks have room in a word.
const FINEST: u32 = 24;

/// The blocks of one phase.
#[derive(Clone, Debug)]
pub(super) struct Means {
    epsilon: f64,
    /// Steps of the shortest block: `hold`, or half the longest delay.
    hold: usize,
    /// Steps in which something can be on its way.
    longest_delay: usize,
    /// Square of a standard error of a mean, times the steps of a block, over q.
    colour: f64,
    /// Steps of the shortest block of this phase, fewer where that is short.
    block: usize,
    /// Steps of this phase before the first that is looked at, and steps so far.
    first: usize,
    steps: usize,
    /// The states of the last step.
    last: Vec<i64>,
    /// Where each core's states end.
    cores: Vec<usize>,
    /// The block that fills, then the last full ones of each length, the shortest first.
    open: Block,
    levels: Vec<Level>,
    /// What the comparisons that end in the present step say.
    settled: bool,
}

/// Some steps in a row.
#[derive(Clone, Debug, Default)]
struct Block {
    steps: usize,
    /// By neuron, in LSB as fine as they are looked at.
    sums: Vec<i64>,
    /// Squares of changes of state, summed over each core's neurons.
    moves: Vec<f64>,
}

/// The blocks of one length.
#[derive(Clone, Debug, Default)]
struct Level {
    full: usize,
    last: Block,
    /// The last comparison could have said yes.
    resolves: bool,
}

impl Means {
    pub(super) fn new(epsilon: f64, hold: usize, longest_delay: usize, leak: f64) -> Self {
        Self {
            epsilon,
            hold: hold.max(longest_delay.div_ceil(2)).max(1),
            longest_delay,
            colour: 2.0 * (2.0 - leak) / (leak * leak),
            block: 1,
            first: 0,
            steps: 0,
            last: Vec::new(),
            cores: Vec::new(),
            open: Block::default(),
            levels: Vec::new(),
            settled: false,
        }
    }

    /// A phase of at most `limit` steps begins; of exactly so many if it is `fixed`: then blocks of every length end
    /// with it.
    pub(super) fn begin(&mut self, limit: usize, fixed: bool) {
        self.block = self.hold.min(limit / 2).max(1);
        let mut looked_at = 2 * self.block;
        while 2 * looked_at <= limit {
            looked_at *= 2;
        }
        self.first = if fixed { limit.saturating_sub(looked_at) } else { 0 };
        (self.steps, self.settled) = (0, false);
        self.open.clear();
        self.levels.iter_mut().for_each(|level| (level.full, level.resolves) = (0, false));
    }

    /// One step has passed. True if its states are wanted.
    pub(super) fn step(&mut self) -> bool {
        self.steps += 1;
        self.settled = false;
        self.steps > self.first
    }

    /// The states of this step, core by core.
    pub(super) fn states<'a, N: Number>(&mut self, states: impl Iterator<Item = &'a [N]>) {
        self.cores.clear();
        let (mut at, begins) = (0, self.steps == self.first + 1);
        for (core, states) in states.enumerate() {
            let end = at + states.len();
            self.last.resize(end.max(self.last.len()), 0);
            self.open.make_room(end, core);
            let moves = add_step(states, &mut self.open.sums[at..end], &mut self.last[at..end]);
            // The step before the first is not known.
            self.open.moves[core] += if begins { 0.0 } else { moves };
            self.cores.push(end);
            at = end;
        }
        self.open.steps += 1;
        if self.open.steps == self.block {
            self.close::<N>();
        }
    }

    /// A block is full: it is compared with the one before, and both together are a block of the next length.
    fn close<N: Number>(&mut self) {
        let mut block = std::mem::take(&mut self.open);
        for index in 0.. {
            if index == self.levels.len() {
                self.levels.push(Level::default());
            }
            let level = &mut self.levels[index];
            level.full += 1;
            if level.full == 1 {
                std::mem::swap(&mut level.last, &mut block);
                break;
            }
            let (settled, resolves) = self.compare::<N>(&self.levels[index].last, &block);
            self.settled |= settled;
            let level = &mut self.levels[index];
            level.resolves = resolves;
            if level.full % 2 == 1 {
                std::mem::swap(&mut level.last, &mut block);
                break;
            }
            let both = level.last.with(&block);
            level.last = std::mem::replace(&mut block, both);
        }
        // The memory of what is left over fills again.
        block.clear();
        self.open = block;
    }

    /// Is the drift from one block to the next below epsilon in each step? And could that be known?
    fn compare<N: Number>(&self, before: &Block, after: &Block) -> (bool, bool) {
        let steps = after.steps as f64;
        if 2 * after.steps < self.longest_delay {
            return (false, false);
        }
        let neurons = self.cores.last().copied().unwrap_or(0) as f64;
        let errors = (9.0 + 2.0 * libm::log(neurons.max(1.0))).sqrt();
        let bound = steps * self.epsilon * (1_u64 << N::FRACTION.min(FINEST)) as f64;
        let (mut settled, mut resolves, mut first) = (true, true, 0);
        for ((&end, &earlier), &later) in self.cores.iter().zip(&before.moves).zip(&after.moves) {
            let q = (earlier + later) / (4.0 * steps * (end - first).max(1) as f64);
            let unknown = errors * (q * self.colour / steps).sqrt();
            let drift = largest_difference(&before.sums[first..end], &after.sums[first..end]) as f64 / steps;
            settled &= drift + unknown < bound;
            resolves &= unknown < bound;
            first = end;
        }
        (settled, resolves)
    }

    /// Do the blocks that end in this step say that the network has settled?
    pub(super) fn settled(&self) -> bool {
        self.settled
    }

    /// Noise alone is more than could be tolerated, whatever the lengths of the blocks.
    pub(super) fn hidden(&self) -> bool {
        !self.levels.iter().any(|level| level.full > 0 && level.resolves)
    }
}

impl Block {
    fn clear(&mut self) {
        self.steps = 0;
        self.sums.fill(0);
        self.moves.fill(0.0);
    }

    fn make_room(&mut self, neurons: usize, core: usize) {
        self.sums.resize(neurons.max(self.sums.len()), 0);
        self.moves.resize(self.moves.len().max(core + 1), 0.0);
    }

    /// Both, one after the other.
    fn with(&self, later: &Self) -> Self {
        Self {
            steps: self.steps + later.steps,
            sums: self.sums.iter().zip(&later.sums).map(|(a, b)| a + b).collect(),
            moves: self.moves.iter().zip(&later.moves).map(|(a, b)| a + b).collect(),
        }
    }
}

/// Adds the states to their sums and takes the place of the `last` ones; returns the sum of the squares of the changes.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_step<N: Number>(states: &[N], sums: &mut [i64], last: &mut [i64]) -> f64 {
    let mut moves = 0.0;
    for ((state, sum), last) in states.iter().zip(sums).zip(last) {
        let state = state.raw() >> N::FRACTION.saturating_sub(FINEST);
        *sum += state;
        let change = (state - *last) as f64;
        moves += change * change;
        *last = state;
    }
    moves
}

/// The largest difference between two sums of a neuron.
fn largest_difference(before: &[i64], after: &[i64]) -> u64 {
    before.iter().zip(after).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}
