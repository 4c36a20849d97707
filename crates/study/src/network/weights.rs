//! Start weights: from files, or drawn.

use super::Surroundings;
use crate::Error;
use equipoise_base::config::{ConfigError, Entry, Table, Value};
use equipoise_base::noise::{Noise, Stream, StreamKind};
use equipoise_base::params::Field;
use equipoise_trace::error::quoted;
use equipoise_trace::{Array, FilePath, npy, npz};
use std::collections::BTreeMap;

/// Where start weights come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum StartWeights {
    /// Drawn: uniform within sqrt(6 / (fan-in + fan-out)) (Glorot and Bengio 2010), biases zero.
    #[default]
    Drawn,
    /// One `.npz` with arrays `w1`, `w2`, ... per connection and, if there, `b1`, `b2`, ... per free population.
    Archive(FilePath),
    /// One `.npy` per connection, in order.
    Files(Vec<FilePath>),
}

impl Field for StartWeights {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        let path = |value: &Value| match value {
            Value::Text(path) => Ok(FilePath::new(path, &entry.place, &table.path_of(&entry.key))),
            _ => Err(table.error(entry, "\"drawn\", the path of an .npz file, or a list of .npy files")),
        };
        match &entry.node.value {
            Value::Text(word) if word == "drawn" => Ok(Self::Drawn),
            Value::List(items) if !items.is_empty() => {
                Ok(Self::Files(items.iter().map(|node| path(&node.value)).collect::<Result<_, _>>()?))
            }
            value => Ok(Self::Archive(path(value)?)),
        }
    }
    fn write(&self) -> Value {
        match self {
            Self::Drawn => Value::Text("drawn".to_owned()),
            Self::Archive(path) => Value::Text(path.portable()),
            Self::Files(paths) => {
                Value::List(paths.iter().map(|path| Value::Text(path.portable()).built_in()).collect())
            }
        }
    }
}

/// Weights of connections and biases of free populations, to be taken in order.
pub(crate) struct Supply {
    weights: Source,
    biases: Vec<FilePath>,
}

enum Source {
    Drawn { seed: u64, gain: f64 },
    Archive { arrays: BTreeMap<String, Array>, path: FilePath },
    Files(Vec<FilePath>),
}

impl StartWeights {
    /// Opens the files.
    pub(crate) fn supply(&self, around: &Surroundings<'_>, gain: f64) -> Result<Supply, Error> {
        let weights = match self {
            Self::Drawn => Source::Drawn { seed: around.seed, gain },
            Self::Archive(path) => Source::Archive { arrays: npz::read(&path.find()?)?, path: path.clone() },
            Self::Files(paths) => Source::Files(paths.clone()),
        };
        Ok(Supply { weights, biases: Vec::new() })
    }
}

impl Supply {
    /// The same with biases from files of their own, one per free population.
    pub(crate) fn with_biases(self, biases: &[FilePath]) -> Self {
        Self { biases: biases.to_vec(), ..self }
    }

    /// Refuses arrays of an archive, and files of a list, that belong to none of the `connections` and
    /// `populations` of neurons: a misspelt name would leave the start weights as they were drawn.
    pub(crate) fn refuse_unknown(&self, connections: usize, populations: usize) -> Result<(), Error> {
        if let Source::Archive { arrays, path } = &self.weights {
            let known = |name: &str| {
                let is = |kind: char, count| (1..=count).any(|number| name == format!("{kind}{number}"));
                is('w', connections) || is('b', populations)
            };
            if let Some(name) = arrays.keys().find(|name| !known(name)) {
                let accepted: Vec<String> =
                    [('w', connections), ('b', populations)].iter().filter_map(numbered).collect();
                return Err(path.error(format!("the array {}", quoted(name)), accepted.join(", ")).into());
            }
        }
        let weights = if let Source::Files(paths) = &self.weights { &paths[..] } else { &[] };
        let lists =
            [(weights, connections, "connection"), (&self.biases[..], populations, "population of neurons")];
        for (files, wanted, per) in lists {
            if let Some(more) = files.get(wanted) {
                return Err(more
                    .error(counted(files.len()), format!("one file per {per}, which are {wanted}"))
                    .into());
            }
        }
        Ok(())
    }

    /// Weights of connection `index` (from 0), row-major (pre, post).
    pub(crate) fn weights(&self, index: usize, rows: usize, columns: usize) -> Result<Vec<f64>, Error> {
        let array = match &self.weights {
            Source::Drawn { seed, gain } => return Ok(glorot(*seed, index as u32, rows, columns, *gain)),
            Source::Archive { arrays, path } => {
                let name = format!("w{}", index + 1);
                let missing =
                    || path.error(format!("no array `{name}`"), "w1, w2, ... for the connections in order");
                arrays.get(&name).ok_or_else(missing)?.clone()
            }
            Source::Files(paths) => npy::read(&nth(paths, index, "connection")?.find()?)?,
        };
        array.expect_shape(&[rows, columns], "(pre, post)")?;
        Ok(array.finite_f64()?)
    }

    /// Biases of free population `index` (from 0); empty for zeros.
    pub(crate) fn biases(&self, index: usize, size: usize) -> Result<Vec<f64>, Error> {
        let array = match (&self.weights, &self.biases[..]) {
            (Source::Archive { arrays, .. }, []) => match arrays.get(&format!("b{}", index + 1)) {
                Some(array) => array.clone(),
                None => return Ok(Vec::new()),
            },
            (_, []) => return Ok(Vec::new()),
            (_, files) => npy::read(&nth(files, index, "population of neurons")?.find()?)?,
        };
        array.expect_shape(&[size], "one bias per neuron")?;
        Ok(array.finite_f64()?)
    }
}

fn counted(files: usize) -> String {
    if files == 1 { "1 file".to_owned() } else { format!("{files} files") }
}

/// `w1`, or `w1 to w7`; `None` for none.
fn numbered(&(kind, count): &(char, usize)) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("{kind}1")),
        _ => Some(format!("{kind}1 to {kind}{count}")),
    }
}

/// File `index` of a list that has one `per` connection or population.
fn nth<'f>(files: &'f [FilePath], index: usize, per: &str) -> Result<&'f FilePath, Error> {
    match (files.get(index), files.first()) {
        (Some(file), _) => Ok(file),
        (None, Some(first)) => Err(first.error(counted(files.len()), format!("one file per {per}")).into()),
        (None, None) => Err(Error::Other("no file is named".to_owned())),
    }
}

/// Uniform in +- gain sqrt(6 / (rows + columns)).
fn glorot(seed: u64, index: u32, rows: usize, columns: usize, gain: f64) -> Vec<f64> {
    let noise = Noise::at(seed, Stream::of(StreamKind::Weights, index), 0);
    let limit = gain * (6.0 / (rows + columns) as f64).sqrt();
    let mut words = vec![0; rows * columns];
    noise.fill_words(0, &mut words);
    words.into_iter().map(|word| (f64::from(word) / 2_147_483_648.0 - 1.0) * limit).collect()
}
