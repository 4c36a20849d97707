//! The two latches of a block side by side, prepared once per update.
//!
//! Where a line and a neuron did the same in both compared phases, their two latched words are the same and
//! the difference is zero. Inputs are clamped, and of the neurons most rest at an end of their range: so most
//! differences are zero, and which ones is known before any product is formed.

use crate::correlations::{Correlations, Slot};
use crate::kernels::{
    Side, Span, Word, add_different_bits, add_row_products, add_set_bits, differences, subtract_words,
};
use crate::pulses::Columns;
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

/// The compared windows as plain integers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Comparison {
    rows: Vec<RowKind>,
    /// Columns whose activities are not the same in both phases, ascending.
    moving: Columns,
    /// Activities of all columns and of the moving ones, step after step, of each latch.
    all: [Vec<i32>; 2],
    some: [Vec<i32>; 2],
    /// The latches' words; `None` where products need 128 bits.
    words: Option<[Word; 2]>,
    /// The ends of a difference.
    limits: (i64, i64),
    /// Activities of the rows, step by step for one row after the other, of each latch.
    pre: [Vec<i32>; 2],
    spare: Vec<i64>,
    /// All columns.
    every: Columns,
    /// Scratch: the activity of some rows in one step.
    driving: Vec<i32>,
}

impl Comparison {
    /// Prepares the rows and columns of `latches`.
    pub fn prepare<N: Number>(&mut self, latches: &Correlations<N>) {
        let [first, second] = [Slot::First, Slot::Second].map(|slot| latches.windows(slot));
        self.rows.clear();
        self.rows.extend(bits(first.pre, second.pre).map(|(any, differ)| match (any, differ) {
            (0, _) => RowKind::Silent,
            (_, 0) => RowKind::Same,
            _ => RowKind::Moving,
        }));
        let columns = bits(first.post, second.post).zip(0..);
        self.moving.set(columns.filter(|((_, differ), _)| *differ != 0).map(|(_, column)| column));
        let count = first.post.first().or(second.post.first()).map_or(0, Vec::len) as u32;
        if self.every.list.len() != count as usize {
            self.every.set(0..count);
        }
        self.words = latches.words();
        self.limits = latches.limits();
        for (slot, pre) in [first.pre, second.pre].into_iter().enumerate() {
            self.pre[slot].resize(pre.len() * self.rows.len(), 0);
            for (step, values) in pre.iter().enumerate() {
                let slots = self.pre[slot][step..].iter_mut().step_by(pre.len());
                slots.zip(values).for_each(|(slot, value)| *slot = value.raw() as i32);
            }
        }
        for (slot, post) in [first.post, second.post].into_iter().enumerate() {
            let (all, some) = (&mut self.all[slot], &mut self.some[slot]);
            all.clear();
            some.clear();
            if self.words.is_none() {
                continue;
            }
            for step in post {
                all.extend(step.iter().map(|y| y.raw() as i32));
                some.extend(self.moving.list.iter().map(|&column| step[column as usize].raw() as i32));
            }
        }
    }

    /// What the differences of `row` can be.
    pub fn kind(&self, row: usize) -> RowKind {
        self.rows.get(row).copied().unwrap_or(RowKind::Silent)
    }

    /// The columns that differ in rows of kind [`RowKind::Same`].
    pub fn moving(&self) -> &Columns {
        &self.moving
    }

    /// All columns.
    pub fn every(&self) -> &Columns {
        &self.every
    }

    /// Can [`Comparison::row`] be asked?
    pub fn is_narrow(&self) -> bool {
        self.words.is_some()
    }

    /// Writes the differences of `row`, of all columns or of the moving ones (as `out` is long).
    pub fn row(&mut self, row: usize, only_moving: bool, out: &mut [i64]) -> Span {
        let Some([first, second]) = self.words else { unreachable!("the caller has asked `is_narrow`") };
        let posts = if only_moving { &self.some } else { &self.all };
        self.spare.resize(out.len(), 0);
        let pre = |slot: usize| {
            let steps = self.pre[slot].len() / self.rows.len();
            &self.pre[slot][row * steps..][..steps]
        };
        let sides = [
            Side { pre: pre(0), post: &posts[0], word: first },
            Side { pre: pre(1), post: &posts[1], word: second },
        ];
        differences(sides, self.limits, &mut self.spare, out)
    }
}

impl Comparison {
    /// Writes the differences of all or of the moving columns of `rows` to `out`, row by row.
    pub fn rows(&mut self, rows: &[usize], only_moving: bool, out: &mut Vec<i64>) -> Span {
        let Some(words) = self.words else { unreachable!("the caller has asked `is_narrow`") };
        let (posts, columns) =
            if only_moving { (&self.some, &self.moving) } else { (&self.all, &self.every) };
        let columns = columns.list.len();
        if columns == 0 {
            return Span::Zero;
        }
        for sums in [&mut *out, &mut self.spare] {
            sums.clear();
            sums.resize(rows.len() * columns, 0);
        }
        for (sums, (pre, post)) in [&mut out[..], &mut self.spare].into_iter().zip(self.pre.iter().zip(posts))
        {
            let steps = pre.len() / self.rows.len();
            for (step, post) in post.chunks_exact(columns).enumerate() {
                self.driving.clear();
                self.driving.extend(rows.iter().map(|&row| pre[row * steps + step]));
                add_row_products(&self.driving, post, sums);
            }
        }
        subtract_words(words, self.limits, &self.spare, out)
    }
}

/// For every line: the bits set in any step of either window, and those that differ between equal steps of
/// the two (all bits, where the windows are not equally long).
fn bits<N: Number>(first: &[Vec<N>], second: &[Vec<N>]) -> impl Iterator<Item = (i64, i64)> {
    let lines = first.first().or(second.first()).map_or(0, Vec::len);
    let mut set = vec![0; lines];
    let mut differ = vec![if first.len() == second.len() { 0 } else { -1 }; lines];
    first.iter().chain(second).for_each(|step| add_set_bits(step, &mut set));
    first.iter().zip(second).for_each(|(a, b)| add_different_bits(a, b, &mut differ));
    set.into_iter().zip(differ)
}
