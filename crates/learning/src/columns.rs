//! Columns of a block that a sweep goes through, and what both latches hold of them.

use crate::correlations::Windows;
use crate::kernels;
use crate::sweep::LANES;
use equipoise_base::Number;

/// Blocks of four draws in a chunk of columns.
const BLOCKS: u32 = LANES as u32 / 4;

/// Some columns of a block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Columns {
    /// The columns, ascending.
    pub list: Vec<u32>,
    /// Those that lie side by side: the first and how many, in whole chunks; and their blocks of four draws. Not for
    /// single columns.
    pub runs: Vec<(u32, u32)>,
    pub blocks: Vec<u32>,
    /// Their activities in each latch, step after step, each in whole chunks with zeros at the end.
    pub post: [Vec<i64>; 2],
    /// The largest size of any of those.
    pub reach: [i64; 2],
}

impl Columns {
    /// Columns in whole chunks.
    pub fn width(&self) -> usize {
        self.list.len().next_multiple_of(LANES)
    }

    /// Lists all of `columns`.
    pub fn list_all(&mut self, columns: usize) {
        if self.list.len() != columns {
            self.list_chunks((0..columns.div_ceil(LANES)).map(|_| true), columns);
        }
    }

    /// Lists those chunks of all `columns` that are `wanted`.
    pub fn list_chunks(&mut self, wanted: impl Iterator<Item = bool>, columns: usize) {
        self.list.clear();
        self.runs.clear();
        self.blocks.clear();
        for (chunk, _) in (0_u32..).zip(wanted).filter(|(_, wanted)| *wanted) {
            let first = chunk * LANES as u32;
            match self.runs.last_mut() {
                Some((from, count)) if *from + *count == first => *count += LANES as u32,
                _ => self.runs.push((first, LANES as u32)),
            }
            self.blocks.extend(chunk * BLOCKS..(chunk + 1) * BLOCKS);
            self.list.extend(first..(first + LANES as u32).min(columns as u32));
        }
    }

    /// Lists single columns, those that are `wanted`.
    pub fn list_single(&mut self, wanted: impl Iterator<Item = bool>) {
        self.list.clear();
        self.list.extend((0_u32..).zip(wanted).filter(|(_, wanted)| *wanted).map(|(column, _)| column));
    }

    /// Takes the activities of the listed columns, added up where the window is longer than `steps`.
    pub fn fill<N: Number>(&mut self, windows: &[Windows<'_, N>; 2], steps: [usize; 2]) {
        let width = self.width();
        for (slot, window) in windows.iter().enumerate() {
            let post = &mut self.post[slot];
            post.clear();
            post.resize(steps[slot] * width, 0);
            for (step, values) in window.post.iter().enumerate() {
                let step = step.min(steps[slot] - 1);
                let post = &mut post[step * width..][..self.list.len()];
                if self.list.len() == values.len() {
                    kernels::add_words(values, post);
                } else {
                    for (post, &column) in post.iter_mut().zip(&self.list) {
                        *post += values[column as usize].raw();
                    }
                }
            }
            self.reach[slot] = post.iter().fold(0, |reach, y| y.abs().max(reach));
        }
    }
}
