//! Which synapses there are: rows of entries, sorted by delay and target.

use equipoise_base::{Delay, Number, Shape};
use std::ops::Range;
use thiserror::Error;

/// One synapse of an edge list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge<N> {
    /// Presynaptic line: the row.
    pub source: u32,
    /// Postsynaptic neuron: the column.
    pub target: u32,
    /// Weight.
    pub weight: N,
    /// Delay in steps; one is "no extra delay".
    pub delay: Delay,
}

/// A table that cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TableError {
    /// An edge leaves the table.
    #[error("edge {edge} goes from {origin} to {target}, but there are {rows} sources and {columns} targets")]
    OutOfRange {
        /// Its number in the list, from 0.
        edge: usize,
        /// Its source.
        origin: u32,
        /// Its target.
        target: u32,
        /// Rows of the table.
        rows: usize,
        /// Columns of the table.
        columns: usize,
    },
    /// More than 2^32 - 1 entries, or a delay memory of more than 2^32 words.
    #[error("{what} needs {words} words, accepted: up to {limit}", limit = u32::MAX)]
    TooLarge {
        /// The table or its delay memory.
        what: &'static str,
        /// How many words it would need.
        words: u128,
    },
}

/// The entries of one row that share a delay, sorted by target.
#[derive(Clone, Copy, Debug)]
struct Run {
    first: u32,
    delay: Delay,
    /// True where each target is one more than the one before.
    consecutive: bool,
}

/// A run as the kernels walk it.
pub(crate) struct RunView {
    /// The run's entries.
    pub(crate) entries: Range<usize>,
    /// Delay less one: how many slots away in a ring.
    pub(crate) extra_delay: usize,
    /// True where each target is one more than the one before.
    pub(crate) consecutive: bool,
}

/// Where every entry belongs: compressed rows, and runs of equal delay inside the rows.
#[derive(Clone, Debug)]
pub(crate) struct Wiring {
    pub(crate) shape: Shape,
    /// The target of every entry.
    pub(crate) targets: Vec<u32>,
    /// True for the one entry that stands for its (source, target) pair: parallel synapses follow it.
    first_of_pair: Vec<bool>,
    /// The first entry of every row, and the end.
    row_entries: Vec<u32>,
    /// The first run of every row, and the end.
    row_runs: Vec<u32>,
    /// All runs, and one that marks the end.
    runs: Vec<Run>,
    /// The longest delay in steps.
    pub(crate) max_delay: usize,
    /// Most entries with the same target, or the same source.
    pub(crate) max_fan: usize,
}

impl Wiring {
    /// Sorts `edges` into rows; returns the wiring and the weights in the order of its entries.
    pub(crate) fn from_edges<N: Number>(
        shape: Shape,
        edges: &[Edge<N>],
    ) -> Result<(Self, Vec<N>), TableError> {
        u32::try_from(edges.len())
            .map_err(|_| TableError::TooLarge { what: "the table", words: edges.len() as u128 })?;
        let outside = |e: &Edge<N>| e.source as usize >= shape.rows || e.target as usize >= shape.columns;
        if let Some(edge) = edges.iter().position(outside) {
            let Edge { source: origin, target, .. } = edges[edge];
            return Err(TableError::OutOfRange {
                edge,
                origin,
                target,
                rows: shape.rows,
                columns: shape.columns,
            });
        }
        let order = in_rows(shape.rows, edges);
        let sorted: Vec<&Edge<N>> = order.iter().map(|&at| &edges[at as usize]).collect();
        Ok((Self::from_sorted(shape, &sorted), sorted.iter().map(|edge| edge.weight).collect()))
    }

