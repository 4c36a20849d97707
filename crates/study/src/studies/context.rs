//! What a study is made with: the experiment, the threads, and somebody who watches.

use crate::folder::claim::Claim;
use crate::{Error, Experiment, places};
use equipoise_base::config::{ConfigError, Table};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// Who watches a study. All methods may be called from several threads.
pub trait Watcher: Sync {
    /// The study begins in a folder that it has claimed; a process that ends at once has to give that up.
    fn begin(&self, claim: &Arc<Claim>) {
        let _ = claim;
    }
    /// So many more points are to be done.
    fn expect(&self, points: u64);
    /// A point is done.
    fn done(&self);
    /// True when the user wants to stop.
    fn stop(&self) -> bool;
}

/// What a study is made with.
pub struct Context<'a> {
    /// The chip and the network.
    pub experiment: &'a Experiment,
    /// True where the study has to end within five seconds: fewer points, shorter runs, the same questions.
    pub quick: bool,
    pub(super) root: &'a Table,
    pub(super) threads: usize,
    pub(super) watcher: &'a dyn Watcher,
}

impl Context<'_> {
    /// An error at `key`, as in `study.delays`: at the key itself where the file has it.
    #[must_use]
    pub fn error_at(&self, key: &str, found: impl Into<String>, accepted: impl Into<String>) -> ConfigError {
        places::error_at(self.root, key, found, accepted)
    }

    /// `full`, or `quick` where the study has to be quick.
    #[must_use]
    pub fn either<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// Does `work` for every point, on as many threads as the user allows; the results are in the order of the points,
    /// so threads change nothing.
    ///
    /// # Errors
    /// That of the first point (in order) whose work failed; [`Error::Interrupted`] if the user stops.
    pub fn each<P: Sync, R: Send>(
        &self,
        points: &[P],
        work: impl Fn(&P) -> Result<R, Error> + Sync,
    ) -> Result<Vec<R>, Error> {
        self.watcher.expect(points.len() as u64);
        let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
        let share = || {
            let mut done = Vec::new();
            while !failed.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(point) = points.get(index) else { break };
                let result = if self.watcher.stop() { Err(Error::Interrupted) } else { work(point) };
                failed.fetch_or(result.is_err(), Ordering::Relaxed);
                self.watcher.done();
                done.push((index, result));
            }
            done
        };
        let mut done = thread::scope(|scope| {
            let others: Vec<_> = (1..self.threads.min(points.len())).map(|_| scope.spawn(share)).collect();
            let mut done = share();
            for other in others {
                match other.join() {
                    Ok(part) => done.extend(part),
                    // A panic is our own bug; it goes on as if there were no threads.
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_by_key(|(index, _)| *index);
        done.into_iter().map(|(_, result)| result).collect()
    }
}
