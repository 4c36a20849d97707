//! The folder of a result: it appears whole under its name, or not at all.
//!
//! Files are written into a hidden folder on the same disk, which takes the wanted name at the end.

use crate::Error;
use crate::output::{EXPERIMENT, SUMMARY};
use crate::probe::sections::ProbeSection;
use equipoise_base::config::Value;
use equipoise_trace::toml_tree;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where a result goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// This folder.
    Named(PathBuf),
    /// `<parent>/<stem>-<number>` with the first free number.
    Numbered {
        /// The folder of results.
        parent: PathBuf,
        /// The name without the number.
        stem: String,
    },
}

/// The longest title in the name of a folder.
const LONGEST_TITLE: usize = 60;

impl Destination {
    /// `<parent>/<title>-<seed>-<first free number>`, the title in small letters and digits.
    #[must_use]
    pub fn numbered(parent: &Path, title: &str, seed: u64) -> Self {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let plain: String = title.chars().map(plain).take(LONGEST_TITLE).collect();
        let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
        let title = if words.is_empty() { "run".to_owned() } else { words.join("-") };
        Self::Numbered { parent: parent.to_owned(), stem: format!("{title}-{seed}") }
    }
}

/// A result folder in the making.
pub struct Folder {
    destination: Destination,
    temporary: PathBuf,
    /// Folders that were made to hold it, outermost first.
    made: Vec<PathBuf>,
    finished: bool,
}

impl Folder {
    /// Prepares `destination` for `files`. A folder that holds one of them is refused unless `overwrite`.
    ///
    /// # Errors
    /// If there is a result already, or the folder cannot be made.
    pub fn create(destination: Destination, overwrite: bool, files: &[String]) -> Result<Self, Error> {
        if let Destination::Named(wanted) = &destination {
            check(wanted, overwrite, files)?;
        }
        let temporary = temporary(&destination);
        let made = missing_parents(&temporary);
        // From here on the folder cleans up after itself, whatever happens.
        let folder = Self { destination, temporary, made, finished: false };
        fs::create_dir_all(&folder.temporary)
            .map_err(|error| io(&folder.temporary, "making the folder", error))?;
        Ok(folder)
    }

    /// Where files are written until the end.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Gives the folder its name, and says which that is. In a folder that is there already, files of this
    /// kind are replaced and the summary comes last: without it there is no result.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn finish(mut self) -> Result<PathBuf, Error> {
        let path = match &self.destination {
            Destination::Named(wanted) if wanted.is_dir() => {
                self.move_into(wanted)?;
                wanted.clone()
            }
            Destination::Named(wanted) => {
                fs::rename(&self.temporary, wanted).map_err(|e| io(wanted, "renaming", e))?;
                wanted.clone()
            }
            Destination::Numbered { parent, stem } => self.take_number(parent, stem)?,
        };
        self.finished = true;
        Ok(path)
    }

    fn move_into(&self, wanted: &Path) -> Result<(), Error> {
        remove_stale(wanted)?;
        let listed = fs::read_dir(&self.temporary).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut files = listed.map_err(|e| io(&self.temporary, "reading the folder", e))?;
        files.sort_by_key(|file| file.file_name() == SUMMARY);
        for file in files {
            let target = wanted.join(file.file_name());
            fs::rename(file.path(), &target).map_err(|e| io(&target, "renaming", e))?;
        }
        fs::remove_dir(&self.temporary).map_err(|e| io(&self.temporary, "removing the folder", e))
    }

    /// Another run may take a number at the same time; renaming to a folder that is there fails.
    fn take_number(&self, parent: &Path, stem: &str) -> Result<PathBuf, Error> {
        let mut number = 1_u64;
        loop {
            let path = parent.join(format!("{stem}-{number}"));
            if !path.exists() {
                match fs::rename(&self.temporary, &path) {
                    Ok(()) => return Ok(path),
                    Err(_) if path.exists() => {}
                    Err(error) => return Err(io(&path, "renaming", error)),
                }
            }
            number += 1;
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing half-written stays; if even this fails there is nobody left to tell.
            let _ = fs::remove_dir_all(&self.temporary);
            for folder in self.made.iter().rev() {
                // What somebody else put something into meanwhile stays.
                let _ = fs::remove_dir(folder);
            }
        }
    }
}

