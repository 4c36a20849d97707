//! What the program says to a person.

mod bill;
mod closing;
mod models;
mod numbers;
mod page;
mod plan;
mod trace_info;

pub use bill::bill;
pub use closing::closing;
pub use models::{actions, models, words};
pub use numbers::counted;
pub use page::entries;
pub use plan::{opening, plan};
pub use trace_info::trace_info;
