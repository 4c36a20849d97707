//! A study from its experiment to its folder.

use super::{Context, Figure, Findings, Listed, Number, Watcher};
use crate::folder::{Destination, Folder};
use crate::output::{self, NUMBERS};
use crate::{Error, Experiment, experiment};
use equipoise_base::config::{Node, Place, Table, Value};
use equipoise_trace::atomic;
use equipoise_trace::table_writer::{Cell, TableWriter};
use serde::Serialize;
use std::path::{Path, PathBuf};

const CURVE: &str = "study.csv";
const FIGURE: &str = "study.svg";
/// The files that a study leaves.
pub(crate) const FILES: [&str; 4] = [NUMBERS, CURVE, FIGURE, output::EXPERIMENT];

/// A study whose settings have been read.
pub struct Work {
    study: &'static Listed,
    /// The experiment without the study's own section.
    pub experiment: Experiment,
    section: Table,
    /// The section with every key resolved.
    resolved: Table,
    root: Table,
}

/// How a study is to be made.
#[derive(Clone, Copy)]
pub struct Orders<'a> {
    /// It has to end within five seconds.
    pub quick: bool,
    /// Threads over its points; they change no result.
    pub threads: usize,
    /// Replaces a result that is already in the folder.
    pub overwrite: bool,
    /// Draws a figure as SVG.
    pub draw: &'a dyn Fn(&Figure) -> Result<String, Error>,
    /// Who watches.
    pub watcher: &'a dyn Watcher,
}

/// A finished study.
pub struct Finished {
    /// What it found.
    pub findings: Findings,
    /// Where the results are.
    pub folder: PathBuf,
    /// Why there is no figure, if there is none.
    pub failed: Vec<Error>,
}

/// `study.json`.
#[derive(Serialize)]
struct Json<'a> {
    format: &'static str,
    version: &'static str,
    study: &'a str,
    title: &'a str,
    chip: &'a str,
    seed: u64,
    quick: bool,
    digest: String,
    numbers: &'a [Number],
    columns: Vec<ColumnJson>,
}

/// A column of `study.csv`.
#[derive(Serialize)]
struct ColumnJson {
    name: &'static str,
    meaning: &'static str,
}

impl Work {
    /// Reads the experiment at `root`, whose section `[study]` has the study's own keys. `chip` and `seed` win over the
    /// file's.
    ///
    /// # Errors
    /// At the first key that is unknown or not accepted.
    pub fn new(
        study: &'static Listed,
        root: &Table,
        chip: Option<&str>,
        seed: Option<u64>,
    ) -> Result<Self, Error> {
        root.refuse_unknown(&[&experiment::SECTIONS[..], &["study"]].concat())?;
        let section = root.section("study")?.cloned();
        let section = section.unwrap_or_else(|| Table::new("study", root.place.clone()));
        let resolved = (study.resolve)(&section)?;
        let mut rest = root.clone();
        rest.entries.retain(|entry| entry.key != "study");
        let experiment = Experiment::read(&rest, chip, seed)?;
        Ok(Self { study, experiment, section, resolved, root: root.clone() })
    }

    /// Makes the study and writes what it leaves to `destination`: a figure that cannot be drawn costs no numbers.
    ///
    /// # Errors
    /// If the experiment does not suit the study, the user stops, or a file cannot be written; everything is then as
    /// before.
    pub fn run(&self, destination: &Destination, orders: &Orders<'_>) -> Result<Finished, Error> {
        let settings = self.settings()?;
        let unfinished = Folder::claim(destination, orders.overwrite, &FILES.map(str::to_owned))?;
        orders.watcher.begin(unfinished.claimed());
        let folder = unfinished.path();
        output::write_settings(&folder.join(output::EXPERIMENT), &settings)?;
        let context = Context {
            experiment: &self.experiment,
            quick: orders.quick,
            root: &self.root,
            threads: orders.threads,
            watcher: orders.watcher,
        };
        let findings = (self.study.run)(&self.section, &context)?;
        write_curve(&folder.join(CURVE), &findings)?;
        output::write_json(&folder.join(NUMBERS), &self.json(&findings, orders.quick))?;
        unfinished.secure()?;
        let picture = (orders.draw)(&findings.figure);
        let drawn = picture.and_then(|svg| Ok(atomic::write_file(&folder.join(FIGURE), svg.as_bytes())?));
        Ok(Finished { findings, folder: unfinished.finish()?, failed: drawn.err().into_iter().collect() })
    }

    /// Every key with its resolved value, the study's own included.
    fn settings(&self) -> Result<Table, Error> {
        let mut settings = self.experiment.resolved(&self.experiment.params(0)?);
        let place = Place::whole("built-in defaults");
        let node = Node { place: place.clone(), value: Value::Table(self.resolved.clone()) };
        settings.set("study", place, node);
        Ok(settings)
    }

    fn json<'a>(&'a self, findings: &'a Findings, quick: bool) -> Json<'a> {
        let columns = findings.table.columns.iter();
        Json {
            format: "equipoise-study-1",
            version: env!("CARGO_PKG_VERSION"),
            study: self.study.name,
            title: &self.experiment.title,
            chip: &self.experiment.preset.name,
            seed: self.experiment.seed,
            quick,
            digest: format!("{:016x}", findings.digest.value()),
            numbers: &findings.numbers,
            columns: columns.map(|c| ColumnJson { name: c.name, meaning: c.meaning }).collect(),
        }
    }
}

fn write_curve(path: &Path, findings: &Findings) -> Result<(), Error> {
    let names: Vec<&str> = findings.table.columns.iter().map(|column| column.name).collect();
    let mut table = TableWriter::create(path, &names)?;
    for row in &findings.table.rows {
        let cells: Vec<Cell<'_>> = row.iter().map(|&number| number.into()).collect();
        table.row(&cells)?;
    }
    Ok(table.finish()?)
}
