//! `KEY=VALUE` of a command line, and setting a key by its path.

use crate::toml_tree::parse_value;
use equipoise_base::config::{ConfigError, Node, Place, Table, Value};

/// The file name in the place of every setting of the command line.
pub const COMMAND_LINE: &str = "command line";

/// One part of a key's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A key of a section.
    Key(String),
    /// An element of a list, from 0: `[2]`.
    Index(usize),
}

/// A key's path with the value to set.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The path as messages show it.
    pub key: String,
    /// The path: `network.population[0].size` has four parts.
    pub path: Vec<Part>,
    /// The value, with the place `command line`.
    pub node: Node,
}

/// Parses `KEY=VALUE`, as in `learning.beta=0.1` or `data.source=digits`.
///
/// A VALUE is written as in the file; what is no TOML number, truth value, list, section or quoted text is
/// taken as a text without quotes.
///
/// # Errors
/// If there is no `=`, the key is malformed, or a quoted text, list or section is not closed.
pub fn parse(argument: &str) -> Result<Assignment, ConfigError> {
    let Some((key, value)) = argument.split_once('=') else {
        return Err(error("", format!("{argument:?}"), "KEY=VALUE, as in learning.beta=0.1"));
    };
    let path = parse_key(key)?;
    let key = shown(&path);
    let node = parse_word(&key, value)?;
    Ok(Assignment { key, path, node })
}

/// Parses a VALUE of the command line, for the setting `key`.
///
/// # Errors
/// If a quoted text, list or section is not closed.
pub fn parse_word(key: &str, value: &str) -> Result<Node, ConfigError> {
    let place = Place::whole(COMMAND_LINE);
    let value = value.trim();
    let text = |value: &str| Node { place: place.clone(), value: Value::Text(value.to_owned()) };
    match (value.chars().next(), parse_value(value, key, &place)) {
        (None, _) => Ok(text("")),
        (_, Ok(node)) => Ok(node),
        (Some('[' | '{' | '"' | '\''), Err(error)) => Err(error),
        // Numbers that people write and TOML does not know: `007`, `.5`, `5.`.
        (Some('0'..='9' | '.' | '+' | '-'), Err(_)) => Ok(match (value.parse(), value.parse::<f64>()) {
            (Ok(number), _) => Node { place, value: Value::Integer(number) },
            (_, Ok(number)) if number.is_finite() => Node { place, value: Value::Float(number) },
            _ => text(value),
        }),
        _ => Ok(text(value)),
    }
}

/// Parses a key's path: names joined by dots, list elements in brackets.
///
/// # Errors
/// If a name is empty or a bracket holds no whole number.
pub fn parse_key(key: &str) -> Result<Vec<Part>, ConfigError> {
    let malformed =
        || error(key, format!("{key:?}"), "keys joined by dots, as in hardware.adc.bits or list[0].key");
    let mut path = Vec::new();
    for piece in key.split('.') {
        let mut names = piece.split('[');
        let name = names.next().unwrap_or("").trim();
        if name.is_empty() || name.contains([']', '"', '\'']) {
            return Err(malformed());
        }
        path.push(Part::Key(name.to_owned()));
        for index in names {
            let digits = index.strip_suffix(']').ok_or_else(malformed)?;
            path.push(Part::Index(digits.parse().map_err(|_| malformed())?));
        }
    }
    Ok(path)
}

/// The path as messages show it.
fn shown(path: &[Part]) -> String {
    let mut text = String::new();
    for part in path {
        match part {
            Part::Key(key) if text.is_empty() => text.push_str(key),
            Part::Key(key) => text.extend([".", key]),
            Part::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// Sets the key of `assignment` in `root`; sections that are missing are made.
///
/// # Errors
/// If the path leads through a value that is no section, or to a list element that does not exist.
pub fn set(root: &mut Table, assignment: &Assignment) -> Result<(), ConfigError> {
    let Some((Part::Key(first), rest)) = assignment.path.split_first() else {
        return Err(error(&assignment.key, "no key".to_owned(), "KEY=VALUE"));
    };
    set_in(root, first, rest, assignment)
}

fn set_in(table: &mut Table, key: &str, rest: &[Part], assignment: &Assignment) -> Result<(), ConfigError> {
    let place = assignment.node.place.clone();
    if rest.is_empty() {
        table.set(key, place, assignment.node.clone());
        return Ok(());
    }
    if table.get(key).is_none() && matches!(rest[0], Part::Key(_)) {
        let made = Table::new(&table.path_of(key), place.clone());
        table.set(key, place.clone(), Node { place, value: Value::Table(made) });
    }
    let path = table.path_of(key);
    match table.entries.iter_mut().find(|entry| entry.key == key) {
        Some(entry) => set_below(&mut entry.node, &path, rest, assignment),
        None => Err(error(&assignment.key, format!("no list `{path}`"), "an element of a list that exists")),
    }
}

fn set_below(node: &mut Node, path: &str, rest: &[Part], assignment: &Assignment) -> Result<(), ConfigError> {
    match (rest.split_first(), &mut node.value) {
        (None, _) => {
            *node = assignment.node.clone();
            Ok(())
        }
        (Some((Part::Key(key), deeper)), Value::Table(table)) => set_in(table, key, deeper, assignment),
        (Some((Part::Index(index), deeper)), Value::List(items)) => {
            let count = items.len();
            let Some(item) = items.get_mut(*index) else {
                let found = format!("element {index} of `{path}`, which has {count}");
                return Err(error(&assignment.key, found, "an element of a list that exists, from 0"));
            };
            set_below(item, &format!("{path}[{index}]"), deeper, assignment)
        }
        (Some((Part::Key(key), _)), value) => {
            let found = format!("`{path}` = {}, which has no key `{key}`", value.shown());
            Err(error(&assignment.key, found, "a key of a section"))
        }
        (Some((Part::Index(_), _)), value) => {
            let found = format!("`{path}` = {}, which is no list", value.shown());
            Err(error(&assignment.key, found, "an element of a list"))
        }
    }
}

fn error(key: &str, found: String, accepted: &str) -> ConfigError {
    ConfigError {
        place: Place::whole(COMMAND_LINE),
        key: key.to_owned(),
        found,
        accepted: accepted.to_owned(),
    }
}
