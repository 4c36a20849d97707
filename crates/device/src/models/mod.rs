//! The device models: one file each, one line each in the list below.

pub mod ideal;
pub mod soft_bounds;

use crate::{ArraySpec, Cells, Refusal, Sign};
use equipoise_base::{Grain, Number, Shape};

equipoise_base::family! {
    /// How the cells of an array store and are programmed.
    pub enum DeviceModel {
        /// A weight is a number; a pulse moves it by one LSB and every write is exact.
        Ideal(ideal::Params) = "ideal",
        /// A push-pull pair whose pulses shrink toward the end of the range, with device and pulse noise.
        SoftBounds(soft_bounds::Params) = "soft_bounds",
    }
}

impl DeviceModel {
    /// Checks what the ranges of single keys cannot.
    ///
    /// # Errors
    /// Names the key and what is accepted.
    pub fn check(&self) -> Result<(), Refusal> {
        match self {
            Self::Ideal(params) => params.check(),
            Self::SoftBounds(params) => params.check(),
        }
    }

    /// An array of cells at zero weight. `self` has passed [`DeviceModel::check`].
    #[must_use]
    pub fn build<N: Number>(&self, spec: ArraySpec) -> Box<dyn Cells<N>> {
        match self {
            Self::Ideal(params) => ideal::build(params, spec),
            Self::SoftBounds(params) => Box::new(soft_bounds::SoftBounds::new(params, spec)),
        }
    }

    /// What one pulse does in the middle of the range of a cell with weights of `sign`. `self` has passed
    /// [`DeviceModel::check`].
    #[must_use]
    pub fn grain<N: Number>(&self, sign: Sign) -> Grain {
        let shape = Shape { rows: 1, columns: 1 };
        self.build::<N>(ArraySpec { shape, sign, seed: 0, index: 0 }).grain()
    }

    /// The same model without its random parts: no noise, no spread, no programming error, nothing stuck.
    #[must_use]
    pub fn noiseless(&self) -> Self {
        match self {
            Self::Ideal(params) => Self::Ideal(params.clone()),
            Self::SoftBounds(params) => Self::SoftBounds(params.noiseless()),
        }
    }

    /// True if any change of a weight is written at once: no fractions of a pulse remain to be gathered.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        matches!(self, Self::Ideal(_))
    }

    /// The largest weight of a cell.
    #[must_use]
    pub fn w_max(&self) -> f64 {
        match self {
            Self::Ideal(params) => params.w_max,
            Self::SoftBounds(params) => params.w_max,
        }
    }
}
