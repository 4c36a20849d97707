//! Synapses as an archive of arrays: what a large network is read from, and what a run of it leaves.
//!
//! `edges.npz` holds an array for each column of `edges.csv`, each with one number per synapse, and perhaps biases
//! `b1`, `b2`, ... of the free populations. It is read and written a stretch of synapses at a time. An archive may
//! also only refer to the table that has the synapses, by its path and checksum.

use crate::array::{Array, Values, shown as shown_shape};
use crate::error::{Error, shown};
use crate::network_tables::{EDGE_COLUMNS, NeuronTable, SHORT_DELAY, Synapse, UNKNOWN_NEURON};
use crate::npy::Numbers;
use crate::npz::{Archive, Writer};
use equipoise_base::Delay;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zip::read::ZipFile;

/// The most bytes of one array: as many synapses as a table can have, in numbers of 8 bytes.
const MOST_BYTES: u64 = 32 << 30;

/// The array with the path of the table that has the synapses, as bytes of UTF-8, and that with its CRC-32.
const REFERENCE: [&str; 2] = ["edges_file", "edges_crc32"];

const ACCEPTED: &str = "src, dst, weight, and delay, connection, b1, b2, ... if need be";

/// An archive with synapses, or with the name of the table that has them.
pub struct EdgeArchive {
    path: PathBuf,
    name: Arc<str>,
    arrays: Vec<String>,
}

/// A table of synapses that is referred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdgeFile {
    /// Its path.
    pub path: String,
    /// The CRC-32 of its bytes.
    pub crc32: u32,
}

/// A synapse to write: ids as in the table of neurons.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EdgeRow {
    /// The number of its connection.
    pub connection: u32,
    /// The id of the neuron that sends.
    pub src: u32,
    /// The id of the neuron that receives.
    pub dst: u32,
    /// The weight.
    pub weight: f64,
    /// The delay in steps.
    pub delay: u32,
}

impl EdgeArchive {
    /// True if the name is that of an archive.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        path.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz"))
    }

    /// Opens an archive.
    ///
    /// # Errors
    /// If it cannot be read, holds arrays that are not known, or both synapses and a reference to some.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let name = shown(path);
        let arrays = Archive::open(path)?.names()?;
        let is_bias =
            |array: &str| array.strip_prefix('b').is_some_and(|number| number.parse::<u32>().is_ok());
        let is_column = |array: &str| EDGE_COLUMNS.iter().any(|(names, _)| names.contains(&array));
        let refers = arrays.iter().any(|array| REFERENCE.contains(&array.as_str()));
        let is_known = |array: &str| {
            is_bias(array) || if refers { REFERENCE.contains(&array) } else { is_column(array) }
        };
        match arrays.iter().find(|array| !is_known(array)) {
            Some(array) => Err(Error::data(&name, "", format!("an array `{array}`"), ACCEPTED)),
            None => Ok(Self { path: path.to_owned(), name, arrays }),
        }
    }

    /// The table that has the synapses, where the archive only refers to it.
    ///
    /// # Errors
    /// If the reference is not whole.
    pub fn reference(&self) -> Result<Option<EdgeFile>, Error> {
        let [file, checksum] = REFERENCE;
        if !self.has(file) && !self.has(checksum) {
            return Ok(None);
        }
        let wrong =
            |array, found: &str| Error::data(&self.name, array, found, "a path in UTF-8 and its CRC-32");
        let bytes = self.array(file)?.finite_f64()?.into_iter().map(|byte| byte as u8).collect();
        let path = String::from_utf8(bytes).map_err(|_| wrong(file, "bytes that are no text"))?;
        match self.array(checksum)?.finite_f64()?[..] {
            [sum] => Ok(Some(EdgeFile { path, crc32: sum as u32 })),
            _ => Err(wrong(checksum, "more or less than one number")),
        }
    }

    /// The biases of free population `index` (from 0), which has `size` neurons, if they are there.
    ///
    /// # Errors
    /// If they are not one finite number per neuron.
    pub fn biases(&self, index: usize, size: usize) -> Result<Option<Vec<f64>>, Error> {
        let name = format!("b{}", index + 1);
        if !self.has(&name) {
            return Ok(None);
        }
        let array = self.array(&name)?;
        array.expect_shape(&[size], "one bias per neuron")?;
        array.finite_f64().map(Some)
    }

    /// Calls `each` with one synapse between `neurons` after the other.
    ///
    /// # Errors
    /// If an array is missing, is not as long as the others, or holds a number that is not accepted.
    pub fn synapses(&self, neurons: &NeuronTable, mut each: impl FnMut(Synapse)) -> Result<(), Error> {
        let names = EDGE_COLUMNS.map(|(names, _)| names.iter().copied().find(|name| self.has(name)));
        // Each array is read through an opening of its own, side by side.
        let (mut files, mut columns) = (Vec::new(), Vec::new());
        for name in names {
            files.push(name.map(|_| Archive::open(&self.path)).transpose()?);
        }
        for (file, name) in files.iter_mut().zip(names) {
            columns.push(file.as_mut().zip(name).map(|(file, name)| Column::begin(file, name)).transpose()?);
        }
        let Ok([Some(mut src), Some(mut dst), Some(mut weight), mut delay, mut connection]) =
            <[Option<Column<'_>>; 5]>::try_from(columns)
        else {
            let missing = EDGE_COLUMNS.iter().zip(names).find(|(_, name)| name.is_none());
            let missing = missing.map_or("", |((known, _), _)| known[0]);
            return Err(Error::data(&self.name, "", format!("no array `{missing}`"), ACCEPTED));
        };
        let count = src.numbers.count();
        for column in [&src, &dst, &weight].into_iter().chain(&delay).chain(&connection) {
            column.expect_count(count)?;
        }
        let home = |column: &Column<'_>, at: usize| {
            let id = column.whole(at)?;
            let home = neurons.home(id);
            home.ok_or_else(|| column.refused(at, &id.to_string(), UNKNOWN_NEURON))
        };
        while src.next()? && dst.next()? && weight.next()? {
            for column in [&mut delay, &mut connection].into_iter().flatten() {
                column.next()?;
            }
            for at in 0..src.stretch.len() {
                let delay = delay.as_ref().map_or(Ok(Delay::ONE), |column| {
                    let steps = column.whole(at)?;
                    Delay::new(steps).ok_or_else(|| column.refused(at, &steps.to_string(), SHORT_DELAY))
                })?;
                each(Synapse {
                    connection: connection.as_ref().map_or(Ok(0), |column| column.whole(at))?,
                    source: home(&src, at)?,
                    target: home(&dst, at)?,
                    weight: weight.finite(at)?,
                    delay,
                });
            }
        }
        let all = [&mut src, &mut dst, &mut weight].into_iter().chain(&mut delay).chain(&mut connection);
        all.into_iter().try_for_each(|column| column.numbers.end())
    }

    fn has(&self, array: &str) -> bool {
        self.arrays.iter().any(|known| known == array)
    }

    fn array(&self, name: &str) -> Result<Array, Error> {
        Archive::open(&self.path)?.array(name)
    }
}

