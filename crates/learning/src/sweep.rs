//! The inner loops of an update: rows of activities become rows of pulses in one pass, without anything between
//! that goes through memory. Compiled for several instruction sets and chosen at run time; integer arithmetic
//! without overflow, so every one of them gives the same bits.
//!
//! Rows of columns are padded to whole chunks of [`LANES`], for loops without remainders. The last chunk of a row may
//! reach beyond it: the activities there are zeros, so that the pulses are zero and registers, those of the next
//! row, stay what they are.

use crate::kernels::{NarrowFactor, Register, Word};

/// Columns side by side.
pub(crate) const LANES: usize = 16;

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
    /// Columns of a row, and the same in whole chunks.
    pub columns: usize,
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

/// The sums of products of a row in both latches, column by column.
trait Sums {
    fn at(&self, column: usize) -> [i64; 2];
    /// Both from column `first` on, `count` of them: loops must know.
    fn cut(&self, first: usize, count: usize) -> Self;
}

/// Of one step in each: the row's activity and the columns'.
#[derive(Clone, Copy)]
struct Products<'a>([i32; 2], [&'a [i64]; 2]);

impl Sums for Products<'_> {
    #[inline(always)]
    fn at(&self, column: usize) -> [i64; 2] {
        let &Self([x, z], [y, w]) = self;
        [i64::from(x) * i64::from(y[column] as i32), i64::from(z) * i64::from(w[column] as i32)]
    }
    #[inline(always)]
    fn cut(&self, first: usize, count: usize) -> Self {
        let &Self(pre, [y, w]) = self;
        Self(pre, [&y[first..][..count], &w[first..][..count]])
    }
}

/// Of several, added up before.
#[derive(Clone, Copy)]
struct AddedUp<'a>([&'a [i64]; 2]);

impl Sums for AddedUp<'_> {
    #[inline(always)]
    fn at(&self, column: usize) -> [i64; 2] {
        [self.0[0][column], self.0[1][column]]
    }
    #[inline(always)]
    fn cut(&self, first: usize, count: usize) -> Self {
        Self([&self.0[0][first..][..count], &self.0[1][first..][..count]])
    }
}

/// What becomes of a row.
trait Sink {
    fn take<const LIMITED: bool>(&mut self, sweep: &Sweep<'_>, row: usize, sums: impl Sums);
}

impl Sweep<'_> {
    /// Passes on the sums of `row`; `spare` is scratch.
    #[inline(always)]
    fn row(&self, row: usize, spare: &mut [Vec<i64>; 2], sink: &mut impl Sink) {
        let [first, second] = &self.sides;
        let pre = [first.row(row), second.row(row)];
        let limited = self.is_limited(pre);
        if let [&[x], &[z]] = pre {
            let products = Products([x, z], [first.post, second.post]);
            return if limited {
                sink.take::<true>(self, row, products);
            } else {
                sink.take::<false>(self, row, products);
            };
        }
        for ((side, pre), sums) in self.sides.iter().zip(pre).zip(&mut *spare) {
            sums.resize(self.width, 0);
            side.add_up(pre, sums);
        }
        let sums = AddedUp([&spare[0], &spare[1]]);
        if limited { sink.take::<true>(self, row, sums) } else { sink.take::<false>(self, row, sums) }
    }

    /// Can any number on the way to the pulses of a row meet an end of its range?
    #[inline(always)]
    fn is_limited(&self, pre: [&[i32]; 2]) -> bool {
        let mut difference = 0;
        let mut limited = false;
        for (side, pre) in self.sides.iter().zip(pre) {
            let largest = side.largest(pre);
            limited |= largest > side.word.high || -largest < side.word.low;
            difference += largest;
        }
        limited |= difference > self.limits.1 || -difference < self.limits.0;
        let change = (difference * i64::from(self.factor.mantissa.unsigned_abs())) >> self.factor.shift;
        limited || change >= i64::from(self.limit)
    }

