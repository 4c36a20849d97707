//! The progress bar on stderr, and the stopwatch: the only clock in the program.

use crate::interrupt;
use equipoise_study::Progress;
use equipoise_study::folder::claim::Claim;
use equipoise_study::run::Tally;
use equipoise_study::studies::Watcher;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Samples between two looks at the tally.
const STRIDE: u64 = 16;

/// Time since it was started.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    #[allow(clippy::disallowed_methods, reason = "the program, not the chip, measures time")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since then.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A bar with rate and time left.
pub struct Bar {
    bar: ProgressBar,
    watch: Stopwatch,
}

impl Bar {
    /// A bar for `samples` samples (a spinner where that is unknown), hidden if `quiet`.
    pub fn new(samples: Option<u64>, quiet: bool) -> Self {
        let bar = match samples {
            Some(samples) => ProgressBar::new(samples),
            None => ProgressBar::new_spinner(),
        };
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = match samples {
            Some(_) => "{bar:32} {pos} of {len} samples, {rate} per second, {eta} left  {msg}",
            None => "{spinner} {pos} samples, {rate} per second  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            let rate = |state: &ProgressState, line: &mut dyn Write| {
                // A line that cannot be drawn is no reason to stop a run.
                let _ = write!(line, "{:.0}", state.per_sec());
            };
            bar.set_style(style.with_key("rate", rate));
        }
        Self { bar, watch: Stopwatch::start() }
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar over the points of a study.
pub struct PointBar(ProgressBar);

impl PointBar {
    /// A bar without points yet, hidden if `quiet`.
    pub fn new(quiet: bool) -> Self {
        let bar = ProgressBar::new(0);
        if quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if let Ok(style) = ProgressStyle::with_template("{bar:32} {pos} of {len} points, {eta} left") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Removes the bar.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Watcher for PointBar {
    fn begin(&self, claim: &Arc<Claim>) {
        interrupt::give_up(claim);
    }
    fn expect(&self, points: u64) {
        self.0.inc_length(points);
    }
    fn done(&self) {
        self.0.inc(1);
    }
    fn stop(&self) -> bool {
        interrupt::requested()
    }
}

impl Progress for Bar {
    fn begin(&mut self, claim: &Arc<Claim>) {
        interrupt::give_up(claim);
    }
    fn sample(&mut self, done: u64, tally: &Tally) {
        if done.is_multiple_of(STRIDE) {
            self.bar.set_position(done);
            if let Some(accuracy) = tally.accuracy() {
                self.bar.set_message(format!("{:.1} % right", 100.0 * accuracy));
            }
        }
    }
    fn stop(&self) -> bool {
        interrupt::requested()
    }
    fn elapsed(&self) -> Duration {
        self.watch.elapsed()
    }
}
