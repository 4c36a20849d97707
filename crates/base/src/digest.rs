//! The 64-bit digest by which two runs are compared.
//!
//! Position matters: the same values in another order give another digest. It is a fingerprint, not a
//! cryptographic hash.

use crate::Number;

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
    pub fn words(&mut self, mut words: impl ExactSizeIterator<Item = u64>) {
        let count = words.len();
        let mut lanes = [0_u64; LANES];
        let fold = |lane: &mut u64, word: u64| *lane = lane.wrapping_mul(PRIME).wrapping_add(word);
        // Whole rounds keep the lanes in registers.
        for _ in 0..count / LANES {
            lanes.iter_mut().zip(&mut words).for_each(|(lane, word)| fold(lane, word));
        }
        lanes.iter_mut().zip(words).for_each(|(lane, word)| fold(lane, word));
        for lane in lanes {
            self.word(lane);
        }
        self.word(count as u64);
    }

    /// Folds the raw words of `numbers` in: the same as [`Digest::words`] of them, in vector registers.
    pub fn numbers<N: Number>(&mut self, numbers: &[N]) {
        for lane in polynomials(numbers) {
            self.word(lane);
        }
        self.word(numbers.len() as u64);
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

/// The lanes of [`Digest::words`] for the raw words of `numbers`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn polynomials<N: Number>(numbers: &[N]) -> [u64; LANES] {
    /// A product waits for the one before: of four rounds, one does, and the others' go beside it.
    const POWERS: [u64; 4] = {
        let square = PRIME.wrapping_mul(PRIME);
        [PRIME, square, square.wrapping_mul(PRIME), square.wrapping_mul(square)]
    };
    let mut lanes = [0_u64; LANES];
    let (fours, numbers) = numbers.as_chunks::<{ 4 * LANES }>();
    for four in fours {
        let word = |round: usize, lane: usize| four[round * LANES + lane].raw() as u64;
        for (i, lane) in lanes.iter_mut().enumerate() {
            let first = lane.wrapping_mul(POWERS[3]).wrapping_add(word(0, i).wrapping_mul(POWERS[2]));
            let second = word(1, i).wrapping_mul(POWERS[1]).wrapping_add(word(2, i).wrapping_mul(POWERS[0]));
            *lane = first.wrapping_add(second).wrapping_add(word(3, i));
        }
    }
    let (rounds, rest) = numbers.as_chunks::<LANES>();
    for round in rounds {
        for i in 0..LANES {
            lanes[i] = lanes[i].wrapping_mul(PRIME).wrapping_add(round[i].raw() as u64);
        }
    }
    for (lane, number) in lanes.iter_mut().zip(rest) {
        *lane = lane.wrapping_mul(PRIME).wrapping_add(number.raw() as u64);
    }
    lanes
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
    fn numbers_are_folded_in_as_their_raw_words() {
        for count in [0, 1, 7, 8, 9, 31, 32, 100] {
            let numbers: Vec<fixed::types::I8F24> =
                (0..count).map(|i| Number::from_raw(i * i - 900)).collect();
            let mut digest = Digest::default();
            digest.numbers(&numbers);
            let words: Vec<u64> = numbers.iter().map(|n| n.raw() as u64).collect();
            assert_eq!(digest.value(), of(&words), "{count}");
        }
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
