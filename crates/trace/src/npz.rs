//! NumPy's archives of named arrays (`.npz`): a zip of `.npy` files, stored or deflated.

use crate::array::Array;
use crate::atomic::AtomicFile;
use crate::error::{Error, shown};
use crate::npy::{self, Numbers, Stored};
use crate::regular;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use zip::read::ZipFile;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The most arrays of one archive.
const MOST_ARRAYS: usize = 4096;

/// Reads every array of the archive `path`.
///
/// # Errors
/// If the file cannot be read, is no archive, or holds something else than arrays of numbers.
pub fn read(path: &Path) -> Result<BTreeMap<String, Array>, Error> {
    Archive::open(path)?.all()
}

/// Reads every array of an archive; messages name it `name`.
///
/// # Errors
/// If the bytes are no archive of arrays of numbers, or reading fails.
pub fn read_from(reader: impl Read + Seek, name: &str) -> Result<BTreeMap<String, Array>, Error> {
    Archive::new(reader, name)?.all()
}

/// An open archive.
pub(crate) struct Archive<R> {
    name: Arc<str>,
    zip: ZipArchive<R>,
}

impl Archive<BufReader<File>> {
    /// Opens the archive `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        Self::new(BufReader::new(regular::open(path)?), &shown(path))
    }
}

impl<R: Read + Seek> Archive<R> {
    fn new(reader: R, name: &str) -> Result<Self, Error> {
        let zip = ZipArchive::new(reader).map_err(|error| damaged(name, error))?;
        if zip.len() > MOST_ARRAYS {
            return Err(Error::data(name, "", format!("{} arrays", zip.len()), "at most 4096 arrays"));
        }
        if zip.has_duplicate_names() {
            return Err(Error::data(name, "", "two arrays of one name", "each array once"));
        }
        Ok(Self { name: name.into(), zip })
    }

    /// The names of the arrays, in the order in which they lie there.
    pub(crate) fn names(&mut self) -> Result<Vec<String>, Error> {
        (0..self.zip.len()).map(|index| self.entry(index).map(|(_, name)| name)).collect()
    }

    /// The numbers of the array `array`, at most so many bytes.
    pub(crate) fn numbers(&mut self, array: &str, most: u64) -> Result<Numbers<ZipFile<'_, R>>, Error> {
        let full = format!("{}: {array}", self.name).into();
        let entry = self.zip.by_name(&format!("{array}.npy")).map_err(|error| damaged(&self.name, error))?;
        Numbers::begin(entry, &full, most)
    }

    /// An array as a whole.
    pub(crate) fn array(&mut self, array: &str) -> Result<Array, Error> {
        let index = self.zip.index_for_name(&format!("{array}.npy"));
        let missing = || Error::data(&self.name, "", format!("no array `{array}`"), "an archive that has it");
        self.array_at(index.ok_or_else(missing)?).map(|(_, array)| array)
    }

    fn all(&mut self) -> Result<BTreeMap<String, Array>, Error> {
        (0..self.zip.len()).map(|index| self.array_at(index)).collect()
    }

    fn array_at(&mut self, index: usize) -> Result<(String, Array), Error> {
        let archive = self.name.clone();
        let (mut entry, name) = self.entry(index)?;
        let full: Arc<str> = format!("{archive}: {name}").into();
        let array = npy::read_from(&mut entry, &full)?;
        // The checksum of an entry is compared when its end is reached.
        npy::expect_end(&mut entry, &full)?;
        Ok((name, array))
    }

    /// The file of an array, and the array's name.
    fn entry(&mut self, index: usize) -> Result<(ZipFile<'_, R>, String), Error> {
        let entry = self.zip.by_index(index).map_err(|error| damaged(&self.name, error))?;
        let file = entry.name().map_err(|error| damaged(&self.name, error))?.into_owned();
        match file.strip_suffix(".npy").map(str::to_owned) {
            Some(array) => Ok((entry, array)),
            None => {
                let found = "a file that is no .npy";
                Err(Error::data(&self.name, file, found, "an archive of .npy files alone"))
            }
        }
    }
}

/// Writes `arrays`, each under its key, as the archive `path`.
///
/// # Errors
/// If the file cannot be written.
pub fn write<'a>(path: &Path, arrays: impl IntoIterator<Item = (&'a str, &'a Array)>) -> Result<(), Error> {
    let mut archive = Writer::create(path)?;
    for (key, array) in arrays {
        archive.array(key, array)?;
    }
    archive.finish()
}

/// An archive in the making: stored without compression and without times, so that equal arrays give equal bytes.
pub(crate) struct Writer {
    name: Arc<str>,
    zip: ZipWriter<AtomicFile>,
}

impl Writer {
    /// Begins the archive that will be `path`.
    pub(crate) fn create(path: &Path) -> Result<Self, Error> {
        let file = AtomicFile::create(path)?;
        Ok(Self { name: file.name().clone(), zip: ZipWriter::new(file) })
    }

    /// Adds an array.
    pub(crate) fn array(&mut self, key: &str, array: &Array) -> Result<(), Error> {
        self.entry(key, array.values.len(), |zip| npy::write_to(zip, array))
    }

    /// Adds an array of one dimension: `count` numbers, which need not lie in memory.
    pub(crate) fn list<T: Stored>(
        &mut self,
        key: &str,
        count: usize,
        numbers: impl Iterator<Item = T>,
    ) -> Result<(), Error> {
        self.entry(key, count, |zip| npy::write_numbers(zip, &[count], numbers))
    }

    fn entry(
        &mut self,
        key: &str,
        count: usize,
        write: impl FnOnce(&mut ZipWriter<AtomicFile>) -> io::Result<()>,
    ) -> Result<(), Error> {
        /// No array of so many numbers has a file of more than 4 GiB.
        const SMALL: usize = 1 << 28;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(count > SMALL);
        let Self { name, zip } = self;
        zip.start_file(format!("{key}.npy"), options).map_err(|error| unwritable(name, error))?;
        write(zip).map_err(|error| Error::io(name, "writing", error))
    }

    /// Gives the archive its name.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.zip.finish().map_err(|error| unwritable(&self.name, error))?.commit()
    }
}

fn damaged(name: &str, error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => crate::input::reading_failed(name, error),
        error => Error::data(name, "", format!("no readable archive ({error})"), "a NumPy archive (.npz)"),
    }
}

fn unwritable(name: &str, error: ZipError) -> Error {
    let source = if let ZipError::Io(error) = error { error } else { io::Error::other(error) };
    Error::io(name, "writing", source)
}
