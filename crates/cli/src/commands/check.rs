//! `equipoise check`.

use crate::args::CheckArgs;
use crate::progress::Stopwatch;
use crate::{experiment_file, print};
use equipoise_study::Error;
use equipoise_study::estimate::estimate;

/// Reads everything, tries a few samples, writes nothing, prints what would run.
pub fn check(args: &CheckArgs) -> Result<(), Error> {
    let mut session = experiment_file::session(&args.settings)?;
    let slices = session.plan()?;
    let placed = session.placement()?;
    let watch = Stopwatch::start();
    let estimate = estimate(&mut session, &|| watch.elapsed())?;
    print::say(&print::plan(&session, &slices, placed.as_ref(), &estimate))?;
    print::say("accepted; nothing was written\n")
}
