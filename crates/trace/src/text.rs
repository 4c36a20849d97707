//! The text trace (`.trace`): a program that a person can read and write.
//!
//! ```text
//! equipoise-trace 1
//! chip = "ideal"
//! network.layers = [3, 2]
//! ---
//! present 0 1 0.5 : 1    # three inputs, class 1
//! settle
//! ```
//!
//! See `docs/formats/trace-text.md`. Reading and writing stream: one line at a time is in memory.

use crate::error::{Error, quoted};
use crate::input::{reading_failed, without_mark};
use crate::places::number;
use crate::program::{HEADER_END, LONGEST_HEADER, canonical_header};
use crate::text_line::{parse_line, write_line};
use crate::toml_tree;
use equipoise_base::Instruction;
use equipoise_base::config::Table;
use std::io::{BufRead, Read, Write};
use std::sync::Arc;

/// The first word of a text trace.
pub const NAME: &str = "equipoise-trace";
/// The version of the format that is written and read.
pub const VERSION: u32 = 1;

/// The longest line, in bytes: 256 MiB.
const LONGEST_LINE: u64 = 256 << 20;

/// Reads a text trace: the header at once, then one instruction after another.
pub struct TextReader<R> {
    reader: R,
    file: Arc<str>,
    line_number: usize,
    bytes: Vec<u8>,
    header_text: String,
    header: Table,
    finished: bool,
}

impl<R: BufRead> TextReader<R> {
    /// Reads the header from `reader`; messages name the file `file`.
    ///
    /// # Errors
    /// If the first line or the header is not accepted, or reading fails.
    pub fn new(reader: R, file: &Arc<str>) -> Result<Self, Error> {
        let mut this = Self {
            reader,
            file: file.clone(),
            line_number: 0,
            bytes: Vec::new(),
            header_text: String::new(),
            header: Table::new("", equipoise_base::config::Place::whole(file)),
            finished: false,
        };
        this.read_first_line()?;
        this.read_header()?;
        Ok(this)
    }

    /// The settings of the header; places are lines of the trace.
    pub fn header(&self) -> &Table {
        &self.header
    }

    /// The header as it was written.
    pub fn header_text(&self) -> &str {
        &self.header_text
    }

    fn read_first_line(&mut self) -> Result<(), Error> {
        let accepted = format!("the first line `{NAME} {VERSION}`");
        let found = match self.next_line()? {
            None => "an empty file".to_owned(),
            Some(line) => match line.trim_end().strip_prefix(NAME).map(str::trim_start) {
                Some(version) if version.parse() == Ok(VERSION) => return Ok(()),
                Some(version) if version.parse::<u32>().is_ok() => format!("version {version}"),
                _ => quoted(line),
            },
        };
        Err(Error::text(&self.file, (1, 1), found, accepted))
    }

    fn read_header(&mut self) -> Result<(), Error> {
        // A first, empty line stands for the line that names the format, so that lines count alike.
        let mut block = String::from("\n");
        loop {
            let place = (number(self.line_number + 1), 1);
            let file = self.file.clone();
            match self.next_line()? {
                None => {
                    let accepted = "a line `---` between the settings and the instructions";
                    return Err(Error::text(&file, place, "the end of the file", accepted));
                }
                Some(line) if line.trim_end() == HEADER_END => break,
                Some(line) if block.len() + line.len() > LONGEST_HEADER => {
                    return Err(Error::text(&file, place, "more than 1 MiB of settings", "a line `---`"));
                }
                Some(line) => block.extend([line, "\n"]),
            }
        }
        self.header = toml_tree::parse(&block, &self.file)?;
        self.header_text = block.split_off(1);
        Ok(())
    }

    /// The next line without its end, or `None` at the end of the file.
    fn next_line(&mut self) -> Result<Option<&str>, Error> {
        self.bytes.clear();
        let mut limited = (&mut self.reader).take(LONGEST_LINE);
        let count = limited.read_until(b'\n', &mut self.bytes).map_err(|e| reading_failed(&self.file, e))?;
        if count == 0 {
            return Ok(None);
        }
        self.line_number += 1;
        let place = (number(self.line_number), 1);
        if self.bytes.last() == Some(&b'\n') {
            self.bytes.pop();
        } else if count as u64 == LONGEST_LINE {
            return Err(Error::text(&self.file, place, "a line of 256 MiB", "shorter lines"));
        }
        if self.bytes.last() == Some(&b'\r') {
            self.bytes.pop();
        }
        if self.line_number == 1 {
            self.bytes.drain(..without_mark(&self.bytes));
        }
        match std::str::from_utf8(&self.bytes) {
            Ok(line) => Ok(Some(line)),
            Err(error) => {
                let good = String::from_utf8_lossy(&self.bytes[..error.valid_up_to()]);
                let place = (place.0, number(good.chars().count() + 1));
                let byte = self.bytes[error.valid_up_to()];
                let found = format!("the byte 0x{byte:02x}, which is no UTF-8");
                Err(Error::text(&self.file, place, found, "text in UTF-8"))
            }
        }
    }

    fn next_instruction(&mut self) -> Result<Option<Instruction>, Error> {
        let file = self.file.clone();
        loop {
            let line_number = self.line_number + 1;
            let Some(line) = self.next_line()? else { return Ok(None) };
            match parse_line(line) {
                Ok(None) => {}
                Ok(instruction) => return Ok(instruction),
                Err(error) => {
                    let column = line.get(..error.offset).unwrap_or("").chars().count() + 1;
                    let place = (number(line_number), number(column));
                    return Err(Error::text(&file, place, error.refusal.found, error.refusal.accepted));
                }
            }
        }
    }
}

impl<R: BufRead> Iterator for TextReader<R> {
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

/// Writes a text trace, one instruction after another.
pub struct TextWriter<W> {
    writer: W,
    file: Arc<str>,
    line: String,
    count: u64,
}

impl<W: Write> TextWriter<W> {
    /// Writes the first line and the header, a TOML text, to `writer`.
    ///
    /// # Errors
    /// If the header is no TOML, is longer than 1 MiB or holds the line that ends it, or writing fails.
    pub fn new(mut writer: W, file: &Arc<str>, header: &str) -> Result<Self, Error> {
        let (header, _) = canonical_header(header, file)?;
        write!(writer, "{NAME} {VERSION}\n{header}{HEADER_END}\n")
            .map_err(|e| Error::io(file, "writing", e))?;
        Ok(Self { writer, file: file.clone(), line: String::new(), count: 0 })
    }

    /// Writes one instruction.
    ///
    /// # Errors
    /// If the instruction breaks a rule of [`crate::program::check`], or writing fails.
    pub fn put(&mut self, instruction: &Instruction) -> Result<(), Error> {
        self.line.clear();
        self.count += 1;
        write_line(instruction, &mut self.line).map_err(|refusal| {
            Error::data(&self.file, format!("instruction {}", self.count), refusal.found, refusal.accepted)
        })?;
        self.line.push('\n');
        self.writer.write_all(self.line.as_bytes()).map_err(|e| Error::io(&self.file, "writing", e))
    }

    /// Ends the trace and gives the writer back.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(mut self) -> Result<W, Error> {
        self.writer.flush().map_err(|e| Error::io(&self.file, "writing", e))?;
        Ok(self.writer)
    }
}
