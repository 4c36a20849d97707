//! A tree of settings that remembers where every key and value stood, and the errors that point there.
//!
//! The files are read elsewhere; models read their parameters from this tree (see [`mod@crate::params`]), so an
//! error in any model names file, line and column of the key itself.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// A place in a file (or on the command line, with line 0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// File name as the user gave it, or `command line`.
    pub file: Arc<str>,
    /// Line, from 1; 0 where there are no lines.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Place {
    /// A place without lines: the whole file, a command line option, or built-in defaults.
    #[must_use]
    pub fn whole(file: &str) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}", self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// A setting that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Where the key stands.
    pub place: Place,
    /// The key with its sections: `hardware.adc.bits`; empty where no key is at fault.
    pub key: String,
    /// What was found.
    pub found: String,
    /// What is accepted, and how to mend it.
    pub accepted: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "`{}`: ", self.key)?;
        }
        write!(f, "found {}; accepted: {}", self.found, self.accepted)
    }
}

impl std::error::Error for ConfigError {}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value begins; errors about a keyed value point at the key instead.
    pub place: Place,
    /// The value.
    pub value: Value,
}

/// A setting's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A section.
    Table(Table),
}

impl Value {
    /// The value as an error message shows it.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Integer(value) => value.to_string(),
            Self::Float(value) => format!("{value:?}"),
            Self::Text(value) => format!("{value:?}"),
            Self::List(items) if items.len() <= 8 => {
                format!("[{}]", items.iter().map(|n| n.value.shown()).collect::<Vec<_>>().join(", "))
            }
            Self::List(items) => format!("a list of {} values", items.len()),
            Self::Table(_) => "a section".to_owned(),
        }
    }

    /// A node for a value that stands in no file.
    #[must_use]
    pub fn built_in(self) -> Node {
        Node { place: Place::whole("built-in defaults"), value: self }
    }
}

/// One key of a section.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// Its value.
    pub node: Node,
}

/// A section: keys in the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The section's own path, `hardware.adc`; empty for the root.
    pub path: String,
    /// Where the section begins.
    pub place: Place,
    /// The keys.
    pub entries: Vec<Entry>,
}

impl Table {
    /// An empty section at `path`.
    #[must_use]
    pub fn new(path: &str, place: Place) -> Self {
        Self { path: path.to_owned(), place, entries: Vec::new() }
    }

    /// The entry of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Sets `key`, replacing an entry of that name.
    pub fn set(&mut self, key: &str, place: Place, node: Node) {
        let entry = Entry { key: key.to_owned(), place, node };
        match self.entries.iter_mut().find(|e| e.key == key) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }

    /// `key` with the section's path before it.
    #[must_use]
    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The sub-section `key`, if present.
    ///
    /// # Errors
    /// If `key` is there and is not a section.
    pub fn section(&self, key: &str) -> Result<Option<&Table>, ConfigError> {
        match self.get(key) {
            None => Ok(None),
            Some(Entry { node: Node { value: Value::Table(table), .. }, .. }) => Ok(Some(table)),
            Some(entry) => Err(self.error(entry, "a section")),
        }
    }

    /// Every value below this section by its keys, joined by dots from here on, as an error message shows it.
    #[must_use]
    pub fn flat(&self) -> BTreeMap<String, String> {
        let mut flat = BTreeMap::new();
        for entry in &self.entries {
            match &entry.node.value {
                Value::Table(section) => {
                    let below = section.flat().into_iter();
                    flat.extend(below.map(|(key, text)| (format!("{}.{key}", entry.key), text)));
                }
                value => {
                    flat.insert(entry.key.clone(), value.shown());
                }
            }
        }
        flat
    }

    /// An error at `entry`: its value is not `accepted`.
    #[must_use]
    pub fn error(&self, entry: &Entry, accepted: impl Into<String>) -> ConfigError {
        ConfigError {
            place: entry.place.clone(),
            key: self.path_of(&entry.key),
            found: entry.node.value.shown(),
            accepted: accepted.into(),
        }
    }

    /// An error about the whole section.
    #[must_use]
    pub fn error_here(&self, found: impl Into<String>, accepted: impl Into<String>) -> ConfigError {
        ConfigError {
            place: self.place.clone(),
            key: self.path.clone(),
            found: found.into(),
            accepted: accepted.into(),
        }
    }

    /// Refuses every key that is not in `known`, naming the nearest one.
    ///
    /// # Errors
    /// At the first unknown key.
    pub fn refuse_unknown(&self, known: &[&str]) -> Result<(), ConfigError> {
        let Some(entry) = self.entries.iter().find(|e| !known.contains(&e.key.as_str())) else {
            return Ok(());
        };
        // Of a short word three letters are most: a hint that shares less than half of it helps nobody.
        let near = known
            .iter()
            .min_by_key(|k| edit_distance(k, &entry.key))
            .filter(|k| edit_distance(k, &entry.key) <= 3.min(entry.key.chars().count() / 2));
        let hint = near.map_or(String::new(), |k| format!(" (did you mean `{k}`?)"));
        Err(ConfigError {
            place: entry.place.clone(),
            key: self.path_of(&entry.key),
            found: "an unknown key".to_owned(),
            accepted: if known.is_empty() {
                "no key here".to_owned()
            } else {
                format!("{}{hint}", known.join(", "))
            },
        })
    }
}

/// Levenshtein's distance, for hints.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitution = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_place_and_the_nearest_known_one() {
        let mut table = Table::new("hardware.adc", Place::whole("x.toml"));
        let place = Place { file: "x.toml".into(), line: 3, column: 5 };
        table.set("bitz", place, Value::Integer(6).built_in());
        let error = table.refuse_unknown(&["bits", "count"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.toml:3:5: `hardware.adc.bitz`: found an unknown key; accepted: bits, count (did you mean `bits`?)"
        );
    }
}
