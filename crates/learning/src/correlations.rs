//! Latched correlations between the lines and the neurons of one block of synapses.
//!
//! A chip with product latches writes rows x columns words at `LATCH`. What such a latch holds is a function
//! of the activities in its window, so the simulator keeps those vectors and forms each word, rounded and
//! saturated as the latch would hold it, when a row is updated: the same bits for far less work. The counts
//! are those of the chip.

use crate::kernels::{self, Word};
use crate::params::{Latch, LatchKind};
use equipoise_base::{Digest, Number};

/// The two sides of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The phase whose correlations are added: the first nudged one.
    First,
    /// The phase whose correlations are subtracted: the free one, or the second nudged one.
    Second,
}

/// Activities of the last steps of a phase, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Window<N> {
    steps: Vec<Vec<N>>,
    used: usize,
}

impl<N: Number> Window<N> {
    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.used = 0;
    }

    /// Adds one step's activities, forgetting the oldest beyond `depth`.
    pub fn push(&mut self, values: &[N], depth: usize) {
        if self.used == depth {
            self.steps[..depth].rotate_left(1);
            self.used -= 1;
        }
        if self.steps.len() == self.used {
            self.steps.push(Vec::new());
        }
        let slot = &mut self.steps[self.used];
        slot.clear();
        slot.extend_from_slice(values);
        self.used += 1;
    }

    /// The steps held, oldest first.
    #[must_use]
    pub fn held(&self) -> &[Vec<N>] {
        &self.steps[..self.used]
    }

    /// Folds the held activities into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        for step in self.held() {
            digest.words(step.iter().map(|n| n.raw() as u64));
        }
    }
}

/// The latches of one block, as pairs of windows.
#[derive(Clone, Debug)]
pub struct Correlations<N> {
    latch: Latch,
    running: Pair<N>,
    slots: [Pair<N>; 2],
}

#[derive(Clone, Debug, Default)]
struct Pair<N> {
    pre: Window<N>,
    post: Window<N>,
}

/// The activities that a latch holds, oldest first.
#[derive(Clone, Copy)]
pub(crate) struct Windows<'a, N> {
    pub pre: &'a [Vec<N>],
    pub post: &'a [Vec<N>],
}

/// The averaging divisor and the ends of a latched word.
struct Code {
    /// Products are divided by this, rounding to nearest, to give a code.
    divisor: i128,
    /// `log2(divisor)` where it is a power of two: then a shift does it.
    shift: Option<u32>,
    low: i64,
    high: i64,
}

impl<N: Number> Correlations<N> {
    /// Empty latches.
    #[must_use]
    pub fn new(latch: Latch) -> Self {
        let pair = || Pair { pre: Window::default(), post: Window::default() };
        Self { latch, running: pair(), slots: [pair(), pair()] }
    }

    /// A phase begins: its window is empty.
    pub fn begin_phase(&mut self) {
        self.running.pre.clear();
        self.running.post.clear();
    }

    /// One step's activities, as the core holds them.
    pub fn observe(&mut self, pre: &[N], post: &[N]) {
        let depth = self.latch.window as usize;
        self.running.pre.push(pre, depth);
        self.running.post.push(post, depth);
    }

    /// The running window goes into a latch; what it held is gone, for nothing is observed between a latch and the
    /// next phase.
    pub fn latch(&mut self, slot: Slot) {
        std::mem::swap(&mut self.running, &mut self.slots[slot as usize]);
        self.begin_phase();
    }

    /// Fraction bits of a latched code: one LSB is 2^-fraction.
    #[must_use]
    pub fn fraction(&self) -> u32 {
        match (self.latch.bits, self.latch.kind) {
            (0, _) => N::FRACTION,
            (bits, LatchKind::Accumulate) => bits - 1,
            (bits, _) => bits,
        }
    }

