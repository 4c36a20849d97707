//! The inner loops of an update: rows of activities become rows of pulses in one pass, without anything between
//! that goes through memory. Compiled for several instruction sets and chosen at run time; integer arithmetic
//! without overflow, so every one of them gives the same bits.
//!
//! Columns go by chunks of [`LANES`]. The last chunk of a row may reach beyond it: the activities there are zeros,
//! so that the pulses are zero and registers, those of the next row, stay what they are.

use crate::kernels::{NarrowFactor, Register, Word};

/// Columns side by side.
pub(crate) const LANES: usize = 16;

/// One latch, as the rows of a sweep see it.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    /// The activities of one row after the other, one for each step; none for a latch that was never written.
    pub pre: &'a [i32],
    /// The columns' activities, step after step, each in whole chunks; they fit 32 bits.
    pub post: &'a [i64],
    /// The largest size of a column's activity.
    pub reach: i64,
    pub word: Word,
}

/// What rows of pulses are formed from. No difference, and no sum of products, needs more than 32 and 62 bits.
#[derive(Clone, Copy)]
pub(crate) struct Sweep<'a> {
    pub sides: [Side<'a>; 2],
    /// Rows and columns.
    pub rows: usize,
    pub columns: usize,
    /// The ends of a difference.
    pub limits: (i64, i64),
    pub factor: NarrowFactor,
    /// 2^-32 of a pulse (or of a grain of an accumulator) to add before rounding down, row by row in whole chunks;
    /// none where rounding is to nearest.
    pub dither: Option<&'a [u32]>,
    /// A difference times the factor is kept from minus this to this.
    pub limit: i32,
}

impl<'a> Side<'a> {
    /// The row's activities.
    #[inline(always)]
    fn row(&self, row: usize, rows: usize) -> &'a [i32] {
        let steps = self.pre.len() / rows;
        &self.pre[row * steps..][..steps]
    }

    /// No word of a row with activities `pre` is larger than this in size, if nothing limits it.
    #[inline(always)]
    fn largest(&self, pre: &[i32]) -> i64 {
        let sum: i64 = pre.iter().map(|x| i64::from(x.unsigned_abs())).sum();
        ((sum * self.reach) >> self.word.shift) + 1
    }

    /// The words of the chunk that begins at column `at`, limited if `LIMITED`.
    #[inline(always)]
    fn words<const LIMITED: bool>(&self, pre: &[i32], width: usize, at: usize) -> [i64; LANES] {
        let Word { shift, low, high } = self.word;
        let mut words = [1_i64 << (shift - 1); LANES];
        if let [x] = *pre {
            add_products(x, &self.post[at..], &mut words);
        } else {
            for (&x, post) in pre.iter().zip(self.post.chunks_exact(width)) {
                add_products(x, &post[at..], &mut words);
            }
        }
        for word in &mut words {
            *word >>= shift;
            if LIMITED {
                *word = (*word).clamp(low, high);
            }
        }
        words
    }
}

#[inline(always)]
fn add_products(x: i32, post: &[i64], sums: &mut [i64; LANES]) {
    let post = &post[..LANES];
    for i in 0..LANES {
        sums[i] += i64::from(x) * i64::from(post[i] as i32);
    }
}

