//! Randomness as a pure function of (seed, stream, time, lane).
//!
//! No generator object carries state: a draw is addressed, not taken, so neither threads nor order nor a
//! resumed run can change it. Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2,
//! 3") turns the address into four words; Box and Muller turn words into Gaussians with polynomials that use
//! only + - * / sqrt, so every machine gets the same bits.

/// Which quantity a draw belongs to; two streams never share a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream(pub u32);

impl Stream {
    /// The stream of `kind` for the `index`-th object of that kind (an array, a connection).
    #[must_use]
    pub fn of(kind: StreamKind, index: u32) -> Self {
        debug_assert!(index < 1 << 24, "2^24 objects of a kind at most");
        Self((kind as u32) << 24 | index)
    }
}

/// The kinds of random quantity in the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum StreamKind {
    /// Initial weights of a connection.
    Weights = 1,
    /// Static device-to-device spread of an array.
    DeviceSpread,
    /// Cycle-to-cycle noise of programming pulses.
    Pulse,
    /// Error of the initial programming.
    Programming,
    /// Noise of forward reads.
    ReadForward,
    /// Noise of transposed reads.
    ReadTransposed,
    /// Static gain and offset spread of converters.
    Converter,
    /// Stochastic rounding of updates.
    UpdateRounding,
    /// Random sign of the nudge.
    NudgeSign,
    /// Order of the samples in an epoch.
    Shuffle,
    /// Faults: stuck cells.
    Fault,
    /// Random delays.
    Delay,
    /// Anything that a test needs.
    Test,
    /// Random traffic, which measures a router.
    Traffic,
    /// Exchanges of cores while they are placed.
    Placement,
}

const M0: u32 = 0xD251_1F53;
const M1: u32 = 0xCD9E_8D57;
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;
const ROUNDS: usize = 10;

/// One Philox4x32-10 block: 128 random bits for a 128-bit counter under a 64-bit key.
#[must_use]
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut a, mut b, mut c, mut d] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        let p0 = u64::from(M0) * u64::from(a);
        let p1 = u64::from(M1) * u64::from(c);
        (a, b, c, d) = ((p1 >> 32) as u32 ^ b ^ k0, p1 as u32, (p0 >> 32) as u32 ^ d ^ k1, p0 as u32);
        k0 = k0.wrapping_add(W0);
        k1 = k1.wrapping_add(W1);
    }
    [a, b, c, d]
}

/// The address of a family of draws: everything but the lane.
#[derive(Clone, Copy, Debug)]
pub struct Noise {
    key: [u32; 2],
    stream: u32,
    time: [u32; 2],
}

impl Noise {
    /// Draws of `stream` at `time` (a step, a sample, an update: what the stream counts) under `seed`.
    #[must_use]
    pub fn at(seed: u64, stream: Stream, time: u64) -> Self {
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            stream: stream.0,
            time: [time as u32, (time >> 32) as u32],
        }
    }

    fn block(&self, block: u32) -> [u32; 4] {
        philox([block, self.stream, self.time[0], self.time[1]], self.key)
    }

    /// 32 random bits of lane `lane`.
    #[must_use]
    pub fn word(&self, lane: u32) -> u32 {
        self.block(lane / 4)[lane as usize % 4]
    }

    /// A uniform number in [0, 1) with 32 bits.
    #[must_use]
    pub fn uniform(&self, lane: u32) -> f64 {
        f64::from(self.word(lane)) / 4_294_967_296.0
    }

    /// A number below `bound`, without measurable bias for bounds up to 2^24.
    #[must_use]
    pub fn below(&self, lane: u32, bound: u32) -> u32 {
        ((u64::from(self.word(lane)) * u64::from(bound)) >> 32) as u32
    }

    /// A standard Gaussian: the same value that [`Noise::fill_gaussian`] puts at `lane`.
    #[must_use]
    pub fn gaussian(&self, lane: u32) -> f32 {
        let [a, b, c, d] = self.block(lane / 4);
        let pair = if lane % 4 < 2 { gaussian_pair(a, b) } else { gaussian_pair(c, d) };
        if lane.is_multiple_of(2) { pair.0 } else { pair.1 }
    }

    /// Fills `out` with the words of lanes `first ..`; `first` is a multiple of four.
    pub fn fill_words(&self, first: u32, out: &mut [u32]) {
        debug_assert_eq!(first % 4, 0, "a fill starts at a block");
        fill_words(self, first / 4, out);
    }

    /// Fills `out` with the words of lanes `first ..` of those blocks of four lanes that are listed, counted from
    /// `first`, a multiple of four: one array of four words for each.
    pub fn fill_some_words(&self, first: u32, blocks: &[u32], out: &mut [[u32; 4]]) {
        debug_assert_eq!(first % 4, 0, "a fill starts at a block");
        fill_some_words(self, first / 4, blocks, out);
    }

    /// Fills `out` with standard Gaussians of lanes `first ..`; `first` is a multiple of four.
    pub fn fill_gaussian(&self, first: u32, out: &mut [f32]) {
        debug_assert_eq!(first % 4, 0, "a fill starts at a block");
        fill_gaussian(self, first / 4, out);
    }
}

