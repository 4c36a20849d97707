//! Ctrl-C: a run stops after the present sample, and nothing is left half-written.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

static STOP: AtomicBool = AtomicBool::new(false);
/// What a process that ends at once has to remove.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Listens for Ctrl-C from now on; a second one ends the process at once.
pub fn listen() {
    // Without a handler Ctrl-C ends the process as usual, which also leaves no result.
    let _ = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            if let Ok(unfinished) = UNFINISHED.lock()
                && let Some(folder) = &*unfinished
            {
                // The process ends whether or not this succeeds.
                let _ = std::fs::remove_dir_all(folder);
            }
            std::process::exit(i32::from(crate::INTERRUPTED));
        }
    });
}

/// Has the user asked to stop?
pub fn requested() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// A second Ctrl-C removes `unfinished`.
pub fn clean_up(unfinished: &Path) {
    if let Ok(mut folder) = UNFINISHED.lock() {
        *folder = Some(unfinished.to_owned());
    }
}
