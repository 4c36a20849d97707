//! The sums of products of a read, exact in integers: the bulk of a simulation's time.
//!
//! Each kernel is compiled for the plain and for the AVX2 instruction set and chosen at run time. Integer
//! sums that cannot overflow do not depend on their order, so every machine gets the same bits.

mod axpy;
mod dot;
mod split;

pub use axpy::axpy;
pub use dot::dot;
pub use split::{dot_split, split, subtract};

use std::ops::{Add, AddAssign, Mul};

/// An integer in which products are summed.
pub trait Sum: Copy + Default + Add<Output = Self> + AddAssign + Mul<Output = Self> {}
impl Sum for i32 {}
impl Sum for i64 {}
impl Sum for i128 {}
