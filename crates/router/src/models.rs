//! One file per model: routers (how packets travel) and send policies (what is sent).

mod concentrated_mesh;
mod every_step;
mod ideal;
mod mesh;
mod on_change;
mod plane;
mod router_keys;
mod spike;
mod torus;
mod tree;

pub use concentrated_mesh::ConcentratedMesh;
pub use every_step::EveryStep;
pub use ideal::{Ideal, Wires};
pub use mesh::{Grid, Mesh};
pub use on_change::OnChange;
pub use spike::Spike;
pub use torus::{Rings, Torus};
pub use tree::Tree;
