//! Losses: what pulls the outputs in a nudged phase.

use equipoise_base::{Number, Rounding};

equipoise_base::choice! {
    /// The loss whose gradient is followed.
    pub enum Loss {
        /// C = 1/2 |value - target|^2 over the output neurons; its pull is the difference (Scellier and Bengio 2017). Where the neurons' flow makes that pull the gradient of another cost, that one is reported (see `list neurons`, cost_on).
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use fixed::types::I8F24;

    #[test]
    fn the_force_is_minus_beta_times_the_slope_of_the_loss() {
        let number = I8F24::nearest;
        let (value, target) = ([0.3, 0.9], [1.0, 0.0]);
        let mut force = [I8F24::ZERO; 2];
        Loss::SquaredError.force(number(-0.5), &value.map(number), &target.map(number), &mut force);
        let h = 1e-3;
        for i in 0..2 {
            let loss = |value: f64| 0.5 * (value - target[i]) * (value - target[i]);
            let slope = (loss(value[i] + h) - loss(value[i] - h)) / (2.0 * h);
            assert!((force[i].value() - 0.5 * slope).abs() < 1e-6, "{i}");
        }
    }
}