/// Fills `out` with Gaussians from `block` on. Compiled for several instruction sets and chosen at run time;
/// the arithmetic has one rounding per operation, so all of them give the same bits.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn fill_gaussian(noise: &Noise, block: u32, out: &mut [f32]) {
    let (fours, rest) = out.as_chunks_mut::<4>();
    let whole = fours.len();
    for (i, four) in fours.iter_mut().enumerate() {
        let [a, b, c, d] = lanes(noise, block.wrapping_add(i as u32));
        let ((x, y), (z, w)) = (gaussian_pair(a, b), gaussian_pair(c, d));
        *four = [x, y, z, w];
    }
    for (lane, slot) in rest.iter_mut().enumerate() {
        *slot = noise.gaussian(block.wrapping_add(whole as u32).wrapping_mul(4).wrapping_add(lane as u32));
    }
}

/// Fills `out` with words from `block` on.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn fill_words(noise: &Noise, block: u32, out: &mut [u32]) {
    let (fours, rest) = out.as_chunks_mut::<4>();
    let whole = fours.len();
    for (i, four) in fours.iter_mut().enumerate() {
        *four = lanes(noise, block.wrapping_add(i as u32));
    }
    for (slot, word) in rest.iter_mut().zip(noise.block(block.wrapping_add(whole as u32))) {
        *slot = word;
    }
}

/// Fills `out` with the words of `blocks`, counted from `first`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn fill_some_words(noise: &Noise, first: u32, blocks: &[u32], out: &mut [[u32; 4]]) {
    for (words, block) in out.iter_mut().zip(blocks) {
        *words = lanes(noise, first.wrapping_add(*block));
    }
}

/// The block of [`philox`] number `block`, for loops over blocks.
///
/// The words travel in 64-bit lanes whose upper halves hold anything: vector units multiply the lower halves
/// of such lanes, so nothing has to be moved between the rounds.
#[inline(always)]
fn lanes(noise: &Noise, block: u32) -> [u32; 4] {
    const LOWER: u64 = 0xFFFF_FFFF;
    const BOTH: u64 = 1 << 32 | 1;
    let (mut a, mut b) = (BOTH * u64::from(block), BOTH * u64::from(noise.stream));
    let (mut c, mut d) = (BOTH * u64::from(noise.time[0]), BOTH * u64::from(noise.time[1]));
    let [mut k0, mut k1] = noise.key;
    for _ in 0..ROUNDS {
        let p0 = u64::from(M0) * (a & LOWER);
        let p1 = u64::from(M1) * (c & LOWER);
        (a, b) = ((p1 >> 32) ^ b ^ (BOTH * u64::from(k0)), p1);
        (c, d) = ((p0 >> 32) ^ d ^ (BOTH * u64::from(k1)), p0);
        k0 = k0.wrapping_add(W0);
        k1 = k1.wrapping_add(W1);
    }
    [a as u32, b as u32, c as u32, d as u32]
}

/// Box and Muller: two words to two independent standard Gaussians, at most 5.9 in size (24-bit uniforms).
#[inline(always)]
fn gaussian_pair(a: u32, b: u32) -> (f32, f32) {
    const UNIT: f32 = 1.0 / 16_777_216.0;
    // Through signed words, whose conversion every vector unit has.
    let radius = (-2.0 * ln_unit(((a >> 8) + 1) as i32 as f32 * UNIT)).sqrt();
    let (sin, cos) = sin_cos_turn((b >> 8) as i32);
    (radius * cos, radius * sin)
}

/// The natural logarithm of `x` in (0, 1]: exponent plus the atanh series of the mantissa.
#[inline(always)]
fn ln_unit(x: f32) -> f32 {
    const SQRT_HALF_BITS: u32 = 0x3F35_04F3;
    let bits = x.to_bits().wrapping_sub(SQRT_HALF_BITS);
    let exponent = (bits as i32) >> 23;
    let mantissa = f32::from_bits((bits & 0x007F_FFFF) + SQRT_HALF_BITS);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let s2 = s * s;
    let series = 1.0 + s2 * (1.0 / 3.0 + s2 * (0.2 + s2 * (1.0 / 7.0 + s2 * (1.0 / 9.0))));
    exponent as f32 * std::f32::consts::LN_2 + 2.0 * s * series
}

