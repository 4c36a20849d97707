//! The tables of an explicit network: `neurons.csv` and `edges.csv`.

use crate::csv_text::{CsvText, Row};
use crate::error::{Error, shown};
use crate::input::read_text;
use equipoise_base::Delay;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A row of `neurons.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct NeuronRow {
    /// The line of the file.
    pub line: u32,
    /// The neuron's number in the tables.
    pub id: u32,
    /// The population that it belongs to; empty if none is named.
    pub population: String,
    /// Its bias; 0 if none is given.
    pub bias: f64,
    /// Its state at the start; 0 if none is given.
    pub x0: f64,
}

/// A row of `edges.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeRow {
    /// The line of the file.
    pub line: u32,
    /// The id of the neuron that sends.
    pub src: u32,
    /// The id of the neuron that receives.
    pub dst: u32,
    /// The weight.
    pub weight: f64,
    /// The delay; one step if none is given.
    pub delay: Delay,
    /// The connection that it belongs to; empty if none is named.
    pub connection: String,
}

/// Reads `neurons.csv`: the column `id`, and `population`, `bias`, `x0` if present.
///
/// # Errors
/// If the file cannot be read, a column is missing or unknown, a field is not accepted, or an id is there twice.
pub fn read_neurons(path: &Path) -> Result<Vec<NeuronRow>, Error> {
    parse_neurons(&read_text(path)?, &shown(path))
}

/// As [`read_neurons`], from `text`, which stands in `file`.
///
/// # Errors
/// As [`read_neurons`].
pub fn parse_neurons(text: &str, file: &Arc<str>) -> Result<Vec<NeuronRow>, Error> {
    let mut rows = CsvText::new(text, file);
    let [id, population, bias, x0] =
        columns(&mut rows, file, [("id", true), ("population", false), ("bias", false), ("x0", false)])?;
    let id = id.unwrap_or(0);
    let count = [population, bias, x0].iter().flatten().count() + 1;
    let (mut neurons, mut lines) = (Vec::new(), BTreeMap::new());
    while let Some(row) = rows.next_row_of(count)? {
        let neuron = NeuronRow {
            line: row.line(),
            id: row.whole(id)?,
            population: population.map_or(String::new(), |column| row.field(column).to_owned()),
            bias: bias.map_or(Ok(0.0), |column| row.number(column))?,
            x0: x0.map_or(Ok(0.0), |column| row.number(column))?,
        };
        if let Some(first) = lines.insert(neuron.id, neuron.line) {
            let found = format!("the id {}, which line {first} has already", neuron.id);
            return Err(row.error(id, found, "each id once"));
        }
        neurons.push(neuron);
    }
    if neurons.is_empty() {
        return Err(Error::data(file, "", "no neurons", "at least one row below the header"));
    }
    Ok(neurons)
}

/// Reads `edges.csv` between `neurons`: the columns `src`, `dst`, `weight`, and `delay`, `connection` if present.
///
/// # Errors
/// If the file cannot be read, a column is missing or unknown, a field is not accepted, or a neuron is unknown.
pub fn read_edges(path: &Path, neurons: &[NeuronRow]) -> Result<Vec<EdgeRow>, Error> {
    parse_edges(&read_text(path)?, &shown(path), neurons)
}

/// As [`read_edges`], from `text`, which stands in `file`.
///
/// # Errors
/// As [`read_edges`].
pub fn parse_edges(text: &str, file: &Arc<str>, neurons: &[NeuronRow]) -> Result<Vec<EdgeRow>, Error> {
    let known: std::collections::BTreeSet<u32> = neurons.iter().map(|neuron| neuron.id).collect();
    let mut rows = CsvText::new(text, file);
    let [src, dst, weight, delay, connection] = columns(
        &mut rows,
        file,
        [("src", true), ("dst", true), ("weight", true), ("delay", false), ("connection", false)],
    )?;
    let (src, dst, weight) = (src.unwrap_or(0), dst.unwrap_or(0), weight.unwrap_or(0));
    let count = [delay, connection].iter().flatten().count() + 3;
    let neuron = |row: &Row<'_>, column| match row.whole(column)? {
        id if known.contains(&id) => Ok(id),
        _ => Err(row.refused(column, "the id of a neuron of the neurons' table")),
    };
    let mut edges = Vec::new();
    while let Some(row) = rows.next_row_of(count)? {
        edges.push(EdgeRow {
            line: row.line(),
            src: neuron(&row, src)?,
            dst: neuron(&row, dst)?,
            weight: row.number(weight)?,
            delay: delay.map_or(Ok(Delay::ONE), |column| {
                Delay::new(row.whole(column)?)
                    .ok_or_else(|| row.refused(column, "a delay of at least one step"))
            })?,
            connection: connection.map_or(String::new(), |column| row.field(column).to_owned()),
        });
    }
    Ok(edges)
}

/// Finds columns by the names of the first row; the flag says which must be there.
fn columns<const N: usize>(
    rows: &mut CsvText<'_>,
    file: &Arc<str>,
    wanted: [(&str, bool); N],
) -> Result<[Option<usize>; N], Error> {
    let accepted = format!("the columns {}", wanted.map(|(name, _)| name).join(", "));
    let Some(header) = rows.next_row()? else {
        return Err(Error::data(file, "", "an empty table", accepted));
    };
    header.refuse_other_separators()?;
    let mut found = [None; N];
    for (column, name) in header.fields().enumerate() {
        let Some(index) = wanted.iter().position(|(known, _)| *known == name) else {
            return Err(header.refused(column, &accepted));
        };
        if found[index].replace(column).is_some() {
            return Err(header.error(column, format!("`{name}` a second time"), "each column once"));
        }
    }
    match wanted.iter().zip(&found).find(|((_, required), column)| *required && column.is_none()) {
        None => Ok(found),
        Some(((name, _), _)) => Err(header.error(0, format!("no column `{name}`"), accepted)),
    }
}
