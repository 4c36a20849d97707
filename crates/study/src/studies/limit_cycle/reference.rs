//! What an independent simulation in Python, written before this one, found for the default network.

use super::{Keys, METHODS};
use equipoise_oracle::limit_cycle::Case;

/// Where these numbers come from.
pub(super) const SOURCE: &str = "independent Python reference";

/// A delay of the reference.
pub(super) struct Row {
    pub delay: u32,
    /// Peak to peak of neuron 0 over the last 300 of 3,000 steps.
    pub swing: f64,
    /// From whole steps between upward crossings of the mean.
    pub period_steps: f64,
    /// Relative error of EP with latches averaged over those steps.
    pub window_error: f64,
}

const ROWS: [Row; 5] = [
    Row { delay: 13, swing: 0.191_508_023, period_steps: 39.2857, window_error: 1.995_668_7 },
    Row { delay: 14, swing: 0.886_784_937, period_steps: 41.6667, window_error: 2.122_046_4 },
    Row { delay: 16, swing: 1.443_391_304, period_steps: 46.6, window_error: 2.772_230_2 },
    Row { delay: 20, swing: 2.042_250_960, period_steps: 55.4, window_error: 3.280_768_8 },
    Row { delay: 30, swing: 2.718_074_490, period_steps: 77.0, window_error: 1.850_864_3 },
];

/// Weights of a chip with wide words are this close to those of a file.
const WORDS: f64 = 1e-12;

/// Least, greatest and mean cosine over 100 latch steps, and the share of them that is negative.
pub(super) const PHASES: [f64; 4] = [-0.852_670_892, 0.785_489_789, -0.065_734_945, 0.53];

/// Loss of the trajectory before the last of 300 updates, method by method.
pub(super) const FINAL_LOSSES: [f64; METHODS.len()] =
    [1.894_680_35e-5, 0.277_476_425, 3.258_469_58, 13.737_764_47];

/// Are `case`, to the rounding of the chip's words, and `keys` those of the reference?
pub(super) fn applies(case: &Case, keys: &Keys) -> bool {
    let (given, own) = (keys, Keys::default());
    let [given, own] = [given, &own].map(|k| (k.target, k.steps, k.learning_delay, k.updates));
    let known = Case::with_delay(0);
    let pairs = case.parameters.values.iter().zip(&known.parameters.values);
    let is_close = pairs.map(|(a, b)| (a - b).abs()).all(|apart| apart < WORDS);
    is_close && (&case.start, case.leak) == (&known.start, known.leak) && given == own
}

/// The reference's numbers at this delay, if it has any.
pub(super) fn row(delay: u32) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.delay == delay)
}
