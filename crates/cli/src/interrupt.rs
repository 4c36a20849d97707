//! Signals that ask to stop: a run ends after the present sample, and nothing is left half-written.

use equipoise_study::folder::claim::Claim;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};

/// The signal that asked to stop; 0 for none.
static STOP: AtomicI32 = AtomicI32::new(NONE);
const NONE: i32 = 0;
/// What a process that ends at once has to give up.
static CLAIM: Mutex<Option<Arc<Claim>>> = Mutex::new(None);

/// Listens from now on for Ctrl-C (SIGINT), SIGTERM and SIGHUP; a second one ends the process at once.
pub fn listen() {
    #[cfg(unix)]
    signals::listen();
}

/// Has somebody asked to stop?
pub fn requested() -> bool {
    STOP.load(Ordering::Relaxed) != NONE
}

/// The exit status of a process that a signal ended, as shells have it: 128 and the signal's number.
pub fn status() -> u8 {
    const CTRL_C: i32 = 2;
    let signal = match STOP.load(Ordering::Relaxed) {
        NONE => CTRL_C,
        signal => signal,
    };
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// A second signal gives up `claim`.
pub fn give_up(claim: &Arc<Claim>) {
    if let Ok(mut held) = CLAIM.lock() {
        *held = Some(claim.clone());
    }
}

#[cfg(unix)]
mod signals {
    use super::{CLAIM, NONE, STOP, status};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use std::sync::atomic::Ordering;

    pub fn listen() {
        // `nohup` lets a run outlive its terminal: what was ignored before stays ignored.
        let heard =
            [SIGINT, SIGTERM, SIGHUP].into_iter().filter(|&signal| signal != SIGHUP || !is_ignored(signal));
        // Without a handler a signal ends the process as usual, which also leaves no result.
        if let Ok(signals) = Signals::new(heard) {
            let _ = std::thread::Builder::new().spawn(move || stop_at(signals));
        }
    }

    fn stop_at(mut signals: Signals) {
        for signal in signals.forever() {
            if STOP.swap(signal, Ordering::Relaxed) != NONE {
                if let Ok(claim) = CLAIM.lock()
                    && let Some(claim) = &*claim
                {
                    claim.give_up();
                }
                std::process::exit(status().into());
            }
        }
    }

    /// True if the process was started so that it ignores `signal`, where the system tells.
    fn is_ignored(signal: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
        mask >> (signal - 1) & 1 == 1
    }
}
