//! `equipoise study`.

use crate::args::StudyArgs;
use crate::commands::run::complete;
use crate::progress::PointBar;
use crate::{experiment_file, interrupt, print};
use equipoise_study::studies::{self, Listed, Orders, Work};
use equipoise_study::{Error, session};

/// Makes a study and reports its numbers.
pub fn study(args: &StudyArgs) -> Result<(), Error> {
    interrupt::listen();
    let work = work(studies::find(&args.study)?, args)?;
    let results = &args.results;
    let bar = PointBar::new(results.quiet);
    let orders = Orders {
        quick: args.quick,
        threads: results.threads as usize,
        overwrite: results.overwrite,
        draw: &|figure| equipoise_report::svg(figure).map_err(|error| Error::Other(error.to_string())),
        watcher: &bar,
    };
    let finished = work.run(&results.destination(&work.experiment), &orders);
    bar.finish();
    let finished = finished?;
    if results.quiet {
        print::report(&format!("{}\n", finished.folder.display()));
    } else {
        print::report(&print::findings(&finished));
    }
    complete(finished.failed)
}

/// The study on the user's experiment, or on its own.
fn work(study: &'static Listed, args: &StudyArgs) -> Result<Work, Error> {
    let settings = &args.settings;
    let mut root = match &settings.file {
        Some(file) if experiment_file::is_trace(file) => {
            let (found, accepted) = ("a trace, which is a program of its own", "an experiment (.toml)");
            return Err(equipoise_trace::Error::data(&file.display().to_string(), "", found, accepted).into());
        }
        Some(_) => experiment_file::root(settings)?,
        None => session::parse(study.experiment, &format!("default experiment of `study {}`", study.name))?,
    };
    experiment_file::assign(&mut root, settings)?;
    Work::new(study, &root, settings.chip.as_deref(), settings.seed)
}
