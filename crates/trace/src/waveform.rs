//! Waveforms: signals that change at cycles of the chip's clock, for GTKWave, Surfer and their like.
//!
//! A waveform is collected in memory, in any order of signals, and written whole as VCD (IEEE 1364, text) or
//! FST (GTKWave's compact binary form).

mod fst;
mod names;
mod vcd;

use crate::error::Error;
use std::cmp::Reverse;
use std::path::Path;

equipoise_base::choice! {
    /// The format of a waveform.
    pub enum Format {
        /// Value change dump: text that every viewer reads.
        Vcd = "vcd",
        /// GTKWave's fast signal trace: a tenth of the size, and no texts.
        Fst = "fst",
    }
}

/// What a signal carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An unsigned number of that many bits, at most 64.
    Bits(u32),
    /// A number.
    Real,
    /// A word without spaces. FST has none: there the signal is left out.
    Text,
}

/// A signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The scopes around it, outermost first.
    pub scopes: Vec<String>,
    /// Its name.
    pub name: String,
    /// What it carries.
    pub kind: Kind,
}

/// A value, of the kind of its signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// Of a signal of bits.
    Bits(u64),
    /// Of a signal of numbers.
    Real(f64),
    /// Of a signal of words.
    Text(&'static str),
}

impl Value {
    /// Equal to the bit.
    fn is(self, other: Self) -> bool {
        match (self, other) {
            (Self::Real(a), Self::Real(b)) => a.to_bits() == b.to_bits(),
            (a, b) => a == b,
        }
    }
}

/// A new value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// The first cycle with that value.
    pub cycle: u64,
    /// The number of the signal.
    pub signal: usize,
    /// The value.
    pub value: Value,
}

/// Units in a second, by minus the exponent of the unit.
const PER_SECOND: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// How long a cycle is in a file whose unit of time must be a power of ten.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeUnit {
    /// The unit is ten to this power, in seconds: -15 to 0.
    pub exponent: i8,
    /// Units in a cycle: a whole number where the clock's period allows.
    pub units_per_cycle: f64,
}

impl TimeUnit {
    /// The largest unit of which the period of `clock_hz` is a whole multiple; femtoseconds, to which times are
    /// then rounded, where there is none.
    #[must_use]
    pub fn of_clock(clock_hz: f64) -> Self {
        let units = |exponent: i8| PER_SECOND[usize::from(exponent.unsigned_abs())] / clock_hz;
        let whole = |units: f64| units >= 0.5 && (units - units.round()).abs() <= 1e-9 * units;
        match (-15..=0).rev().find(|&exponent| whole(units(exponent))) {
            Some(exponent) => Self { exponent, units_per_cycle: units(exponent).round() },
            None => Self { exponent: -15, units_per_cycle: units(-15) },
        }
    }

    /// The time of a cycle in units.
    #[must_use]
    pub fn time(self, cycle: u64) -> u64 {
        if self.units_per_cycle.fract() == 0.0 {
            return cycle.saturating_mul(self.units_per_cycle as u64);
        }
        (cycle as f64 * self.units_per_cycle).round() as u64
    }
}

/// Signals and their changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Waveform {
    /// The signals; a change names one by its place here.
    pub signals: Vec<Signal>,
    /// The changes. Those of one signal stand in the order of time; of several in one cycle the last counts.
    pub changes: Vec<Change>,
    /// The cycle at which the recording ends.
    pub end: u64,
    /// What a reader should know, a line each.
    pub comments: Vec<String>,
}

impl Waveform {
    /// Writes the file `path`, with the changes in order.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, path: &Path, format: Format, clock_hz: f64) -> Result<(), Error> {
        self.sort();
        let unit = TimeUnit::of_clock(clock_hz);
        match format {
            Format::Vcd => vcd::write(self, path, unit),
            Format::Fst => fst::write(self, path, unit),
        }
    }

    /// Puts the changes in order, by cycle, then by signal: at most one of each signal in a cycle, and none to the
    /// value that the signal has.
    fn sort(&mut self) {
        // From the last to the first, so that of several in one cycle the last is kept.
        self.changes.reverse();
        self.changes.sort_by_key(|change| Reverse((change.cycle, change.signal)));
        self.changes.dedup_by_key(|change| (change.cycle, change.signal));
        self.changes.reverse();
        let mut held: Vec<Option<Value>> = vec![None; self.signals.len()];
        self.changes.retain(|change| {
            let before = held[change.signal].replace(change.value);
            !before.is_some_and(|before| before.is(change.value))
        });
    }

    /// Keeps the first `most` changes, as whole cycles. The recording then ends in the cycle whose changes are left
    /// out; of the very first cycle as many are kept as there is room for, and it ends with that.
    pub fn keep(&mut self, mut most: usize) {
        self.sort();
        if let Some(cycle) = self.changes.get(most).map(|left_out| left_out.cycle) {
            let whole = self.changes.partition_point(|change| change.cycle < cycle);
            (self.end, most) = if whole > 0 { (cycle, whole) } else { (cycle + 1, most) };
            self.changes.truncate(most);
        }
    }

    /// The cycle at which a file ends: no change stands after it.
    fn last_cycle(&self) -> u64 {
        self.changes.iter().map(|change| change.cycle).fold(self.end, u64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_is_the_largest_that_divides_the_period() {
        let unit = |hz| {
            let unit = TimeUnit::of_clock(hz);
            (unit.exponent, unit.units_per_cycle)
        };
        assert_eq!(unit(100e6), (-8, 1.0));
        assert_eq!(unit(1e9), (-9, 1.0));
        assert_eq!(unit(200e6), (-9, 5.0));
        assert_eq!(unit(40e6), (-9, 25.0));
        assert_eq!(unit(1.0), (0, 1.0));
        assert_eq!(unit(1e12), (-12, 1.0));
        assert_eq!(unit(0.5), (0, 2.0));
        let third = TimeUnit::of_clock(300e6);
        assert_eq!((third.exponent, third.time(3)), (-15, 10_000_000));
        assert_eq!(third.time(1), 3_333_333);
    }

    #[test]
    fn of_changes_in_one_cycle_the_last_counts_and_a_value_is_written_once() {
        let bits = |cycle, value| Change { cycle, signal: 0, value: Value::Bits(value) };
        let signal = Signal { scopes: vec![], name: "a".to_owned(), kind: Kind::Bits(1) };
        let changes = vec![bits(5, 1), bits(9, 0), bits(9, 1), bits(2, 0), bits(12, 0)];
        let mut waveform = Waveform { signals: vec![signal], changes, ..Waveform::default() };
        waveform.sort();
        assert_eq!(waveform.changes, [bits(2, 0), bits(5, 1), bits(12, 0)]);
    }
}
