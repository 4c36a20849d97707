//! Comma-separated text, row by row, with the place of every field. Only the present row is held.
//!
//! Rows without quotes, which is nearly all of them, are cut at their commas; crate `csv` takes the others apart.

use crate::error::{Error, quoted};
use crate::input::{Input, not_utf8, reading_failed, without_mark};
use crate::places::{LineIndex, number};
use csv::{ReaderBuilder, StringRecord, Trim};
use equipoise_base::config::Place;
use std::io::BufRead;
use std::ops::Range;
use std::sync::Arc;

/// The longest row, in bytes.
const LONGEST_ROW: usize = 256 << 20;

/// The rows of a text.
pub struct CsvText<'t> {
    reader: Box<dyn BufRead + 't>,
    /// Lines read so far.
    lines: usize,
    row: Row,
}

/// One row.
#[derive(Debug)]
pub struct Row {
    file: Arc<str>,
    /// The line on which it begins, from 1.
    line: usize,
    /// As it stands there, without its line end.
    text: String,
    /// Where its fields are in `text`, unless it has quotes.
    fields: Vec<Range<usize>>,
    /// Its fields, if it has quotes.
    unquoted: Option<StringRecord>,
}

impl<'t> CsvText<'t> {
    /// The rows of `text`, which stands in `file`. Spaces around fields and empty lines do not count.
    #[must_use]
    pub fn new(text: &'t str, file: &str) -> Self {
        Self::from_reader(Box::new(text.as_bytes()), file.into())
    }

    /// The rows of a file.
    #[must_use]
    pub fn from_input(input: Input) -> Self {
        Self::from_reader(input.reader, input.name)
    }

    fn from_reader(reader: Box<dyn BufRead + 't>, file: Arc<str>) -> Self {
        let row = Row { file, line: 0, text: String::new(), fields: Vec::new(), unquoted: None };
        Self { reader, lines: 0, row }
    }

    /// The next row, or `None` after the last.
    ///
    /// # Errors
    /// If reading fails, or the text is no UTF-8 or cannot be taken apart.
    pub fn next_row(&mut self) -> Result<Option<&Row>, Error> {
        let mut bytes = std::mem::take(&mut self.row.text).into_bytes();
        bytes.clear();
        loop {
            self.row.line = self.lines + 1;
            if !self.read_line(&mut bytes)? {
                return Ok(None);
            }
            if self.row.line == 1 {
                bytes.drain(..without_mark(&bytes));
            }
            if !bytes.is_empty() {
                break;
            }
        }
        let has_quotes = bytes.contains(&b'"');
        // A quoted field may go on in the next line.
        while has_quotes && ends_quoted(&bytes) {
            bytes.push(b'\n');
            if !self.read_line(&mut bytes)? {
                break;
            }
        }
        self.row.text = String::from_utf8(bytes).map_err(|error| {
            not_utf8(&self.row.file, self.row.line - 1, error.as_bytes(), error.utf8_error())
        })?;
        self.row.cut(has_quotes)?;
        Ok(Some(&self.row))
    }

    /// The next row, which must have `columns` fields; `None` after the last.
    ///
    /// # Errors
    /// If it has more or fewer.
    pub fn next_row_of(&mut self, columns: usize) -> Result<Option<&Row>, Error> {
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

    /// Adds the next line to `bytes`, without its end (LF, CR LF or CR); false after the last.
    fn read_line(&mut self, bytes: &mut Vec<u8>) -> Result<bool, Error> {
        let file = self.row.file.clone();
        let failed = |error| reading_failed(&file, error);
        let mut any = false;
        loop {
            let available = self.reader.fill_buf().map_err(failed)?;
            if available.is_empty() {
                self.lines += usize::from(any);
                return Ok(any);
            }
            any = true;
            let end = available.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            bytes.extend_from_slice(&available[..end.unwrap_or(available.len())]);
            if bytes.len() > LONGEST_ROW {
                let found = "a row of more than 256 MiB";
                return Err(Error::text(&file, (number(self.row.line), 1), found, "rows of at most 256 MiB"));
            }
            let Some(end) = end else {
                let all = available.len();
                self.reader.consume(all);
                continue;
            };
            let is_return = available[end] == b'\r';
            self.reader.consume(end + 1);
            if is_return && self.reader.fill_buf().map_err(failed)?.first() == Some(&b'\n') {
                self.reader.consume(1);
            }
            self.lines += 1;
            return Ok(true);
        }
    }
}

impl Row {
    /// Finds the fields.
    fn cut(&mut self, has_quotes: bool) -> Result<(), Error> {
        self.fields.clear();
        self.unquoted = None;
        if has_quotes {
            let mut reader = ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .trim(Trim::All)
                .from_reader(self.text.as_bytes());
            let mut record = StringRecord::new();
            let found = reader.read_record(&mut record);
            found.map_err(|error| self.error(0, error.to_string(), "comma-separated text"))?;
            self.unquoted = Some(record);
            return Ok(());
        }
        let mut start = 0;
        for field in self.text.split(',') {
            let trimmed = field.trim_start();
            let first = start + field.len() - trimmed.len();
            self.fields.push(first..first + trimmed.trim_end().len());
            start += field.len() + 1;
        }
        Ok(())
    }

    /// The number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.unquoted.as_ref().map_or(self.fields.len(), StringRecord::len)
    }

    /// True for a row without fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Field `column`, from 0; empty if there is none.
    #[must_use]
    pub fn field(&self, column: usize) -> &str {
        match &self.unquoted {
            Some(record) => record.get(column).unwrap_or(""),
            None => self.fields.get(column).map_or("", |place| &self.text[place.clone()]),
        }
    }

    /// The fields.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|column| self.field(column))
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
    #[must_use]
    pub fn place(&self, column: usize) -> Place {
        let place = LineIndex::new(&self.text, &self.file).place(field_start(&self.text, column));
        Place { line: number(self.line - 1 + place.line as usize), ..place }
    }

    /// The line of the row, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        number(self.line)
    }
}

/// Does `row` end within a quoted field? A quote opens one where a field begins, and closes it unless it is
/// doubled.
fn ends_quoted(row: &[u8]) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Start,
        Plain,
        Quoted,
        Quote,
    }
    let end = row.iter().fold(At::Start, |at, byte| match (at, byte) {
        (At::Start | At::Quote, b'"') => At::Quoted,
        (At::Quoted, b'"') => At::Quote,
        (At::Quoted, _) => At::Quoted,
        (_, b',') => At::Start,
        _ => At::Plain,
    });
    end == At::Quoted
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
