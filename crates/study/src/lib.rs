//! From an experiment file to a finished run: the file becomes a chip and a program, the program runs, and
//! what it leaves is written.
//!
//! [`Experiment`] reads and resolves every key, [`Program`] turns a data set into instructions, [`run()`]
//! executes them and [`output`] writes the results of a run into its folder; a [`Session`] does all four.

pub mod delays_in_use;
pub mod doubts;
pub mod error;
pub mod estimate;
pub mod experiment;
pub mod fidelity;
pub mod folder;
pub mod network;
pub mod opinions;
pub mod output;
pub mod placed;
mod places;
pub mod presets;
pub mod probe;
pub mod program;
pub mod rules;
pub mod run;
pub mod sections;
pub mod session;
pub mod stability;
pub mod stimulus;
pub mod studies;
pub mod summary;
mod trace_place;
pub mod weights_file;

pub use error::Error;
pub use experiment::Experiment;
pub use folder::Destination;
pub use program::Program;
pub use run::{Progress, Run, RunOptions, run};
pub use session::{Finished, Session};
