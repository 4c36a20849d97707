//! Losses: what pulls the outputs in a nudged phase.

use equipoise_base::{Number, Rounding};

equipoise_base::choice! {
    /// The loss whose gradient is followed.
    pub enum Loss {
        /// C = 1/2 |value - target|^2 over the output neurons; its pull is the difference (Scellier and Bengio 2017).
        SquaredError = "squared_error",
    }
}

impl Loss {
    /// Writes `-signed_beta * dC/dvalue` for every output neuron into `force`: the term that enters the
    /// neurons' own update. `signed_beta` is a number of the chip, the product is rounded to nearest.
    pub fn force<N: Number>(self, signed_beta: N, value: &[N], target: &[N], force: &mut [N]) {
        match self {
            Self::SquaredError => {
                for ((slot, &v), &d) in force.iter_mut().zip(value).zip(target) {
                    let pull = i128::from(d.raw()) - i128::from(v.raw());
                    let wide =
                        Rounding::Nearest.shift_wide(pull * i128::from(signed_beta.raw()), N::FRACTION);
                    *slot = N::from_raw(equipoise_base::number::saturate_i128(wide));
                }
            }
        }
    }

    /// The loss itself, for the metrics.
    #[must_use]
    pub fn value<N: Number>(self, value: &[N], target: &[N]) -> f64 {
        match self {
            Self::SquaredError => {
                value.iter().zip(target).map(|(v, d)| v.value() - d.value()).map(|e| 0.5 * e * e).sum()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixed::types::I8F24;

    #[test]
    fn the_force_is_minus_beta_times_the_slope_of_the_loss() {
        let number = I8F24::nearest;
        let (value, target) = ([number(0.3), number(0.9)], [number(1.0), number(0.0)]);
        let mut force = [I8F24::ZERO; 2];
        Loss::SquaredError.force(number(-0.5), &value, &target, &mut force);
        let h = 1e-3;
        for i in 0..2 {
            let mut moved = value;
            moved[i] = number(value[i].value() + h);
            let mut back = value;
            back[i] = number(value[i].value() - h);
            let loss = |v: &[I8F24]| Loss::SquaredError.value(v, &target);
            let slope = (loss(&moved) - loss(&back)) / (2.0 * h);
            assert!((force[i].value() - 0.5 * slope).abs() < 1e-4, "{i}");
        }
    }
}
