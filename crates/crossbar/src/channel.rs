//! One direction of reads: the driver codes and the exact sums of the last read.
//!
//! Sums are kept between reads. Where the codes of the cells have not changed, a read computes only what its
//! driver codes changed: nothing at all, the difference of a few lines, or everything. Integer sums are exact,
//! so all three ways lead to the same bits.

use crate::activity::{Accumulators, Activity, Form, Matrix};
use crate::drivers::Drivers;
use equipoise_base::{Axons, Number};
use std::ops::Range;

/// One direction of reads, whatever the width of its driver codes.
pub(crate) trait Channel<N: Number>: Send {
    /// Brings the sums up to date with `axons`; `rewritten` says that cells have changed since the last
    /// refresh. Returns false if nothing changed at all.
    fn refresh(&mut self, axons: Axons<'_, N>, matrix: Matrix<'_>, rewritten: bool) -> bool;

    /// The sums, `[pass][group][line]`, in units of 2^drop products.
    fn sums(&self) -> &[i64];

    /// No sum is larger than this in size.
    fn largest(&self) -> u128;

    /// The sum of the squares of the codes of each `[pass][group]`.
    fn squares(&self, squares: &mut [f64]);

    /// The sum over the driving lines of activity times `levels`: what the read conducts.
    fn conducting(&self, levels: &[u64]) -> f64;
}

/// The sums of one direction, with driver codes of type `X`.
pub(crate) struct ExactSums<X> {
    drivers: Drivers,
    /// Driving lines whose sums are kept apart, because each is converted on its own.
    groups: Vec<Range<usize>>,
    lines: usize,
    /// 0, or the bits that are driven one after the other and kept apart.
    serial_bits: u32,
    /// The driver codes to which the sums belong, and the sum of their sizes.
    driven: Vec<X>,
    size: u128,
    /// No sum is larger than this in size.
    largest: u128,
    sums: Vec<i64>,
    fresh: bool,
    // Scratch.
    next: Vec<X>,
    plane: Vec<X>,
    lists: Lists<X>,
    spare: Accumulators,
}

impl<X: Activity> ExactSums<X> {
    /// Sums of `lines` lines for each group of driving lines (and, if not zero, each of `serial_bits` bits).
    pub fn new(drivers: Drivers, groups: Vec<Range<usize>>, lines: usize, serial_bits: u32) -> Self {
        let driving = groups.last().map_or(0, |group| group.end);
        let passes = serial_bits.max(1) as usize;
        Self {
            sums: vec![0; passes * groups.len() * lines],
            drivers,
            groups,
            lines,
            serial_bits,
            driven: vec![X::default(); driving],
            size: 0,
            largest: 0,
            fresh: false,
            next: vec![X::default(); driving],
            plane: vec![X::default(); driving],
            lists: Lists::new(driving),
            spare: Accumulators::default(),
        }
    }

    /// The sums of all groups for the codes `next`, which drive one pass.
    fn sum_groups(&mut self, matrix: Matrix<'_>, pass: usize, size: u128, may_differ: bool) {
        let x = if self.serial_bits == 0 { &self.next } else { &self.plane };
        for (index, group) in self.groups.iter().enumerate() {
            let at = (pass * self.groups.len() + index) * self.lines;
            let sums = &mut self.sums[at..at + self.lines];
            let before = may_differ.then_some(&self.driven[..]);
            if matrix.form == Form::ByReader {
                let before = before.map(|before| &before[group.clone()]);
                X::dot(matrix, group.start, &x[group.clone()], before, size, &mut self.spare, sums);
                continue;
            }
            let (driven, differences) = self.lists.of(x, before, group);
            if !differences {
                sums.fill(0);
            }
            X::add(matrix, driven, size, &mut self.spare, sums);
        }
    }
}

/// Lines and what drives them.
struct Lists<X> {
    active: Vec<(u32, X)>,
    changed: Vec<(u32, X)>,
}

impl<X: Activity> Lists<X> {
    fn new(lines: usize) -> Self {
        let idle = vec![(0, X::default()); lines];
        Self { active: idle.clone(), changed: idle }
    }

