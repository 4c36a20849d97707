//! The two latches of a block side by side, prepared once per update.
//!
//! Where a line and a neuron did the same in both compared phases, their two latched words are the same and
//! the difference is zero. Inputs are clamped, and of the neurons most rest at an end of their range: so most
//! differences are zero, and which ones is known before any product is formed. Where fractions of a pulse are
//! rounded to nearest, columns whose differences are too small for a pulse are known as well.

use crate::correlations::{Correlations, Slot, Windows};
use crate::kernels::{self, Word};
use crate::sweep::{LANES, Side};
use equipoise_base::Number;

/// What a row of differences can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowKind {
    /// Silent in both phases: no difference at all.
    Silent,
    /// The same in both phases: only moving columns differ.
    Same,
    /// Any column may differ.
    Moving,
}

/// Which columns of rows of kind [`RowKind::Same`] must be looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    /// Differences smaller than this do nothing; at least one.
    pub least: u64,
    /// Whole chunks of columns instead of single ones, for what lies side by side in a row.
    pub chunks: bool,
}

/// Columns of a block and what both latches hold of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// The columns, ascending.
    pub list: Vec<u32>,
    /// The chunks that they fill, where whole chunks are wanted.
    pub chunks: Vec<u32>,
    /// Their activities, step after step, each in whole chunks with zeros at the end.
    post: [Vec<i64>; 2],
    /// The largest size of any of those.
    reach: [i64; 2],
}

/// The compared windows, and how they are gone through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comparison {
    rows: Vec<RowKind>,
    /// The columns that must be looked at in rows that are the same in both phases, and all columns.
    some: Columns,
    every: Columns,
    /// Are the rows of a window all the same? Then the sum of its columns is one step.
    steady: bool,
    /// The latches' words; `None` where products need 128 bits, or differences more than 32.
    words: Option<[Word; 2]>,
    /// The ends of a difference.
    limits: (i64, i64),
    /// Scratch: bits of lines, and distances.
    bits: [Vec<u32>; 3],
    distances: Vec<u64>,
}

impl Comparison {
    /// Prepares the rows and columns of `latches`.
    pub fn prepare<N: Number>(&mut self, latches: &Correlations<N>, wanted: Wanted) {
        let windows = [Slot::First, Slot::Second].map(|slot| latches.windows(slot));
        let largest = self.prepare_rows(&windows);
        self.words = latches.words();
        self.limits = latches.limits();
        let Some([word, _]) = self.words else { return };
        self.every.chunks.clear();
        self.every.list.clear();
        let columns = windows[0].post.first().or(windows[1].post.first()).map_or(0, Vec::len) as u32;
        self.every.list.extend(0..columns);
        self.every.chunks.extend(0..columns.div_ceil(LANES as u32));
        self.every.fill(&windows, self.steady);
        if !self.is_narrow(&windows, largest) {
            self.words = None;
            return;
        }
        self.list_columns(&windows, word.shift, largest, wanted);
    }

