//! The claim on a folder: while one run makes its result there, no other does.
//!
//! It is a hidden folder ([`WAITING`]) in which files wait, and in it a file that stays locked (`flock`) until its
//! process ends, however it ends. The lock tells on every node of a cluster whether somebody is at work, where the
//! number of a process alone would look dead; host and number stand in it for people.

use super::{io, publish};
use crate::Error;
use crate::output::CHECKPOINT;
use equipoise_trace::atomic::WAITING;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Result as IoResult, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::Duration;

/// The locked file.
pub(super) const LOCK: &str = "lock";
/// How long a lock may be held by somebody who only looks: this many times a blink.
const PATIENCE: u32 = 20;
const BLINK: Duration = Duration::from_millis(10);

/// The claim of this process on a folder.
pub struct Claim {
    folder: PathBuf,
    waiting: PathBuf,
    /// Folders that were made for it, outermost first.
    made: Vec<PathBuf>,
    /// True until what waits is given up or published; held meanwhile.
    open: Mutex<bool>,
    /// Locked while the claim lasts.
    lock: File,
}

/// Whose a folder is.
pub(super) enum Taken {
    Mine(Claim),
    /// Somebody's, who says that.
    Theirs(String),
}

impl Claim {
    /// Claims `folder`, which is made if need be. What a killed run left there is published if it was whole, and
    /// removed if not.
    pub(super) fn take(folder: &Path) -> Result<Taken, Error> {
        let mut made = missing(folder);
        let waiting = folder.join(WAITING);
        match lock(folder, &waiting) {
            Err(error) => {
                remove_empty(&made);
                Err(io(folder, "making the folder", error))
            }
            Ok(Locked::Theirs(owner)) => Ok(Taken::Theirs(owner)),
            Ok(Locked::Mine { lock, fresh }) => {
                if !fresh {
                    publish::settle(folder, &waiting)?;
                    made.push(folder.to_owned());
                }
                let (folder, open) = (folder.to_owned(), Mutex::new(true));
                let mut claim = Self { folder, waiting, made, open, lock };
                claim.sign().inspect_err(|_| claim.give_up())?;
                Ok(Taken::Mine(claim))
            }
        }
    }

    /// Writes into the lock whose it is.
    fn sign(&mut self) -> Result<(), Error> {
        let signed = self.lock.set_len(0).and_then(|()| writeln!(self.lock, "{} {}", host(), process()));
        signed.map_err(|error| io(&self.folder, "writing", error))
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where files wait.
    pub(super) fn waiting(&self) -> &Path {
        &self.waiting
    }

    /// Says that the files that wait are a result, whatever becomes of the process.
    pub(super) fn secure(&self) -> Result<(), Error> {
        let _open = self.open();
        publish::list(&self.waiting).map(drop)
    }

    /// Removes what waits, and the folders that were made for it; what has been secured becomes a result. While one
    /// is being published, this waits.
    pub fn give_up(&self) {
        if std::mem::take(&mut *self.open()) {
            // If even this fails there is nobody left to tell, and the next run does it.
            let _ = publish::settle(&self.folder, &self.waiting);
            let _ = fs::remove_dir_all(&self.waiting);
            remove_empty(&self.made);
        }
    }

    /// Makes what waits a result.
    pub(super) fn publish(&self) -> Result<(), Error> {
        let mut open = self.open();
        let files = publish::list(&self.waiting)?;
        // From here on the next run can do the rest.
        *open = false;
        publish::publish(&self.folder, &self.waiting, &files)?;
        fs::remove_dir_all(&self.waiting).map_err(|error| io(&self.waiting, "removing the folder", error))
    }

    fn open(&self) -> MutexGuard<'_, bool> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Locked {
    /// With the locked file, and whether the folder was made just now.
    Mine {
        lock: File,
        fresh: bool,
    },
    Theirs(String),
}

/// Makes `waiting` within `folder` and locks it.
fn lock(folder: &Path, waiting: &Path) -> IoResult<Locked> {
    let path = waiting.join(LOCK);
    let mut patience = PATIENCE;
    loop {
        fs::create_dir_all(folder)?;
        let fresh = match fs::create_dir(waiting) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => false,
            done => done.map(|()| true)?,
        };
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let lock = match opened {
            // Somebody has removed the folder just now.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            opened => opened?,
        };
        match lock.try_lock() {
            Ok(()) if !is_at(&lock, &path) => continue,
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if patience > 0 => {
                patience -= 1;
                sleep(BLINK);
                continue;
            }
            // On a file system without locks the folder is whose it was made by.
            Err(TryLockError::Error(_)) if fresh => {}
            Err(_) => return Ok(Locked::Theirs(owner(&path))),
        }
        return Ok(Locked::Mine { lock, fresh });
    }
}

/// Settles what runs of this host that were killed have left in the folders of `parent`. What holds a checkpoint is
/// left alone, and so is everything of other hosts, whose locks may not be seen here.
pub(super) fn settle_abandoned_in(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    for folder in folders.map(|entry| entry.path()) {
        // A folder that cannot be settled is no fault of this run.
        let _ = settle_abandoned(&folder);
    }
}

fn settle_abandoned(folder: &Path) -> Result<(), Error> {
    let waiting = folder.join(WAITING);
    let path = waiting.join(LOCK);
    let is_mine = fs::read_to_string(&path).is_ok_and(|owner| owner.split(' ').next() == Some(&host()));
    if !is_mine || !is_begun(folder) {
        return Ok(());
    }
    let Ok(lock) = File::open(&path) else { return Ok(()) };
    if lock.try_lock().is_err() || !is_at(&lock, &path) {
        return Ok(());
    }
    publish::settle(folder, &waiting)?;
    let _ = fs::remove_dir_all(&waiting);
    remove_empty(&[folder.to_owned()]);
    Ok(())
}

/// True if somebody has begun a result in `folder`, from which one could not go on. Whether he is still at it, the
/// lock says.
pub(super) fn is_begun(folder: &Path) -> bool {
    let waiting = folder.join(WAITING);
    waiting.is_dir() && ![folder, &waiting].iter().any(|place| place.join(CHECKPOINT).exists())
}

/// Is this still the file of that path?
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(mine), Ok(there)) => identity(mine) == identity(there),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Who holds the lock, in words.
fn owner(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    match text.trim().split_once(' ') {
        Some((host, process)) => format!("process {process} on {host}"),
        None => "an unknown process".to_owned(),
    }
}

#[cfg(unix)]
fn host() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host() -> String {
    "this-host".to_owned()
}

fn process() -> u32 {
    // Where there is one process alone it has no number.
    if cfg!(target_family = "wasm") { 0 } else { std::process::id() }
}

/// `folder` and those above it that are not there, outermost first.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let above = folder.ancestors().take_while(|path| !path.as_os_str().is_empty() && !path.exists());
    let mut missing: Vec<PathBuf> = above.map(Path::to_owned).collect();
    missing.reverse();
    missing
}

/// Removes `folders`, innermost first, as far as they are empty.
fn remove_empty(folders: &[PathBuf]) {
    for folder in folders.iter().rev() {
        // What somebody else put something into meanwhile stays.
        let _ = fs::remove_dir(folder);
    }
}
