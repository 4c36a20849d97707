//! `equipoise init`.

use crate::args::InitArgs;
use crate::experiment_file::{self, DEFAULT};
use equipoise_study::Error;
use equipoise_trace::atomic;

/// Writes or prints the default experiment.
pub fn init(args: &InitArgs) -> Result<(), Error> {
    let Some(path) = &args.path else {
        print!("{DEFAULT}");
        return Ok(());
    };
    experiment_file::refuse_existing(path, args.overwrite)?;
    atomic::write_file(path, DEFAULT.as_bytes())?;
    println!("written to {0}; run it with `equipoise run {0}`", path.display());
    Ok(())
}
