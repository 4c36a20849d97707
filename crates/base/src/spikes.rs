//! Sets of spiking neurons, enabled cells or occupied slots: bits, walked by words.
//!
//! Storage is in words of the machine; what leaves a set (words for digests and tables) is 64 bits wide on every
//! machine.

use bitvec::prelude::{BitVec, Lsb0};

/// Words of the machine in 64 bits.
const PARTS: usize = (u64::BITS / usize::BITS) as usize;

/// A set of indices below a fixed length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpikeSet(BitVec<usize, Lsb0>);

impl SpikeSet {
    /// The empty set over `len` indices.
    #[must_use]
    pub fn new(len: usize) -> Self {
        Self(BitVec::repeat(false, len))
    }

    /// How many indices the set ranges over.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if the set ranges over no index at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts `index` in.
    #[inline]
    pub fn insert(&mut self, index: usize) {
        self.0.set(index, true);
    }

    /// Puts a whole range of indices in.
    pub fn insert_range(&mut self, range: std::ops::Range<usize>) {
        self.0[range].fill(true);
    }

    /// Takes `index` out.
    #[inline]
    pub fn remove(&mut self, index: usize) {
        self.0.set(index, false);
    }

    /// Is `index` in?
    #[inline]
    #[must_use]
    pub fn contains(&self, index: usize) -> bool {
        self.0[index]
    }

    /// Empties the set.
    pub fn clear(&mut self) {
        self.0.as_raw_mut_slice().fill(0);
    }

    /// How many indices are in.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.as_raw_slice().iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The indices in the set, ascending; whole empty words are skipped.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.as_raw_slice().iter().enumerate().filter(|&(_, &word)| word != 0).flat_map(|(at, &word)| {
            let lower_bits_gone = |&rest: &usize| Some(rest & (rest - 1)).filter(|&rest| rest != 0);
            std::iter::successors(Some(word), lower_bits_gone)
                .map(move |rest| at * usize::BITS as usize + rest.trailing_zeros() as usize)
        })
    }

    /// The words of the set, 64 indices each; bits beyond the length are zero.
    pub fn words(&self) -> impl ExactSizeIterator<Item = u64> + '_ {
        self.0.as_raw_slice().chunks(PARTS).map(joined)
    }

    /// The word that holds the indices from `64 * at` on.
    ///
    /// # Panics
    /// If the set ranges over none of them.
    #[inline]
    #[must_use]
    pub fn word(&self, at: usize) -> u64 {
        let raw = self.0.as_raw_slice();
        joined(&raw[at * PARTS..raw.len().min((at + 1) * PARTS)])
    }
}

/// 64 bits from the words that hold them, the lowest first.
#[inline]
fn joined(parts: &[usize]) -> u64 {
    parts.iter().enumerate().fold(0, |word, (at, &part)| word | (part as u64) << (at * usize::BITS as usize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walking_by_words_finds_exactly_what_was_put_in() {
        let mut set = SpikeSet::new(200);
        let wanted = [0, 1, 63, 64, 65, 127, 128, 199];
        for i in wanted {
            set.insert(i);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), wanted);
        assert_eq!(set.count(), wanted.len());
        let words = [1 | 1 << 1 | 1 << 63, 1 | 1 << 1 | 1 << 63, 1, 1 << (199 - 192)];
        assert_eq!(set.words().collect::<Vec<_>>(), words);
        assert_eq!([0, 1, 2, 3].map(|at| set.word(at)), words);
        set.remove(64);
        assert!(!set.contains(64));
        set.clear();
        assert_eq!(set.iter().next(), None);
    }
}
