//! Where the keys of a preset stand, so that a design that is refused is refused at the key at fault.

use crate::models::Refusal;
use crate::preset::join;
use equipoise_base::config::{ConfigError, Place, Table, Value};
use std::collections::BTreeMap;

/// Where every key of a preset stands, and its name there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Places {
    file: Place,
    keys: BTreeMap<String, (Place, String)>,
}

impl Places {
    /// Those of all keys below `settings`.
    pub fn of(settings: &Table) -> Self {
        let mut places = Self { file: settings.place.clone(), keys: BTreeMap::new() };
        places.note(settings, "");
        places
    }

    fn note(&mut self, table: &Table, path: &str) {
        for entry in &table.entries {
            let key = join(path, &entry.key);
            if let Value::Table(section) = &entry.node.value {
                self.note(section, &key);
            }
            self.keys.insert(key, (entry.place.clone(), table.path_of(&entry.key)));
        }
    }

    /// A refusal at the place of its key, or at the whole file where it has none.
    pub fn error(&self, refusal: Refusal) -> ConfigError {
        let Refusal { key, found, accepted } = refusal;
        let (place, key) =
            self.keys.get(&*key).cloned().unwrap_or_else(|| (self.file.clone(), key.into_owned()));
        ConfigError { place, key, found, accepted }
    }
}
