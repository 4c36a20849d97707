//! Tables of numbers and nothing else in comma-separated text: delays of a connection.

use crate::csv_text::{CsvText, Row};
use crate::error::{Error, shown};
use crate::input::Input;
use std::path::Path;
use std::sync::Arc;

/// A table of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct NumberTable {
    /// The file as messages show it.
    pub file: Arc<str>,
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
        Self::of_rows(CsvText::from_input(Input::open(path)?), &shown(path))
    }

    /// Parses `text`, which stands in `file`.
    ///
    /// # Errors
    /// If there is no row, a row has more or fewer fields than the first, or a field is no finite number.
    pub fn parse(text: &str, file: &Arc<str>) -> Result<Self, Error> {
        Self::of_rows(CsvText::new(text, file), file)
    }

    fn of_rows(mut rows: CsvText<'_>, file: &Arc<str>) -> Result<Self, Error> {
        let Some(first) = rows.next_row()? else {
            return Err(Error::data(file, "", "no rows", "at least one row of numbers"));
        };
        first.refuse_other_separators()?;
        let columns = first.len();
        let mut values = numbers(first)?;
        while let Some(row) = rows.next_row_of(columns)? {
            values.extend(numbers(row)?);
        }
        Ok(Self { file: file.clone(), columns, values })
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.columns.max(1))
    }
}

fn numbers(row: &Row) -> Result<Vec<f64>, Error> {
    (0..row.len()).map(|column| row.number(column)).collect()
}