    /// A difference times the factor, rounded. Unless `LIMITED` nothing on the way meets an end.
    #[inline(always)]
    fn change<const LIMITED: bool>(&self, sums: [i64; 2], dither: u32) -> i32 {
        let mut words = [0; 2];
        for slot in 0..2 {
            let Word { shift, low, high } = self.sides[slot].word;
            words[slot] = (sums[slot] + (1 << (shift - 1))) >> shift;
            if LIMITED {
                words[slot] = words[slot].max(low).min(high);
            }
        }
        let mut code = words[0] - words[1];
        if LIMITED {
            code = code.max(self.limits.0).min(self.limits.1);
        }
        let change = self.factor.apply(code, dither);
        let limit = i64::from(self.limit);
        (if LIMITED { change.max(-limit).min(limit) } else { change }) as i32
    }
}

/// Whole pulses of a row.
struct Whole<'a> {
    pulses: &'a mut [i32],
    most: u32,
}

impl Sink for Whole<'_> {
    #[inline(always)]
    fn take<const LIMITED: bool>(&mut self, sweep: &Sweep<'_>, row: usize, sums: impl Sums) {
        let pulses = &mut self.pulses[..sweep.width];
        let sums = sums.cut(0, pulses.len());
        let mut most = 0;
        if sweep.dither.is_empty() {
            for (i, pulses) in pulses.iter_mut().enumerate() {
                *pulses = sweep.change::<LIMITED>(sums.at(i), 1 << 31);
                most = pulses.unsigned_abs().max(most);
            }
        } else {
            let dither = &sweep.dither[row * sweep.width..][..pulses.len()];
            for (i, (pulses, &dither)) in pulses.iter_mut().zip(dither).enumerate() {
                *pulses = sweep.change::<LIMITED>(sums.at(i), dither);
                most = pulses.unsigned_abs().max(most);
            }
        }
        self.most = most;
    }
}

/// Writes the pulses of all rows, row by row, and the most of each row; `spare` is scratch.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn whole_pulses(
    sweep: &Sweep<'_>,
    spare: &mut [Vec<i64>; 2],
    pulses: &mut [i32],
    most: &mut [u32],
) {
    for (row, most) in most.iter_mut().enumerate() {
        let mut whole = Whole { pulses: &mut pulses[row * sweep.columns..], most: 0 };
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
    fn take<const LIMITED: bool>(&mut self, sweep: &Sweep<'_>, row: usize, sums: impl Sums) {
        let Register { fraction, top, .. } = self.widths;
        let carry = (1_i32 << fraction) - 1;
        let mut at = 0;
        for &(first, count) in self.runs {
            let count = count as usize;
            let registers = &mut self.registers[first as usize..][..count];
            let pulses = &mut self.pulses[at..][..count];
            let dither = &sweep.dither[row * sweep.width + at..][..count];
            let sums = sums.cut(at, count);
            let mut any = 0;
            for i in 0..count {
                let change = sweep.change::<LIMITED>(sums.at(i), dither[i]);
                let sum = (i32::from(registers[i]) + change).max(-top - 1).min(top);
                // Division by 2^fraction toward zero.
                let whole = (sum + ((sum >> 31) & carry)) >> fraction;
                registers[i] = (sum - (whole << fraction)) as i16;
                pulses[i] = whole;
                any |= whole;
            }
            self.any |= any;
            at += count;
        }
    }
}

/// Adds what the rows come to, in grains, to the accumulators, saturating, and moves whole pulses out, toward zero.
/// Writes the pulses, row by row, and the most of each row; `spare` is scratch.
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
        let pulses = &mut pulses[index * sweep.columns..];
        let mut gathered = Gathered { widths, registers, runs, pulses, any: 0 };
        sweep.row(index, spare, &mut gathered);
        // Most rows move no pulse out.
        if gathered.any != 0 {
            let pulses = &gathered.pulses[..sweep.columns];
            *most = pulses.iter().fold(0, |most, pulses| pulses.unsigned_abs().max(most));
        }
    }
}
