//! NumPy's archives of named arrays (`.npz`): a zip of `.npy` files, stored or deflated.

use crate::array::Array;
use crate::atomic::AtomicFile;
use crate::error::{Error, shown};
use crate::npy;
use crate::regular;
use std::collections::BTreeMap;
use std::io::{BufReader, Read, Seek, Write};
use std::path::Path;
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
    read_from(BufReader::new(regular::open(path)?), &shown(path))
}

/// Reads every array of an archive; messages name it `name`.
///
/// # Errors
/// If the bytes are no archive of arrays of numbers, or reading fails.
pub fn read_from(reader: impl Read + Seek, name: &str) -> Result<BTreeMap<String, Array>, Error> {
    let mut archive = ZipArchive::new(reader).map_err(|error| damaged(name, error))?;
    if archive.len() > MOST_ARRAYS {
        return Err(Error::data(name, "", format!("{} arrays", archive.len()), "at most 4096 arrays"));
    }
    if archive.has_duplicate_names() {
        return Err(Error::data(name, "", "two arrays of one name", "each array once"));
    }
    let mut arrays = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|error| damaged(name, error))?;
        let file = entry.name().map_err(|error| damaged(name, error))?.into_owned();
        let Some(array) = file.strip_suffix(".npy") else {
            return Err(Error::data(name, file, "a file that is no .npy", "an archive of .npy files alone"));
        };
        let full = format!("{name}: {array}").into();
        arrays.insert(array.to_owned(), npy::read_from(&mut entry, &full)?);
        // The checksum of an entry is compared when its end is reached.
        npy::expect_end(&mut entry, &full)?;
    }
    Ok(arrays)
}

/// Writes `arrays`, each under its key, as the archive `path`, stored without compression and without times,
/// so that equal arrays give equal bytes.
///
/// # Errors
/// If the file cannot be written.
pub fn write<'a>(path: &Path, arrays: impl IntoIterator<Item = (&'a str, &'a Array)>) -> Result<(), Error> {
    let file = AtomicFile::create(path)?;
    let name = file.name().clone();
    let mut archive = ZipWriter::new(file);
    for (key, array) in arrays {
        let bytes = npy::to_bytes(array);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(bytes.len() as u64 > u64::from(u32::MAX));
        archive.start_file(format!("{key}.npy"), options).map_err(|error| unwritten(&name, error))?;
        archive.write_all(&bytes).map_err(|error| Error::io(&name, "writing", error))?;
    }
    archive.finish().map_err(|error| unwritten(&name, error))?.commit()
}

fn unwritten(name: &str, error: ZipError) -> Error {
    let source = match error {
        ZipError::Io(error) => error,
        error => std::io::Error::other(error.to_string()),
    };
    Error::io(name, "writing", source)
}

fn damaged(name: &str, error: ZipError) -> Error {
    match error {
        ZipError::Io(error) => crate::input::reading_failed(name, error),
        error => Error::data(name, "", format!("no readable archive ({error})"), "a NumPy archive (.npz)"),
    }
}
