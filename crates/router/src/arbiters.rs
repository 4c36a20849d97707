//! One file per arbiter.

mod fixed_priority;
mod matrix;
mod oldest;
mod round_robin;

pub use fixed_priority::FixedPriority;
pub use matrix::Matrix;
pub use oldest::OldestFirst;
pub use round_robin::RoundRobin;
