//! A data set as comma-separated text: a sample in every row, its label in one column.

use crate::csv_text::{CsvText, Row};
use crate::dataset::{MOST_CLASSES, Samples};
use crate::error::{Error, shown};
use crate::input::Input;
use crate::table_header::Header;
use std::path::Path;
use std::sync::Arc;

/// The column of this name, in capitals or not, holds the labels.
const LABEL: &str = "label";

/// A table of samples.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledTable {
    /// The names of the columns; `None` if the first row is a sample.
    pub names: Option<Vec<String>>,
    /// The column of the labels, from 0.
    pub label: usize,
    /// The samples.
    pub samples: Samples,
}

impl LabelledTable {
    /// Reads the table of the file `path`.
    ///
    /// # Errors
    /// If the file cannot be read, or as [`LabelledTable::parse`].
    pub fn read(path: &Path, header: Header) -> Result<Self, Error> {
        Self::of_rows(CsvText::from_input(Input::open(path)?), &shown(path), header)
    }

    /// Parses `text`, which stands in `file`. The column called `label` holds the labels; where none has that name,
    /// the last one does.
    ///
    /// # Errors
    /// If there is no row, no input column, or `label` twice; if `header` leaves open what the first row is; if a row
    /// has more or fewer fields than the first, an input is no finite number from 0, or a label is no class; if the
    /// first column has no name and counts the rows: a table's own index is no input.
    pub fn parse(text: &str, file: &Arc<str>, header: Header) -> Result<Self, Error> {
        Self::of_rows(CsvText::new(text, file), file, header)
    }

    fn of_rows(mut rows: CsvText<'_>, file: &Arc<str>, header: Header) -> Result<Self, Error> {
        let Some(first) = rows.next_row()? else {
            return Err(Error::data(file, "", "no rows", "at least one row of numbers"));
        };
        first.refuse_other_separators()?;
        let columns = first.len();
        let names = header.names(first)?;
        let label = label_column(first, names.as_deref())?;
        if columns < 2 {
            let accepted = "at least one input column beside the label column";
            return Err(Error::data(file, "", format!("{columns} columns"), accepted));
        }
        let mut samples =
            Samples { file: file.clone(), shape: vec![columns - 1], values: Vec::new(), labels: Vec::new() };
        let indexed = names.as_ref().is_some_and(|names| names[0].is_empty() && label > 0);
        let mut counts = indexed;
        if names.is_none() {
            add(first, label, &mut samples)?;
        }
        while let Some(row) = rows.next_row_of(columns)? {
            counts &= row.field(0).parse() == Ok(samples.labels.len());
            add(row, label, &mut samples)?;
        }
        if counts && samples.labels.len() > 1 {
            let found = "a first column without a name that counts the rows";
            return Err(Error::data(file, "", found, "a table without its index (pandas: index=False)"));
        }
        Ok(Self { names, label, samples })
    }

    /// Refuses a `test` table whose columns are others than those of this one.
    ///
    /// # Errors
    /// If names or the place of the labels differ.
    pub fn refuse_other_columns(&self, test: &Self) -> Result<(), Error> {
        let refused = |found: String| {
            let accepted = format!("the columns of {}", self.samples.file);
            Err(Error::data(&test.samples.file, "", found, accepted))
        };
        if let (Some(mine), Some(theirs)) = (&self.names, &test.names)
            && let Some(column) = mine.iter().zip(theirs).position(|(mine, theirs)| mine != theirs)
        {
            let found =
                format!("`{}` as column {} instead of `{}`", theirs[column], column + 1, mine[column]);
            return refused(found);
        }
        if self.label != test.label && self.samples.shape == test.samples.shape {
            return refused(format!("labels in column {} instead of {}", test.label + 1, self.label + 1));
        }
        Ok(())
    }
}

fn label_column(first: &Row, names: Option<&[String]>) -> Result<usize, Error> {
    let is_label = |name: &String| name.eq_ignore_ascii_case(LABEL);
    let mut labels = (0..first.len()).filter(|&column| names.is_some_and(|names| is_label(&names[column])));
    match (labels.next(), labels.next()) {
        (_, Some(second)) => {
            Err(first.error(second, "a second column of labels", "one column called `label`"))
        }
        (Some(column), None) => Ok(column),
        (None, None) => Ok(first.len().saturating_sub(1)),
    }
}

/// Adds one row.
fn add(row: &Row, label: usize, samples: &mut Samples) -> Result<(), Error> {
    for column in (0..row.len()).filter(|&column| column != label) {
        let value = row.number(column)? as f32;
        if !(value.is_finite() && value >= 0.0) {
            return Err(row.refused(column, "an input: a finite number from 0"));
        }
        samples.values.push(value);
    }
    let class = row.field(label).parse().unwrap_or(f64::NAN);
    if !(class >= 0.0 && class < f64::from(MOST_CLASSES) && class.fract() == 0.0) {
        return Err(row.refused(label, "a label: a whole number from 0 to 65535"));
    }
    samples.labels.push(class as u32);
    Ok(())
}
