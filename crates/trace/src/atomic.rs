//! Files that appear whole or not at all.
//!
//! What is written goes to a temporary file in the same folder, which takes the wanted name when all of it is
//! on the disk. A full disk, a crash or a stopped run leaves the old file, or none. A temporary file is locked while
//! it is written, so that the next writer of the same name knows and removes what a killed one left.

use crate::error::{Error, shown};
use crate::regular;
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::{Builder, NamedTempFile, TempPath};

/// A folder of this name within another holds files that wait until all of them are there. Messages call such a
/// file by the name that it will have.
pub const WAITING: &str = ".unfinished-result";

/// A file that takes its name at [`AtomicFile::commit`]; dropped before that, it leaves nothing behind.
///
/// As a [`Write`] it fails once. What is written after that goes nowhere, so that a library that writes an end of
/// its own when it is dropped does not fail again; [`AtomicFile::commit`] then fails.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    name: Arc<str>,
    buffer: BufWriter<File>,
    temporary: TempPath,
    /// Where the next byte goes.
    position: u64,
    failed: Option<io::ErrorKind>,
}

impl AtomicFile {
    /// Begins the file that will be `path`.
    ///
    /// # Errors
    /// If the folder does not exist or cannot be written to, or `path` is there and no regular file.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let name = final_name(path);
        regular::may_replace(path)?;
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        if !folder.is_dir() {
            let found = format!("no folder `{}`", folder.display());
            return Err(Error::data(&name, "", found, "a file in a folder that exists"));
        }
        let prefix = prefix(path);
        if folder.file_name() != Some(OsStr::new(WAITING)) {
            remove_abandoned(folder, &prefix);
        }
        let file = temporary(folder, &prefix);
        // Not the error itself, nor the pair of file and name: they speak of the temporary file.
        let file = file.map_err(|e| Error::io(&name, "writing", e.kind().into()))?;
        let (file, temporary) = file.into_parts();
        let (path, buffer) = (path.to_owned(), BufWriter::with_capacity(1 << 16, file));
        Ok(Self { path, name, buffer, temporary, position: 0, failed: None })
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
        self.write_all(bytes).map_err(|e| Error::io(&self.name, "writing", e))
    }

    /// Gives the file its name, after everything is on the disk.
    ///
    /// # Errors
    /// If the operating system refuses, or has refused to write; then nothing has changed under that name.
    pub fn commit(self) -> Result<(), Error> {
        let name = self.name;
        if let Some(kind) = self.failed {
            return Err(Error::io(&name, "writing", kind.into()));
        }
        let file = self.buffer.into_inner().map_err(|e| Error::io(&name, "writing", e.into_error()))?;
        file.sync_all().map_err(|e| Error::io(&name, "writing", e))?;
        let named = self.temporary.persist(&self.path);
        named.map_err(|e| Error::io(&name, "renaming the finished file to it", e.error))
    }

    /// Does `work`, unless something has failed: then it is as if it were done.
    fn once<T>(
        &mut self,
        done: T,
        work: impl FnOnce(&mut BufWriter<File>) -> io::Result<T>,
    ) -> io::Result<T> {
        if self.failed.is_some() {
            return Ok(done);
        }
        work(&mut self.buffer).inspect_err(|error| self.failed = Some(error.kind()))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.once(bytes.len(), |buffer| buffer.write(bytes))?;
        self.position += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.once((), Write::flush)
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(place) => place,
            SeekFrom::Current(distance) | SeekFrom::End(distance) => {
                self.position.saturating_add_signed(distance)
            }
        };
        self.position = self.once(place, |buffer| buffer.seek(to))?;
        Ok(self.position)
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

/// `path` without a folder in which it waits, as messages show it.
#[must_use]
pub fn final_name(path: &Path) -> Arc<str> {
    shown(&path.components().filter(|part| part.as_os_str() != WAITING).collect::<PathBuf>())
}

/// How temporary files for `path` begin.
fn prefix(path: &Path) -> String {
    /// File systems take names of 255 bytes.
    const LONGEST: usize = 50;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".equipoise-{}-", name.chars().take(LONGEST).collect::<String>())
}

const SUFFIX: &str = ".tmp";

/// A locked temporary file. Between making and locking it somebody may take it for abandoned; then another is made.
fn temporary(folder: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(SUFFIX);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are private by default; a result shall be as readable as any other new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    loop {
        let file = builder.tempfile_in(folder)?;
        // Where a file system has no locks, nobody can take a file for abandoned either.
        let taken = matches!(file.as_file().try_lock(), Err(TryLockError::WouldBlock));
        if !taken && file.path().exists() {
            return Ok(file);
        }
    }
}

/// Removes temporary files that begin with `prefix` and that nobody writes any more. What cannot be removed stays.
fn remove_abandoned(folder: &Path, prefix: &str) {
    let Ok(files) = fs::read_dir(folder) else { return };
    let names = files.flatten().map(|file| file.file_name());
    let of_this = |name: &std::ffi::OsString| {
        name.to_str().is_some_and(|name| name.starts_with(prefix) && name.ends_with(SUFFIX))
    };
    for path in names.filter(of_this).map(|name| folder.join(name)) {
        if let Ok(file) = regular::open(&path)
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(&path);
        }
    }
}
