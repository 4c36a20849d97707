//! The setting `data.source`: which data set, and loading it.

use crate::array::Array;
use crate::dataset::DataPair;
use crate::error::{Error, shown};
use crate::file_path::FilePath;
use crate::labelled_table::LabelledTable;
use crate::table_header::Header;
use crate::trace_file::Trace;
use crate::{digits, idx, npy, npz};
use equipoise_base::config::{ConfigError, Entry, Table, Value};
use equipoise_base::params::Field;
use std::path::Path;

/// Where samples come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum DataSource {
    /// `digits`: the digits that come with the program.
    #[default]
    Digits,
    /// `idx:DIR`: a folder with the files of MNIST.
    Idx(FilePath),
    /// `csv:PATH`: a table of numbers with a column called `label`, else the last one, or a folder with `train.csv`
    /// and `test.csv`.
    Csv(FilePath),
    /// `npy:PATH`: a 2-D array whose last column is the label, or a folder with `x_train.npy`, `y_train.npy`,
    /// `x_test.npy` and `y_test.npy`.
    Npy(FilePath),
    /// `npz:PATH`: the arrays `x_train`, `y_train`, and `x_test`, `y_test`.
    Npz(FilePath),
    /// `trace:PATH`: a program in a trace.
    Trace(FilePath),
}

/// What a source holds.
pub enum Loaded {
    /// Samples to train and test on.
    Samples(Box<DataPair>),
    /// A program to execute as it stands.
    Program(Box<Trace>),
}

const ACCEPTED: &str = "\"digits\", \"idx:DIR\", \"csv:PATH\", \"npy:PATH\", \"npz:PATH\" or \"trace:PATH\"";

impl DataSource {
    /// The source as settings name it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.parts() {
            None => digits::NAME.to_owned(),
            Some((kind, path)) => format!("{kind}:{}", path.portable()),
        }
    }

    fn parts(&self) -> Option<(&'static str, &FilePath)> {
        match self {
            Self::Digits => None,
            Self::Idx(path) => Some(("idx", path)),
            Self::Csv(path) => Some(("csv", path)),
            Self::Npy(path) => Some(("npy", path)),
            Self::Npz(path) => Some(("npz", path)),
            Self::Trace(path) => Some(("trace", path)),
        }
    }

    /// Loads the samples, or opens the trace. `header` says what the first rows of tables are.
    ///
    /// # Errors
    /// If a file is missing or not accepted.
    pub fn load(&self, header: Header) -> Result<Loaded, Error> {
        let Some((kind, setting)) = self.parts() else {
            return Ok(Loaded::Samples(Box::new(digits::load()?)));
        };
        let path = setting.find()?;
        let name = format!("{kind}:{}", setting.given().display());
        let pair = match self {
            Self::Trace(_) => return Ok(Loaded::Program(Box::new(Trace::open(&path)?))),
            Self::Digits => digits::load()?,
            Self::Idx(_) => idx::read_folder(&path, &name)?,
            Self::Csv(_) => csv_samples(&path, &name, header)?,
            Self::Npy(_) if path.is_dir() => {
                let read = |array: &str| npy::read(&path.join(format!("{array}.npy")));
                let train = read("x_train")?.samples(&read("y_train")?)?;
                DataPair::new(&name, train, read("x_test")?.samples(&read("y_test")?)?)?
            }
            Self::Npy(_) => DataPair::split(&name, &npy::read(&path)?.labelled_rows()?)?,
            Self::Npz(_) => npz_samples(&path, &name)?,
        };
        Ok(Loaded::Samples(Box::new(pair)))
    }
}

/// A folder holds `train.csv` and `test.csv`; a single file is split.
fn csv_samples(path: &Path, name: &str, header: Header) -> Result<DataPair, Error> {
    if !path.is_dir() {
        return DataPair::split(name, &LabelledTable::read(path, header)?.samples);
    }
    let [train, test] = ["train.csv", "test.csv"].map(|part| LabelledTable::read(&path.join(part), header));
    let (train, test) = (train?, test?);
    train.refuse_other_columns(&test)?;
    DataPair::new(name, train.samples, test.samples)
}

const ARCHIVED: [&str; 4] = ["x_train", "y_train", "x_test", "y_test"];

fn npz_samples(path: &Path, name: &str) -> Result<DataPair, Error> {
    let mut arrays = npz::read(path)?;
    let names: Vec<String> = arrays.keys().cloned().collect();
    let refused = || {
        let found = format!("the arrays {}", names.join(", "));
        Error::data(&shown(path), "", found, "x_train and y_train, and x_test and y_test or neither")
    };
    if names.iter().any(|name| !ARCHIVED.contains(&name.as_str())) {
        return Err(refused());
    }
    let [train, labels, test, test_labels] = ARCHIVED.map(|name| arrays.remove(name));
    let joined = |(values, labels): (Option<Array>, Option<Array>)| match (values, labels) {
        (Some(values), Some(labels)) => values.samples(&labels).map(Some),
        (None, None) => Ok(None),
        _ => Err(refused()),
    };
    let train = joined((train, labels))?.ok_or_else(refused)?;
    match joined((test, test_labels))? {
        Some(test) => DataPair::new(name, train, test),
        None => DataPair::split(name, &train),
    }
}

impl Field for DataSource {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        let Value::Text(text) = &entry.node.value else { return Err(table.error(entry, ACCEPTED)) };
        if text == digits::NAME {
            return Ok(Self::Digits);
        }
        let Some((kind, path)) = text.split_once(':').filter(|(_, path)| !path.is_empty()) else {
            return Err(table.error(entry, ACCEPTED));
        };
        let path = FilePath::new(path, &entry.place, &table.path_of(&entry.key));
        match kind {
            "idx" => Ok(Self::Idx(path)),
            "csv" => Ok(Self::Csv(path)),
            "npy" => Ok(Self::Npy(path)),
            "npz" => Ok(Self::Npz(path)),
            "trace" => Ok(Self::Trace(path)),
            _ => Err(table.error(entry, ACCEPTED)),
        }
    }

    fn write(&self) -> Value {
        Value::Text(self.shown())
    }
}
