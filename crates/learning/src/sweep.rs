//! The inner loops of an update: rows of activities become rows of pulses in one pass, without anything between
//! that goes through memory. Compiled for several instruction sets and chosen at run time; integer arithmetic
//! without overflow, so every one of them gives the same bits.
//!
//! Rows of columns are padded to whole chunks of [`LANES`], for loops without remainders. The last chunk of a row may
//! reach beyond it: the activities there are zeros, so that the pulses are zero and registers, those of the next
//! row, stay what they are.

use crate::kernels::{NarrowFactor, Register, Word};

/// Columns side by side.
pub(crate) const LANES: usize = equipoise_base::requests::CHUNK;

/// One latch, as the rows of a sweep see it.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    /// Steps of the window; none for a latch that was never written.
    pub steps: usize,
    /// The activities of one row after the other, one for each step.
    pub pre: &'a [i32],
    /// The columns' activities, step after step, in whole chunks; they fit 32 bits.
    pub post: &'a [i64],
    /// The largest size of a column's activity.
    pub reach: i64,
    pub word: Word,
}

/// What rows of pulses are formed from. No difference, and no sum of products, needs more than 32 and 62 bits.
#[derive(Clone, Copy)]
pub(crate) struct Sweep<'a> {
    pub sides: [Side<'a>; 2],
    /// Columns of a row, in whole chunks.
    pub width: usize,
    /// The ends of a difference.
    pub limits: (i64, i64),
    pub factor: NarrowFactor,
    /// 2^-32 of a pulse (or of a grain of an accumulator) to add before rounding down, row by row in whole chunks;
    /// empty where rounding is to nearest.
    pub dither: &'a [u32],
    /// A difference times the factor is kept from minus this to this.
    pub limit: i32,
}

impl<'a> Side<'a> {
    /// The activities of `row`.
    #[inline(always)]
    fn row(&self, row: usize) -> &'a [i32] {
        &self.pre[row * self.steps..][..self.steps]
    }

    /// No word of a row with activities `pre` is larger than this in size, if nothing limits it.
    #[inline(always)]
    fn largest(&self, pre: &[i32]) -> i64 {
        let sum: i64 = pre.iter().map(|x| i64::from(x.unsigned_abs())).sum();
        ((sum * self.reach) >> self.word.shift) + 1
    }

    /// Writes the sums of products of a row with activities `pre`.
    #[inline(always)]
    fn add_up(&self, pre: &[i32], sums: &mut [i64]) {
        sums.fill(0);
        for (&x, post) in pre.iter().zip(self.post.chunks_exact(sums.len())) {
            for (sum, &y) in sums.iter_mut().zip(post) {
                *sum += i64::from(x) * i64::from(y as i32);
            }
        }
    }
}

/// What becomes of a row.
trait Sink {
    /// Takes a row whose activity in each latch is `x`, and what those of the columns are in each; or, if `SUMMED`, the
    /// sums of products. If not `LIMITED`, no number on the way to the pulses meets an end of its range.
    fn take<const LIMITED: bool, const SUMMED: bool>(
        &mut self,
        sweep: &Sweep<'_>,
        row: usize,
        x: [i32; 2],
        post: [&[i64]; 2],
    );
}

