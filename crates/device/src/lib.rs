//! How one analog cell stores, reads and is programmed.
//!
//! A cell is one signed weight: a differential pair of devices, or one device where weights have a fixed
//! sign. Models work on whole arrays of cells ([`Cells`]), so dispatch happens once per array and never per
//! cell. What an array of converters makes of the cells is the business of the crate `crossbar`.

pub mod cells;
pub mod models;

pub use cells::{ArraySpec, Cells, CodeScale, Codes, Conduction, LEVELS, Sign};
pub use equipoise_base::Refusal;
pub use models::DeviceModel;
