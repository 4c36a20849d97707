//! Tables of numbers in comma-separated text: data sets, measured pulses.

use crate::array::samples_of_rows;
use crate::csv_text::CsvText;
use crate::dataset::Samples;
use crate::error::{Error, shown};
use crate::input::read_text;
use std::path::Path;
use std::sync::Arc;

/// A table of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberTable {
    /// The file as messages show it.
    pub file: Arc<str>,
    /// The names of the columns; empty if the first row is numbers already.
    pub names: Vec<String>,
    /// The number of columns.
    pub columns: usize,
    /// The numbers, one row after another.
    pub values: Vec<f64>,
}

impl NumberTable {
    /// Reads the table of the file `path`.
    ///
    /// # Errors
    /// If the file cannot be read, or as [`NumberTable::parse`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&read_text(path)?, &shown(path))
    }

    /// Parses `text`, which stands in `file`. A first row with a field that is no number names the columns.
    ///
    /// # Errors
    /// If there is no row, a row has more or fewer fields than the first, or a field is no finite number.
    pub fn parse(text: &str, file: &Arc<str>) -> Result<Self, Error> {
        let mut rows = CsvText::new(text, file);
        let Some(first) = rows.next_row()? else {
            return Err(Error::data(file, "", "no rows", "at least one row of numbers"));
        };
        let columns = first.len();
        let mut table = Self { file: file.clone(), names: Vec::new(), columns, values: Vec::new() };
        if first.fields().all(|field| field.parse::<f64>().is_ok()) {
            for column in 0..columns {
                table.values.push(first.number(column)?);
            }
        } else {
            table.names = first.fields().map(str::to_owned).collect();
        }
        while let Some(row) = rows.next_row_of(columns)? {
            for column in 0..columns {
                table.values.push(row.number(column)?);
            }
        }
        Ok(table)
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.columns.max(1))
    }

    /// Takes the table apart into inputs and, in the last column, labels.
    ///
    /// # Errors
    /// If there is no input column, or a label is no whole number from 0.
    pub fn labelled_rows(&self) -> Result<Samples, Error> {
        samples_of_rows(&self.file, self.columns, &self.values)
    }
}