impl Sweep<'_> {
    /// Passes `row` on; `spare` is scratch.
    #[inline(always)]
    fn row(&self, row: usize, spare: &mut [Vec<i64>; 2], sink: &mut impl Sink) {
        let [first, second] = &self.sides;
        let pre = [first.row(row), second.row(row)];
        let limited = self.is_limited(pre);
        // Each case apart, so that the compiler knows how wide the factors are.
        if let [&[x], &[z]] = pre {
            let post = [&first.post[..self.width], &second.post[..self.width]];
            return if limited {
                sink.take::<true, false>(self, row, [x, z], post);
            } else {
                sink.take::<false, false>(self, row, [x, z], post);
            };
        }
        for ((side, pre), sums) in self.sides.iter().zip(pre).zip(&mut *spare) {
            sums.resize(self.width, 0);
            side.add_up(pre, sums);
        }
        let sums = [&spare[0][..], &spare[1][..]];
        if limited {
            sink.take::<true, true>(self, row, [0; 2], sums);
        } else {
            sink.take::<false, true>(self, row, [0; 2], sums);
        }
    }

    /// Can any number on the way to the pulses of a row meet an end of its range?
    #[inline(always)]
    fn is_limited(&self, pre: [&[i32]; 2]) -> bool {
        let mut difference = 0;
        // Words of windows that are not equally long are rounded one by one.
        let mut limited = self.sides[0].word.shift != self.sides[1].word.shift;
        for (side, pre) in self.sides.iter().zip(pre) {
            let largest = side.largest(pre);
            limited |= largest > side.word.high || -largest < side.word.low;
            difference += largest.min(side.word.high.saturating_add(1));
        }
        limited |= difference > self.limits.1 || -difference < self.limits.0;
        let change = (difference * i64::from(self.factor.mantissa.unsigned_abs())) >> self.factor.shift;
        limited || change >= i64::from(self.limit)
    }

    /// A difference times the factor, rounded; `post` are activities of a column, or sums if `SUMMED`. Unless `LIMITED`
    /// nothing on the way meets an end.
    #[inline(always)]
    fn change<const LIMITED: bool, const SUMMED: bool>(
        &self,
        x: [i32; 2],
        post: [i64; 2],
        dither: u32,
    ) -> i32 {
        let words = self.sides.map(|side| side.word);
        let half = words.map(|word| 1 << (word.shift - 1));
        let sum = |slot: usize| {
            let y = post[slot];
            half[slot] + if SUMMED { y } else { i64::from(x[slot]) * i64::from(y as i32) }
        };
        let code = if LIMITED {
            let word = |slot: usize| {
                let Word { shift, low, high } = words[slot];
                (sum(slot) >> shift).max(low).min(high)
            };
            (word(0) - word(1)).max(self.limits.0).min(self.limits.1)
        } else {
            // The second word is rounded in its place: one shift for both.
            let shift = words[0].shift;
            (sum(0) - (sum(1) & (-1 << shift))) >> shift
        };
        let change = self.factor.apply(code, dither);
        let limit = i64::from(self.limit);
        (if LIMITED { change.max(-limit).min(limit) } else { change }) as i32
    }

    /// Writes the changes of some columns side by side; returns the largest size. Slices are arguments, and not
    /// parts of one, so that the compiler knows them apart.
    #[inline(always)]
    fn write<const LIMITED: bool, const SUMMED: bool>(
        &self,
        x: [i32; 2],
        first: &[i64],
        second: &[i64],
        dither: Option<&[u32]>,
        pulses: &mut [i32],
    ) -> u32 {
        let mut most = 0;
        match dither {
            None => {
                for ((pulses, &y), &w) in pulses.iter_mut().zip(first).zip(second) {
                    *pulses = self.change::<LIMITED, SUMMED>(x, [y, w], 1 << 31);
                    most = pulses.unsigned_abs().max(most);
                }
            }
            Some(dither) => {
                for (((pulses, &y), &w), &dither) in pulses.iter_mut().zip(first).zip(second).zip(dither) {
                    *pulses = self.change::<LIMITED, SUMMED>(x, [y, w], dither);
                    most = pulses.unsigned_abs().max(most);
                }
            }
        }
        most
    }

    /// Adds the changes of some columns side by side to their registers and writes the pulses that leave; returns
    /// the bits of all pulses.
    #[inline(always)]
    #[allow(clippy::too_many_arguments)] // slices side by side
    fn gather<const LIMITED: bool, const SUMMED: bool>(
        &self,
        Register { fraction, top, .. }: Register,
        x: [i32; 2],
        first: &[i64],
        second: &[i64],
        dither: &[u32],
        registers: &mut [i16],
        pulses: &mut [i32],
    ) -> i32 {
        let carry = (1_i32 << fraction) - 1;
        let mut any = 0;
        let columns = pulses.iter_mut().zip(registers).zip(first).zip(second).zip(dither);
        for ((((pulses, register), &y), &w), &dither) in columns {
            let change = self.change::<LIMITED, SUMMED>(x, [y, w], dither);
            let sum = (i32::from(*register) + change).max(-top - 1).min(top);
            // Division by 2^fraction toward zero.
            let whole = (sum + ((sum >> 31) & carry)) >> fraction;
            *register = (sum - (whole << fraction)) as i16;
            *pulses = whole;
            any |= whole;
        }
        any
    }
}

