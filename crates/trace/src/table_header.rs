//! The first row of a labelled table: names of columns, or a sample already?

use crate::csv_text::Row;
use crate::error::{Error, quoted};
use equipoise_base::config::{ConfigError, Entry, Table, Value};
use equipoise_base::params::Field;

/// `data.header`: what the first row of a table is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Header {
    /// Names if no field is a number, a sample if all are; what could be either is refused.
    #[default]
    Auto,
    /// Names of the columns.
    Names,
    /// A sample like the others.
    Sample,
}

impl Field for Header {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Bool(true) => Ok(Self::Names),
            Value::Bool(false) => Ok(Self::Sample),
            Value::Text(word) if word == "auto" => Ok(Self::Auto),
            _ => Err(table.error(entry, "true, false or \"auto\"")),
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Auto => Value::Text("auto".to_owned()),
            Self::Names => Value::Bool(true),
            Self::Sample => Value::Bool(false),
        }
    }
}

impl Header {
    /// The names that stand in the row `first`, in the order of its columns; `None` if it is a sample.
    ///
    /// # Errors
    /// With [`Header::Auto`], if only some fields are numbers, or they count 0, 1, 2, ..., as the names do that a
    /// table without any is given when it is written; or if a name is there twice.
    pub(crate) fn names(self, first: &Row) -> Result<Option<Vec<String>>, Error> {
        let names = || Ok(Some(first.fields().map(str::to_owned).collect()));
        match self {
            Self::Names => return names(),
            Self::Sample => return Ok(None),
            Self::Auto => {}
        }
        let is_number = |field: &str| field.parse::<f64>().is_ok();
        if !first.fields().any(is_number) {
            refuse_twice(first)?;
            return names();
        }
        if let Some(column) = first.fields().position(|field| !is_number(field)) {
            let accepted =
                "numbers alone, names alone, or `data.header` = true for names, false for a sample";
            return Err(first.refused(column, accepted));
        }
        if first.len() > 1 && first.fields().enumerate().all(|(column, field)| field == column.to_string()) {
            let found =
                format!("the numbers 0 to {} in order, which may be names of columns", first.len() - 1);
            return Err(first.error(0, found, "`data.header` = true for names, false for a sample"));
        }
        Ok(None)
    }
}

fn refuse_twice(first: &Row) -> Result<(), Error> {
    let mut seen = std::collections::BTreeSet::new();
    match first.fields().position(|name| !seen.insert(name)) {
        None => Ok(()),
        Some(column) => {
            let found = format!("{} a second time", quoted(first.field(column)));
            Err(first.error(column, found, "each name once, or `data.header` = true"))
        }
    }
}
