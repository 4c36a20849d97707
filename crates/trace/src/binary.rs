//! The binary trace (`.eqt`): the same program as a text trace, in checked blocks.
//!
//! See `docs/formats/trace-binary.md` for the layout. Reading and writing stream: one block at a time is in
//! memory. Every block carries its length and a checksum, the end mark carries the number of instructions, so
//! that a file which was cut or changed is found and the place is named.

use crate::codec::{CODEC, decode, encode};
use crate::error::Error;
use crate::input::read_up_to;
use crate::program::{LONGEST_HEADER, canonical_header, check};
use equipoise_base::Instruction;
use equipoise_base::config::Table;
use std::io::{Read, Write};
use std::sync::Arc;

/// The first bytes. As in PNG, a transfer that changes line ends or strips the eighth bit damages them.
pub const MAGIC: [u8; 8] = *b"\x89EQT\r\n\x1a\n";
/// The version of the format that is written and read.
pub const VERSION: u16 = 1;

/// A block is closed when it holds at least this many bytes.
const BLOCK_BYTES: usize = 64 << 10;
/// The largest block that is read or written: one instruction of the largest size fits.
const LARGEST_BLOCK: u32 = 128 << 20;

/// Reads a binary trace: the header at once, then one block after another.
pub struct BinaryReader<R> {
    reader: R,
    file: Arc<str>,
    header_text: String,
    header: Table,
    /// Bytes read so far.
    offset: u64,
    /// Blocks begun so far.
    block: u64,
    /// Instructions given out so far.
    count: u64,
    payload: Vec<u8>,
    /// Bytes of `payload` that are decoded, and instructions in it that are not.
    used: usize,
    left: u32,
    finished: bool,
}

impl<R: Read> BinaryReader<R> {
    /// Reads the header from `reader`; messages name the file `file`.
    ///
    /// # Errors
    /// If the header is damaged, of another version, or no TOML, or reading fails.
    pub fn new(reader: R, file: &Arc<str>) -> Result<Self, Error> {
        let place = equipoise_base::config::Place::whole(file);
        let mut this = Self {
            reader,
            file: file.clone(),
            header_text: String::new(),
            header: Table::new("", place),
            offset: 0,
            block: 0,
            count: 0,
            payload: Vec::new(),
            used: 0,
            left: 0,
            finished: false,
        };
        this.read_header()?;
        Ok(this)
    }

    /// The settings of the header; places are lines of the same trace as text.
    pub fn header(&self) -> &Table {
        &self.header
    }

    /// The header as it was written.
    pub fn header_text(&self) -> &str {
        &self.header_text
    }

    fn error<T>(&self, at: &str, found: impl Into<String>, accepted: &str) -> Result<T, Error> {
        Err(Error::data(&self.file, at, found, accepted))
    }

    /// The next `count` bytes, all of which must be there.
    fn take(&mut self, count: u64, what: &str) -> Result<Vec<u8>, Error> {
        let start = self.offset;
        let bytes = read_up_to(&mut self.reader, count, &self.file)?;
        self.offset += bytes.len() as u64;
        if bytes.len() as u64 == count {
            return Ok(bytes);
        }
        let found = format!("the end of the file after {} of {count} bytes of {what}", bytes.len());
        self.error(&self.here(start), found, "a whole trace; this one was cut")
    }

    fn here(&self, offset: u64) -> String {
        if self.block == 0 {
            format!("byte {offset}")
        } else {
            format!("block {}, byte {offset}", self.block)
        }
    }

    fn read_header(&mut self) -> Result<(), Error> {
        let fixed = self.take(16, "the header")?;
        if fixed[..8] != MAGIC {
            return self.error(
                "byte 0",
                "no magic number of a binary trace",
                "the bytes 89 45 51 54 0d 0a 1a 0a",
            );
        }
        let (version, codec) = (u16_at(&fixed, 8), u16_at(&fixed, 10));
        if (version, codec) != (VERSION, CODEC) {
            return self.error("byte 8", format!("version {version}, codec {codec}"), "version 1, codec 1");
        }
        let length = u32_at(&fixed, 12);
        if length as usize > LONGEST_HEADER {
            return self.error("byte 12", format!("a header of {length} bytes"), "at most 1 MiB");
        }
        let text = self.take(length.into(), "the header")?;
        self.check_sum(&[&fixed, &text], "byte 0")?;
        let Ok(text) = String::from_utf8(text) else {
            return self.error("byte 16", "a header that is no UTF-8", "text in UTF-8");
        };
        (self.header_text, self.header) = canonical_header(&text, &self.file)?;
        Ok(())
    }

    /// Reads the checksum that stands here and compares it with that of `parts`.
    fn check_sum(&mut self, parts: &[&[u8]], at: &str) -> Result<(), Error> {
        let stored = u32_at(&self.take(4, "a checksum")?, 0);
        let computed = check_sum(parts);
        if stored == computed {
            return Ok(());
        }
        let found = format!("checksum {computed:08x} where {stored:08x} is stored");
        self.error(at, found, "unchanged bytes; this trace was damaged")
    }

    /// Reads the next block; false at the end mark.
    fn next_block(&mut self) -> Result<bool, Error> {
        self.block += 1;
        let at = self.here(self.offset);
        let frame = self.take(8, "a block's length")?;
        let (length, count) = (u32_at(&frame, 0), u32_at(&frame, 4));
        if length == 0 {
            return self.read_end_mark(&at, &frame);
        }
        if length > LARGEST_BLOCK || count == 0 || count > length {
            let found = format!("a block of {length} bytes with {count} instructions");
            return self.error(&at, found, "blocks of 1 byte to 128 MiB with at least one instruction");
        }
        self.payload = self.take(length.into(), "a block")?;
        let payload = std::mem::take(&mut self.payload);
        self.check_sum(&[&frame, &payload], &at)?;
        (self.payload, self.used, self.left) = (payload, 0, count);
        Ok(true)
    }

