//! The 64-bit digest by which two runs are compared.
//!
//! Position matters: the same values in another order give another digest. It is a fingerprint, not a
//! cryptographic hash.

/// A running digest of words; see [`Digest::words`] for what goes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

const PRIME: u64 = 0x9E37_79B9_7F4A_7C15;
const LANES: usize = 8;

impl Default for Digest {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Digest {
    /// Folds one word in.
    #[inline]
    pub fn word(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(PRIME);
        self.0 = mixed ^ (mixed >> 29);
    }

    /// Folds a run of words in: eight lanes, each a polynomial in one odd constant, so that the loop vectorises.
    pub fn words(&mut self, words: impl ExactSizeIterator<Item = u64>) {
        let count = words.len() as u64;
        let mut lanes = [0_u64; LANES];
        for (index, word) in words.enumerate() {
            let lane = &mut lanes[index % LANES];
            *lane = lane.wrapping_mul(PRIME).wrapping_add(word);
        }
        for lane in lanes {
            self.word(lane);
        }
        self.word(count);
    }

    /// Folds text in, byte by byte.
    pub fn text(&mut self, text: &str) {
        self.words(text.bytes().map(u64::from).collect::<Vec<_>>().into_iter());
    }

    /// The digest so far.
    #[must_use]
    pub fn value(self) -> u64 {
        let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(PRIME);
        mixed ^ (mixed >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[u64]) -> u64 {
        let mut digest = Digest::default();
        digest.words(words.iter().copied());
        digest.value()
    }

    #[test]
    fn order_length_and_value_all_count() {
        assert_eq!(of(&[1, 2, 3]), of(&[1, 2, 3]));
        assert_ne!(of(&[1, 2, 3]), of(&[1, 3, 2]));
        assert_ne!(of(&[1, 2]), of(&[1, 2, 0]));
        assert_ne!(of(&[0; 8]), of(&[0; 16]));
        let swapped_lanes: Vec<u64> = (0..16).map(|i| (i + 8) % 16).collect();
        assert_ne!(of(&(0..16).collect::<Vec<_>>()), of(&swapped_lanes));
    }
}
