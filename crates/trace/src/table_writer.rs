//! Tables of results as comma-separated text: ledger, metrics, probes, sweeps.

use crate::atomic::AtomicFile;
use crate::error::Error;
use std::path::Path;
use std::sync::Arc;

/// One field of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Text; quoted where it needs to be.
    Text(&'a str),
    /// A count.
    Whole(u64),
    /// A number, written as the shortest decimal that reads back to the same bits.
    Number(f64),
    /// Nothing: an empty field.
    Absent,
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell<'_> {
    fn from(count: u64) -> Self {
        Self::Whole(count)
    }
}

impl From<f64> for Cell<'_> {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Absent, Into::into)
    }
}

/// Writes a table row by row; it takes its name at [`TableWriter::finish`].
pub struct TableWriter {
    name: Arc<str>,
    columns: usize,
    writer: csv::Writer<AtomicFile>,
}

impl TableWriter {
    /// Begins the table `path` with the names of its columns.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn create(path: &Path, columns: &[&str]) -> Result<Self, Error> {
        let file = AtomicFile::create(path)?;
        let mut this = Self {
            name: file.name().clone(),
            columns: columns.len(),
            writer: csv::Writer::from_writer(file),
        };
        let names: Vec<Cell<'_>> = columns.iter().map(|&name| name.into()).collect();
        this.row(&names)?;
        Ok(this)
    }

    /// Writes one row.
    ///
    /// # Errors
    /// If the file cannot be written.
    ///
    /// # Panics
    /// If the row has not one cell per column.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), Error> {
        assert_eq!(cells.len(), self.columns, "a row of {} has one cell per column", self.name);
        for cell in cells {
            let written = match cell {
                Cell::Text(text) => self.writer.write_field(text),
                Cell::Whole(count) => self.writer.write_field(count.to_string()),
                Cell::Number(number) => self.writer.write_field(shortest(*number)),
                Cell::Absent => self.writer.write_field(""),
            };
            written.map_err(|e| self.failed(e))?;
        }
        self.writer.write_record(None::<&[u8]>).map_err(|e| self.failed(e))
    }

    /// Gives the table its name.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        let name = self.name;
        let file = self.writer.into_inner().map_err(|e| {
            let message = e.error().to_string();
            Error::io(&name, "writing", std::io::Error::new(e.error().kind(), message))
        })?;
        file.commit()
    }

    fn failed(&self, error: csv::Error) -> Error {
        Error::io(&self.name, "writing", error.into())
    }
}

/// The shortest decimal that reads back to the same bits; whole numbers without `.0`.
#[must_use]
pub fn shortest(number: f64) -> String {
    let mut text = format!("{number:?}");
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}
