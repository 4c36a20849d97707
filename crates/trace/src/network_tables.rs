//! The tables of an explicit network: `neurons.csv`, and the synapses of `edges.csv` or an [archive](crate::edge_archive).

use crate::csv_text::{CsvText, Row};
use crate::edge_archive::EdgeArchive;
use crate::error::{Error, shown};
use crate::input::Input;
use equipoise_base::Delay;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The neurons of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NeuronTable {
    /// The populations in the order of their first rows; an empty name is that of the neurons without a population.
    pub populations: Vec<NeuronGroup>,
    /// By id: where the neuron is.
    homes: Vec<(u32, Home)>,
}

/// The neurons of one population, in the order of the table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NeuronGroup {
    /// Its name in the table.
    pub name: String,
    /// Their numbers in the tables.
    pub ids: Vec<u32>,
    /// Their biases; 0 where none is given.
    pub bias: Vec<f64>,
    /// Their states at the start; 0 where none is given.
    pub start: Vec<f64>,
}

/// Where a neuron is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Home {
    /// Its population.
    pub population: u32,
    /// Its number in the population.
    pub neuron: u32,
}

/// A synapse of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Synapse {
    /// The connection that it belongs to: in a text the number of the connection's name, in the order in which names
    /// come up; in an archive the number that stands there.
    pub connection: u32,
    /// The neuron that sends.
    pub source: Home,
    /// The neuron that receives.
    pub target: Home,
    /// The weight.
    pub weight: f64,
    /// The delay; one step if none is given.
    pub delay: Delay,
}

impl NeuronTable {
    /// Reads `neurons.csv`: the column `id`, and `population`, `bias`, `x0` if present.
    ///
    /// # Errors
    /// If the file cannot be read, a column is missing or unknown, a field is not accepted, or an id is there twice.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::of_rows(CsvText::from_input(Input::open(path)?), &shown(path))
    }

    /// As [`NeuronTable::read`], from `text`, which stands in `file`.
    ///
    /// # Errors
    /// As [`NeuronTable::read`].
    pub fn parse(text: &str, file: &Arc<str>) -> Result<Self, Error> {
        Self::of_rows(CsvText::new(text, file), file)
    }

    fn of_rows(mut rows: CsvText<'_>, file: &Arc<str>) -> Result<Self, Error> {
        let names = [(&["id"][..], true), (&["population"], false), (&["bias"], false), (&["x0"], false)];
        let [id, population, bias, x0] = columns(&mut rows, file, names)?;
        let id = id.unwrap_or(0);
        let count = [population, bias, x0].iter().flatten().count() + 1;
        let (mut table, mut lines) = (Self::default(), BTreeMap::new());
        let mut at = 0;
        while let Some(row) = rows.next_row_of(count)? {
            let number = row.whole(id)?;
            if let Some(first) = lines.insert(number, row.line()) {
                let found = format!("the id {number}, which line {first} has already");
                return Err(row.error(id, found, "each id once"));
            }
            let name = population.map_or("", |column| row.field(column));
            if table.populations.get(at).is_none_or(|known| known.name != name) {
                at = table.populations.iter().position(|known| known.name == name).unwrap_or_else(|| {
                    table.populations.push(NeuronGroup { name: name.to_owned(), ..NeuronGroup::default() });
                    table.populations.len() - 1
                });
            }
            let group = &mut table.populations[at];
            table.homes.push((number, Home { population: at as u32, neuron: group.ids.len() as u32 }));
            group.ids.push(number);
            group.bias.push(bias.map_or(Ok(0.0), |column| row.number(column))?);
            group.start.push(x0.map_or(Ok(0.0), |column| row.number(column))?);
        }
        if table.homes.is_empty() {
            return Err(Error::data(file, "", "no neurons", "at least one row below the header"));
        }
        table.homes.sort_unstable_by_key(|&(id, _)| id);
        Ok(table)
    }

    /// Where the neuron `id` is, if there is one.
    #[must_use]
    pub fn home(&self, id: u32) -> Option<Home> {
        // Ids mostly count up without gaps.
        let guess = self.homes.first().and_then(|(first, _)| id.checked_sub(*first));
        match guess.and_then(|guess| self.homes.get(guess as usize)) {
            Some(&(found, home)) if found == id => Some(home),
            _ => {
                let at = self.homes.binary_search_by_key(&id, |&(id, _)| id).ok()?;
                Some(self.homes[at].1)
            }
        }
    }
}

