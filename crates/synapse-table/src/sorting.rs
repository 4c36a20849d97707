//! From a list of edges to rows: counted once, placed once, and sorted row by row.

use crate::rows::Rows;
use crate::wiring::{Edge, TableError};
use equipoise_base::{Number, Shape};

/// What a first walk over the edges finds.
pub(crate) struct Census {
    shape: Shape,
    /// Entries of each row.
    rows: Vec<u32>,
    /// Most entries of a column.
    most_of_a_column: u32,
    /// The longest delay in steps.
    pub(crate) max_delay: usize,
}

/// Entries in rows, sorted by delay and target inside a row; parallel synapses of equal delay keep the order of the
/// list.
pub(crate) struct Sorted<N> {
    pub rows: Rows,
    /// The first entry of every row with entries, and the end.
    pub row_entries: Vec<u32>,
    /// By entry: its target, and one turn of all columns for each step of extra delay.
    pub places: Vec<u32>,
    /// By entry.
    pub weights: Vec<N>,
}

impl Census {
    /// Counts `edges`.
    ///
    /// # Errors
    /// If an edge leaves the table, or the table or its delay memory is too large.
    pub(crate) fn of<W>(shape: Shape, edges: impl Iterator<Item = Edge<W>>) -> Result<Self, TableError> {
        let (mut rows, mut columns) = (vec![0_u32; shape.rows], vec![0_u32; shape.columns]);
        let (mut count, mut max_delay) = (0_usize, 1);
        for (edge, Edge { source: origin, target, delay, .. }) in edges.enumerate() {
            let (Some(row), Some(column)) = (rows.get_mut(origin as usize), columns.get_mut(target as usize))
            else {
                let Shape { rows, columns } = shape;
                return Err(TableError::OutOfRange { edge, origin, target, rows, columns });
            };
            *row += 1;
            *column += 1;
            count += 1;
            max_delay = max_delay.max(delay.steps() as usize);
        }
        let words = shape.rows.max(shape.columns) as u128 * max_delay as u128;
        for (what, words) in [("the table", count as u128), ("the delay memory", words)] {
            if words > u128::from(u32::MAX) {
                return Err(TableError::TooLarge { what, words });
            }
        }
        let most_of_a_column = columns.into_iter().max().unwrap_or(0);
        Ok(Self { shape, rows, most_of_a_column, max_delay })
    }

    /// Most entries with the same target, or the same source.
    pub(crate) fn max_fan(&self) -> usize {
        self.rows.iter().copied().fold(self.most_of_a_column, u32::max) as usize
    }

    /// Puts the edges that were counted into rows, with the weights that `stored` makes of theirs.
    pub(crate) fn sort<W, N: Number>(
        self,
        edges: impl Iterator<Item = Edge<W>>,
        stored: impl Fn(W) -> N,
    ) -> Sorted<N> {
        let Self { shape, rows: mut next, .. } = self;
        let rows = Rows::with_entries(&next);
        // A row's number of entries gives way to the place of its next one.
        let mut row_entries = Vec::with_capacity(rows.count() + 1);
        let mut end = 0;
        for row in rows.iter() {
            row_entries.push(end);
            end += std::mem::replace(&mut next[row], end);
        }
        row_entries.push(end);
        let mut entries = vec![(0_u32, N::ZERO); end as usize];
        for Edge { source, target, weight, delay } in edges {
            let next = &mut next[source as usize];
            entries[*next as usize] = ((delay.steps() - 1) * shape.columns as u32 + target, stored(weight));
            *next += 1;
        }
        for ends in row_entries.windows(2) {
            entries[ends[0] as usize..ends[1] as usize].sort_by_key(|&(place, _)| place);
        }
        Sorted {
            rows,
            row_entries,
            places: entries.iter().map(|&(place, _)| place).collect(),
            weights: entries.iter().map(|&(_, weight)| weight).collect(),
        }
    }
}