    /// The activities that one latch holds.
    pub(crate) fn windows(&self, slot: Slot) -> Windows<'_, N> {
        let pair = &self.slots[slot as usize];
        Windows { pre: pair.pre.held(), post: pair.post.held() }
    }

    /// How the words of the two latches follow from 64-bit sums of products; `None` where 64 bits or a shift
    /// are not enough, or the words are not products.
    pub(crate) fn words(&self) -> Option<[Word; 2]> {
        if N::FRACTION > 24 || self.latch.kind == LatchKind::State {
            return None;
        }
        let [Some(first), Some(second)] = [&self.slots[0], &self.slots[1]].map(|pair| {
            let steps = pair.pre.held().len();
            let Code { shift, low, high, .. } = self.code(steps.max(1) as i128, 2 * N::FRACTION);
            Some(Word { shift: shift.filter(|&shift| shift > 0 && steps <= 64)?, low, high })
        }) else {
            return None;
        };
        Some([first, second])
    }

    /// The ends of a difference: those of the word in which it is accumulated.
    pub(crate) fn limits(&self) -> (i64, i64) {
        if self.latch.kind == LatchKind::Accumulate && self.latch.bits != 0 {
            let top = 1 << self.fraction();
            (-top, top - 1)
        } else {
            (i64::MIN, i64::MAX)
        }
    }

    /// What the latches of the synapse in `row` and `column` hold, the first and the second. An accumulating
    /// latch holds their difference alone, which is given as the first.
    #[must_use]
    pub fn held(&self, row: usize, column: usize) -> [i64; 2] {
        let (columns, mut out) = (Some(&[column as u32][..]), [0]);
        if self.latch.kind == LatchKind::Accumulate {
            self.difference_row(row, columns, &mut Vec::new(), &mut out);
            return [out[0], 0];
        }
        [Slot::First, Slot::Second].map(|slot| {
            self.codes_row(&self.slots[slot as usize], row, columns, &mut out);
            out[0]
        })
    }

    /// Writes `first - second` of `row` into `out`, in LSB of the latch: one for each of `columns`, or of all.
    pub fn difference_row(
        &self,
        row: usize,
        columns: Option<&[u32]>,
        scratch: &mut Vec<i64>,
        out: &mut [i64],
    ) {
        scratch.resize(out.len(), 0);
        self.codes_row(&self.slots[Slot::First as usize], row, columns, out);
        self.codes_row(&self.slots[Slot::Second as usize], row, columns, scratch);
        for (first, second) in out.iter_mut().zip(scratch.iter()) {
            *first -= second;
        }
        let (least, most) = self.limits();
        out.iter_mut().for_each(|code| *code = (*code).clamp(least, most));
    }

    /// The codes of `row` in one latch.
    fn codes_row(&self, pair: &Pair<N>, row: usize, columns: Option<&[u32]>, out: &mut [i64]) {
        out.fill(0);
        let steps = pair.pre.held().len();
        if steps == 0 {
            return;
        }
        match self.latch.kind {
            LatchKind::Product | LatchKind::Accumulate => {
                let code = self.code(steps as i128, 2 * N::FRACTION);
                sum_of_products(pair, row, columns, &code, out);
            }
            LatchKind::State => {
                let activity = self.code(steps as i128, N::FRACTION);
                let x = activity.of(pair.pre.held().iter().map(|step| i128::from(step[row].raw())).sum());
                let product = self.code(1, 2 * self.fraction());
                for (at, slot) in out.iter_mut().enumerate() {
                    let column = columns.map_or(at, |columns| columns[at] as usize);
                    let sum = pair.post.held().iter().map(|step| i128::from(step[column].raw())).sum();
                    *slot = product.of(i128::from(x) * i128::from(activity.of(sum)));
                }
            }
        }
    }

    /// Codes of a sum over `steps` of numbers with `fraction` fraction bits.
    fn code(&self, steps: i128, fraction: u32) -> Code {
        let divisor = steps << (fraction - self.fraction());
        let shift = (divisor & (divisor - 1) == 0).then_some(divisor.trailing_zeros());
        let high = if self.latch.bits == 0 { i64::MAX } else { (1 << self.fraction()) - 1 };
        Code { divisor, shift, low: if self.latch.bits == 0 { i64::MIN } else { -high - 1 }, high }
    }

    /// Folds what is latched into a digest.
    pub fn digest(&self, digest: &mut Digest) {
        for pair in &self.slots {
            pair.pre.digest(digest);
            pair.post.digest(digest);
        }
    }
}

impl Code {
    fn of(&self, sum: i128) -> i64 {
        let nearest = match self.shift {
            Some(shift) => equipoise_base::Rounding::Nearest.shift_wide(sum, shift),
            None => (sum + self.divisor / 2).div_euclid(self.divisor),
        };
        nearest.clamp(i128::from(self.low), i128::from(self.high)) as i64
    }
}