    /// Finds out what each row can be; returns the largest size of an activity.
    fn prepare_rows<N: Number>(&mut self, windows: &[Windows<'_, N>; 2]) -> u32 {
        let [first, second] = windows.map(|window| window.pre);
        let lines = first.first().or(second.first()).map_or(0, Vec::len);
        let [set, differ, wander] = &mut self.bits;
        for bits in [&mut *set, &mut *wander] {
            bits.clear();
            bits.resize(lines, 0);
        }
        // Windows that are not equally long differ.
        differ.clear();
        differ.resize(lines, if first.len() == second.len() { 0 } else { u32::MAX });
        first.iter().chain(second).for_each(|step| kernels::add_set_bits(step, set));
        first.iter().zip(second).for_each(|(a, b)| kernels::add_different_bits(a, b, differ));
        for window in [first, second] {
            window.iter().skip(1).for_each(|step| kernels::add_different_bits(&window[0], step, wander));
        }
        self.steady = wander.iter().all(|&bits| bits == 0);
        self.rows.clear();
        self.rows.extend(set.iter().zip(&*differ).map(|(&set, &differ)| match (set, differ) {
            (0, _) => RowKind::Silent,
            (_, 0) => RowKind::Same,
            _ => RowKind::Moving,
        }));
        first.iter().chain(second).map(|step| kernels::largest(step)).max().unwrap_or(0)
    }

    /// True if sums of products stay below 2^62 and differences within 32 bits, with room for one more.
    fn is_narrow<N: Number>(&self, windows: &[Windows<'_, N>; 2], largest: u32) -> bool {
        let Some(words) = self.words else { return false };
        let mut difference = 0;
        for (slot, word) in words.iter().enumerate() {
            let steps = if self.steady { 1 } else { windows[slot].pre.len() };
            let sum = i128::from(largest) * self.every.reach[slot] as i128 * steps as i128;
            if sum >= 1 << 62 || self.every.reach[slot] > i64::from(i32::MAX) {
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
        let Columns { list, chunks, .. } = &mut self.some;
        list.clear();
        chunks.clear();
        self.distances.clear();
        self.distances.resize(columns, 0);
        first.iter().zip(second).for_each(|(a, b)| kernels::add_distances(a, b, &mut self.distances));
        // A difference is at most the row's activity times the distance, rounded up once more.
        let nearer = (u128::from(wanted.least - 1) << shift).div_ceil(u128::from(largest.max(1))).max(1);
        let nearer = u64::try_from(nearer).unwrap_or(u64::MAX);
        if first.len() != second.len() {
            list.extend(0..columns as u32);
        } else if wanted.chunks {
            for (chunk, distances) in (0_u32..).zip(self.distances.chunks(LANES)) {
                if distances.iter().any(|&distance| distance >= nearer) {
                    let first = chunk * LANES as u32;
                    chunks.push(chunk);
                    list.extend(first..first + distances.len() as u32);
                }
            }
        } else {
            let far = (0_u32..).zip(&self.distances).filter(|(_, distance)| **distance >= nearer);
            list.extend(far.map(|(column, _)| column));
        }
        // Taking columns apart and putting them back costs more than a few idle ones.
        if 4 * list.len() >= 3 * columns {
            self.some.clone_from(&self.every);
        } else {
            self.some.fill(windows, self.steady);
        }
    }

    /// What the differences of `row` can be.
    pub fn kind(&self, row: usize) -> RowKind {
        self.rows.get(row).copied().unwrap_or(RowKind::Silent)
    }

    /// The columns that must be looked at in rows of `kind`.
    pub fn columns(&self, kind: RowKind) -> &Columns {
        if kind == RowKind::Same { &self.some } else { &self.every }
    }

    /// True if rows that are the same in both phases go through all columns as other rows do.
    pub fn is_dense(&self) -> bool {
        self.some.list.len() == self.every.list.len()
    }

    /// Can rows go through a sweep?
    pub fn sweeps(&self) -> bool {
        self.words.is_some()
    }

    /// The ends of a difference.
    pub fn limits(&self) -> (i64, i64) {
        self.limits
    }

    /// Adds the activities of `row` in each latch to `pre`.
    pub fn take_row<N: Number>(&self, latches: &Correlations<N>, row: usize, pre: &mut [Vec<i32>; 2]) {
        for (slot, pre) in [Slot::First, Slot::Second].into_iter().zip(pre) {
            let steps = latches.windows(slot).pre;
            let seen = if self.steady { steps.len().min(1) } else { steps.len() };
            pre.extend(steps[..seen].iter().map(|step| step[row].raw() as i32));
        }
    }

    /// Both latches as a sweep through `columns` sees them, for rows whose activities are `pre`.
    pub fn sides<'a>(&'a self, columns: &'a Columns, pre: &'a [Vec<i32>; 2]) -> [Side<'a>; 2] {
        let Some(words) = self.words else { unreachable!("the caller has asked `sweeps`") };
        [0, 1].map(|slot| Side {
            pre: &pre[slot],
            post: &columns.post[slot],
            reach: columns.reach[slot],
            word: words[slot],
        })
    }
}

impl Columns {
    /// Takes the activities of the listed columns, added up over the window where rows are `steady`.
    fn fill<N: Number>(&mut self, windows: &[Windows<'_, N>; 2], steady: bool) {
        let width = self.list.len().next_multiple_of(LANES);
        for ((window, post), reach) in windows.iter().zip(&mut self.post).zip(&mut self.reach) {
            post.clear();
            post.resize(if steady { window.post.len().min(1) } else { window.post.len() } * width, 0);
            for (step, values) in window.post.iter().enumerate() {
                let post = &mut post[if steady { 0 } else { step * width }..][..self.list.len()];
                if self.list.len() == values.len() {
                    kernels::add_words(values, post);
                } else {
                    for (post, &column) in post.iter_mut().zip(&self.list) {
                        *post += values[column as usize].raw();
                    }
                }
            }
            *reach = post.iter().fold(0, |reach, y| y.abs().max(reach));
        }
    }
}
