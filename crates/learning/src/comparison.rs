//! The two latches of a block side by side, prepared once per update.
//!
//! Where a line and a neuron did the same in both compared phases, their two latched words are the same and
//! the difference is zero. Inputs are clamped, and of the neurons most rest at an end of their range: so most
//! differences are zero, and which ones is known before any product is formed. Where fractions of a pulse are
//! rounded to nearest, columns whose differences are too small for a pulse are known as well.

use crate::columns::Columns;
use crate::correlations::{Correlations, Slot, Windows};
use crate::kernels::{self, Word};
use crate::sweep::{LANES, Side};
use equipoise_base::Number;
use std::ops::Range;

/// Which columns must be looked at in rows that were the same in both phases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Differences smaller than this do nothing; at least one.
    pub least: u64,
    /// Whole chunks of columns instead of single ones, for what lies side by side in a row.
    pub chunks: bool,
}

/// The compared windows, and how they are gone through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comparison {
    /// The rows that are not silent in both phases, ascending.
    pub awake: Vec<u32>,
    /// Which of those did not do the same in both: any of their columns may differ.
    moves: Vec<bool>,
    /// The activities of those, one row after the other, in each latch.
    pre: [Vec<i32>; 2],
    /// The columns that must be looked at in rows that are the same in both phases, and all columns.
    some: Columns,
    every: Columns,
    /// Steps of each window. Where no row changes within a window, the sum of its columns is one step.
    steps: [usize; 2],
    /// The latches' words; `None` where products need 128 bits, or differences more than 32.
    words: Option<[Word; 2]>,
    /// The ends of a difference.
    limits: (i64, i64),
    /// Scratch: bits of lines, and distances.
    bits: [Vec<u32>; 2],
    distances: Vec<u64>,
}

impl Comparison {
    /// Prepares the rows and columns of `latches`.
    pub fn prepare<N: Number>(&mut self, latches: &Correlations<N>, wanted: Wanted) {
        let windows = [Slot::First, Slot::Second].map(|slot| latches.windows(slot));
        self.find_awake(&windows);
        self.words = latches.words();
        self.limits = latches.limits();
        let Some([word, _]) = self.words else { return };
        self.take_rows(&windows);
        let columns = windows[0].post.first().or(windows[1].post.first()).map_or(0, Vec::len);
        self.every.list_all(columns);
        self.every.fill(&windows, self.steps);
        let largest = self.pre.iter().map(|pre| kernels::largest(pre)).max().unwrap_or(0);
        if self.is_narrow(largest) {
            self.list_columns(&windows, word.shift, largest, wanted);
        } else {
            self.words = None;
        }
    }

