//! Periods of a series of numbers.
//!
//! A recurrence of whole states in fixed-point words is exact and proves a cycle. Where the period is no whole
//! number of steps, or noise is on top, a lag is looked for at which the series resembles itself, by the
//! difference function that de Cheveigne and Kawahara (2002) use for the pitch of a voice.

/// The smallest lag at which the last values repeat exactly: as many of them as the lag has steps and as
/// something can be on its way (`memory` steps). With it, the first index at which that was known.
pub(super) fn recurrence(signatures: &[u64], memory: usize) -> Option<(usize, usize)> {
    let last = signatures.len().checked_sub(1)?;
    let lags = (1..=last).filter(|&lag| signatures[last] == signatures[last - lag]);
    for lag in lags {
        let needed = lag.max(memory);
        if lag + needed > signatures.len() {
            return None;
        }
        let repeats = |at: usize| signatures[at] == signatures[at - lag];
        if (signatures.len() - needed..=last).all(repeats) {
            return Some((lag, first_known(lag..signatures.len(), needed, repeats)));
        }
    }
    None
}

/// The first index that ends `needed` ones in a row of which `holds` is true.
fn first_known(range: std::ops::Range<usize>, needed: usize, holds: impl Fn(usize) -> bool) -> usize {
    let last = range.end - 1;
    let mut run = 0;
    for at in range {
        run = if holds(at) { run + 1 } else { 0 };
        if run == needed {
            return at;
        }
    }
    last
}

/// A lag at which a series resembles itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Resemblance {
    /// The lag in steps, interpolated.
    pub period: f64,
    /// What of the series' power is not repeated: 0 exactly periodic, 1 unrelated, 2 opposite.
    pub difference: f64,
}

/// The first lag at which the series, once it has become unlike itself, differs from itself by less than
/// `alike` of its power, and does so again at the first `times` multiples.
pub(super) fn resemblance(series: &[f64], alike: f64, times: usize) -> Option<Resemblance> {
    let mean = series.iter().sum::<f64>() / series.len().max(1) as f64;
    let centred: Vec<f64> = series.iter().map(|x| x - mean).collect();
    let most = series.len() / (times + 1);
    let mut unlike = false;
    let mut lag = 1;
    while lag <= most {
        let here = difference(&centred, lag);
        unlike |= here > UNLIKE;
        if unlike && here < alike {
            let (lag, least) = downhill(&centred, lag, here);
            let again = (2..=times).all(|k| difference(&centred, lag * k) < alike);
            return again.then(|| Resemblance { period: finer(&centred, lag), difference: least });
        }
        lag += 1;
    }
    None
}

/// A series has become unlike itself where it differs by more than this; a slow drift never comes back from it.
const UNLIKE: f64 = 0.5;

/// The power of the difference between the series and itself `lag` steps before, over the power of both.
fn difference(series: &[f64], lag: usize) -> f64 {
    let Some(late) = series.get(lag..).filter(|late| !late.is_empty()) else { return 1.0 };
    let (mut apart, mut power) = (0.0, 0.0);
    for (now, then) in late.iter().zip(series) {
        apart += (now - then) * (now - then);
        power += now * now + then * then;
    }
    if power > 0.0 { apart / power } else { 0.0 }
}

/// The lag of the least difference, from `lag` on as long as it falls.
fn downhill(series: &[f64], mut lag: usize, mut here: f64) -> (usize, f64) {
    while 2 * (lag + 1) <= series.len() {
        let next = difference(series, lag + 1);
        if next >= here {
            break;
        }
        (lag, here) = (lag + 1, next);
    }
    (lag, here)
}

/// The period near `lag`, from the last of its multiples in half the series: between steps the difference is a
/// parabola around its least value.
fn finer(series: &[f64], lag: usize) -> f64 {
    let mut period = vertex(series, lag);
    for count in 2.. {
        let multiple = (period * f64::from(count)).round() as usize;
        if multiple >= series.len() / 2 {
            break;
        }
        period = vertex(series, multiple) / f64::from(count);
    }
    period
}

