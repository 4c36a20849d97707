//! From a path and options of the command line to an experiment.

use crate::args::Settings;
use equipoise_base::config::{Place, Table};
use equipoise_study::{Error, Experiment, Session};
use equipoise_trace::trace_file::Format;
use equipoise_trace::{DataSource, FilePath, Trace, assignment, regular, toml_tree};
use std::path::Path;

/// The experiment that `init` writes and that `run` runs without a file.
pub const DEFAULT: &str = include_str!("default.toml");

/// Opens the session that the command line describes.
pub fn session(settings: &Settings) -> Result<Session, Error> {
    match settings.file.as_deref().filter(|path| is_trace(path)) {
        Some(path) => {
            let trace = Trace::open(path)?;
            let mut experiment = experiment(trace.header().clone(), settings)?;
            // The resolved settings shall lead back to this program.
            let given = path.display().to_string();
            let place = Place::whole(assignment::COMMAND_LINE);
            experiment.data.source = DataSource::Trace(FilePath::new(&given, &place, "data.source"));
            Session::of_trace(experiment, trace)
        }
        None => Session::new(experiment(root(settings)?, settings)?),
    }
}

/// True if the path names a trace, gzipped or not.
pub fn is_trace(path: &Path) -> bool {
    let unpacked =
        if path.extension().is_some_and(|end| end == "gz") { path.with_extension("") } else { path.into() };
    Format::of_name(&unpacked).is_ok()
}

/// Refuses to replace a file, unless that was asked for, and what is no regular file even then.
pub fn refuse_existing(path: &Path, overwrite: bool) -> Result<(), Error> {
    regular::may_replace(path)?;
    if overwrite || !path.exists() {
        return Ok(());
    }
    let (found, accepted) = ("a file that is already there", "another path, or --overwrite");
    Err(equipoise_trace::Error::data(&path.display().to_string(), "", found, accepted).into())
}

/// The root of the experiment file, or of the default experiment.
pub fn root(settings: &Settings) -> Result<Table, Error> {
    match &settings.file {
        Some(path) if is_trace(path) => Ok(Trace::open(path)?.header().clone()),
        Some(path) => Ok(toml_tree::read(path)?),
        None => Ok(toml_tree::parse(DEFAULT, "default experiment")?),
    }
}

/// Applies `--set` to the root of a file.
pub fn assign(root: &mut Table, settings: &Settings) -> Result<(), Error> {
    for argument in &settings.set {
        assignment::set(root, &assignment::parse(argument)?)?;
    }
    Ok(())
}

/// Applies `--set`, `--chip` and `--seed` to the root of a file.
pub fn experiment(mut root: Table, settings: &Settings) -> Result<Experiment, Error> {
    assign(&mut root, settings)?;
    let mut experiment = Experiment::read(&root, settings.chip.as_deref(), settings.seed)?;
    experiment.strict_prices = settings.strict_prices;
    Ok(experiment)
}
