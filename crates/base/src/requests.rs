//! What an update asks of a store of synapses.

/// Rows of pulses may be padded with zeros to whole chunks of so many, for loops without remainders.
pub const CHUNK: usize = 16;

/// Pulses for some rows of a store, and of each row for the same columns: all of them, or those that are listed.
/// Cells that are not named have no request.
#[derive(Clone, Copy, Debug)]
pub struct Requests<'a> {
    /// The rows, ascending.
    pub rows: &'a [u32],
    /// The columns, ascending; `None` where all are meant.
    pub columns: Option<&'a [u32]>,
    /// Signed pulses, row by row, one number for each of the columns, and then zeros.
    pub pulses: &'a [i32],
    /// The numbers of a row in `pulses`: one for each of the columns, and fewer than [`CHUNK`] zeros.
    pub stride: usize,
    /// The most pulses of a cell of each row.
    pub most: &'a [u32],
}

impl<'a> Requests<'a> {
    /// The rows in which any cell has a request, each with its pulses and the zeros behind them.
    pub fn pulsed(self) -> impl Iterator<Item = (usize, &'a [i32])> + Clone {
        let rows = self.rows.iter().zip(self.most).zip(self.pulses.chunks_exact(self.stride.max(1)));
        rows.filter(|((_, most), _)| **most > 0).map(|((&row, _), pulses)| (row as usize, pulses))
    }

    /// Calls `work` for each row in which any cell has a request, with a number for every one of `columns`.
    pub fn for_each_row(self, columns: usize, mut work: impl FnMut(usize, &[i32])) {
        let Some(listed) = self.columns else {
            return self.pulsed().for_each(|(row, pulses)| work(row, &pulses[..columns]));
        };
        let mut whole = vec![0; columns];
        for (row, pulses) in self.pulsed() {
            // Every row names the same columns, so that none is left over from the row before.
            listed.iter().zip(pulses).for_each(|(&column, &pulses)| whole[column as usize] = pulses);
            work(row, &whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_complete_and_idle_ones_left_out() {
        let (rows, pulses, most) = (&[2, 3, 7], &[1, -4, 0, 0, 0, 0, 0, 5, 0], &[4, 0, 5]);
        let requests = Requests { rows, columns: None, pulses, stride: 3, most };
        let collect = |requests: Requests<'_>, columns| {
            let mut rows = Vec::new();
            requests.for_each_row(columns, |row, pulses| rows.push((row, pulses.to_vec())));
            rows
        };
        assert_eq!(collect(requests, 2), [(2, vec![1, -4]), (7, vec![0, 5])]);
        let listed = Requests { columns: Some(&[0, 3]), ..requests };
        assert_eq!(collect(listed, 4), [(2, vec![1, 0, 0, -4]), (7, vec![0, 0, 0, 5])]);
    }
}
