//! Which rows of a table have entries. Of the sources that a core could hear it mostly hears few, so only rows with
//! entries are kept, numbered in their order.

use equipoise_base::SpikeSet;
use std::ops::Range;

/// The rows with entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    /// A bit for each row with entries, 64 rows per word.
    words: Vec<u64>,
    /// By word: how many rows with entries there are before it.
    before: Vec<u32>,
    /// The words that are not all zero lie here.
    used: Range<usize>,
    count: usize,
}

impl Rows {
    /// The rows whose number of entries in `entries` is not zero.
    pub(crate) fn with_entries(entries: &[u32]) -> Self {
        let word = |rows: &[u32]| rows.iter().rev().fold(0, |word, &count| word << 1 | u64::from(count > 0));
        let words: Vec<u64> = entries.chunks(64).map(word).collect();
        let mut count = 0;
        let mut before = Vec::with_capacity(words.len());
        for word in &words {
            before.push(count);
            count += word.count_ones();
        }
        let first = words.iter().position(|&word| word != 0).unwrap_or(0);
        let end = words.iter().rposition(|&word| word != 0).map_or(0, |last| last + 1);
        Self { words, before, used: first..end, count: count as usize }
    }

    /// How many rows have entries.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// The number of `row` among those with entries, if it has any.
    #[inline]
    pub(crate) fn number(&self, row: usize) -> Option<usize> {
        let (word, bit) = (self.words[row / 64], 1 << (row % 64));
        (word & bit != 0).then(|| self.before[row / 64] as usize + (word & (bit - 1)).count_ones() as usize)
    }

    /// The rows with entries, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.used.clone().flat_map(|at| bits(self.words[at]).map(move |bit| at * 64 + bit))
    }

    /// Calls `visit` with the number of every row that has entries and is in `set`, ascending.
    #[inline]
    pub(crate) fn among(&self, set: &SpikeSet, mut visit: impl FnMut(usize)) {
        let used = self.used.clone();
        let known = self.words[used.clone()].iter().zip(&self.before[used.clone()]);
        for ((&word, &before), at) in known.zip(used) {
            for bit in bits(word & set.word(at)) {
                visit(before as usize + (word & ((1 << bit) - 1)).count_ones() as usize);
            }
        }
    }
}

/// The bits of a word that are set, ascending.
#[inline]
fn bits(word: u64) -> impl Iterator<Item = usize> {
    let lower_bits_gone = |&rest: &u64| Some(rest & (rest - 1)).filter(|&rest| rest != 0);
    std::iter::successors(Some(word).filter(|&word| word != 0), lower_bits_gone)
        .map(|rest| rest.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_with_entries_are_numbered_in_their_order() {
        let mut entries = vec![0; 300];
        let used = [3, 64, 65, 127, 130, 299];
        used.iter().for_each(|&row| entries[row] = 7);
        let rows = Rows::with_entries(&entries);
        assert_eq!(rows.count(), used.len());
        assert_eq!(rows.iter().collect::<Vec<_>>(), used);
        for row in 0..300 {
            assert_eq!(rows.number(row), used.iter().position(|&other| other == row), "row {row}");
        }
        let mut set = SpikeSet::new(300);
        [0, 3, 65, 66, 130, 298].into_iter().for_each(|row| set.insert(row));
        let mut heard = Vec::new();
        rows.among(&set, |number| heard.push(used[number]));
        assert_eq!(heard, [3, 65, 130]);
    }

    #[test]
    fn a_table_without_entries_has_no_rows() {
        let rows = Rows::with_entries(&[0; 100]);
        assert_eq!((rows.count(), rows.iter().next(), rows.number(99)), (0, None, None));
    }
}
