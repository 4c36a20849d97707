//! `record.bin`: the record of a finished run, all that pricing and pictures need.
//!
//! Layout: magic number, version and codec (16 bits each), the length of the content (64 bits), the content,
//! a checksum over everything before it. The content begins with the names of the counted actions, the phases
//! and the blocks, because counts are stored in their order: a program that counts other things refuses the
//! file instead of mistaking one count for another.

use crate::atomic::AtomicFile;
use crate::binary::{array_at, check_sum, u16_at, u32_at};
use crate::codec::{CODEC, decode, encode};
use crate::error::{Error, shown};
use crate::input::read_bytes;
use equipoise_base::record::{Block, Record};
use equipoise_base::{Action, Phase};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The first bytes.
pub const MAGIC: [u8; 8] = *b"\x89EQR\r\n\x1a\n";
/// The version of the layout of [`Record`]: to be raised whenever a field of it is added, removed or moved.
pub const VERSION: u16 = 8;

const FIXED: usize = 20;
/// The largest content that is written: 4 GiB.
const LARGEST: u64 = 4 << 30;

/// The lists in whose order counts are stored.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Lists {
    actions: Vec<String>,
    phases: Vec<String>,
    blocks: Vec<String>,
}

impl Lists {
    fn of_this_program() -> Self {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Self {
            actions: owned(Action::ALL.iter().map(|a| a.name()).collect()),
            phases: owned(Phase::ALL.iter().map(|p| p.name()).collect()),
            blocks: owned(Block::ALL.iter().map(|b| b.name()).collect()),
        }
    }
}

/// Writes `record` as the file `path`.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, record: &Record) -> Result<(), Error> {
    let mut file = AtomicFile::create(path)?;
    let bytes = to_bytes(record).map_err(|reason| Error::data(file.name(), "", reason, "at most 4 GiB"))?;
    file.put(&bytes)?;
    file.commit()
}

/// The bytes of a file that holds `record`.
///
/// # Errors
/// A sentence, if it takes more than 4 GiB.
pub fn to_bytes(record: &Record) -> Result<Vec<u8>, String> {
    let mut content = Vec::new();
    encode(&Lists::of_this_program(), &mut content, LARGEST)?;
    encode(record, &mut content, LARGEST)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(CODEC.to_le_bytes());
    bytes.extend((content.len() as u64).to_le_bytes());
    bytes.extend(content);
    bytes.extend(check_sum(&[&bytes]).to_le_bytes());
    Ok(bytes)
}

/// Reads the record of the file `path`.
///
/// # Errors
/// If the file cannot be read, is damaged, or was written by a program that counts other things.
pub fn read(path: &Path) -> Result<Record, Error> {
    from_bytes(&read_bytes(path)?, &shown(path))
}

/// Reads the record that `bytes` of `file` hold.
///
/// # Errors
/// As [`read`].
pub fn from_bytes(bytes: &[u8], file: &str) -> Result<Record, Error> {
    let refused = |at: &str, found: String, accepted: &str| Err(Error::data(file, at, found, accepted));
    if bytes.len() < FIXED || bytes[..8] != MAGIC {
        let accepted = "the bytes 89 45 51 52 0d 0a 1a 0a and a record";
        return refused("byte 0", "no magic number of a record".to_owned(), accepted);
    }
    let (version, codec) = (u16_at(bytes, 8), u16_at(bytes, 10));
    if (version, codec) != (VERSION, CODEC) {
        return refused(
            "byte 8",
            format!("version {version}, codec {codec}"),
            &format!("version {VERSION}, codec {CODEC}; run again"),
        );
    }
    let length = u64::from_le_bytes(array_at(bytes, 12));
    let expected = length.checked_add((FIXED + 4) as u64);
    if expected != Some(bytes.len() as u64) {
        let found = format!("{} bytes where the header says {length} of content", bytes.len());
        return refused("byte 12", found, "a whole record; this one was cut or extended");
    }
    let (checked, sum) = bytes.split_at(bytes.len() - 4);
    let (stored, computed) = (u32_at(sum, 0), check_sum(&[checked]));
    if stored != computed {
        let found = format!("checksum {computed:08x} where {stored:08x} is stored");
        return refused("", found, "unchanged bytes; this record was damaged");
    }
    let mut content = &checked[FIXED..];
    let unreadable = |reason| Error::data(file, "byte 20", reason, "a record of this version; run again");
    let lists: Lists = decode(&mut content).map_err(unreadable)?;
    if lists != Lists::of_this_program() {
        let found = "counts of other actions, phases or blocks".to_owned();
        return refused("byte 20", found, "a record of this version of the program; run again");
    }
    let record: Record = decode(&mut content).map_err(unreadable)?;
    if !content.is_empty() || !is_complete(&record) {
        return refused(
            "byte 20",
            "a record of another layout".to_owned(),
            "a record of this version; run again",
        );
    }
    Ok(record)
}

/// True if every book has every phase, so that none can be missed; a list of counts has every action or cannot be read.
fn is_complete(record: &Record) -> bool {
    let phases = Phase::ALL.len();
    record.cores.iter().all(|core| core.counts.len() == phases && core.active.len() == phases)
}