    fn from_sorted<N: Number>(shape: Shape, sorted: &[&Edge<N>]) -> Self {
        let mut wiring = Self {
            shape,
            targets: sorted.iter().map(|edge| edge.target).collect(),
            first_of_pair: Vec::with_capacity(sorted.len()),
            row_entries: Vec::with_capacity(shape.rows + 1),
            row_runs: Vec::with_capacity(shape.rows + 1),
            runs: Vec::new(),
            max_delay: sorted.iter().map(|edge| edge.delay.steps() as usize).max().unwrap_or(1),
            max_fan: 0,
        };
        // The last row that had an entry for this target tells a first entry from a parallel one.
        let mut last_row = vec![usize::MAX; shape.columns];
        let mut fan_in = vec![0_usize; shape.columns];
        let mut rest = sorted;
        for row in 0..shape.rows {
            let length = rest.iter().take_while(|edge| edge.source as usize == row).count();
            let (entries, others) = rest.split_at(length);
            let mut first = sorted.len() - rest.len();
            wiring.start_row(first);
            for run in entries.chunk_by(|a, b| a.delay == b.delay) {
                let consecutive = run.windows(2).all(|pair| pair[0].target + 1 == pair[1].target);
                wiring.runs.push(Run { first: first as u32, delay: run[0].delay, consecutive });
                first += run.len();
            }
            for target in entries.iter().map(|edge| edge.target as usize) {
                wiring.first_of_pair.push(last_row[target] != row);
                last_row[target] = row;
                fan_in[target] += 1;
            }
            wiring.max_fan = wiring.max_fan.max(length);
            rest = others;
        }
        wiring.max_fan = fan_in.into_iter().fold(wiring.max_fan, usize::max);
        wiring.start_row(sorted.len());
        wiring.runs.push(Run { first: sorted.len() as u32, delay: Delay::ONE, consecutive: false });
        wiring
    }

    fn start_row(&mut self, first_entry: usize) {
        self.row_entries.push(first_entry as u32);
        self.row_runs.push(self.runs.len() as u32);
    }

    /// How many entries the table has.
    pub(crate) fn entries(&self) -> usize {
        self.targets.len()
    }

    /// True where every row holds every column once, with one delay: no addresses need to be stored.
    pub(crate) fn is_dense(&self) -> bool {
        let Shape { rows, columns } = self.shape;
        let one_run = |run: &Run| run.consecutive && run.delay.steps() as usize == self.max_delay;
        self.entries() == rows * columns
            && self.runs.len() == rows + 1
            && self.runs[..rows].iter().all(one_run)
            && (0..rows).all(|row| self.row(row).len() == columns)
    }

    /// The entries of `row`.
    pub(crate) fn row(&self, row: usize) -> Range<usize> {
        self.row_entries[row] as usize..self.row_entries[row + 1] as usize
    }

    /// The runs of `row`, shortest delay first.
    #[inline]
    pub(crate) fn runs(&self, row: usize) -> impl Iterator<Item = RunView> + '_ {
        let range = self.row_runs[row] as usize..self.row_runs[row + 1] as usize + 1;
        self.runs[range].windows(2).map(|pair| RunView {
            entries: pair[0].first as usize..pair[1].first as usize,
            extra_delay: pair[0].delay.steps() as usize - 1,
            consecutive: pair[0].consecutive,
        })
    }

    /// The entries of `row` that stand for their (source, target) pair: entry and column.
    pub(crate) fn addresses(&self, row: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.row(row)
            .filter(|&entry| self.first_of_pair[entry])
            .map(|entry| (entry, self.targets[entry] as usize))
    }
}

/// The positions of `edges`, rows one after the other, sorted by delay and target inside a row; parallel synapses
/// of equal delay keep the order of the list. Counting finds the rows, so that the time is linear in the edges.
fn in_rows<N>(rows: usize, edges: &[Edge<N>]) -> Vec<u32> {
    let mut ends = vec![0_u32; rows + 1];
    edges.iter().for_each(|edge| ends[edge.source as usize + 1] += 1);
    (0..rows).for_each(|row| ends[row + 1] += ends[row]);
    // The start of every row moves to its end while the row is filled.
    let mut order = vec![0_u32; edges.len()];
    for (at, edge) in edges.iter().enumerate() {
        let next = &mut ends[edge.source as usize];
        order[*next as usize] = at as u32;
        *next += 1;
    }
    let mut first = 0;
    for &end in &ends[..rows] {
        let row = &mut order[first..end as usize];
        row.sort_by_key(|&at| (edges[at as usize].delay, edges[at as usize].target));
        first = end as usize;
    }
    order
}
