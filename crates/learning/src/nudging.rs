//! Nudging schemes: how many nudged phases, with which sign of beta, and which latches are compared.
//!
//! Signs and estimators follow Scellier and Bengio 2017 (one-sided), Laborieux et al. 2021 (centered, random
//! sign) and Scellier et al. 2023 (negative). With correlations `c`, the weight change is proportional to
//! `(c_first - c_second) * gain`.

use equipoise_base::noise::{Noise, Stream, StreamKind};

equipoise_base::choice! {
    /// How the outputs are nudged.
    pub enum Nudging {
        /// One nudged phase with +beta, compared with the free phase: a gradient with an error of order beta.
        OneSided = "one_sided",
        /// One nudged phase with -beta, compared with the free phase.
        Negative = "negative",
        /// Two nudged phases with +beta and -beta, compared with each other: an error of order beta squared.
        Centered = "centered",
        /// One nudged phase whose sign is drawn for each training sample, written or refused, compared with the free
        /// phase.
        RandomSign = "random_sign",
    }
}

impl Nudging {
    /// Nudged phases per update, K.
    #[must_use]
    pub fn phases(self) -> u32 {
        if self == Self::Centered { 2 } else { 1 }
    }

    /// True if the free phase is latched; centered nudging compares two nudged phases and needs no such latch.
    #[must_use]
    pub fn latches_free(self) -> bool {
        self != Self::Centered
    }

    /// The sign of beta in nudged phase `index` (from 1) of training sample number `sample` (from 0).
    #[must_use]
    pub fn sign(self, index: u32, seed: u64, sample: u64) -> i32 {
        match self {
            Self::OneSided => 1,
            Self::Negative => -1,
            Self::Centered => {
                if index == 1 {
                    1
                } else {
                    -1
                }
            }
            Self::RandomSign => {
                let bit = Noise::at(seed, Stream::of(StreamKind::NudgeSign, 0), sample).word(0) & 1;
                if bit == 0 { 1 } else { -1 }
            }
        }
    }

    /// What the difference of the latches is multiplied with: the inverse of the difference of the two
    /// phases' nudging strengths. `first_sign` is the sign of the first nudged phase.
    #[must_use]
    pub fn gain(self, beta: f64, first_sign: i32) -> f64 {
        match self {
            Self::Centered => 1.0 / (2.0 * beta),
            _ => f64::from(first_sign) / beta,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gain_is_one_over_the_distance_between_the_two_betas() {
        let beta = 0.25;
        for (scheme, betas) in [
            (Nudging::OneSided, (0.25, 0.0)),
            (Nudging::Negative, (-0.25, 0.0)),
            (Nudging::Centered, (0.25, -0.25)),
        ] {
            let sign = scheme.sign(1, 0, 0);
            assert_eq!(f64::from(sign) * beta, betas.0);
            assert_eq!(scheme.gain(beta, sign), 1.0 / (betas.0 - betas.1), "{}", scheme.word());
        }
    }

    #[test]
    fn random_signs_are_balanced_and_addressed() {
        let signs: Vec<i32> = (0..4_000).map(|sample| Nudging::RandomSign.sign(1, 9, sample)).collect();
        let sum: i32 = signs.iter().sum();
        assert!(sum.abs() < 5 * 64, "five standard errors of 4,000 coins, got {sum}");
        assert_eq!(signs[17], Nudging::RandomSign.sign(1, 9, 17));
    }
}
