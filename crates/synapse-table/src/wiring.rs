//! Which synapses there are: rows of entries, sorted by delay and target.

use crate::params::Carried;
use crate::rows::Rows;
use crate::sorting::{Census, Sorted};
use equipoise_base::{Delay, Number, Shape, SpikeSet};
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
    /// Delay less one.
    extra_delay: u32,
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

/// Where every entry belongs: compressed rows, and inside the rows, sorted by delay and target, either runs of equal
/// delay (held values) or places in the memory of pending drives (spikes).
#[derive(Clone, Debug)]
pub(crate) struct Wiring {
    pub(crate) shape: Shape,
    /// The rows that have entries.
    pub(crate) rows: Rows,
    /// The place of every entry. With held values its target; with spikes the number of its word in the memory of
    /// pending drives, counted from the present step: its target, and one turn of all columns for each step of
    /// extra delay.
    pub(crate) places: Vec<u32>,
    /// The entries that stand for their (source, target) pair: parallel synapses follow them.
    first_of_pair: SpikeSet,
    /// The first entry of every row that has entries, and the end.
    row_entries: Vec<u32>,
    /// The first run of every row that has entries, and the end; empty with spikes.
    row_runs: Vec<u32>,
    /// All runs, and one that marks the end; empty with spikes.
    runs: Vec<Run>,
    /// The longest delay in steps.
    pub(crate) max_delay: usize,
    /// Most entries with the same target, or the same source.
    pub(crate) max_fan: usize,
    /// True where every row holds every column once, with one delay: no addresses need to be stored.
    pub(crate) is_dense: bool,
}

impl Wiring {
    /// Sorts `edges` into rows; returns the wiring and the weights in the order of its entries.
    /// `stored` is called once for each weight.
    pub(crate) fn from_edges<W, N: Number>(
        shape: Shape,
        edges: impl Iterator<Item = Edge<W>> + Clone,
        stored: impl Fn(W) -> N,
        carried: Carried,
    ) -> Result<(Self, Vec<N>), TableError> {
        let census = Census::of(shape, edges.clone())?;
        let (max_delay, fan) = (census.max_delay, census.max_fan());
        let Sorted { rows, row_entries, places, weights } = census.sort(edges, stored);
        let mut wiring = Self {
            shape,
            first_of_pair: SpikeSet::new(places.len()),
            rows,
            row_entries,
            row_runs: Vec::new(),
            runs: Vec::new(),
            max_delay,
            max_fan: fan,
            is_dense: false,
            places,
        };
        wiring.is_dense = wiring.holds_every_pair();
        wiring.mark_pairs();
        if matches!(carried, Carried::Held { .. }) {
            wiring.cut_runs();
        }
        Ok((wiring, weights))
    }

    fn holds_every_pair(&self) -> bool {
        let Shape { rows, columns } = self.shape;
        let first = (self.max_delay - 1) * columns;
        let all = |row| self.places[self.entries_of(row)].iter().map(|&place| place as usize);
        self.entries() == rows * columns
            && (0..self.rows.count()).all(|row| all(row).eq(first..first + columns))
    }

    /// Tells the first entry of a (source, target) pair from parallel ones.
    fn mark_pairs(&mut self) {
        let mut last_row = vec![u32::MAX; self.shape.columns];
        for row in 0..self.rows.count() {
            let entries = self.entries_of(row);
            for (entry, target) in entries.clone().zip(targets(&self.places[entries], self.shape.columns)) {
                if std::mem::replace(&mut last_row[target], row as u32) != row as u32 {
                    self.first_of_pair.insert(entry);
                }
            }
        }
    }

    /// Finds the runs of equal delay; what is left of a place is its target.
    fn cut_runs(&mut self) {
        let columns = self.shape.columns.max(1) as u32;
        self.row_runs.reserve(self.rows.count() + 1);
        for row in 0..self.rows.count() {
            self.row_runs.push(self.runs.len() as u32);
            let entries = self.entries_of(row);
            let mut first = entries.start;
            for run in self.places[entries].chunk_by_mut(|a, b| *a / columns == *b / columns) {
                let extra = run[0] / columns;
                let consecutive = run.windows(2).all(|pair| pair[0] + 1 == pair[1]);
                run.iter_mut().for_each(|place| *place -= extra * columns);
                self.runs.push(Run { first: first as u32, extra_delay: extra, consecutive });
                first += run.len();
            }
        }
        self.row_runs.push(self.runs.len() as u32);
        self.runs.push(Run { first: self.entries() as u32, extra_delay: 0, consecutive: false });
    }

