//! Sending what moved.

use equipoise_base::{Number, SpikeSet};

equipoise_base::params! {
    /// An axon sends when its activity differs from the last one it sent, by at least `threshold`.
    ///
    /// Exact up to a threshold of one LSB of the activity. Above it receivers hold stale values: the fixed
    /// point errs by up to the threshold, and a nudge that moves activities by less is not seen at all.
    pub struct OnChange {
        /// The smallest move that is sent; zero sends every move.
        threshold: f64 = 0.003_906_25, "activity", 0.0..=128.0;
    }
}

impl OnChange {
    /// Puts into `sent` each axon that moved far enough away from `last_sent`, and moves `last_sent` there.
    pub(crate) fn choose<N: Number>(&self, values: &[N], last_sent: &mut [N], sent: &mut SpikeSet) {
        // A move is a multiple of the LSB, so no move at all never reaches a threshold of one LSB or more.
        let threshold = N::nearest(self.threshold).raw().max(1);
        for (axon, (&value, last)) in values.iter().zip(last_sent).enumerate() {
            if value.raw().abs_diff(last.raw()) >= threshold as u64 {
                *last = value;
                sent.insert(axon);
            }
        }
    }
}
