//! What a study found: numbers with theory beside them, a curve, and a figure.

use super::Figure;
use equipoise_base::Digest;
use serde::Serialize;

/// What a study found.
#[derive(Clone, Debug)]
pub struct Findings {
    /// The numbers of `study.json`, in the order in which a person reads them.
    pub numbers: Vec<Number>,
    /// The curve: `study.csv`.
    pub table: Table,
    /// The figure: `study.svg`.
    pub figure: Figure,
    /// Over the final digests of all chips of the study, in the order of its points ([`Digest::word`] for each). Theory has
    /// no part in it: its last bits may differ between machines.
    pub digest: Digest,
}

/// One number, with what it should be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Number {
    /// What it is, in words; names are unique within a study.
    pub name: String,
    /// The number; `None` where there is none, as the first unstable delay of a network that no delay makes unstable.
    pub value: Option<f64>,
    /// Its unit; "1" for a pure number.
    pub unit: &'static str,
    /// What theory, oracle or a publication says it is.
    pub reference: Option<Reference>,
    /// Value minus reference, where there are both.
    pub deviation: Option<f64>,
}

/// What a number is compared with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reference {
    /// The number; `None` where theory says that there is none.
    pub value: Option<f64>,
    /// Where it comes from.
    pub source: &'static str,
}

impl Number {
    /// A number that nothing is known about beforehand.
    pub fn alone(name: impl Into<String>, value: impl Into<Option<f64>>, unit: &'static str) -> Self {
        Self { name: name.into(), value: value.into(), unit, reference: None, deviation: None }
    }

    /// The number with what it should be, and where that comes from.
    #[must_use]
    pub fn beside(self, value: impl Into<Option<f64>>, source: &'static str) -> Self {
        let value = value.into();
        let deviation = self.value.zip(value).map(|(value, reference)| value - reference);
        Self { reference: Some(Reference { value, source }), deviation, ..self }
    }
}

/// A table of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows: one number per column, `None` for an empty field.
    pub rows: Vec<Vec<Option<f64>>>,
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name in the first line, unit last: `delay_steps`.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

impl Table {
    /// A table without rows; columns are (name, meaning).
    #[must_use]
    pub fn new(columns: &[(&'static str, &'static str)]) -> Self {
        let columns = columns.iter().map(|&(name, meaning)| Column { name, meaning }).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If the row has not one number per column.
    pub fn row(&mut self, numbers: &[Option<f64>]) {
        assert_eq!(numbers.len(), self.columns.len(), "one number per column");
        self.rows.push(numbers.to_vec());
    }
}