    /// Finds the rows that are not silent.
    fn find_awake<N: Number>(&mut self, windows: &[Windows<'_, N>; 2]) {
        let [first, second] = windows.map(|window| window.pre);
        let all = first.iter().chain(second);
        let lines = all.clone().next().map_or(0, Vec::len);
        let [set, differ] = &mut self.bits;
        let fresh = |bits: &mut Vec<u32>, value| {
            bits.clear();
            bits.resize(lines, value);
        };
        fresh(set, 0);
        // Clamped lines do the same in every step of both phases.
        let clamped =
            first.len() == second.len() && all.clone().all(|step| kernels::are_equal(&first[0], step));
        if clamped {
            first.iter().take(1).for_each(|step| kernels::add_set_bits(step, set));
        } else {
            all.for_each(|step| kernels::add_set_bits(step, set));
        }
        self.awake.clear();
        for (chunk, bits) in (0_u32..).zip(set.chunks(32)) {
            // From mask to mask: a branch for every line could not be foreseen.
            let mut mask =
                (0..).zip(bits).fold(0_u32, |mask, (lane, &bits)| mask | u32::from(bits != 0) << lane);
            while mask != 0 {
                self.awake.push(32 * chunk + mask.trailing_zeros());
                mask &= mask - 1;
            }
        }
        let steady = clamped || [first, second].iter().all(|window| window.len() <= 1);
        self.steps = [first.len(), second.len()].map(|steps| if steady { steps.min(1) } else { steps });
        self.moves.clear();
        if clamped {
            self.moves.resize(self.awake.len(), false);
            return;
        }
        // Windows that are not equally long differ.
        fresh(differ, if first.len() == second.len() { 0 } else { u32::MAX });
        first.iter().zip(second).for_each(|(a, b)| kernels::add_different_bits(a, b, differ));
        self.moves.extend(self.awake.iter().map(|&row| differ[row as usize] != 0));
    }

    /// Takes the activities of the rows that are not silent.
    fn take_rows<N: Number>(&mut self, windows: &[Windows<'_, N>; 2]) {
        for ((window, pre), &steps) in windows.iter().zip(&mut self.pre).zip(&self.steps) {
            pre.resize(self.awake.len() * steps, 0);
            for (step, values) in window.pre[..steps].iter().enumerate() {
                // Windows without a row have no place in `pre`.
                let slots = pre.get_mut(step..).unwrap_or_default().iter_mut().step_by(steps);
                slots.zip(&self.awake).for_each(|(slot, &row)| *slot = values[row as usize].raw() as i32);
            }
        }
    }

    /// True if sums of products stay below 2^62 and differences within 32 bits.
    fn is_narrow(&self, largest: u32) -> bool {
        let Some(words) = self.words else { return false };
        let mut difference = 0;
        for (slot, word) in words.iter().enumerate() {
            let reach = self.every.reach[slot];
            let sum = i128::from(largest) * i128::from(reach) * self.steps[slot] as i128;
            if sum >= 1 << 62 || reach > i64::from(i32::MAX) {
                return false;
            }
            difference += ((sum as i64 >> word.shift) + 1).min(word.high.saturating_add(1));
        }
        difference < i64::from(i32::MAX)
    }

    /// Lists the columns that must be looked at in rows that are the same in both phases.
    fn list_columns<N: Number>(
        &mut self,
        windows: &[Windows<'_, N>; 2],
        shift: u32,
        largest: u32,
        wanted: Wanted,
    ) {
        let [first, second] = windows.map(|window| window.post);
        let columns = self.every.list.len();
        self.distances.clear();
        self.distances.resize(columns, 0);
        first.iter().zip(second).for_each(|(a, b)| kernels::add_distances(a, b, &mut self.distances));
        // A difference is at most the row's activity times the distance, rounded up once more.
        let far = (u128::from(wanted.least - 1) << shift).div_ceil(u128::from(largest.max(1))).max(1);
        let far = u64::try_from(far).unwrap_or(u64::MAX);
        let distances = (first.len() == second.len()).then_some(&self.distances[..]);
        match (distances, wanted.chunks) {
            (None, _) => self.some.list_all(columns),
            (Some(distances), true) => {
                let chunks = distances.chunks(LANES).map(|some| some.iter().any(|&distance| distance >= far));
                self.some.list_chunks(chunks, columns);
            }
            (Some(distances), false) => self.some.list_single(distances.iter().map(|&d| d >= far)),
        }
        // Taking columns apart and putting them back costs more than a few idle ones.
        if 4 * self.some.list.len() >= 3 * columns {
            self.some.clone_from(&self.every);
        } else {
            self.some.fill(windows, self.steps);
        }
    }

    /// The next rows of [`Comparison::awake`], from `first` on, that go through the same columns, up to about
    /// `cells` cells.
    pub fn together(&self, first: usize, cells: usize) -> (Range<usize>, &Columns) {
        let dense = self.some.list.len() == self.every.list.len();
        let moves = self.moves.get(first).is_none_or(|&moves| moves);
        let columns = if moves { &self.every } else { &self.some };
        let most = (cells / columns.list.len().max(1)).max(1);
        let rows = self.moves[first..].iter().take(most);
        let alike = rows.take_while(|&&other| dense || other == moves).count();
        (first..first + alike, columns)
    }

    /// Can rows go through a sweep?
    pub fn sweeps(&self) -> bool {
        self.words.is_some()
    }

    /// The ends of a difference.
    pub fn limits(&self) -> (i64, i64) {
        self.limits
    }

    /// Both latches as a sweep of some of the rows of [`Comparison::awake`] through `columns` sees them.
    pub fn sides<'a>(&'a self, awake: &Range<usize>, columns: &'a Columns) -> [Side<'a>; 2] {
        let Some(words) = self.words else { unreachable!("the caller has asked `sweeps`") };
        [0, 1].map(|slot| Side {
            steps: self.steps[slot],
            pre: &self.pre[slot][awake.start * self.steps[slot]..awake.end * self.steps[slot]],
            post: &columns.post[slot],
            reach: columns.reach[slot],
            word: words[slot],
        })
    }
}