/// Whole pulses of a row.
struct Whole<'a> {
    pulses: &'a mut [i32],
    most: u32,
}

impl Sink for Whole<'_> {
    #[inline(always)]
    fn take<const LIMITED: bool, const SUMMED: bool>(
        &mut self,
        sweep: &Sweep<'_>,
        row: usize,
        x: [i32; 2],
        [first, second]: [&[i64]; 2],
    ) {
        let width = sweep.width;
        let dither = (!sweep.dither.is_empty()).then(|| &sweep.dither[row * width..][..width]);
        let pulses = &mut self.pulses[..width];
        self.most = sweep.write::<LIMITED, SUMMED>(x, first, second, dither, pulses);
    }
}

/// Writes the pulses of all rows, row by row in whole chunks, and the most of each row; `spare` is scratch.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn whole_pulses(
    sweep: &Sweep<'_>,
    spare: &mut [Vec<i64>; 2],
    pulses: &mut [i32],
    most: &mut [u32],
) {
    for (row, most) in most.iter_mut().enumerate() {
        let mut whole = Whole { pulses: &mut pulses[row * sweep.width..], most: 0 };
        sweep.row(row, spare, &mut whole);
        *most = whole.most;
    }
}

/// Accumulators of a block.
pub(crate) struct Accumulators<'a> {
    /// Their widths. None holds more back than the cap.
    pub widths: Register,
    /// All of them, row by row, and one chunk more.
    pub registers: &'a mut [i16],
    /// Columns of the block.
    pub columns: usize,
    /// The rows of the sweep.
    pub rows: &'a [u32],
    /// The columns of the sweep: the first of some that lie side by side, and how many, in whole chunks.
    pub runs: &'a [(u32, u32)],
}

/// Pulses of a row that leave its accumulators.
struct Gathered<'a> {
    widths: Register,
    registers: &'a mut [i16],
    runs: &'a [(u32, u32)],
    pulses: &'a mut [i32],
    /// The bits of all pulses.
    any: i32,
}

impl Sink for Gathered<'_> {
    #[inline(always)]
    fn take<const LIMITED: bool, const SUMMED: bool>(
        &mut self,
        sweep: &Sweep<'_>,
        row: usize,
        x: [i32; 2],
        [first, second]: [&[i64]; 2],
    ) {
        let mut at = 0;
        for &(start, count) in self.runs {
            let count = count as usize;
            self.any |= sweep.gather::<LIMITED, SUMMED>(
                self.widths,
                x,
                &first[at..][..count],
                &second[at..][..count],
                &sweep.dither[row * sweep.width + at..][..count],
                &mut self.registers[start as usize..][..count],
                &mut self.pulses[at..][..count],
            );
            at += count;
        }
    }
}

/// Adds what the rows come to, in grains, to the accumulators, saturating, and moves whole pulses out, toward zero.
/// Writes the pulses, row by row in whole chunks, and the most of each row; `spare` is scratch.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn gather_pulses(
    sweep: &Sweep<'_>,
    accumulators: Accumulators<'_>,
    spare: &mut [Vec<i64>; 2],
    pulses: &mut [i32],
    most: &mut [u32],
) {
    let Accumulators { widths, registers, columns, rows, runs } = accumulators;
    for (index, (most, &row)) in most.iter_mut().zip(rows).enumerate() {
        let registers = &mut registers[row as usize * columns..];
        let pulses = &mut pulses[index * sweep.width..];
        let mut gathered = Gathered { widths, registers, runs, pulses, any: 0 };
        sweep.row(index, spare, &mut gathered);
        // Most rows move no pulse out.
        if gathered.any != 0 {
            let pulses = &gathered.pulses[..sweep.width];
            *most = pulses.iter().fold(0, |most, pulses| pulses.unsigned_abs().max(most));
        }
    }
}