    fn read_end_mark(&mut self, at: &str, frame: &[u8]) -> Result<bool, Error> {
        let total = self.take(8, "the end mark")?;
        self.check_sum(&[frame, &total], at)?;
        let total = u64::from_le_bytes(array_at(&total, 0));
        if total != self.count {
            let found = format!("{} instructions where the end mark says {total}", self.count);
            return self.error(at, found, "a whole trace; blocks are missing");
        }
        let after = self.here(self.offset);
        if !read_up_to(&mut self.reader, 1, &self.file)?.is_empty() {
            return self.error(&after, "bytes after the end mark", "nothing after the end mark");
        }
        Ok(false)
    }

    fn next_instruction(&mut self) -> Result<Option<Instruction>, Error> {
        if self.left == 0 && !self.next_block()? {
            return Ok(None);
        }
        let mut rest = &self.payload[self.used..];
        let record = format!("block {}, instruction {}", self.block, self.count + 1);
        let decoded = decode::<Instruction>(&mut rest);
        let remaining = rest.len();
        let instruction = match decoded {
            Ok(instruction) => instruction,
            Err(reason) => {
                return self.error(&record, format!("no instruction ({reason})"), "an instruction");
            }
        };
        if let Err(refusal) = check(&instruction) {
            return self.error(&record, refusal.found, refusal.accepted);
        }
        self.used = self.payload.len() - remaining;
        self.left -= 1;
        self.count += 1;
        if self.left == 0 && remaining > 0 {
            return self.error(&record, format!("{remaining} bytes after it"), "the end of its block");
        }
        Ok(Some(instruction))
    }
}

impl<R: Read> Iterator for BinaryReader<R> {
    type Item = Result<Instruction, Error>;

    /// The next instruction; after an error, nothing more.
    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let next = self.next_instruction().transpose();
        self.finished = !matches!(next, Some(Ok(_)));
        next
    }
}

/// Writes a binary trace, one instruction after another. Without [`BinaryWriter::finish`] it has no end mark
/// and no reader accepts it.
pub struct BinaryWriter<W> {
    writer: W,
    file: Arc<str>,
    payload: Vec<u8>,
    in_block: u32,
    count: u64,
}

impl<W: Write> BinaryWriter<W> {
    /// Writes the header, a TOML text, to `writer`.
    ///
    /// # Errors
    /// If the header is no TOML, is longer than 1 MiB or holds a line `---`, or writing fails.
    pub fn new(writer: W, file: &Arc<str>, header: &str) -> Result<Self, Error> {
        let (header, _) = canonical_header(header, file)?;
        let length = u32::try_from(header.len()).unwrap_or(u32::MAX);
        let mut bytes = MAGIC.to_vec();
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(CODEC.to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.extend(header.as_bytes());
        let mut this = Self { writer, file: file.clone(), payload: Vec::new(), in_block: 0, count: 0 };
        this.write_checked(&[&bytes])?;
        Ok(this)
    }

    /// Writes one instruction.
    ///
    /// # Errors
    /// If the instruction breaks a rule of [`crate::program::check`], or writing fails.
    pub fn put(&mut self, instruction: &Instruction) -> Result<(), Error> {
        let refused = |found: String, accepted: &str| {
            Error::data(&self.file, format!("instruction {}", self.count + 1), found, accepted)
        };
        check(instruction).map_err(|refusal| refused(refusal.found, refusal.accepted))?;
        encode(instruction, &mut self.payload, LARGEST_BLOCK.into())
            .map_err(|reason| refused(reason, "an instruction of at most 128 MiB"))?;
        self.in_block += 1;
        self.count += 1;
        if self.payload.len() >= BLOCK_BYTES { self.write_block() } else { Ok(()) }
    }

    /// Writes the last block and the end mark, and gives the writer back.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(mut self) -> Result<W, Error> {
        if self.in_block > 0 {
            self.write_block()?;
        }
        let total = self.count.to_le_bytes();
        self.write_checked(&[&[0; 8], &total])?;
        self.writer.flush().map_err(|e| Error::io(&self.file, "writing", e))?;
        Ok(self.writer)
    }

    fn write_block(&mut self) -> Result<(), Error> {
        let payload = std::mem::take(&mut self.payload);
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes();
        let count = self.in_block.to_le_bytes();
        self.write_checked(&[&length, &count, &payload])?;
        self.payload = payload;
        self.payload.clear();
        self.in_block = 0;
        Ok(())
    }

    /// Writes `parts` and the checksum over all of them.
    fn write_checked(&mut self, parts: &[&[u8]]) -> Result<(), Error> {
        let sum = check_sum(parts).to_le_bytes();
        parts
            .iter()
            .copied()
            .chain([&sum[..]])
            .try_for_each(|part| self.writer.write_all(part))
            .map_err(|e| Error::io(&self.file, "writing", e))
    }
}

/// CRC-32 (IEEE) over `parts` in their order.
pub(crate) fn check_sum(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}

/// `N` bytes from `at`, which the caller has read.
pub(crate) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|i| bytes[at + i])
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array_at(bytes, at))
}
