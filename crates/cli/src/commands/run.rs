//! `equipoise run`.

use crate::args::RunArgs;
use crate::progress::Bar;
use crate::{experiment_file, interrupt, print};
use equipoise_study::{Destination, Error};
use std::path::Path;

/// Runs and reports.
pub fn run(args: &RunArgs) -> Result<(), Error> {
    interrupt::listen();
    let mut session = experiment_file::session(&args.settings)?;
    session.threads = args.threads as usize;
    let destination = match &args.out {
        Some(folder) => Destination::Named(folder.clone()),
        None => Destination::numbered(Path::new("runs"), &session.experiment.title, session.experiment.seed),
    };
    if !args.quiet {
        eprintln!("{}", print::opening(&session));
    }
    let mut bar = Bar::new(session.samples(), args.quiet);
    let finished = session.run(destination, args.overwrite, &mut bar);
    bar.finish();
    let finished = finished?;
    if args.quiet {
        print::say(&format!("{}\n", finished.folder.display()))
    } else {
        print::say(&print::closing(&finished, &session))
    }
}