    /// How many entries the table has.
    pub(crate) fn entries(&self) -> usize {
        self.places.len()
    }

    /// Where the row that is number `row` of those with entries begins and ends, as it is stored.
    #[inline]
    pub(crate) fn pointers(&self, row: usize) -> Range<u32> {
        self.row_entries[row]..self.row_entries[row + 1]
    }

    /// The entries of the row that is number `row` of those with entries.
    #[inline]
    pub(crate) fn entries_of(&self, row: usize) -> Range<usize> {
        let Range { start, end } = self.pointers(row);
        start as usize..end as usize
    }

    /// The entries of `row`.
    fn row(&self, row: usize) -> Range<usize> {
        self.rows.number(row).map_or(0..0, |number| self.entries_of(number))
    }

    /// The extra delay of the slowest entry of `row`, if it has any.
    pub(crate) fn longest_extra(&self, row: usize) -> Option<u32> {
        let number = self.rows.number(row)?;
        match self.row_runs.get(number + 1) {
            Some(&end) => Some(self.runs[end as usize - 1].extra_delay),
            // Places ascend with the delay.
            None => {
                self.places[self.entries_of(number)].last().map(|place| place / self.shape.columns as u32)
            }
        }
    }

    /// How many entries and runs `row` has; runs are not known with spikes.
    pub(crate) fn lengths(&self, row: usize) -> (usize, usize) {
        self.rows.number(row).map_or((0, 0), |number| self.lengths_of(number))
    }

    /// The same for the row that is number `row` of those with entries.
    pub(crate) fn lengths_of(&self, row: usize) -> (usize, usize) {
        let runs = self.row_runs.get(row..row + 2).map_or(0, |ends| (ends[1] - ends[0]) as usize);
        (self.entries_of(row).len(), runs)
    }

    /// The runs of the row that is number `row` of those with entries, shortest delay first.
    #[inline]
    pub(crate) fn runs_of(&self, row: usize) -> impl Iterator<Item = RunView> + '_ {
        let range = self.row_runs[row] as usize..self.row_runs[row + 1] as usize + 1;
        self.runs[range].windows(2).map(|pair| RunView {
            entries: pair[0].first as usize..pair[1].first as usize,
            extra_delay: pair[0].extra_delay as usize,
            consecutive: pair[0].consecutive,
        })
    }

    /// Calls `visit` with every entry of `row`, its extra delay and its column.
    pub(crate) fn visit(&self, row: usize, mut visit: impl FnMut(usize, usize, usize)) {
        let Some(number) = self.rows.number(row) else { return };
        if self.row_runs.is_empty() {
            let entries = self.entries_of(number);
            let slots = slots(&self.places[entries.clone()], self.shape.columns);
            entries.zip(slots).for_each(|(entry, (extra, column))| visit(entry, extra, column));
        } else {
            for run in self.runs_of(number) {
                run.entries.for_each(|entry| visit(entry, run.extra_delay, self.places[entry] as usize));
            }
        }
    }

    /// The entries of `row`: entry and column.
    pub(crate) fn targets(&self, row: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        let entries = self.row(row);
        entries.clone().zip(targets(&self.places[entries], self.shape.columns))
    }

    /// The entries of `row` that stand for their (source, target) pair: entry and column.
    pub(crate) fn addresses(&self, row: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.targets(row).filter(|&(entry, _)| self.first_of_pair.contains(entry))
    }
}

/// The targets of a row's places, which ascend with the delay.
fn targets(places: &[u32], columns: usize) -> impl Iterator<Item = usize> + '_ {
    slots(places, columns).map(|(_, target)| target)
}

/// The extra delays and the targets of a row's places. Delays ascend, so that nothing needs to be divided.
#[inline]
pub(crate) fn slots(places: &[u32], columns: usize) -> impl Iterator<Item = (usize, usize)> + '_ {
    let (mut extra, mut first) = (0, 0);
    places.iter().map(move |&place| {
        while place as usize >= first + columns {
            (extra, first) = (extra + 1, first + columns);
        }
        (extra, place as usize - first)
    })
}