impl Sweep<'_> {
    /// Columns in whole chunks.
    #[inline(always)]
    fn width(&self) -> usize {
        self.columns.next_multiple_of(LANES)
    }

    /// Can any number on the way to the pulses of `row` meet an end of its range?
    #[inline(always)]
    fn is_limited(&self, row: usize) -> bool {
        let mut difference = 0;
        let mut limited = false;
        for side in &self.sides {
            let largest = side.largest(side.row(row, self.rows));
            limited |= largest > side.word.high || -largest < side.word.low;
            difference += largest;
        }
        limited |= difference > self.limits.1 || -difference < self.limits.0;
        let change = (difference * i64::from(self.factor.mantissa.unsigned_abs())) >> self.factor.shift;
        limited || change >= i64::from(self.limit)
    }

    /// The differences of a chunk times the factor, rounded. Unless `LIMITED` nothing on the way meets an end.
    #[inline(always)]
    fn changes<const LIMITED: bool>(&self, row: usize, at: usize) -> [i32; LANES] {
        let (width, [first, second]) = (self.width(), &self.sides);
        let mut codes = first.words::<LIMITED>(first.row(row, self.rows), width, at);
        let subtracted = second.words::<LIMITED>(second.row(row, self.rows), width, at);
        let mut dither = [1_u32 << 31; LANES];
        if let Some(all) = self.dither {
            dither.copy_from_slice(&all[row * width + at..][..LANES]);
        }
        let mut changes = [0; LANES];
        for i in 0..LANES {
            codes[i] -= subtracted[i];
            if LIMITED {
                codes[i] = codes[i].clamp(self.limits.0, self.limits.1);
            }
            let mut change = self.factor.apply(codes[i], dither[i]);
            if LIMITED {
                change = change.clamp(-i64::from(self.limit), i64::from(self.limit));
            }
            changes[i] = change as i32;
        }
        changes
    }
}

/// Writes the pulses of all rows, row by row, and the most of each row.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn whole_pulses(sweep: &Sweep<'_>, pulses: &mut [i32], most: &mut [u32]) {
    for (row, most) in most.iter_mut().enumerate() {
        let limited = sweep.is_limited(row);
        let pulses = &mut pulses[row * sweep.columns..];
        let mut mosts = [0; LANES];
        for at in (0..sweep.columns).step_by(LANES) {
            let whole =
                if limited { sweep.changes::<true>(row, at) } else { sweep.changes::<false>(row, at) };
            for (whole, most) in whole.iter().zip(&mut mosts) {
                *most = whole.unsigned_abs().max(*most);
            }
            pulses[at..at + LANES].copy_from_slice(&whole);
        }
        *most = mosts.iter().fold(0, |most, &pulses| pulses.max(most));
    }
}

/// Accumulators of a block.
pub(crate) struct Accumulators<'a> {
    /// Their widths.
    pub widths: Register,
    /// All of them, row by row, and one chunk more.
    pub registers: &'a mut [i16],
    /// Columns of the block.
    pub columns: usize,
    /// The rows of the sweep.
    pub rows: &'a [u32],
    /// The chunks of columns of the sweep.
    pub chunks: &'a [u32],
}

/// Adds what the rows come to, in grains, to the accumulators, saturating, and moves whole pulses out, toward zero.
/// Writes the pulses, row by row, and the most of each row.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(crate) fn gather_pulses(
    sweep: &Sweep<'_>,
    accumulators: Accumulators<'_>,
    pulses: &mut [i32],
    most: &mut [u32],
) {
    let Accumulators { widths: Register { fraction, top, cap }, registers, columns, rows, chunks } =
        accumulators;
    let carry = (1_i32 << fraction) - 1;
    for (index, most) in most.iter_mut().enumerate() {
        let limited = sweep.is_limited(index);
        let registers = &mut registers[rows[index] as usize * columns..];
        let pulses = &mut pulses[index * sweep.columns..];
        let mut any = [0; LANES];
        for (place, &chunk) in chunks.iter().enumerate() {
            let at = place * LANES;
            let changes =
                if limited { sweep.changes::<true>(index, at) } else { sweep.changes::<false>(index, at) };
            let registers = &mut registers[chunk as usize * LANES..][..LANES];
            let pulses = &mut pulses[at..at + LANES];
            for i in 0..LANES {
                let sum = (i32::from(registers[i]) + changes[i]).clamp(-top - 1, top);
                // Division by 2^fraction toward zero.
                let whole = ((sum + ((sum >> 31) & carry)) >> fraction).clamp(-cap, cap);
                registers[i] = (sum - (whole << fraction)) as i16;
                pulses[i] = whole;
                any[i] |= whole;
            }
        }
        // Most rows move no pulse out.
        *most = if any == [0; LANES] { 0 } else { largest(&pulses[..sweep.columns]) };
    }
}

#[inline(always)]
fn largest(pulses: &[i32]) -> u32 {
    pulses.iter().fold(0, |most, pulses| pulses.unsigned_abs().max(most))
}
