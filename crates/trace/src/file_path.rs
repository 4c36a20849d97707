//! A setting that names a file or folder.

use equipoise_base::config::{ConfigError, Entry, Place, Table, Value};
use equipoise_base::params::Field;
use std::path::{Path, PathBuf};

/// The variable that names a folder with data sets (`mnist/`, `nmnist-small/`, ...).
pub const DATA_VARIABLE: &str = "EQUIPOISE_DATA";

/// The folder that `EQUIPOISE_DATA` names, if it is set.
#[must_use]
pub fn data_folder() -> Option<PathBuf> {
    std::env::var_os(DATA_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// A path as a setting gave it. A relative one counts from the file that it stands in, on the command line
/// from the working directory; where it is not there, it is looked for in `EQUIPOISE_DATA`.
///
/// Two paths are equal if they lead to the same place, wherever they were written.
#[derive(Clone, Debug)]
pub struct FilePath {
    given: PathBuf,
    place: Place,
    key: String,
}

impl PartialEq for FilePath {
    fn eq(&self, other: &Self) -> bool {
        self.beside_its_file() == other.beside_its_file()
    }
}

impl FilePath {
    /// The path `given` by the setting `key` at `place`.
    #[must_use]
    pub fn new(given: &str, place: &Place, key: &str) -> Self {
        Self { given: given.into(), place: place.clone(), key: key.to_owned() }
    }

    /// The path as it was given.
    #[must_use]
    pub fn given(&self) -> &Path {
        &self.given
    }

    /// The path, counted from the file that it stands in.
    #[must_use]
    pub fn beside_its_file(&self) -> PathBuf {
        // The command line and the built-in defaults are places in no folder.
        Path::new(&*self.place.file).parent().unwrap_or(Path::new("")).join(&self.given)
    }

    /// The file or folder itself: beside the file that names it, else in `EQUIPOISE_DATA`.
    ///
    /// # Errors
    /// If it is in neither, naming both.
    pub fn find(&self) -> Result<PathBuf, ConfigError> {
        self.find_with(data_folder().as_deref())
    }

    /// As [`FilePath::find`], with `data` for the folder of `EQUIPOISE_DATA`.
    ///
    /// # Errors
    /// If the path leads nowhere.
    pub fn find_with(&self, data: Option<&Path>) -> Result<PathBuf, ConfigError> {
        let beside = self.beside_its_file();
        let fallback = data.map(|data| data.join(&self.given)).filter(|path| *path != beside);
        if beside.exists() {
            return Ok(beside);
        }
        if let Some(path) = fallback.as_ref().filter(|path| path.exists()) {
            return Ok(path.clone());
        }
        let elsewhere = match (&fallback, data) {
            (Some(path), _) => format!(", nor `{}` ({DATA_VARIABLE})", path.display()),
            (None, None) if self.given.is_relative() => format!(" ({DATA_VARIABLE} is not set)"),
            _ => String::new(),
        };
        Err(ConfigError {
            place: self.place.clone(),
            key: self.key.clone(),
            found: format!("no file or folder `{}`{elsewhere}", beside.display()),
            accepted: format!("a path from the file that names it, or from {DATA_VARIABLE}"),
        })
    }

    /// The path as a copy of the settings in another folder has to write it.
    #[must_use]
    pub fn portable(&self) -> String {
        let beside = self.beside_its_file();
        let path =
            if beside.exists() { std::path::absolute(&beside).unwrap_or(beside) } else { self.given.clone() };
        path.display().to_string()
    }

    /// An error at the key that gave the path.
    #[must_use]
    pub fn error(&self, found: impl Into<String>, accepted: impl Into<String>) -> ConfigError {
        ConfigError {
            place: self.place.clone(),
            key: self.key.clone(),
            found: found.into(),
            accepted: accepted.into(),
        }
    }
}

impl Field for FilePath {
    fn read(table: &Table, entry: &Entry, _: Option<(f64, f64)>) -> Result<Self, ConfigError> {
        match &entry.node.value {
            Value::Text(given) if !given.is_empty() => {
                Ok(Self::new(given, &entry.place, &table.path_of(&entry.key)))
            }
            _ => Err(table.error(entry, "a path in quotes")),
        }
    }

    fn write(&self) -> Value {
        Value::Text(self.portable())
    }
}