/// Refuses what cannot become, or must not lose, a result.
fn check(wanted: &Path, overwrite: bool, files: &[String]) -> Result<(), Error> {
    if let Some(file) = wanted.ancestors().find(|path| path.exists() && !path.is_dir()) {
        let found =
            if file == wanted { "a file".to_owned() } else { format!("the file `{}`", file.display()) };
        return Err(refused(wanted, &found, "a folder, which may be new"));
    }
    let accepted = "another folder, or --overwrite";
    if overwrite {
        return Ok(());
    }
    if wanted.join(SUMMARY).exists() {
        return Err(refused(wanted, "a folder with a result in it", accepted));
    }
    match files.iter().find(|file| wanted.join(file).exists()) {
        Some(file) => Err(refused(wanted, &format!("a folder with a file `{file}` in it"), accepted)),
        None => Ok(()),
    }
}

/// A hidden folder on the disk of the destination.
fn temporary(destination: &Destination) -> PathBuf {
    let process = std::process::id();
    match destination {
        Destination::Named(wanted) if wanted.is_dir() => wanted.join(format!(".unfinished-{process}")),
        Destination::Named(wanted) => {
            let name = wanted.file_name().unwrap_or_default().to_string_lossy();
            wanted.with_file_name(format!(".{name}.unfinished-{process}"))
        }
        Destination::Numbered { parent, stem } => parent.join(format!(".{stem}.unfinished-{process}")),
    }
}

/// Folders above `path` that are not there, outermost first.
fn missing_parents(path: &Path) -> Vec<PathBuf> {
    let above = path.ancestors().skip(1).take_while(|path| !path.as_os_str().is_empty() && !path.exists());
    let mut missing: Vec<PathBuf> = above.map(Path::to_owned).collect();
    missing.reverse();
    missing
}

/// Removes what an earlier result left and the new one may not write: its summary, its probes, its bills.
fn remove_stale(folder: &Path) -> Result<(), Error> {
    let mut stale = vec![SUMMARY.to_owned()];
    if let Ok(settings) = toml_tree::read(&folder.join(EXPERIMENT))
        && let Ok(Some(probes)) = settings.section("probe")
    {
        for entry in &probes.entries {
            if let Value::Table(section) = &entry.node.value
                && let Ok(section) = ProbeSection::of(&entry.key, section)
            {
                stale.push(section.file(&entry.key));
            }
        }
    }
    let files = fs::read_dir(folder).map_err(|e| io(folder, "reading the folder", e))?;
    let names = files.flatten().map(|file| file.file_name().to_string_lossy().into_owned());
    stale.extend(names.filter(|name| name.starts_with("price-") && name.ends_with(".json")));
    for path in stale.iter().map(|name| folder.join(name)).filter(|path| path.is_file()) {
        fs::remove_file(&path).map_err(|e| io(&path, "removing", e))?;
    }
    Ok(())
}

fn refused(path: &Path, found: &str, accepted: &str) -> Error {
    equipoise_trace::Error::data(&path.display().to_string(), "", found, accepted).into()
}

fn io(path: &Path, doing: &'static str, error: io::Error) -> Error {
    equipoise_trace::Error::io(&path.display().to_string(), doing, error).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_plain_names() {
        let stem = |title: &str| match Destination::numbered(Path::new("runs"), title, 7) {
            Destination::Numbered { stem, .. } => stem,
            Destination::Named(_) => unreachable!("numbered"),
        };
        assert_eq!(stem("Digits on four RRAM cores!"), "digits-on-four-rram-cores-7");
        assert_eq!(stem("../../etc"), "etc-7");
        assert_eq!(stem("äöü"), "run-7");
        assert_eq!(stem(&"a".repeat(500)).len(), 62);
    }
}
