//! A histogram of whole numbers that stays small: exact below 256, within 1/128 above.

use serde::{Deserialize, Serialize};

/// Numbers below this have a bin each; above, each doubling of the value has half as many bins.
const EXACT: u64 = 256;
const HALF: u64 = EXACT / 2;

/// How often which value occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    bins: Vec<u64>,
    count: u64,
    sum: u64,
    min: u64,
    max: u64,
}

/// The bin of a value.
fn bin_of(value: u64) -> usize {
    if value < EXACT {
        return value as usize;
    }
    let octave = u64::from(value.ilog2() - EXACT.ilog2() + 1);
    (EXACT + (octave - 1) * HALF + (value >> octave) - HALF) as usize
}

/// The largest value of a bin.
fn last_of(bin: usize) -> u64 {
    let bin = bin as u64;
    if bin < EXACT {
        return bin;
    }
    let octave = (bin - EXACT) / HALF + 1;
    ((HALF + (bin - EXACT) % HALF + 1) << octave) - 1
}

impl Histogram {
    /// Adds one value.
    pub fn add(&mut self, value: u64) {
        let bin = bin_of(value);
        if bin >= self.bins.len() {
            self.bins.resize(bin + 1, 0);
        }
        self.bins[bin] += 1;
        self.min = if self.count == 0 { value } else { self.min.min(value) };
        self.max = self.max.max(value);
        self.count += 1;
        self.sum += value;
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The smallest value, 0 if there is none.
    #[must_use]
    pub fn min(&self) -> u64 {
        self.min
    }

    /// The largest value, 0 if there is none.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The mean, 0 if there is no value.
    #[must_use]
    pub fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 }
    }

    /// The smallest value that at least `percent` (0 to 100) of the values do not exceed: exact below 256, at
    /// most 1/128 too large above. 0 if there is no value.
    #[must_use]
    pub fn percentile(&self, percent: u32) -> u64 {
        let wanted = (u128::from(self.count) * u128::from(percent)).div_ceil(100).max(1);
        let mut seen = 0_u128;
        for (bin, &values) in self.bins.iter().enumerate() {
            seen += u128::from(values);
            if seen >= wanted {
                return last_of(bin).min(self.max);
            }
        }
        self.max
    }

    /// The bins that hold anything: (largest value of the bin, values in it), ascending.
    pub fn bins(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let used = self.bins.iter().enumerate().filter(|(_, values)| **values > 0);
        used.map(|(bin, &values)| (last_of(bin), values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_in_the_bin_that_reaches_just_far_enough() {
        for value in (0..5_000).chain([1 << 40, (1 << 40) + 12_345, u64::MAX / 2]) {
            let last = last_of(bin_of(value));
            assert!(value <= last && last - value <= value / 128, "{value} in a bin up to {last}");
            assert_eq!(bin_of(last), bin_of(value));
            assert_eq!(bin_of(last + 1), bin_of(value) + 1);
        }
    }

    #[test]
    fn percentiles_of_one_to_a_hundred_are_the_numbers_themselves() {
        let mut histogram = Histogram::default();
        assert_eq!((histogram.percentile(50), histogram.mean()), (0, 0.0));
        (1..=100).rev().for_each(|value| histogram.add(value));
        for percent in 1..=100 {
            assert_eq!(histogram.percentile(percent), u64::from(percent));
        }
        assert_eq!(histogram.percentile(0), 1);
        assert_eq!((histogram.count(), histogram.min(), histogram.max()), (100, 1, 100));
        assert_eq!(histogram.mean(), 50.5);
        assert_eq!(histogram.bins().count(), 100);
    }
}
