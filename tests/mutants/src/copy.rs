//! A copy of the tree in which every mutant sleeps behind a switch.

use crate::table::Row;
use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that wakes a mutant, by its number.
pub const SWITCH: &str = "EQUIPOISE_MUTANT";

/// A row whose text was found.
#[derive(Debug)]
pub struct Edit {
    /// Its place in the table.
    pub row: usize,
    /// The number of the mutant, from 1.
    pub number: usize,
    /// The file, from the root.
    file: PathBuf,
    /// The text in the file.
    at: Range<usize>,
    /// What is written there.
    switched: String,
}

/// A copy, deleted when it is dropped unless it is kept.
pub struct Copy {
    /// The folder of the copy and of what is built from it.
    folder: PathBuf,
    keep: bool,
}

impl Copy {
    /// The root of the copied tree.
    pub fn tree(&self) -> PathBuf {
        self.folder.join("tree")
    }

    /// Where it is built.
    pub fn built(&self) -> PathBuf {
        self.folder.join("built")
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if !self.keep {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// The files of the tree that git knows or would take, from its root.
fn files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("git ls-files: {error}"))?;
    let names = String::from_utf8_lossy(&listed.stdout);
    let names = names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
    // A file that was deleted and not yet committed is still listed.
    Ok(names.filter(|name| root.join(name).is_file()).collect())
}

/// Where the text of each row stands, and what is said of the rows whose text does not stand exactly once.
pub fn find(root: &Path, rows: &[Row]) -> Result<(Vec<Edit>, Vec<String>), String> {
    let sources: Vec<(PathBuf, String)> = files(root)?
        .into_iter()
        .filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|file| fs::read_to_string(root.join(&file)).ok().map(|text| (file, text)))
        .collect();
    let (mut edits, mut broken) = (Vec::<Edit>::new(), Vec::new());
    for (row, Row { what, place, text, mutant, .. }) in rows.iter().enumerate() {
        let within = sources.iter().filter(|(file, _)| file.starts_with(place));
        let found: Vec<_> = within
            .flat_map(|(file, source)| source.match_indices(&text[..]).map(move |(at, _)| (file, at)))
            .collect();
        let &[(file, at)] = &found[..] else {
            broken.push(format!("{what}: the text stands {} times in {place}", found.len()));
            continue;
        };
        let (number, at) = (edits.len() + 1, at..at + text.len());
        let overlaps = |edit: &&Edit| edit.file == *file && edit.at.start < at.end && at.start < edit.at.end;
        if let Some(other) = edits.iter().find(overlaps) {
            broken.push(format!("{what}: the text lies over that of \"{}\"", rows[other.row].what));
            continue;
        }
        let switched = format!("if equipoise_mutant({number}) {{ {mutant} }} else {{ {text} }}");
        let is_statement = text.trim_end().ends_with(';');
        let switched = if is_statement { switched } else { format!("({switched})") };
        edits.push(Edit { row, number, file: file.clone(), at, switched });
    }
    Ok((edits, broken))
}

/// What a file with mutants ends with.
fn switch() -> String {
    format!(
        "\n#[allow(dead_code, missing_docs)]\nfn equipoise_mutant(number: u32) -> bool {{\n    \
         static ON: std::sync::OnceLock<u32> = std::sync::OnceLock::new();\n    \
         let on = || std::env::var(\"{SWITCH}\").ok().and_then(|on| on.parse().ok()).unwrap_or(0);\n    \
         *ON.get_or_init(on) == number\n}}\n"
    )
}

/// Copies the tree into `folder`, with the edits made.
pub fn make(root: &Path, folder: &Path, edits: &[Edit], keep: bool) -> Result<Copy, String> {
    let copy = Copy { folder: folder.to_owned(), keep };
    let mut by_file: BTreeMap<&Path, Vec<&Edit>> = BTreeMap::new();
    edits.iter().for_each(|edit| by_file.entry(&edit.file).or_default().push(edit));
    let tree = copy.tree();
    for file in files(root)? {
        let failed = |error: std::io::Error| format!("copying {}: {error}", file.display());
        let (from, to) = (root.join(&file), tree.join(&file));
        fs::create_dir_all(to.parent().unwrap_or(&tree)).map_err(failed)?;
        let mut bytes = fs::read(&from).map_err(failed)?;
        if let Some(edits) = by_file.get_mut(file.as_path()) {
            edits.sort_by_key(|edit| std::cmp::Reverse(edit.at.start));
            let mut text = String::from_utf8_lossy(&bytes).into_owned();
            edits.iter().for_each(|edit| text.replace_range(edit.at.clone(), &edit.switched));
            bytes = (text + &switch()).into_bytes();
        }
        // What stays the same keeps its time, so that a kept copy is not built anew.
        if fs::read(&to).ok().as_ref() != Some(&bytes) {
            fs::write(&to, bytes).map_err(failed)?;
        }
    }
    Ok(copy)
}
