//! Only regular files are read and replaced.
//!
//! A device may have no end, and opening a FIFO waits for somebody who may never come; neither may be lost to a
//! result that takes its name, nor may a symbolic link.

use crate::error::{Error, shown};
use std::fs::{self, File, Metadata};
use std::io::ErrorKind;
use std::path::Path;

/// Opens `path` to read it, through symbolic links.
///
/// # Errors
/// If it leads to no regular file, or to one that may not be read.
pub fn open(path: &Path) -> Result<File, Error> {
    let name = shown(path);
    let refused = |found: &str| Error::data(&name, "", found, "a file that can be read");
    let opened = fs::metadata(path).and_then(|metadata| match kind(&metadata) {
        FILE => Ok(Ok(File::open(path)?)),
        other => Ok(Err(refused(other))),
    });
    opened.unwrap_or_else(|error| match error.kind() {
        ErrorKind::NotFound => Err(refused("no such file")),
        ErrorKind::PermissionDenied => Err(refused("a file without permission to read")),
        // Too many links, a file where a folder should be, a name that is too long: the path leads nowhere.
        _ => Err(refused(&format!("a path that leads nowhere: {error}"))),
    })
}

/// Refuses a `path` at which something else stands than a regular file, or nothing.
///
/// # Errors
/// If a folder, device, FIFO, socket or symbolic link has that name.
pub fn may_replace(path: &Path) -> Result<(), Error> {
    match fs::symlink_metadata(path).map(|metadata| kind(&metadata)) {
        Ok(FILE) | Err(_) => Ok(()),
        Ok(other) => Err(Error::data(&shown(path), "", other, "the name of a file to write")),
    }
}

const FILE: &str = "a file";

/// What it is, in words.
#[must_use]
pub fn kind(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_file() {
        FILE
    } else if kind.is_dir() {
        "a folder"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else {
        special(kind)
    }
}

#[cfg(unix)]
fn special(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: fs::FileType) -> &'static str {
    "no regular file"
}
