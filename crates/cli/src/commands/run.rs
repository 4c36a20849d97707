//! `equipoise run`.

use crate::args::RunArgs;
use crate::progress::Bar;
use crate::{experiment_file, interrupt, print};
use equipoise_study::Error;

/// Runs and reports.
pub fn run(args: &RunArgs) -> Result<(), Error> {
    interrupt::listen();
    let mut session = experiment_file::session(&args.settings)?;
    session.threads = args.results.threads as usize;
    let destination = args.results.destination(&session.experiment);
    if !args.results.quiet {
        print::tell(&print::opening(&session));
    }
    let mut bar = Bar::new(session.samples(), args.results.quiet);
    let finished = session.run(&destination, args.results.overwrite, &mut bar);
    bar.finish();
    let finished = finished?;
    if args.results.quiet {
        print::report(&format!("{}\n", finished.folder.display()));
    } else {
        print::report(&print::closing(&finished, &session));
    }
    complete(finished.failed)
}

/// An error if something of what was asked for has `failed`.
pub fn complete(failed: Vec<Error>) -> Result<(), Error> {
    if failed.is_empty() { Ok(()) } else { Err(Error::Incomplete(failed)) }
}
