//! The chip's clock: cycles and steps, the program counter with its timeline, and the windows of cycles in
//! which the peak of power is looked for.

pub mod clock;
pub mod sync;
pub mod timeline;
pub mod windows;

pub use clock::Clock;
pub use sync::{Barrier, Free, PerCore, Sync};
pub use timeline::{Span, Timeline};
pub use windows::WindowBook;
