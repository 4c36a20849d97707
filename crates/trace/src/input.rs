//! Opening files: plain or gzipped, told apart by their first bytes and not by their name.

use crate::error::{Error, shown};
use crate::places::number;
use crate::regular;
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

/// The largest file that is read into memory as a whole, after unpacking: 4 GiB.
pub const LARGEST_WHOLE_FILE: u64 = 4 << 30;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A file that is being read, unpacked where it was gzipped.
pub struct Input {
    /// The name as messages show it.
    pub name: Arc<str>,
    /// The unpacked bytes.
    pub reader: Box<dyn BufRead + Send>,
}

impl Input {
    /// Opens `path`.
    ///
    /// # Errors
    /// If it leads to no regular file, or to one that may not be read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let file = regular::open(path)?;
        Self::new(&shown(path), BufReader::with_capacity(1 << 16, file))
    }

    /// Reads from `reader` under the name `name`.
    ///
    /// # Errors
    /// If the first bytes cannot be read.
    pub fn new(name: &str, mut reader: impl Read + Send + 'static) -> Result<Self, Error> {
        let mut magic = Vec::new();
        (&mut reader).take(2).read_to_end(&mut magic).map_err(|e| Error::io(name, "reading", e))?;
        let gzipped = magic == GZIP_MAGIC;
        let whole = BufReader::with_capacity(1 << 16, Cursor::new(magic).chain(reader));
        let reader: Box<dyn BufRead + Send> = if gzipped {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(whole)))
        } else {
            Box::new(whole)
        };
        Ok(Self { name: name.into(), reader })
    }

    /// Everything that is left.
    ///
    /// # Errors
    /// If reading fails, compressed content is damaged, or more than [`LARGEST_WHOLE_FILE`] bytes come out.
    pub fn into_bytes(self) -> Result<Vec<u8>, Error> {
        self.up_to(LARGEST_WHOLE_FILE, "4 GiB")
    }

    /// Everything that is left, at most `most` bytes, which is `in_words`.
    fn up_to(mut self, most: u64, in_words: &str) -> Result<Vec<u8>, Error> {
        let bytes = read_up_to(&mut self.reader, most + 1, &self.name)?;
        if bytes.len() as u64 > most {
            let found = format!("more than {in_words} after unpacking");
            return Err(Error::data(&self.name, "", found, format!("at most {in_words}")));
        }
        Ok(bytes)
    }

    /// Everything that is left, as text; a byte-order mark at its beginning is no part of it.
    ///
    /// # Errors
    /// As [`Input::into_bytes`], and if a byte is no UTF-8.
    pub fn into_text(self) -> Result<String, Error> {
        let name = self.name.clone();
        text(&name, self.into_bytes()?)
    }
}

/// `bytes` as text, without a byte-order mark.
fn text(name: &Arc<str>, mut bytes: Vec<u8>) -> Result<String, Error> {
    bytes.drain(..without_mark(&bytes));
    String::from_utf8(bytes).map_err(|e| not_utf8(name, 0, e.as_bytes(), e.utf8_error()))
}

/// Bytes of the byte-order mark that `start` begins with, which some editors put before a text: 3, or 0 for none.
pub(crate) fn without_mark(start: &[u8]) -> usize {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    if start.starts_with(MARK) { MARK.len() } else { 0 }
}

/// The whole file `path`, unpacked.
///
/// # Errors
/// As [`Input::open`] and [`Input::into_bytes`].
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    Input::open(path)?.into_bytes()
}

/// The whole text file `path`, unpacked.
///
/// # Errors
/// As [`Input::open`] and [`Input::into_text`].
pub fn read_text(path: &Path) -> Result<String, Error> {
    Input::open(path)?.into_text()
}

/// The whole text file `path`, which a person wrote: at most 64 MiB, so that a file that is no text is refused soon.
///
/// # Errors
/// As [`read_text`].
pub fn read_settings(path: &Path) -> Result<String, Error> {
    let input = Input::open(path)?;
    let name = input.name.clone();
    text(&name, input.up_to(64 << 20, "64 MiB")?)
}

/// The CRC-32 (IEEE) of the file `path` as it lies on the disk.
///
/// # Errors
/// If it cannot be read.
pub fn checksum(path: &Path) -> Result<u32, Error> {
    let name = shown(path);
    let mut file = regular::open(path)?;
    let (mut hasher, mut buffer) = (crc32fast::Hasher::new(), vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).map_err(|e| Error::io(&name, "reading", e))? {
            0 => return Ok(hasher.finalize()),
            count => hasher.update(&buffer[..count]),
        }
    }
}

/// `count` bytes, or fewer where the file ends; memory grows with what arrives, not with what was claimed.
pub(crate) fn read_up_to(reader: &mut impl Read, count: u64, name: &str) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    reader.take(count).read_to_end(&mut bytes).map_err(|e| reading_failed(name, e))?;
    Ok(bytes)
}

/// A failure of reading: the content's fault where compressed content is damaged, else the machine's.
pub(crate) fn reading_failed(name: &str, error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            Error::data(
                name,
                "",
                format!("damaged or truncated compressed content ({error})"),
                "a whole file",
            )
        }
        _ => Error::io(name, "reading", error),
    }
}

/// The error for `bytes`, which follow so many `lines` and are no text, with line and column.
pub(crate) fn not_utf8(name: &Arc<str>, lines: usize, bytes: &[u8], error: std::str::Utf8Error) -> Error {
    let good = &bytes[..error.valid_up_to()];
    let line = lines + good.iter().filter(|&&b| b == b'\n').count() + 1;
    let start = good.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    let column = String::from_utf8_lossy(&good[start..]).chars().count() + 1;
    Error::text(
        name,
        (number(line), number(column)),
        format!("the byte 0x{:02x}, which is no UTF-8", bytes[error.valid_up_to()]),
        "text in UTF-8",
    )
}
