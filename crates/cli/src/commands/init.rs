//! `equipoise init`.

use crate::args::InitArgs;
use crate::experiment_file::{self, DEFAULT};
use crate::print;
use equipoise_study::Error;
use equipoise_trace::atomic;

/// Writes or prints the default experiment.
pub fn init(args: &InitArgs) -> Result<(), Error> {
    let Some(path) = &args.path else {
        return print::say(DEFAULT);
    };
    experiment_file::refuse_existing(path, args.overwrite)?;
    atomic::write_file(path, DEFAULT.as_bytes())?;
    print::report(&format!("written to {0}; run it with `equipoise run {0}`\n", path.display()));
    Ok(())
}
