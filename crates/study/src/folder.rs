//! The folder of a result: a run claims it, its files wait there until all are written, and then they appear.
//!
//! The summary (of a study: `study.json`) comes last and makes a folder a result. A result that is there already
//! stays until the new one is whole. What a killed run leaves is settled by the next one: see [`claim`].

pub mod claim;
mod publish;

use crate::Error;
use crate::output::{CHECKPOINT, SUMMARY};
use claim::{Claim, Taken};
use equipoise_trace::{atomic, regular};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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

/// A result folder in the making. Dropped before anything is secured, it leaves everything as it was.
pub struct Folder(Arc<Claim>);

impl Folder {
    /// Claims `destination` for `files`. A folder that holds a result, a checkpoint or one of the files is refused
    /// unless `overwrite`.
    ///
    /// # Errors
    /// If it is refused, somebody is at work there, or the operating system refuses.
    pub fn claim(destination: &Destination, overwrite: bool, files: &[String]) -> Result<Self, Error> {
        let folder = match destination {
            Destination::Named(wanted) => Self::named(wanted, overwrite, files)?,
            Destination::Numbered { parent, stem } => Self::numbered(parent, stem)?,
        };
        if let Some(parent) = folder.0.folder().parent() {
            claim::settle_abandoned_in(if parent.as_os_str().is_empty() { Path::new(".") } else { parent });
        }
        Ok(folder)
    }

    fn named(wanted: &Path, overwrite: bool, files: &[String]) -> Result<Self, Error> {
        check_leads_to_folder(wanted)?;
        // What a killed run left is settled first: it may be a result.
        if !claim::is_begun(wanted) {
            check(wanted, overwrite, files)?;
        }
        match Claim::take(wanted)? {
            Taken::Mine(claim) => {
                let folder = Self(Arc::new(claim));
                check(wanted, overwrite, files)?;
                Ok(folder)
            }
            Taken::Theirs(owner) => Err(refused(
                wanted,
                &format!("a folder in which a run is under way ({owner})"),
                "another folder",
            )),
        }
    }

    /// Another run may take a number at the same time; then the next one is tried.
    fn numbered(parent: &Path, stem: &str) -> Result<Self, Error> {
        check_leads_to_folder(parent)?;
        let mut number = 1_u64;
        loop {
            let path = parent.join(format!("{stem}-{number}"));
            if is_free(&path)
                && let Taken::Mine(claim) = Claim::take(&path)?
            {
                let folder = Self(Arc::new(claim));
                if is_free(&path) {
                    return Ok(folder);
                }
            }
            number += 1;
        }
    }

    /// Where files are written until the end.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.waiting()
    }

    /// What a process that ends at once has to give up.
    #[must_use]
    pub fn claimed(&self) -> &Arc<Claim> {
        &self.0
    }

    /// The files that were written are a result, whatever becomes of the process: it is not lost if what is yet to be
    /// written beside it ends the run.
    ///
    /// # Errors
    /// If the operating system refuses.
    pub fn secure(&self) -> Result<(), Error> {
        self.0.secure()
    }

    /// Makes the files that were written a result, and says where. An earlier one in the folder is replaced.
    ///
    /// # Errors
    /// If the operating system refuses. What was written then waits for the next run into this folder, which
    /// finishes the work.
    pub fn finish(self) -> Result<PathBuf, Error> {
        self.0.publish()?;
        Ok(self.0.folder().to_owned())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

/// Refuses a folder that must not lose what is in it.
fn check(wanted: &Path, overwrite: bool, files: &[String]) -> Result<(), Error> {
    for file in files {
        regular::may_replace(&wanted.join(file))?;
    }
    if overwrite {
        return Ok(());
    }
    let accepted = "another folder, or --overwrite";
    let holds = |file: &&str| fs::symlink_metadata(wanted.join(file)).is_ok();
    if holds(&SUMMARY) {
        return Err(refused(wanted, "a folder with a result in it", accepted));
    }
    if holds(&CHECKPOINT) {
        return Err(refused(wanted, "a folder with an unfinished run in it", accepted));
    }
    match files.iter().map(String::as_str).find(holds) {
        Some(file) => Err(refused(wanted, &format!("a folder with a file `{file}` in it"), accepted)),
        None => Ok(()),
    }
}

/// Refuses a path on which something stands that is no folder.
fn check_leads_to_folder(wanted: &Path) -> Result<(), Error> {
    let accepted = "a folder, which may be new";
    if wanted.as_os_str().is_empty() {
        return Err(refused(wanted, "an empty path", accepted));
    }
    for path in wanted.ancestors().filter(|path| !path.is_dir()) {
        let Ok(metadata) = fs::symlink_metadata(path) else { continue };
        let kind = regular::kind(&metadata);
        let above = || format!("{} `{}`", kind.replacen("a ", "the ", 1), path.display());
        let found = if path == wanted { kind.to_owned() } else { above() };
        return Err(refused(wanted, &found, accepted));
    }
    Ok(())
}

/// True if nothing is at `path`, or nothing but what a killed run left.
fn is_free(path: &Path) -> bool {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().all(|entry| entry.file_name() == atomic::WAITING),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
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