/// Products of one row with every column, or those listed, summed over the window and rounded to codes. For the default
/// format the sums fit 64 bits (|activity| <= 8, 4096 steps at most: 2^27 * 2^27 * 2^9 saturates first).
fn sum_of_products<N: Number>(
    pair: &Pair<N>,
    row: usize,
    columns: Option<&[u32]>,
    code: &Code,
    out: &mut [i64],
) {
    let steps = pair.pre.held().iter().zip(pair.post.held());
    match code.shift {
        Some(shift @ 1..) if N::FRACTION <= 24 && pair.pre.held().len() <= 64 => {
            for (pre, post) in steps {
                let x = pre[row].raw();
                match columns {
                    None => kernels::add_products(x as i32, post, out),
                    Some(columns) => {
                        let products = columns.iter().map(|&column| x * post[column as usize].raw());
                        out.iter_mut().zip(products).for_each(|(slot, product)| *slot += product);
                    }
                }
            }
            kernels::round_codes(out, shift, code.low, code.high);
        }
        _ => {
            for (at, slot) in out.iter_mut().enumerate() {
                let column = columns.map_or(at, |columns| columns[at] as usize);
                let products = steps
                    .clone()
                    .map(|(pre, post)| i128::from(pre[row].raw()) * i128::from(post[column].raw()));
                *slot = code.of(products.sum());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixed::types::{I8F24, I16F48};

    fn latched<N: Number>(
        kind: LatchKind,
        bits: u32,
        window: u32,
        first: &[(f64, f64)],
        second: &[(f64, f64)],
    ) -> i64 {
        let mut latches = Correlations::<N>::new(Latch { kind, bits, window });
        for (slot, steps) in [(Slot::Second, second), (Slot::First, first)] {
            latches.begin_phase();
            for &(x, y) in steps {
                latches.observe(&[N::nearest(x)], &[N::nearest(y)]);
            }
            latches.latch(slot);
        }
        let mut out = [0];
        latches.difference_row(0, None, &mut Vec::new(), &mut out);
        out[0]
    }

    #[test]
    fn a_product_latch_holds_the_rounded_mean_of_products() {
        let first = [(9.9, 9.9), (0.5, 0.5), (0.25, 0.75), (1.0, 0.1)];
        let mean = (0.25 + 0.1875 + 0.1) / 3.0;
        let expected = (mean * 1024.0_f64).round() as i64 - (0.06 * 1024.0_f64).round() as i64;
        assert_eq!(latched::<I8F24>(LatchKind::Product, 10, 3, &first, &[(0.3, 0.2); 3]), expected);
        assert_eq!(latched::<I16F48>(LatchKind::Product, 10, 3, &first, &[(0.3, 0.2); 3]), expected);
    }

    #[test]
    fn all_latches_agree_on_a_fixed_point_and_state_differs_off_it() {
        let steady = |kind| latched::<I16F48>(kind, 0, 4, &[(0.5, 0.75); 4], &[(0.25, 0.5); 4]);
        let value = |code: i64| code as f64 / (1_u64 << 48) as f64;
        for (kind, _, word) in LatchKind::ALL {
            assert!((value(steady(*kind)) - 0.25).abs() < 1e-12, "{word}");
        }
        let cycle = [(1.0, 1.0), (0.0, 0.0)];
        assert!((value(latched::<I16F48>(LatchKind::Product, 0, 2, &cycle, &[])) - 0.5).abs() < 1e-12);
        assert!((value(latched::<I16F48>(LatchKind::State, 0, 2, &cycle, &[])) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn words_saturate_at_their_width() {
        assert_eq!(latched::<I8F24>(LatchKind::Product, 4, 1, &[(1.0, 1.0)], &[]), 15);
        assert_eq!(latched::<I8F24>(LatchKind::Accumulate, 4, 1, &[(1.0, 1.0)], &[(-1.0, 1.0)]), 7);
        assert_eq!(latched::<I8F24>(LatchKind::Accumulate, 4, 1, &[(-1.0, 1.0)], &[(1.0, 1.0)]), -8);
    }

    #[test]
    fn the_narrow_and_the_wide_path_round_alike() {
        for i in 0..200 {
            let x = f64::from(i) / 199.0;
            let pair = [(x, 1.0 - x * x)];
            assert_eq!(
                latched::<I8F24>(LatchKind::Product, 12, 1, &pair, &[]),
                // Three steps force the division path; the mean of three equal products is the product.
                latched::<I8F24>(LatchKind::Product, 12, 3, &[pair[0]; 3], &[]),
                "{x}"
            );
        }
    }
}
