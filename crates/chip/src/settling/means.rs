//! The settling of a noisy network: the change of the *mean* over `hold` steps (half the phase, if it is
//! shorter) is compared with epsilon plus three of its standard errors, neuron by neuron. The standard error is
//! that of the core's neurons together, and three becomes sqrt(9 + 2 ln n) for n neurons: so many are asked that
//! three alone would call every large network unsettled by chance (the bound is Bonferroni's, to a few per cent).

use equipoise_base::Number;
use std::ops::Range;

/// States of the last 2 x hold steps.
#[derive(Clone, Debug)]
pub(super) struct Means {
    epsilon: f64,
    hold: usize,
    /// Newest last: only kept where noise asks for means.
    history: Vec<Vec<i64>>,
    /// Where each core's states end.
    cores: Vec<usize>,
    steps: usize,
}

impl Means {
    pub(super) fn new(epsilon: f64, hold: usize) -> Self {
        Self { epsilon, hold: hold.max(1), history: Vec::new(), cores: Vec::new(), steps: 0 }
    }

    /// A phase begins.
    pub(super) fn begin(&mut self) {
        self.steps = 0;
    }

    /// Steps that are looked at.
    pub(super) fn depth(&self) -> usize {
        2 * self.hold
    }

    /// The states of this step, raw, core by core.
    pub(super) fn states<'a, N: Number>(&mut self, states: impl Iterator<Item = &'a [N]>) {
        let depth = self.depth();
        self.history.resize(depth, Vec::new());
        self.history.rotate_left(1);
        let newest = &mut self.history[depth - 1];
        newest.clear();
        self.cores.clear();
        for core in states {
            newest.extend(core.iter().map(|u| u.raw()));
            self.cores.push(newest.len());
        }
        self.steps += 1;
    }

    /// Do the means stand still? `ended`: no further step will follow.
    pub(super) fn settled<N: Number>(&self, ended: bool) -> bool {
        let hold = self.hold.min(self.steps / 2);
        if hold == 0 || (hold < self.hold && !ended) {
            return false;
        }
        let newest = self.history.len();
        let (old, new) = (&self.history[newest - 2 * hold..newest - hold], &self.history[newest - hold..]);
        let neurons = self.cores.last().copied().unwrap_or(0) as f64;
        let errors = (9.0 + 2.0 * libm::log(neurons.max(1.0))).sqrt();
        let epsilon = self.epsilon * (1_u64 << N::FRACTION) as f64;
        let mut first = 0;
        self.cores.iter().all(|&end| {
            let core = first..end;
            first = end;
            stands_still(old, new, core, epsilon, errors)
        })
    }
}

/// Does no mean of the neurons `core` move by more than `epsilon` plus `errors` standard errors? Raw LSB.
fn stands_still(old: &[Vec<i64>], new: &[Vec<i64>], core: Range<usize>, epsilon: f64, errors: f64) -> bool {
    let [before, after] = [old, new].map(|stretch| Moments::of(stretch, core.clone()));
    let pairs = before.variances.iter().zip(&after.variances);
    let variance = pairs.map(|(a, b)| a + b).sum::<f64>() / (2 * core.len().max(1)) as f64;
    let error = (2.0 * variance / old.len() as f64).sqrt();
    let mut means = before.means.iter().zip(&after.means);
    means.all(|(before, after)| (after - before).abs() <= epsilon + errors * error)
}

/// Means and unbiased variances of some neurons' states over a stretch, in raw LSB.
struct Moments {
    means: Vec<f64>,
    variances: Vec<f64>,
}

impl Moments {
    fn of(stretch: &[Vec<i64>], core: Range<usize>) -> Self {
        let mut moments = Self { means: vec![0.0; core.len()], variances: vec![0.0; core.len()] };
        let n = stretch.len() as f64;
        for step in stretch {
            add_values(&step[core.clone()], &mut moments.means);
        }
        moments.means.iter_mut().for_each(|sum| *sum /= n);
        if n > 1.0 {
            for step in stretch {
                add_squares(&step[core.clone()], &moments.means, &mut moments.variances);
            }
            moments.variances.iter_mut().for_each(|sum| *sum /= n - 1.0);
        }
        moments
    }
}

#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_values(states: &[i64], sums: &mut [f64]) {
    for (sum, &state) in sums.iter_mut().zip(states) {
        *sum += state as f64;
    }
}

/// Adds the squares of the distances from the `means`.
#[multiversion::multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2"))]
fn add_squares(states: &[i64], means: &[f64], sums: &mut [f64]) {
    for ((sum, &state), &mean) in sums.iter_mut().zip(states).zip(means) {
        let distance = state as f64 - mean;
        *sum += distance * distance;
    }
}
