//! The table: one row for each mutant.

use serde::Deserialize;
use std::path::Path;

/// One mutant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// What is wrong with the mutant, in words.
    pub what: String,
    /// The file, or a folder of files, in which the text stands exactly once.
    #[serde(rename = "in")]
    pub place: String,
    /// The text: an expression, or statements that end with a semicolon.
    pub text: String,
    /// What stands in its place in the mutant, of the same kind and type.
    pub mutant: String,
    /// The test that must fail: package, target (`lib`, `bin`, or the name of a test file) and name.
    pub killed_by: [String; 3],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mutant: Vec<Row>,
}

impl Row {
    /// All of it, to be searched.
    pub fn words(&self) -> String {
        let Self { what, place, text, mutant, killed_by } = self;
        format!("{what} {place} {text} {mutant} {}", killed_by.join(" "))
    }
}

/// The rows of all files in `folder`, file by file in the order of their names.
pub fn read(folder: &Path) -> Result<Vec<Row>, String> {
    let failed = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let entries = std::fs::read_dir(folder).map_err(|error| failed(folder, &error))?;
    let mut files: Vec<_> = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    let mut rows = Vec::new();
    for path in files {
        let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
        let file: File = toml::from_str(&text).map_err(|error| failed(&path, &error))?;
        rows.extend(file.mutant);
    }
    // A stored digest notices everything and says nothing.
    match rows.iter().find(|row| row.killed_by[2].contains("golden")) {
        Some(row) => Err(format!("\"{}\" is killed by a stored digest; accepted: a test of truth", row.what)),
        None => Ok(rows),
    }
}