/// Sine and cosine of `turn` / 2^24 whole turns, by quadrants; `turn` is from 0 to 2^24 - 1.
#[inline(always)]
fn sin_cos_turn(turn: i32) -> (f32, f32) {
    let quadrant = (turn + (1 << 21)) >> 22;
    let quarters = (turn - (quadrant << 22)) as f32 * (1.0 / 4_194_304.0);
    let x = quarters * std::f32::consts::FRAC_PI_2;
    let x2 = x * x;
    let sin =
        x * (1.0 + x2 * (-1.0 / 6.0 + x2 * (1.0 / 120.0 + x2 * (-1.0 / 5040.0 + x2 * (1.0 / 362_880.0)))));
    let cos = 1.0 + x2 * (-0.5 + x2 * (1.0 / 24.0 + x2 * (-1.0 / 720.0 + x2 * (1.0 / 40_320.0))));
    let (s, c) = if quadrant & 1 == 0 { (sin, cos) } else { (cos, sin) };
    let s = if quadrant & 2 == 0 { s } else { -s };
    let c = if (quadrant + 1) & 2 == 0 { c } else { -c };
    (s, c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn philox_meets_the_published_known_answers() {
        // Random123's kat_vectors, philox4x32-10.
        assert_eq!(philox([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn filling_equals_asking_lane_by_lane() {
        let noise = Noise::at(7, Stream::of(StreamKind::Test, 3), 1 << 40);
        let mut gaussians = [0.0; 150];
        noise.fill_gaussian(8, &mut gaussians);
        let mut words = [0; 150];
        noise.fill_words(8, &mut words);
        let blocks = [0, 3, 4, 36];
        let mut some = [[0; 4]; 4];
        noise.fill_some_words(8, &blocks, &mut some);
        for (block, found) in blocks.iter().zip(some) {
            assert_eq!(found, [0, 1, 2, 3].map(|lane| noise.word(8 + 4 * block + lane)));
        }
        for i in 0..150 {
            assert_eq!(gaussians[i].to_bits(), noise.gaussian(8 + i as u32).to_bits());
            assert_eq!(words[i], noise.word(8 + i as u32));
        }
    }

    #[test]
    fn the_polynomials_follow_the_real_functions() {
        #[allow(clippy::disallowed_methods)] // the independent truth of this test
        for i in 1..=1_000 {
            let x = i as f32 / 1_000.0;
            let ln_error = (f64::from(ln_unit(x)) - f64::from(x).ln()).abs();
            assert!(ln_error < 2e-7 * (1.0 + f64::from(x).ln().abs()), "ln {x}: {ln_error}");
            let turn = (i - 1) * 16_793; // the last of them is just below a whole turn
            let angle = f64::from(turn) / f64::from(1 << 24) * std::f64::consts::TAU;
            let (sin, cos) = sin_cos_turn(turn);
            assert!((f64::from(sin) - angle.sin()).abs() < 3e-7, "sin {turn}");
            assert!((f64::from(cos) - angle.cos()).abs() < 3e-7, "cos {turn}");
        }
    }

    #[test]
    fn gaussians_have_the_moments_of_gaussians() {
        let noise = Noise::at(1, Stream::of(StreamKind::Test, 0), 0);
        let mut draws = vec![0.0; 1 << 20];
        noise.fill_gaussian(0, &mut draws);
        let n = draws.len() as f64;
        let moment =
            |p: i32| draws.iter().map(|&x| (0..p).fold(1.0, |m, _| m * f64::from(x))).sum::<f64>() / n;
        // Five standard errors of each moment's estimate: sqrt(1/n), sqrt(2/n), sqrt(15/n), sqrt(96/n).
        let five = |variance: f64| 5.0 * (variance / n).sqrt();
        assert!(moment(1).abs() < five(1.0));
        assert!((moment(2) - 1.0).abs() < five(2.0));
        assert!(moment(3).abs() < five(15.0));
        assert!((moment(4) - 3.0).abs() < five(96.0));
    }

    #[test]
    fn no_two_addresses_share_their_draws() {
        let base = Noise::at(1, Stream(2), 3);
        for other in [
            Noise::at(2, Stream(2), 3),
            Noise::at(1, Stream(3), 3),
            Noise::at(1, Stream(2), 4),
            Noise::at(1, Stream(2), 3 << 32),
        ] {
            assert_ne!(base.word(0), other.word(0));
        }
    }
}
