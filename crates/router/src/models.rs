//! One file per model: routers (how packets travel) and send policies (what is sent).

mod every_step;
mod ideal;
mod mesh;
mod on_change;
mod spike;

pub use every_step::EveryStep;
pub use ideal::{Ideal, Wires};
pub use mesh::{Grid, Mesh};
pub use on_change::OnChange;
pub use spike::Spike;
