//! The arithmetic of soft-bounds cells on whole slices: pulses, their noise, and read codes.
//!
//! Every operation is the same for a cell whether it stands in a row or alone, so results do not depend on
//! how cells are grouped.

use crate::Sign;

/// Rounds that cells take together; those with more pulses go on alone.
const ROUNDS: u32 = 64;
/// Cells pulsed side by side.
const CELLS: usize = 16;

/// What a row of requests comes to.
pub(super) struct Asked {
    /// Cells with a request.
    pub cells: usize,
    /// Pulses up and pulses down.
    pub up: u64,
    pub down: u64,
}

/// Adds up a row of requests.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn asked(pulses: &[i32]) -> Asked {
    let (mut cells, mut up, mut down) = (0_u32, 0_u64, 0_u64);
    for &pulses in pulses {
        cells += u32::from(pulses != 0);
        up += u64::from(pulses.max(0).unsigned_abs());
        down += u64::from(pulses.min(0).unsigned_abs());
    }
    Asked { cells: cells as usize, up, down }
}

/// Applies `pulses` to `v`, with each cell's own steps `up` and `down`.
pub(super) fn pulse(v: &mut [f32], pulses: &[i32], up: &[f32], down: &[f32], gamma: f32) {
    pulse_together(v, pulses, up, down, gamma);
    for (i, &pulses) in pulses.iter().enumerate().filter(|(_, n)| n.unsigned_abs() > ROUNDS) {
        pulse_alone(&mut v[i], pulses, if pulses > 0 { up[i] } else { down[i] }, gamma);
    }
}

/// The first [`ROUNDS`] pulses of every cell, some cells at a time in registers.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn pulse_together(v: &mut [f32], pulses: &[i32], up: &[f32], down: &[f32], gamma: f32) {
    let (v, v_rest) = v.as_chunks_mut::<CELLS>();
    let (pulses, pulses_rest) = pulses.as_chunks::<CELLS>();
    let ((up, up_rest), (down, down_rest)) = (up.as_chunks::<CELLS>(), down.as_chunks::<CELLS>());
    for (i, v) in v.iter_mut().enumerate() {
        pulse_some(v, &pulses[i], &up[i], &down[i], gamma);
    }
    for (i, v) in v_rest.iter_mut().enumerate() {
        let mut one = [*v];
        pulse_some(&mut one, &[pulses_rest[i]], &[up_rest[i]], &[down_rest[i]], gamma);
        *v = one[0];
    }
}

/// The first [`ROUNDS`] pulses of a few cells, round by round.
#[inline(always)]
fn pulse_some<const N: usize>(
    v: &mut [f32; N],
    pulses: &[i32; N],
    up: &[f32; N],
    down: &[f32; N],
    gamma: f32,
) {
    let (mut sign, mut step, mut count) = ([0.0_f32; N], [0.0_f32; N], [0_u32; N]);
    let mut most = 0;
    for i in 0..N {
        sign[i] = if pulses[i] > 0 { gamma } else { -gamma };
        step[i] = if pulses[i] > 0 { up[i] } else { -down[i] };
        count[i] = pulses[i].unsigned_abs();
        most = most.max(count[i]);
    }
    let mut now = *v;
    for round in 0..most.min(ROUNDS) {
        for i in 0..N {
            let next = within(now[i] + step[i] * (1.0 - sign[i] * now[i]));
            now[i] = if count[i] > round { next } else { now[i] };
        }
    }
    *v = now;
}

/// The pulses of one cell beyond the common rounds, until they move it no more.
fn pulse_alone(v: &mut f32, pulses: i32, size: f32, gamma: f32) {
    let sign = if pulses > 0 { 1.0 } else { -1.0 };
    for _ in ROUNDS..pulses.unsigned_abs() {
        let next = stepped(*v, sign, size, gamma);
        if next == *v {
            break;
        }
        *v = next;
    }
}

/// `v` after one pulse of direction `sign`.
#[inline(always)]
fn stepped(v: f32, sign: f32, size: f32, gamma: f32) -> f32 {
    within(v + sign * size * (1.0 - sign * gamma * v))
}

/// Adds the noise of each cell's request: `sigma sqrt(pulses) xi`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn scatter(v: &mut [f32], pulses: &[i32], sigma: f32, xi: &[f32]) {
    let cells = v.len();
    let (pulses, xi) = (&pulses[..cells], &xi[..cells]);
    for i in 0..cells {
        let count = (pulses[i] as f32).abs();
        let next = within(v[i] + sigma * count.sqrt() * xi[i]);
        v[i] = if pulses[i] == 0 { v[i] } else { next };
    }
}

/// The read codes of `v`, to nearest, ties up.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
pub(super) fn read(v: &[f32], sign: Sign, max_code: f64, codes: &mut [i16]) {
    let (slope, middle) = match sign {
        Sign::Any => (max_code, 0.0),
        Sign::NonNegative => (0.5 * max_code, 0.5 * max_code),
    };
    // Adding 1.5 * 2^52 leaves a whole number in the low bits of the word: a conversion that every vector unit has.
    const SHIFTED: f64 = 6_755_399_441_055_744.0;
    for (code, &v) in codes.iter_mut().zip(v) {
        *code = ((f64::from(v) * slope + middle + 0.5).floor() + SHIFTED).to_bits() as i16;
    }
}

/// `v` kept in the range of a cell, with comparisons that become vector instructions.
#[inline(always)]
fn within(v: f32) -> f32 {
    let v = if v > 1.0 { 1.0 } else { v };
    if v < -1.0 { -1.0 } else { v }
}
