//! TOML text -> the tree of settings, with the place of every key and value.
//!
//! The text is parsed by crate `toml`; here every byte span becomes file, line and column, and what the tree
//! cannot hold (dates, numbers out of range) is refused where it stands.

use crate::error::{Error, quoted, shown};
use crate::input::read_settings;
use crate::places::LineIndex;
use equipoise_base::config::{ConfigError, Entry, Node, Place, Table, Value};
use std::path::Path;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

/// Reads the settings of the file `path`.
///
/// # Errors
/// If the file cannot be read, or as [`parse`].
pub fn read(path: &Path) -> Result<Table, Error> {
    Ok(parse(&read_settings(path)?, &shown(path))?)
}

/// Parses `text`, which stands in `file`; keys keep the order of the text.
///
/// A section's place is that of its header, an entry's that of the key itself. The elements of a list of
/// sections have the paths `network.population[0]`, `network.population[1]`, ...
///
/// # Errors
/// At the first place that is no TOML, or that the tree cannot hold.
pub fn parse(text: &str, file: &str) -> Result<Table, ConfigError> {
    let lines = LineIndex::new(text, file);
    let root = DeTable::parse(text).map_err(|error| syntax_error(&lines, text, &error))?;
    let tree = Tree { lines: &lines };
    tree.table(root.get_ref(), "", Place::whole(file))
}

/// Parses one value as TOML writes it; its place is `place`, whatever lines it has.
///
/// # Errors
/// If it is no TOML value, or one that the tree cannot hold.
pub(crate) fn parse_value(text: &str, path: &str, place: &Place) -> Result<Node, ConfigError> {
    let error = |accepted: String| ConfigError {
        place: place.clone(),
        key: path.to_owned(),
        found: quoted(text),
        accepted,
    };
    let value = DeValue::parse(text).map_err(|e| error(format!("a TOML value ({})", e.message())))?;
    let lines = LineIndex::new(text, &place.file);
    let mut node = Tree { lines: &lines }
        .node(value.get_ref(), 0, path)
        .map_err(|inner| ConfigError { place: place.clone(), ..inner })?;
    move_to(&mut node, place);
    Ok(node)
}

/// Gives `node` and everything in it one place.
fn move_to(node: &mut Node, place: &Place) {
    node.place = place.clone();
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| move_to(item, place)),
        Value::Table(table) => {
            table.place = place.clone();
            for entry in &mut table.entries {
                entry.place = place.clone();
                move_to(&mut entry.node, place);
            }
        }
        _ => {}
    }
}

/// Turns the parser's tree into ours.
struct Tree<'l, 't> {
    lines: &'l LineIndex<'t>,
}

impl Tree<'_, '_> {
    fn table(&self, source: &DeTable<'_>, path: &str, place: Place) -> Result<Table, ConfigError> {
        let mut table = Table::new(path, place);
        for (key, value) in source {
            let name = key.get_ref().to_string();
            let inner = table.path_of(&name);
            let node = self.node(value.get_ref(), value.span().start, &inner)?;
            table.entries.push(Entry { key: name, place: self.lines.place(key.span().start), node });
        }
        Ok(table)
    }

    fn node(&self, source: &DeValue<'_>, offset: usize, path: &str) -> Result<Node, ConfigError> {
        let place = self.lines.place(offset);
        let refused = |found: String, accepted: &str| ConfigError {
            place: place.clone(),
            key: path.to_owned(),
            found,
            accepted: accepted.to_owned(),
        };
        let value = match source {
            DeValue::Boolean(value) => Value::Bool(*value),
            DeValue::String(value) => Value::Text(value.to_string()),
            DeValue::Integer(digits) => Value::Integer(
                integer(digits).ok_or_else(|| refused(quoted(&digits.to_string()), WHOLE_NUMBERS))?,
            ),
            DeValue::Float(digits) => {
                Value::Float(float(digits.as_str()).ok_or_else(|| refused(quoted(digits.as_str()), FLOATS))?)
            }
            DeValue::Datetime(date) => {
                return Err(refused(format!("the date {date}"), "a date in quotes, as text"));
            }
            DeValue::Array(items) => Value::List(self.list(items, path)?),
            DeValue::Table(table) => Value::Table(self.table(table, path, place.clone())?),
        };
        Ok(Node { place, value })
    }

    fn list(&self, items: &DeArray<'_>, path: &str) -> Result<Vec<Node>, ConfigError> {
        let element = |(index, item): (usize, &toml::Spanned<DeValue<'_>>)| {
            self.node(item.get_ref(), item.span().start, &format!("{path}[{index}]"))
        };
        items.iter().enumerate().map(element).collect()
    }
}

const WHOLE_NUMBERS: &str = "a whole number from -9223372036854775808 to 9223372036854775807";
const FLOATS: &str = "a number up to 1.8e308";

fn integer(digits: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(digits.as_str(), digits.radix()).ok()
}

/// `None` where a finite number was written that a double cannot hold.
fn float(digits: &str) -> Option<f64> {
    let value: f64 = digits.parse().ok()?;
    (value.is_finite() || digits.contains("inf") || digits.contains("nan")).then_some(value)
}

fn syntax_error(lines: &LineIndex<'_>, text: &str, error: &toml::de::Error) -> ConfigError {
    let span = error.span().unwrap_or(text.len()..text.len());
    let there = match text.get(span.clone()).filter(|part| !part.is_empty()) {
        Some(part) => part,
        None => lines.rest_of_line(span.start),
    };
    let found = match there.trim() {
        "" if text.get(span.start..).unwrap_or("").trim().is_empty() => "the end of the file".to_owned(),
        "" => "the end of the line".to_owned(),
        part => quoted(part),
    };
    // A bare word reads like a number or truth value that went wrong; what is missing are the quotes.
    let is_word = there.starts_with(char::is_alphabetic)
        && ["invalid float", "invalid boolean"].iter().any(|start| error.message().starts_with(start));
    let (found, accepted) = match error.message() {
        "duplicate key" => (format!("{found} a second time"), "each key and each section once".to_owned()),
        message if is_word || message.starts_with("string values must be quoted") => {
            (found, "a number, true, false, a list in [ ] or a text in quotes".to_owned())
        }
        message => (found, format!("TOML ({message})")),
    };
    ConfigError { place: lines.place(span.start), key: String::new(), found, accepted }
}
