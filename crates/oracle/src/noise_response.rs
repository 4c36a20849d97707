//! How far noise in the drives moves the states around an equilibrium.

use crate::Delays;
use crate::stability::Linearisation;
use std::collections::VecDeque;

/// A response is over where a stretch as long as the longest delay adds less than this share of what there is.
const OVER: f64 = 1e-9;

impl Linearisation {
    /// The standard deviation of each unit `steps` steps after white noise of standard deviation `drive` (by unit) began
    /// to enter the drives: the square root of the sum of the squares of all impulse responses,
    /// `e_i(t+1) = (1-a) e_i(t) + a (sum_j J_ij e_j(t - D_ij) + xi_i(t))`.
    ///
    /// Where a mode grows, by the spectral radius `radius` per step, the responses are those of the margin: divided by
    /// `radius^t`. So the answer is finite, and goes on smoothly from a stable equilibrium to an unstable one.
    ///
    /// # Panics
    /// If `drive` or a delay matrix does not fit the network.
    pub fn noise(&self, delays: &Delays, radius: f64, drive: &[f64], steps: usize) -> Vec<f64> {
        let n = self.jacobian.nrows();
        assert_eq!(drive.len(), n, "one standard deviation per unit");
        let growth = radius.max(1.0);
        let mut couplings = Vec::new();
        for (i, j) in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))) {
            let (weight, delay) = (self.jacobian[(i, j)], delays.between(i, j));
            if weight != 0.0 {
                let shrunk = (0..=delay).fold(self.leak * weight, |weight, _| weight / growth);
                couplings.push((i, j, delay, shrunk));
            }
        }
        let mut variances = vec![0.0; n];
        for source in (0..n).filter(|&source| drive[source] > 0.0) {
            let mut past: VecDeque<Vec<f64>> = vec![vec![0.0; n]; delays.longest()].into();
            let mut now = vec![0.0; n];
            now[source] = self.leak * drive[source];
            let (mut total, mut stretch, mut since) = (0.0, 0.0, 0);
            for _ in 0..steps {
                for (variance, e) in variances.iter_mut().zip(&now) {
                    *variance += e * e;
                    stretch += e * e;
                }
                since += 1;
                if since > delays.longest() {
                    total += stretch;
                    if stretch <= OVER * total {
                        break;
                    }
                    (stretch, since) = (0.0, 0);
                }
                let mut next: Vec<f64> = now.iter().map(|e| (1.0 - self.leak) * e / growth).collect();
                past.push_front(now);
                for &(i, j, delay, weight) in &couplings {
                    next[i] += weight * past[delay][j];
                }
                past.truncate(delays.longest());
                now = next;
            }
        }
        variances.into_iter().map(f64::sqrt).collect()
    }
}
