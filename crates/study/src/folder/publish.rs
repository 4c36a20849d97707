//! From files that wait to a result.
//!
//! A list of the files that wait is written as soon as they are a result. From then on the work can be done by whoever
//! comes next, and again from its beginning as often as it is interrupted: the earlier result's summary goes first,
//! then what else it left, the new files take their names, and the new summary comes last.

use super::claim::LOCK;
use super::io;
use crate::Error;
use crate::output::{CHECKPOINT, EXPERIMENT, OWN, RESULTS};
use crate::probe::sections::ProbeSection;
use crate::studies;
use equipoise_base::config::Value;
use equipoise_trace::{atomic, toml_tree};
use std::fs::{self, File};
use std::io::Result as IoResult;
use std::path::Path;

/// The list of the files that wait.
const LIST: &str = "files";

/// Writes the list of the files that wait, which are a result, and returns it: the summary stands last.
pub(super) fn list(waiting: &Path) -> Result<Vec<String>, Error> {
    let mut files = names(waiting).map_err(|error| io(waiting, "reading the folder", error))?;
    files.retain(|name| name != LOCK && name != LIST);
    files.sort_by_key(|name| (RESULTS.contains(&name.as_str()), name.clone()));
    sync(waiting);
    // The list is for the case that this process is killed; a disk that has no room for it shall cost no result.
    let _ = atomic::write_file(&waiting.join(LIST), files.join("\n").as_bytes());
    Ok(files)
}

/// Publishes what waits in `waiting` if it is whole, and empties it.
pub(super) fn settle(folder: &Path, waiting: &Path) -> Result<(), Error> {
    if let Ok(list) = fs::read_to_string(waiting.join(LIST)) {
        let files: Vec<String> = list.lines().map(str::to_owned).collect();
        publish(folder, waiting, &files)?;
    }
    let left = names(waiting).map_err(|error| io(waiting, "reading the folder", error))?;
    for path in left.iter().filter(|name| *name != LOCK).map(|name| waiting.join(name)) {
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|error| io(&path, "removing", error))?;
    }
    Ok(())
}

/// Moves the `files` of the list into `folder`, and removes what an earlier result left there.
pub(super) fn publish(folder: &Path, waiting: &Path, files: &[String]) -> Result<(), Error> {
    for name in RESULTS {
        remove(&folder.join(name))?;
    }
    let stale = stale(folder).map_err(|error| io(folder, "reading the folder", error))?;
    for name in stale.iter().filter(|name| !files.contains(name)) {
        remove(&folder.join(name))?;
    }
    for name in files {
        if RESULTS.contains(&name.as_str()) {
            sync(folder);
        }
        let from = waiting.join(name);
        // What is not there has been moved before the work was interrupted.
        if from.exists() {
            let to = folder.join(name);
            fs::rename(&from, &to).map_err(|error| io(&to, "renaming", error))?;
        }
    }
    sync(folder);
    Ok(())
}

/// What an earlier result may have left beside its summary: its files, its probes, its checkpoint, its bills.
fn stale(folder: &Path) -> IoResult<Vec<String>> {
    let own =
        OWN.into_iter().chain(studies::FILES).chain([CHECKPOINT]).filter(|name| !RESULTS.contains(name));
    let mut stale: Vec<String> = own.map(str::to_owned).collect();
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
    let is_bill = |name: &String| name.starts_with("price-") && name.ends_with(".json");
    stale.extend(names(folder)?.into_iter().filter(is_bill));
    Ok(stale)
}

/// Removes a regular file, if there is one.
fn remove(path: &Path) -> Result<(), Error> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file()) {
        fs::remove_file(path).map_err(|error| io(path, "removing", error))?;
    }
    Ok(())
}

/// The names of what is in `folder`.
fn names(folder: &Path) -> IoResult<Vec<String>> {
    let name = |entry: IoResult<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
    fs::read_dir(folder)?.map(name).collect()
}

/// Waits until the names of `folder` are on the disk, where the file system can be asked for that.
fn sync(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}