/// A column of synapses that is being read.
struct Column<'a> {
    numbers: Numbers<ZipFile<'a, BufReader<File>>>,
    stretch: Values,
    /// Numbers before the stretch.
    before: usize,
}

impl<'a> Column<'a> {
    fn begin(file: &'a mut Archive<BufReader<File>>, name: &str) -> Result<Self, Error> {
        let numbers = file.numbers(name, MOST_BYTES)?;
        Ok(Self { numbers, stretch: Values::I32(Vec::new()), before: 0 })
    }

    /// Checks that there are `count` numbers in one dimension.
    fn expect_count(&self, count: u64) -> Result<(), Error> {
        let shape = &self.numbers.header.shape;
        if *shape == [count as usize] {
            return Ok(());
        }
        let found = format!("the shape {}", shown_shape(shape));
        let accepted = format!("the shape ({count},), one number per synapse");
        Err(Error::data(self.numbers.name(), "", found, accepted))
    }

    /// Goes on to the next stretch; false after the last.
    fn next(&mut self) -> Result<bool, Error> {
        let next = self.numbers.next()?;
        self.before += self.stretch.len();
        let Some(stretch) = next else { return Ok(false) };
        self.stretch = stretch;
        Ok(true)
    }

    fn whole(&self, at: usize) -> Result<u32, Error> {
        let (number, shown) = match &self.stretch {
            Values::I32(values) => (u32::try_from(values[at]).ok(), f64::from(values[at])),
            Values::I64(values) => (u32::try_from(values[at]).ok(), values[at] as f64),
            Values::F32(values) => (None, f64::from(values[at])),
            Values::F64(values) => (None, values[at]),
        };
        number.ok_or_else(|| self.refused(at, &shown.to_string(), "a whole number from 0 to 4294967295"))
    }

    fn finite(&self, at: usize) -> Result<f64, Error> {
        let number = match &self.stretch {
            Values::F32(values) => f64::from(values[at]),
            Values::F64(values) => values[at],
            Values::I32(values) => f64::from(values[at]),
            Values::I64(values) => values[at] as f64,
        };
        if number.is_finite() {
            Ok(number)
        } else {
            Err(self.refused(at, &number.to_string(), "a finite number"))
        }
    }

    /// The error for a number of the stretch that is not accepted.
    fn refused(&self, at: usize, found: &str, accepted: &str) -> Error {
        let place = format!("index ({},)", self.before + at);
        Error::data(self.numbers.name(), place, found, accepted)
    }
}

/// Writes `count` synapses and the biases of the free populations as the archive `path`.
///
/// # Errors
/// If the file cannot be written.
pub fn write(
    path: &Path,
    count: usize,
    synapses: impl Iterator<Item = EdgeRow> + Clone,
    biases: &[Vec<f64>],
) -> Result<(), Error> {
    let mut archive = Writer::create(path)?;
    archive.list("src", count, synapses.clone().map(|row| row.src))?;
    archive.list("dst", count, synapses.clone().map(|row| row.dst))?;
    archive.list("weight", count, synapses.clone().map(|row| row.weight))?;
    archive.list("delay", count, synapses.clone().map(|row| row.delay))?;
    archive.list("connection", count, synapses.map(|row| row.connection))?;
    write_biases(archive, biases)
}

/// Writes an archive that refers to `edges`, beside the biases of the free populations.
///
/// # Errors
/// If the file cannot be written.
pub fn write_reference(path: &Path, edges: &EdgeFile, biases: &[Vec<f64>]) -> Result<(), Error> {
    let [file, checksum] = REFERENCE;
    let mut archive = Writer::create(path)?;
    archive.list(file, edges.path.len(), edges.path.bytes())?;
    archive.list(checksum, 1, std::iter::once(edges.crc32))?;
    write_biases(archive, biases)
}

fn write_biases(mut archive: Writer, biases: &[Vec<f64>]) -> Result<(), Error> {
    for (index, biases) in biases.iter().enumerate() {
        archive.list(&format!("b{}", index + 1), biases.len(), biases.iter().copied())?;
    }
    archive.finish()
}