    /// What drives the lines of `group`: the codes `x`, or (then true) their differences to `before` where
    /// fewer lines have changed than are active.
    fn of(&mut self, x: &[X], before: Option<&[X]>, group: &Range<usize>) -> (&[(u32, X)], bool) {
        let mut active = 0;
        for first in group.clone().step_by(STRETCH) {
            let lines = first..(first + STRETCH).min(group.end);
            if x[lines.clone()] == [X::default(); STRETCH] {
                continue;
            }
            // Every line is written and kept only if it counts: no branch depends on the activities.
            for line in lines {
                self.active[active] = (line as u32, x[line]);
                active += usize::from(x[line] != X::default());
            }
        }
        let Some(before) = before else { return (&self.active[..active], false) };
        let (mut changed, mut too_wide) = (0, false);
        for first in group.clone().step_by(STRETCH) {
            let lines = first..(first + STRETCH).min(group.end);
            if x[lines.clone()] == before[lines.clone()] {
                continue;
            }
            for line in lines {
                let (difference, overflow) = X::difference(before[line], x[line]);
                too_wide |= overflow;
                self.changed[changed] = (line as u32, difference);
                changed += usize::from(difference != X::default());
            }
            if changed >= active || too_wide {
                return (&self.active[..active], false);
            }
        }
        (&self.changed[..changed], changed < active)
    }
}

/// Lines that are looked at together: of a picture's lines most are idle, side by side.
const STRETCH: usize = 16;

/// Bit `bit` of every code's size, with the code's sign.
fn bit_plane<X: Activity>(codes: &[X], bit: u32, plane: &mut [X]) {
    for (out, &code) in plane.iter_mut().zip(codes) {
        let code: i64 = code.into();
        *out = X::from_code(((code.abs() >> bit) & 1) * code.signum());
    }
}

impl<N: Number, X: Activity> Channel<N> for ExactSums<X> {
    fn refresh(&mut self, axons: Axons<'_, N>, matrix: Matrix<'_>, rewritten: bool) -> bool {
        let size = self.drivers.drive(axons, &mut self.next);
        let known = self.fresh && !rewritten;
        if known && self.next == self.driven {
            return false;
        }
        if self.serial_bits == 0 {
            // What the sums hold on the way from the old codes to the new ones is bounded by both.
            let on_the_way = size + 2 * self.size;
            let may_differ = known && matrix.exact(on_the_way);
            self.sum_groups(matrix, 0, if may_differ { on_the_way } else { size }, may_differ);
        }
        for bit in 0..self.serial_bits {
            bit_plane(&self.next, bit, &mut self.plane);
            self.sum_groups(matrix, bit as usize, self.next.len() as u128, false);
        }
        self.size = size;
        self.largest = (size.saturating_mul(matrix.reach.into()) >> matrix.drop) + 1;
        self.fresh = true;
        std::mem::swap(&mut self.next, &mut self.driven);
        true
    }

    fn sums(&self) -> &[i64] {
        &self.sums
    }

    fn largest(&self) -> u128 {
        self.largest
    }

    fn squares(&self, squares: &mut [f64]) {
        for (index, square) in squares.iter_mut().enumerate() {
            let (pass, group) = (index / self.groups.len(), index % self.groups.len());
            let codes = self.driven[self.groups[group].clone()].iter().map(|&code| code.into());
            *square = match self.serial_bits {
                0 => codes.map(|code| code as f64 * code as f64).sum(),
                _ => codes.map(|code: i64| ((code.abs() >> pass) & 1) as f64).sum(),
            };
        }
    }

    fn conducting(&self, levels: &[u64]) -> f64 {
        if self.drivers.serial {
            let set = |&code: &X| u64::from(code.into().unsigned_abs().count_ones());
            return self.driven.iter().map(set).zip(levels).map(|(bits, level)| bits * level).sum::<u64>()
                as f64;
        }
        // 15 bits of an activity are more than the 8 that are reported, and leave room for the sum.
        let full = self.drivers.full_code::<N>();
        let shift = (64 - full.leading_zeros()).saturating_sub(15);
        conducted(&self.driven, levels, shift) as f64 / (full >> shift) as f64
    }
}

/// The sum of code sizes, shifted down by `shift` to fewer than 32 bits, times `levels`, which have fewer too.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn conducted<X: Activity>(codes: &[X], levels: &[u64], shift: u32) -> u64 {
    let mut total = 0;
    for (&code, &level) in codes.iter().zip(levels) {
        let code: i64 = code.into();
        total += u64::from((code.unsigned_abs() >> shift) as u32) * u64::from(level as u32);
    }
    total
}
