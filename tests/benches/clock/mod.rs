//! The clock of the benchmarks: seconds that this thread has worked, so that what else the machine does at the
//! same time counts as little as possible.

/// Processor time of this thread.
#[cfg(unix)]
pub fn now_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

/// Time since the first call, where threads have no clock of their own.
#[cfg(not(unix))]
#[allow(clippy::disallowed_methods)] // a benchmark measures time
pub fn now_s() -> f64 {
    use std::{sync::OnceLock, time::Instant};
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}
