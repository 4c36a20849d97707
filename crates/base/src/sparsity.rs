//! Which cells of a matrix of synapses hold one, where not all do.

/// The sparsity pattern of a matrix, by compressed rows: memory grows with the synapses, not with the matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sparsity {
    /// The rows that have synapses, ascending.
    rows: Vec<u32>,
    /// Where the columns of each of these rows begin, and the end.
    starts: Vec<u32>,
    /// The columns, ascending in each row.
    columns: Vec<u32>,
}

impl Sparsity {
    /// The pattern of `cells` (row, column), fewer than 2^32 in any order; some may be named twice.
    #[must_use]
    pub fn of(cells: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut cells: Vec<u64> =
            cells.map(|(row, column)| u64::from(row) << 32 | u64::from(column)).collect();
        cells.sort_unstable();
        cells.dedup();
        let (mut rows, mut starts) = (Vec::new(), Vec::new());
        for (at, &cell) in cells.iter().enumerate() {
            let row = (cell >> 32) as u32;
            if rows.last() != Some(&row) {
                rows.push(row);
                starts.push(at as u32);
            }
        }
        starts.push(cells.len() as u32);
        Self { rows, starts, columns: cells.into_iter().map(|cell| cell as u32).collect() }
    }

    /// How many cells hold a synapse.
    #[must_use]
    pub fn count(&self) -> usize {
        self.columns.len()
    }

    /// The columns in which `row` has synapses, ascending.
    #[must_use]
    pub fn row(&self, row: usize) -> &[u32] {
        match self.rows.binary_search(&(row as u32)) {
            Ok(at) => &self.columns[self.starts[at] as usize..self.starts[at + 1] as usize],
            Err(_) => &[],
        }
    }

    /// Does the cell hold a synapse?
    #[must_use]
    pub fn contains(&self, row: usize, column: usize) -> bool {
        self.row(row).binary_search(&(column as u32)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_holds_each_cell_that_it_was_given_once() {
        let cells = [(7, 3), (0, 5), (7, 3), (7, 0), (2, 4_000_000_000)];
        let pattern = Sparsity::of(cells.into_iter());
        assert_eq!(pattern.count(), 4);
        assert_eq!((pattern.row(7), pattern.row(1), pattern.row(8)), (&[0, 3][..], &[][..], &[][..]));
        for (row, column) in cells {
            assert!(pattern.contains(row as usize, column as usize), "{row}, {column}");
        }
        assert!(!pattern.contains(0, 3) && !pattern.contains(7, 5));
        assert!(Sparsity::of(std::iter::empty()).row(0).is_empty());
    }
}
