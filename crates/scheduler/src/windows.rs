//! Windows of equal length in cycles: where in a run the peak of power may be.
//!
//! Prices are unknown while a run lasts, so the windows are kept that no other window beats in every count:
//! with prices that are not negative, the peak is among them. What is left of a run behind the last full window
//! belongs to that window: no stretch is shorter than a window unless the run is, and since the stretches make up the
//! run, the dearest of them is at least the run's mean.

use equipoise_base::Counts;
use equipoise_base::record::{PeakWindows, Window};

/// Most windows kept before some are merged.
const KEEP: usize = 48;

/// Spreads counts evenly over the cycles in which they were booked and keeps the windows that matter.
#[derive(Clone, Debug)]
pub struct WindowBook {
    window_cycles: u64,
    /// Cycles already in the open window.
    filled: u64,
    open: Counts,
    kept: Vec<Counts>,
    is_bound: bool,
    /// Full windows so far.
    closed: u64,
    /// The first of them.
    first: Counts,
    /// The last of them.
    last: Counts,
}

impl WindowBook {
    /// A book of windows of `window_cycles`, at least 1.
    #[must_use]
    pub fn new(window_cycles: u64) -> Self {
        Self {
            window_cycles: window_cycles.max(1),
            filled: 0,
            open: Counts::default(),
            kept: Vec::new(),
            is_bound: false,
            closed: 0,
            first: Counts::default(),
            last: Counts::default(),
        }
    }

    /// Books `counts`, worked evenly during the next `cycles` cycles. Fractions are kept whole: the part of
    /// the stretch up to a window's end gets its share rounded down, the rest goes on.
    pub fn book(&mut self, counts: &Counts, cycles: u64) {
        if cycles == 0 {
            self.open += counts;
            return;
        }
        let mut left = counts.clone();
        let mut cycles_left = cycles;
        while cycles_left > 0 {
            let taken = cycles_left.min(self.window_cycles - self.filled);
            let repeats = if self.filled == 0 { cycles_left / self.window_cycles } else { 0 };
            if repeats > 1 {
                // Equal full windows in the middle of a long stretch: one stands for all of them.
                let share = scaled(&left, self.window_cycles, cycles_left);
                for (action, count) in share.iter() {
                    left[action] -= count * repeats;
                }
                self.open += &share;
                self.close();
                // The others hold what this one holds, without what stood open before it.
                self.closed += repeats - 1;
                self.last = share;
                cycles_left -= repeats * self.window_cycles;
                continue;
            }
            let share = scaled(&left, taken, cycles_left);
            for (action, count) in share.iter() {
                left[action] -= count;
            }
            self.open += &share;
            self.filled += taken;
            cycles_left -= taken;
            if self.filled == self.window_cycles {
                self.close();
            }
        }
        self.open += &left;
    }

    /// Closes the open window and keeps it unless another has at least as much of everything.
    fn close(&mut self) {
        self.filled = 0;
        let window = std::mem::take(&mut self.open);
        if self.closed == 0 {
            self.first = window.clone();
        }
        self.closed += 1;
        self.last = window.clone();
        if self.kept.iter().any(|other| covers(other, &window)) {
            return;
        }
        self.kept.retain(|other| !covers(&window, other));
        self.kept.push(window);
        if self.kept.len() > KEEP {
            self.merge_the_last_two();
        }
    }

    /// Replaces two windows by one that covers both.
    fn merge_the_last_two(&mut self) {
        if let (Some(a), Some(mut b)) = (self.kept.pop(), self.kept.pop()) {
            for (action, count) in a.iter() {
                b[action] = b[action].max(count);
            }
            self.kept.push(b);
            self.is_bound = true;
        }
    }

