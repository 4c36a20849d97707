//! Comma-separated text, row by row, with the place of every field.
//!
//! Crate `csv` takes the rows apart; this module counts columns, parses numbers and says where a field stands.

use crate::error::{Error, quoted};
use crate::places::{LineIndex, number};
use csv::{ReaderBuilder, StringRecord, Trim};
use equipoise_base::config::Place;

/// The rows of a text.
pub struct CsvText<'t> {
    text: &'t str,
    file: &'t str,
    reader: csv::Reader<&'t [u8]>,
    record: StringRecord,
}

/// One row.
pub struct Row<'r> {
    text: &'r str,
    file: &'r str,
    record: &'r StringRecord,
}

impl<'t> CsvText<'t> {
    /// The rows of `text`, which stands in `file`. Spaces around fields and empty lines do not count.
    #[must_use]
    pub fn new(text: &'t str, file: &'t str) -> Self {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        Self { text, file, reader, record: StringRecord::new() }
    }

    /// The next row, or `None` after the last.
    ///
    /// # Errors
    /// If the text cannot be taken apart.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        match self.reader.read_record(&mut self.record) {
            Ok(true) => Ok(Some(Row { text: self.text, file: self.file, record: &self.record })),
            Ok(false) => Ok(None),
            Err(error) => Err(Error::data(self.file, "", error.to_string(), "comma-separated text")),
        }
    }

    /// The next row, which must have `columns` fields; `None` after the last.
    ///
    /// # Errors
    /// If it has more or fewer.
    pub fn next_row_of(&mut self, columns: usize) -> Result<Option<Row<'_>>, Error> {
        let row = self.next_row()?;
        match row {
            Some(row) if row.len() != columns => {
                let found = format!("{} fields", row.len());
                Err(row.error(
                    columns.min(row.len()),
                    found,
                    format!("{columns} fields, as in the first row"),
                ))
            }
            row => Ok(row),
        }
    }
}

impl Row<'_> {
    /// The number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.record.len()
    }

    /// True for a row without fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.record.is_empty()
    }

    /// Field `column`, from 0; empty if there is none.
    #[must_use]
    pub fn field(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or("")
    }

    /// The fields.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        self.record.iter()
    }

    /// Refuses a first row that other separators than commas seem to take apart.
    ///
    /// # Errors
    /// If the row is one field with semicolons or tabs in it.
    pub fn refuse_other_separators(&self) -> Result<(), Error> {
        match (self.len(), self.field(0).contains([';', '\t'])) {
            (1, true) => {
                let found = format!("{}, one field", quoted(self.field(0)));
                Err(self.error(0, found, "fields with commas between them"))
            }
            _ => Ok(()),
        }
    }

    /// Field `column` as a finite number.
    ///
    /// # Errors
    /// If it is none.
    pub fn number(&self, column: usize) -> Result<f64, Error> {
        match self.field(column).parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(self.refused(column, "a finite number")),
        }
    }

    /// Field `column` as a whole number from 0.
    ///
    /// # Errors
    /// If it is none.
    pub fn whole(&self, column: usize) -> Result<u32, Error> {
        self.field(column).parse().map_err(|_| self.refused(column, "a whole number from 0 to 4294967295"))
    }

    /// The error for a field that is not `accepted`.
    #[must_use]
    pub fn refused(&self, column: usize, accepted: &str) -> Error {
        let found = if self.field(column).is_empty() {
            "an empty field".to_owned()
        } else {
            quoted(self.field(column))
        };
        self.error(column, found, accepted)
    }

    /// An error at field `column`; at the row's end if it has no such field.
    #[must_use]
    pub fn error(&self, column: usize, found: impl Into<String>, accepted: impl Into<String>) -> Error {
        let place = self.place(column);
        Error::text(&place.file, (place.line, place.column), found, accepted)
    }

    /// Where field `column` begins; the row's end if it has no such field.
    ///
    /// The lines are counted anew for each call: places are for messages.
    #[must_use]
    pub fn place(&self, column: usize) -> Place {
        let start = self.start();
        let row = self.text.get(start..).unwrap_or("");
        LineIndex::new(self.text, self.file).place(start + field_start(row, column))
    }

    /// The byte where the row begins, after the empty lines before it.
    fn start(&self) -> usize {
        let (start, skipped) = self.position();
        start + skipped.len()
    }

    /// The line of the row, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        let before = self.record.position().map_or(0, |position| position.line() as usize);
        let skipped = self.position().1.matches('\n').count();
        number(before + skipped)
    }

    /// Where the reader began to look for the row, and the line ends that it skipped there.
    fn position(&self) -> (usize, &str) {
        let start = self.record.position().map_or(0, |position| position.byte() as usize);
        let rest = self.text.get(start..).unwrap_or("");
        (start, &rest[..rest.len() - rest.trim_start_matches(['\r', '\n']).len()])
    }
}

/// The byte of `row` where its field `column` begins; commas and line ends within quotes belong to a field.
fn field_start(row: &str, column: usize) -> usize {
    let (mut quoted, mut fields_begun) = (false, 0);
    for (at, c) in row.char_indices() {
        if fields_begun == column && !c.is_whitespace() {
            return at;
        }
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields_begun += 1,
            '\n' | '\r' if !quoted => return at,
            _ => {}
        }
    }
    row.len()
}