/// Reads a table of synapses between `neurons`, an [archive](EdgeArchive) if its name ends in `.npz`, and calls `each`
/// with one after the other.
///
/// # Errors
/// If the file cannot be read, a column is missing or unknown, a number is not accepted, or a neuron is unknown.
pub fn read_edges(path: &Path, neurons: &NeuronTable, each: impl FnMut(Synapse)) -> Result<(), Error> {
    if EdgeArchive::is_one(path) {
        return EdgeArchive::open(path)?.synapses(neurons, each);
    }
    of_rows(CsvText::from_input(Input::open(path)?), &shown(path), neurons, each)
}

/// Parses `edges.csv`, from `text`, which stands in `file`: the columns `src`, `dst`, `weight`, and `delay`,
/// `connection` if present.
///
/// # Errors
/// As [`read_edges`].
pub fn parse_edges(
    text: &str,
    file: &Arc<str>,
    neurons: &NeuronTable,
    each: impl FnMut(Synapse),
) -> Result<(), Error> {
    of_rows(CsvText::new(text, file), file, neurons, each)
}

/// The names of the columns of a table of synapses, each with what else it may be called, and whether it must be
/// there.
pub(crate) const EDGE_COLUMNS: [(&[&str], bool); 5] = [
    (&["src", "source"], true),
    (&["dst", "target"], true),
    (&["weight"], true),
    (&["delay"], false),
    (&["connection"], false),
];

fn of_rows(
    mut rows: CsvText<'_>,
    file: &Arc<str>,
    neurons: &NeuronTable,
    mut each: impl FnMut(Synapse),
) -> Result<(), Error> {
    let [src, dst, weight, delay, connection] = columns(&mut rows, file, EDGE_COLUMNS)?;
    let (src, dst, weight) = (src.unwrap_or(0), dst.unwrap_or(0), weight.unwrap_or(0));
    let count = [delay, connection].iter().flatten().count() + 3;
    let home = |row: &Row, column| {
        let home = neurons.home(row.whole(column)?);
        home.ok_or_else(|| row.refused(column, UNKNOWN_NEURON))
    };
    let (mut names, mut at) = (Vec::<String>::new(), 0);
    while let Some(row) = rows.next_row_of(count)? {
        let name = connection.map_or("", |column| row.field(column));
        if names.get(at).is_none_or(|known| known != name) {
            at = names.iter().position(|known| known == name).unwrap_or_else(|| {
                names.push(name.to_owned());
                names.len() - 1
            });
        }
        each(Synapse {
            connection: at as u32,
            source: home(row, src)?,
            target: home(row, dst)?,
            weight: row.number(weight)?,
            delay: delay.map_or(Ok(Delay::ONE), |column| {
                Delay::new(row.whole(column)?).ok_or_else(|| row.refused(column, SHORT_DELAY))
            })?,
        });
    }
    Ok(())
}

/// What an id must be.
pub(crate) const UNKNOWN_NEURON: &str = "the id of a neuron of the neurons' table";
/// What a delay must be.
pub(crate) const SHORT_DELAY: &str = "a delay of at least one step";

/// Finds columns by the names of the first row; the flag says which must be there.
fn columns<const N: usize>(
    rows: &mut CsvText<'_>,
    file: &Arc<str>,
    wanted: [(&[&str], bool); N],
) -> Result<[Option<usize>; N], Error> {
    let accepted = format!("the columns {}", wanted.map(|(names, _)| names[0]).join(", "));
    let Some(header) = rows.next_row()? else {
        return Err(Error::data(file, "", "an empty table", accepted));
    };
    header.refuse_other_separators()?;
    let mut found = [None; N];
    for (column, name) in header.fields().enumerate() {
        let Some(index) = wanted.iter().position(|(known, _)| known.contains(&name)) else {
            return Err(header.refused(column, &accepted));
        };
        if found[index].replace(column).is_some() {
            return Err(header.error(column, format!("`{name}` a second time"), "each column once"));
        }
    }
    match wanted.iter().zip(&found).find(|((_, required), column)| *required && column.is_none()) {
        None => Ok(found),
        Some(((names, _), _)) => Err(header.error(0, format!("no column `{}`", names[0]), accepted)),
    }
}
