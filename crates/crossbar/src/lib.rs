//! The analog core model: arrays of cells with their drivers and converters, read both ways.
//!
//! One logical matrix of weights is cut into tiles, one physical array each. A read drives every line of one
//! side through its DAC, converts every line of the other side of every tile through its ADC and adds the
//! tiles' partial sums digitally. The same cells are read forward and transposed, so the weights of the two
//! directions are the same devices.
//!
//! The path of a read: `drivers` turn activities into codes, a `channel` keeps the exact integer sums
//! ([`kernels`] compute them), a `converter` makes each sum what its ADC reports, and [`tiling`] knows what
//! was used and is counted.

mod activity;
pub mod array;
mod channel;
mod converter;
mod drivers;
pub mod kernels;
mod levels;
mod mirror;
pub mod params;
pub mod tiling;
pub mod timing;

pub use array::Crossbar;
pub use drivers::MOST_ACTIVITY;
pub use equipoise_device::{DeviceModel, Refusal, Sign};
pub use params::{Adc, ConverterKind, Params, Timing};
pub use tiling::{Blocks, Tiling};
