//! A walk over all keys: each is given values that it cannot have, and its messages are remembered.

use super::message::{keys, ranges, words};
use equipoise_base::config::ConfigError;
use std::collections::BTreeSet;

/// Reads settings, `KEY=VALUE`.
type Read<'r> = dyn Fn(&[String]) -> Result<(), ConfigError> + Sync + 'r;

/// A section and how it comes to be.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its path; empty for the root.
    pub path: String,
    /// What is set so that it is this one: kinds of models.
    pub given: Vec<String>,
    /// The keys that its message lists.
    pub keys: Vec<String>,
}

impl Section {
    pub fn root() -> Self {
        Self::at("", &[])
    }

    pub fn at(path: &str, given: &[String]) -> Self {
        Self { path: path.to_owned(), given: given.to_vec(), keys: Vec::new() }
    }

    fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// A key that named a range or words.
#[derive(Debug)]
pub struct Named<T> {
    section: Section,
    key: String,
    named: T,
}

pub struct Walk<'r> {
    read: &'r Read<'r>,
    pub sections: Vec<Section>,
    pub ranges: Vec<Named<(String, String)>>,
    pub lists: Vec<Named<Vec<String>>>,
}

const NO_KEY: &str = "no_such_key";
const UNKNOWN: &str = "an unknown key";

impl<'r> Walk<'r> {
    pub fn new(read: &'r Read<'r>) -> Self {
        Self { read, sections: Vec::new(), ranges: Vec::new(), lists: Vec::new() }
    }

    fn try_with(&self, given: &[String], key: &str, value: &str) -> Result<(), ConfigError> {
        (self.read)(&[given, &[format!("{key}={value}")]].concat())
    }

    /// Walks over the keys of `section` and of what lies below it.
    pub fn section(&mut self, mut section: Section) {
        let error = self.try_with(&section.given, &section.key(NO_KEY), "1").unwrap_err();
        assert_eq!(error.found, UNKNOWN, "{error}");
        section.keys = keys(&error.accepted);
        self.sections.push(section.clone());
        for name in section.keys.clone() {
            match name.as_str() {
                "kind" => {}
                // The user chooses the names of probes.
                "probe" => self.kinds(&Section::at("probe.x", &section.given)),
                "population" | "connection" => {
                    let given = [&section.given[..], &[format!("{}=[{{}}]", section.key(&name))]].concat();
                    self.section(Section::at(&format!("{}[0]", section.key(&name)), &given));
                }
                _ => self.key(&section, &name),
            }
        }
    }

    /// Gives the key all sorts of values, and goes on below where it is a section.
    fn key(&mut self, section: &Section, name: &str) {
        let key = section.key(name);
        let huge = ["1e300", "-1e300", "9223372036854775807", "-9223372036854775808"];
        let all =
            ["no such word", "true", "[]", "[-1e300]", "[[-9223372036854775808]]"].into_iter().chain(huge);
        let mut said = BTreeSet::new();
        for value in all {
            if let Err(error) = self.try_with(&section.given, &key, value)
                && error.key == key
            {
                said.insert(error.accepted);
            }
        }
        let takes_any_text = self.try_with(&section.given, &key, "no such word").is_ok();
        for accepted in said {
            for named in ranges(&accepted) {
                self.ranges.push(Named { section: section.clone(), key: key.clone(), named });
            }
            let named = words(&accepted);
            if !named.is_empty() && !takes_any_text {
                self.lists.push(Named { section: section.clone(), key: key.clone(), named });
            }
        }
        self.kinds(&Section::at(&key, &section.given));
    }

    /// Walks over a section once for every kind that it may have, or once.
    fn kinds(&mut self, section: &Section) {
        let kind = section.key("kind");
        match self.try_with(&section.given, &kind, "\"no such kind\"") {
            Err(error) if error.key == kind && error.found == UNKNOWN => self.section(section.clone()),
            Err(error) if error.key == kind => {
                let kinds = words(&error.accepted);
                let (list, section) = (kinds.clone(), section.clone());
                self.lists.push(Named { section: section.clone(), key: kind.clone(), named: list });
                for word in kinds {
                    let given = [&section.given[..], &[format!("{kind}=\"{word}\"")]].concat();
                    self.section(Section::at(&section.path, &given));
                }
            }
            // The value is no section.
            _ => {}
        }
    }

    /// Does `key` take the value, by itself or in a list? Another key may object to it.
    fn takes(&self, section: &Section, key: &str, value: &str) -> bool {
        let lists = [format!("[{value}]"), format!("[{value}, {value}]"), format!("[[{value}]]")];
        std::iter::once(value.to_owned()).chain(lists).any(|form| {
            let error = self.try_with(&section.given, key, &form).err();
            error.is_none_or(|error| error.key != key && error.key != format!("{key}.kind"))
        })
    }

    pub fn check_ranges(&self) {
        for Named { section, key, named: (low, high) } in &self.ranges {
            let said = format!("`{key}` ({:?}) says from {low} to {high}", section.given);
            for end in [low, high] {
                assert!(self.takes(section, key, end), "{said} and refuses {end}");
            }
            for beyond in beyond(low, high) {
                assert!(!self.takes(section, key, &beyond), "{said} and takes {beyond}");
            }
        }
    }

    pub fn check_words(&self) {
        let all: BTreeSet<&String> = self.lists.iter().flat_map(|list| &list.named).collect();
        for Named { section, key, named } in &self.lists {
            for word in &all {
                let taken = self.takes(section, key, &format!("\"{word}\""));
                let said = format!("`{key}` ({:?}) lists {named:?}; and {word:?}?", section.given);
                assert_eq!(taken, named.contains(word), "{said}");
            }
        }
    }

    pub fn check_keys(&self) {
        let all: BTreeSet<&String> = self.sections.iter().flat_map(|section| &section.keys).collect();
        for section in &self.sections {
            for name in all.iter().filter(|name| !section.keys.contains(name)) {
                let key = section.key(name);
                let error = self.try_with(&section.given, &key, "1");
                let Err(error) = error else {
                    panic!("`{key}` ({:?}) is taken and not listed", section.given)
                };
                if error.accepted.starts_with("any key of the preset but") {
                    continue;
                }
                assert_eq!((error.key.as_str(), error.found.as_str()), (key.as_str(), UNKNOWN), "{error}");
                assert_eq!(keys(&error.accepted), section.keys, "{key}");
            }
        }
    }
}

/// Values just beyond a range, where numbers are small enough to tell.
fn beyond(low: &str, high: &str) -> Vec<String> {
    let whole = |text: &str| text.parse::<i64>().ok();
    let below = whole(low).and_then(|low| low.checked_sub(1)).map(|n| n.to_string());
    let above = whole(high).and_then(|high| high.checked_add(1)).map(|n| n.to_string());
    [below, above].into_iter().flatten().collect()
}