    /// The windows found, the open one as a part of the last.
    #[must_use]
    pub fn finish(&self) -> PeakWindows {
        let full = |windows: u64| windows.min(1) * self.window_cycles;
        let mut counts = self.last.clone();
        counts += &self.open;
        let is_start = self.closed <= 1;
        let last = Window { cycles: full(self.closed) + self.filled, counts, is_start };
        let first = Window { cycles: self.window_cycles, counts: self.first.clone(), is_start: true };
        PeakWindows {
            window_cycles: self.window_cycles,
            windows: self.kept.clone(),
            is_bound: self.is_bound,
            first: if is_start { last.clone() } else { first },
            last,
        }
    }
}

fn scaled(counts: &Counts, part: u64, whole: u64) -> Counts {
    let mut share = Counts::default();
    for (action, count) in counts.iter() {
        let exact = || (u128::from(count) * u128::from(part) / u128::from(whole)) as u64;
        share.add(action, count.checked_mul(part).map_or_else(exact, |product| product / whole));
    }
    share
}

fn covers(a: &Counts, b: &Counts) -> bool {
    a.iter().zip(b.iter()).all(|((_, a), (_, b))| a >= b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use equipoise_base::Action;

    fn counts(reads: u64, hops: u64) -> Counts {
        let mut counts = Counts::default();
        counts.add(Action::ArrayRead, reads);
        counts.add(Action::PacketHop, hops);
        counts
    }

    #[test]
    fn a_long_even_stretch_has_one_kind_of_window() {
        let mut book = WindowBook::new(100);
        book.book(&counts(1_000, 10), 1_000);
        let peak = book.finish();
        assert_eq!(peak.windows, [counts(100, 1)]);
        assert!(!peak.is_bound);
    }

    #[test]
    fn windows_that_straddle_two_stretches_get_a_share_of_each() {
        let mut book = WindowBook::new(100);
        book.book(&counts(0, 50), 50);
        book.book(&counts(100, 0), 100);
        let peak = book.finish();
        assert_eq!(peak.windows, [counts(50, 50)]);
        // 50 cycles more do not fill a window, so they belong to the only one.
        assert_eq!(peak.last, Window { cycles: 150, counts: counts(100, 50), is_start: true });
        assert_eq!(peak.first, peak.last);
    }

    #[test]
    fn the_windows_at_both_ends_are_told_apart() {
        let mut book = WindowBook::new(10);
        [(7, 10), (1, 30), (9, 0), (2, 10), (3, 4)]
            .iter()
            .for_each(|&(n, cycles)| book.book(&counts(n, 0), cycles));
        let PeakWindows { first, last, .. } = book.finish();
        assert_eq!(first, Window { cycles: 10, counts: counts(7, 0), is_start: true });
        // The last full window has one count that its stretch of 30 could not divide, and what took no cycles.
        assert_eq!(last, Window { cycles: 14, counts: counts(1 + 9 + 2 + 3, 0), is_start: false });
    }

    #[test]
    fn a_run_of_less_than_a_window_is_one_of_its_length() {
        let mut book = WindowBook::new(1024);
        book.book(&counts(6, 2), 300);
        let PeakWindows { windows, first, last, .. } = book.finish();
        assert!(windows.is_empty());
        assert_eq!(last, Window { cycles: 300, counts: counts(6, 2), is_start: true });
        assert_eq!(first, last);
    }

    #[test]
    fn only_windows_that_no_other_covers_are_kept_and_none_is_lost_by_merging() {
        let mut book = WindowBook::new(10);
        for i in 0..100 {
            book.book(&counts(i, 100 - i), 10);
            book.book(&counts(i / 2, 1), 10);
        }
        let peak = book.finish();
        assert!(peak.is_bound && peak.windows.len() <= KEEP);
        for price in [(1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
            let priced =
                |c: &Counts| price.0 * c[Action::ArrayRead] as f64 + price.1 * c[Action::PacketHop] as f64;
            let best = peak.windows.iter().map(priced).fold(0.0, f64::max);
            let truth = (0..100).map(|i| priced(&counts(i, 100 - i))).fold(0.0, f64::max);
            assert!(best >= truth);
        }
    }
}