/// Where the parabola through the differences around `lag` has its vertex.
fn vertex(series: &[f64], lag: usize) -> f64 {
    let [before, here, after] = [lag - 1, lag, lag + 1].map(|lag| difference(series, lag));
    let bend = before - 2.0 * here + after;
    if bend <= 0.0 { lag as f64 } else { lag as f64 + (0.5 * (before - after) / bend).clamp(-0.5, 0.5) }
}

/// The power of the series over its last periods, over that of as many before them: of the numbers of periods
/// that fill more than half of the room, the one that comes closest to a whole number of steps.
pub(super) fn growth(series: &[f64], period: f64) -> f64 {
    let most = (series.len() as f64 / (2.0 * period)).floor().max(1.0) as u32;
    let misfit = |count: u32| (period * f64::from(count) - (period * f64::from(count)).round()).abs();
    let best = (most / 2 + 1..=most).rev().min_by(|&a, &b| misfit(a).total_cmp(&misfit(b))).unwrap_or(1);
    let length = ((f64::from(best) * period).round() as usize).clamp(1, series.len() / 2);
    let (before, late) = series[series.len() - 2 * length..].split_at(length);
    let (before, late) = (power(before), power(late));
    if before > 0.0 { late / before } else { f64::INFINITY }
}

/// The power around the mean.
pub(super) fn power(series: &[f64]) -> f64 {
    let mean = series.iter().sum::<f64>() / series.len().max(1) as f64;
    series.iter().map(|x| (x - mean) * (x - mean)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(period: f64, factor: f64, steps: usize) -> Vec<f64> {
        let value = |t: usize| {
            0.3 + libm::pow(factor, t as f64) * libm::sin(std::f64::consts::TAU * t as f64 / period)
        };
        (0..steps).map(value).collect()
    }

    #[test]
    fn the_period_of_a_wave_is_found_whatever_its_fraction() {
        for period in [4.0, 5.3, 7.104, 15.72, 41.66, 82.67, 120.5] {
            let found = resemblance(&wave(period, 1.0, 256), 0.1, 1).expect("a period").period;
            assert!((found / period - 1.0).abs() < 3e-3, "{found} instead of {period}");
        }
        let flip: Vec<f64> = (0..16).map(|t| f64::from(t % 2)).collect();
        assert_eq!(resemblance(&flip, 0.1, 1).map(|r| r.period), Some(2.0));
    }

    #[test]
    fn drifts_and_decays_have_no_period() {
        let ramp: Vec<f64> = (0..256).map(f64::from).collect();
        let decay: Vec<f64> = (0..256).map(|t| libm::pow(0.98, f64::from(t))).collect();
        assert_eq!((resemblance(&ramp, 0.1, 1), resemblance(&decay, 0.1, 1)), (None, None));
    }

    #[test]
    fn a_spiral_shrinks_or_grows_by_its_factor() {
        for (factor, period) in [(0.999, 20.0), (1.001, 20.0), (0.99, 8.0)] {
            let expected = libm::pow(factor, 240.0);
            let found = growth(&wave(period, factor, 240), period);
            assert!((found / expected - 1.0).abs() < 0.02, "{found} instead of {expected}");
        }
        for period in [7.104, 15.72, 41.66, 7.01, 4.5] {
            let steady = growth(&wave(period, 1.0, 256), period);
            assert!((steady - 1.0).abs() < 0.01, "{steady} at {period}");
        }
    }

    #[test]
    fn a_recurrence_is_known_when_it_has_lasted_a_period_and_the_memory() {
        let states = [9, 8, 1, 2, 3, 1, 2, 3, 1, 2, 3];
        assert_eq!(recurrence(&states, 1), Some((3, 7)), "known when 1 2 3 has come again");
        assert_eq!(recurrence(&states, 5), Some((3, 9)));
        assert_eq!(recurrence(&states, 7), None, "too short to tell");
        assert_eq!(recurrence(&[5, 5, 5], 1), Some((1, 1)));
        assert_eq!(recurrence(&[1, 2, 3, 4], 1), None);
    }
}
