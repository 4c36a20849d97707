//! What states still do when a network is at rest: the grain of the chip's words, and the noise of its reads.

use equipoise_chip::catalog::NeuronModel;
use equipoise_chip::{Machine, Network};
use equipoise_oracle::stability::{Linearisation, Mode};
use equipoise_oracle::{Delays, Matrix};

/// Noise alone passes for an oscillation in one run of so many, at most.
const RUNS: f64 = 1000.0;

/// The unrest of a chip that stands still.
#[derive(Clone, Debug)]
pub struct AtRest {
    /// Peak-to-peak amplitude up to which swings are the words' own.
    grain: f64,
    /// Standard deviation of the noise in the drive of each free neuron, in the order of populations.
    noise: Vec<f64>,
    /// The least factor `a` of a neuron: noise is damped the least.
    leak: f64,
}

impl AtRest {
    /// Of a chip and the network that it was built for.
    #[must_use]
    pub fn of(chip: &dyn Machine, network: &Network) -> Self {
        let mut rest = Self { grain: chip.grain(), noise: Vec::new(), leak: 1.0 };
        for (index, population) in network.populations.iter().enumerate() {
            if let Some(NeuronModel::Rate(rate)) = &population.neuron {
                rest.noise.extend(std::iter::repeat_n(chip.drive_noise(index), population.size));
                rest.leak = if rate.a > 0.0 { rest.leak.min(rate.a) } else { rest.leak };
            }
        }
        rest
    }

    /// The swing of a state in `steps` steps that is more than noise and rounding, where neurons do not hear each other.
    #[must_use]
    pub fn floor(&self, steps: u32) -> f64 {
        let n = self.noise.len();
        let linear = Linearisation { jacobian: Matrix::zeros(n, n), leak: self.leak };
        self.response(&linear, &Delays::Uniform(0), 0.0, steps)
    }

    /// The same around an equilibrium, whose couplings carry the noise on: `mode` is its dominant one.
    #[must_use]
    pub fn floor_near(&self, linear: &Linearisation, delays: &Delays, mode: &Mode, steps: u32) -> f64 {
        self.response(linear, delays, mode.radius(), steps)
    }

    /// Some of the neurons, by their numbers.
    #[must_use]
    pub fn part(&self, neurons: &[usize]) -> Self {
        Self { noise: neurons.iter().map(|&neuron| self.noise[neuron]).collect(), ..*self }
    }

    /// A Gaussian exceeds x standard deviations with a chance of less than exp(-x^2 / 2), on either side, for every neuron
    /// in every step.
    fn response(&self, linear: &Linearisation, delays: &Delays, radius: f64, steps: u32) -> f64 {
        if self.noise.iter().all(|&noise| noise == 0.0) {
            return self.grain;
        }
        let states = linear.noise(delays, radius, &self.noise, steps as usize);
        let largest = states.into_iter().fold(0.0, f64::max);
        let chances = 2.0 * self.noise.len() as f64 * f64::from(steps) * RUNS;
        self.grain.max(2.0 * largest * (2.0 * libm::log(chances)).sqrt())
    }
}
