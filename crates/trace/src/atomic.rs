//! Files that appear whole or not at all.
//!
//! What is written goes to a temporary file in the same folder, which takes the wanted name when all of it is
//! on the disk. A full disk, a crash or a stopped run leaves the old file, or none.

use crate::error::{Error, shown};
use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::{Builder, NamedTempFile};

/// A file that takes its name at [`AtomicFile::commit`]; dropped before that, it leaves nothing behind.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    name: Arc<str>,
    buffer: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Begins the file that will be `path`.
    ///
    /// # Errors
    /// If the folder does not exist or cannot be written to, or `path` is a folder.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let name = shown(path);
        if path.is_dir() {
            return Err(Error::data(&name, "", "a folder", "the name of a file to write"));
        }
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            let found = format!("no folder `{}`", folder.display());
            return Err(Error::data(&name, "", found, "a file in a folder that exists"));
        }
        let file =
            temporary(folder).map_err(|e| Error::io(&name, "creating a temporary file beside it", e))?;
        Ok(Self { path: path.to_owned(), name, buffer: BufWriter::with_capacity(1 << 16, file) })
    }

    /// The name as messages show it.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Writes `bytes`.
    ///
    /// # Errors
    /// If the operating system refuses, as on a full disk.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.buffer.write_all(bytes).map_err(|e| Error::io(&self.name, "writing", e))
    }

    /// Gives the file its name, after everything is on the disk.
    ///
    /// # Errors
    /// If the operating system refuses; then nothing has changed under that name.
    pub fn commit(self) -> Result<(), Error> {
        let name = self.name;
        let file = self.buffer.into_inner().map_err(|e| Error::io(&name, "writing", e.into_error()))?;
        file.as_file().sync_all().map_err(|e| Error::io(&name, "writing", e))?;
        file.persist(&self.path)
            .map_err(|e| Error::io(&name, "renaming the finished file to it", e.error))?;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.buffer.flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.buffer.seek(to)
    }
}

/// Writes the whole of `bytes` as the file `path`.
///
/// # Errors
/// As [`AtomicFile::create`], [`AtomicFile::put`] and [`AtomicFile::commit`].
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = AtomicFile::create(path)?;
    file.put(bytes)?;
    file.commit()
}

/// Temporary files are private by default; a result shall be as readable as any other new file.
fn temporary(folder: &Path) -> io::Result<NamedTempFile<File>> {
    let mut builder = Builder::new();
    builder.prefix(".equipoise-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
