//! A trace of either format: opening, summing up, writing.

use crate::binary::{BinaryReader, BinaryWriter, MAGIC};
use crate::error::{Error, shown};
use crate::input::{Input, reading_failed};
use crate::text::{TextReader, TextWriter};
use equipoise_base::Instruction;
use equipoise_base::config::{Entry, Table, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, Cursor, Read, Write};
use std::path::Path;
use std::sync::Arc;

/// The two formats of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `.trace`
    Text,
    /// `.eqt`
    Binary,
}

impl Format {
    /// The format that a file of this name shall have.
    ///
    /// # Errors
    /// If the name ends neither in `.trace` nor in `.eqt`.
    pub fn of_name(path: &Path) -> Result<Self, Error> {
        match path.extension().and_then(|e| e.to_str()) {
            Some("trace") => Ok(Self::Text),
            Some("eqt") => Ok(Self::Binary),
            _ => {
                let accepted = "a name ending in .trace (text) or .eqt (binary)";
                Err(Error::data(&shown(path), "", "a name of no trace format", accepted))
            }
        }
    }

    /// The format's name in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }
}

enum Reader {
    Text(TextReader<Box<dyn BufRead + Send>>),
    Binary(BinaryReader<Box<dyn BufRead + Send>>),
}

/// An open trace: its settings, and its instructions one after another.
pub struct Trace {
    reader: Reader,
}

impl Trace {
    /// Opens the trace `path`; the format is told by its first bytes, gzipped or not.
    ///
    /// # Errors
    /// If the file cannot be read or its header is not accepted.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::from_input(Input::open(path)?)
    }

    /// Reads the trace that `input` holds.
    ///
    /// # Errors
    /// If reading fails or the header is not accepted.
    pub fn from_input(mut input: Input) -> Result<Self, Error> {
        let mut start = Vec::new();
        (&mut input.reader)
            .take(MAGIC.len() as u64)
            .read_to_end(&mut start)
            .map_err(|e| reading_failed(&input.name, e))?;
        // Two damaged bytes of the magic number shall still give an error that speaks of it.
        let binary = start.first() == Some(&MAGIC[0]);
        let whole: Box<dyn BufRead + Send> = Box::new(Cursor::new(start).chain(input.reader));
        let reader = if binary {
            Reader::Binary(BinaryReader::new(whole, &input.name)?)
        } else {
            Reader::Text(TextReader::new(whole, &input.name)?)
        };
        Ok(Self { reader })
    }

    /// The format that the trace has.
    #[must_use]
    pub fn format(&self) -> Format {
        match self.reader {
            Reader::Text(_) => Format::Text,
            Reader::Binary(_) => Format::Binary,
        }
    }

    /// The settings of the header, with places in the trace.
    #[must_use]
    pub fn header(&self) -> &Table {
        match &self.reader {
            Reader::Text(reader) => reader.header(),
            Reader::Binary(reader) => reader.header(),
        }
    }

    /// The header as TOML text.
    #[must_use]
    pub fn header_text(&self) -> &str {
        match &self.reader {
            Reader::Text(reader) => reader.header_text(),
            Reader::Binary(reader) => reader.header_text(),
        }
    }
}

impl Iterator for Trace {
    type Item = Result<Instruction, Error>;

    /// The next instruction; after an error, nothing more.
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.reader {
            Reader::Text(reader) => reader.next(),
            Reader::Binary(reader) => reader.next(),
        }
    }
}

/// What a trace holds, in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Info {
    /// The format.
    pub format: Format,
    /// The settings of the header, `key = value`, in the order of the file.
    pub settings: Vec<(String, String)>,
    /// How many instructions.
    pub instructions: u64,
    /// How many of each name.
    pub counts: BTreeMap<&'static str, u64>,
    /// Samples: `present` and `events`.
    pub samples: u64,
    /// Steps of the relaxations whose number of steps is written in the trace.
    pub steps_known: u64,
    /// Relaxations that last as long as the experiment's rule says.
    pub phases_by_rule: u64,
}

impl Info {
    /// Reads the trace to its end and sums it up.
    ///
    /// # Errors
    /// At the first instruction that cannot be read.
    pub fn of(trace: &mut Trace) -> Result<Self, Error> {
        let mut info = Self {
            format: trace.format(),
            settings: flat(trace.header()),
            instructions: 0,
            counts: BTreeMap::new(),
            samples: 0,
            steps_known: 0,
            phases_by_rule: 0,
        };
        for instruction in trace {
            info.add(&instruction?);
        }
        Ok(info)
    }

    fn add(&mut self, instruction: &Instruction) {
        self.instructions += 1;
        *self.counts.entry(instruction.name()).or_default() += 1;
        match instruction {
            Instruction::Present { .. } | Instruction::Events { .. } => self.samples += 1,
            Instruction::Settle { steps } | Instruction::Nudge { steps, .. } => match steps {
                Some(steps) => self.steps_known += u64::from(*steps),
                None => self.phases_by_rule += 1,
            },
            _ => {}
        }
    }
}

impl fmt::Display for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "format        {}", self.format.name())?;
        writeln!(f, "instructions  {}", self.instructions)?;
        for (name, count) in &self.counts {
            writeln!(f, "  {name:<11} {count}")?;
        }
        writeln!(f, "samples       {}", self.samples)?;
        writeln!(f, "steps         {} written, {} phases by rule", self.steps_known, self.phases_by_rule)?;
        for (key, value) in &self.settings {
            writeln!(f, "{key} = {value}")?;
        }
        Ok(())
    }
}

/// The keys of a tree with their values, sections written out.
fn flat(table: &Table) -> Vec<(String, String)> {
    let of_entry = |entry: &Entry| match &entry.node.value {
        Value::Table(section) => flat(section),
        value => vec![(table.path_of(&entry.key), value.shown())],
    };
    table.entries.iter().flat_map(of_entry).collect()
}

enum Sink<W> {
    Text(TextWriter<W>),
    Binary(BinaryWriter<W>),
}

/// Writes a trace in either format.
pub struct Writer<W> {
    sink: Sink<W>,
    count: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a trace with the settings `header`, a TOML text; messages name the file `file`.
    ///
    /// # Errors
    /// If the header is not accepted or writing fails.
    pub fn new(writer: W, file: &Arc<str>, format: Format, header: &str) -> Result<Self, Error> {
        let sink = match format {
            Format::Text => Sink::Text(TextWriter::new(writer, file, header)?),
            Format::Binary => Sink::Binary(BinaryWriter::new(writer, file, header)?),
        };
        Ok(Self { sink, count: 0 })
    }

    /// Writes one instruction.
    ///
    /// # Errors
    /// If the instruction breaks a rule of [`crate::program::check`], or writing fails.
    pub fn put(&mut self, instruction: &Instruction) -> Result<(), Error> {
        self.count += 1;
        match &mut self.sink {
            Sink::Text(writer) => writer.put(instruction),
            Sink::Binary(writer) => writer.put(instruction),
        }
    }

    /// Instructions written so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Ends the trace and gives the writer back.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(self) -> Result<W, Error> {
        match self.sink {
            Sink::Text(writer) => writer.finish(),
            Sink::Binary(writer) => writer.finish(),
        }
    }
}
