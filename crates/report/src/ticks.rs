//! Where an axis has its ticks and what stands beside them.

/// Round numbers within `low` to `high`, about `wanted` of them: steps of 1, 2 or 5 times a power of ten.
pub fn linear(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let step = round_step((high - low) / wanted as f64);
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).map(|i| i as f64 * step).collect()
}

/// The least of 1, 2, 5 times a power of ten that is no less than `step`.
fn round_step(step: f64) -> f64 {
    let mut power = 1.0;
    while power > step {
        power /= 10.0;
    }
    while power * 10.0 <= step {
        power *= 10.0;
    }
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= step * (1.0 - 1e-9)).unwrap_or(step)
}

/// Logarithms of the ticks of a logarithmic axis whose ends have the logarithms `low` and `high`: decades; with fewer than
/// three of them also 2 and 5; every second, third, ... decade where there would be more than `wanted`.
pub fn logarithmic(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let (first, last) = (low.floor() as i32, high.ceil() as i32);
    let stride = (((last - first) as usize).div_ceil(wanted)).max(1);
    let decades = (first..=last).filter(|decade| decade.rem_euclid(stride as i32) == 0);
    let dense = high - low < 2.5;
    let within = |tick: &f64| *tick >= low - 1e-9 && *tick <= high + 1e-9;
    let digits: &[f64] = if dense { &[1.0, 2.0, 5.0] } else { &[1.0] };
    decades
        .flat_map(|d| digits.iter().map(move |digit| f64::from(d) + digit.log10()))
        .filter(within)
        .collect()
}

/// `value` with as many decimals as ticks at distance `step` need.
pub fn label(value: f64, step: f64) -> String {
    if value.abs() < step * 1e-6 {
        return "0".to_owned();
    }
    let size = value.abs().max(step);
    if size >= 1e6 || step < 1e-4 {
        return exponent(&format!("{value:.1e}"));
    }
    let mut decimals = 0;
    let mut scaled = step;
    while decimals < 6 && (scaled - scaled.round()).abs() > 1e-6 {
        scaled *= 10.0;
        decimals += 1;
    }
    format!("{value:.decimals$}").replace('-', "\u{2212}")
}

/// The value whose logarithm is `log`, as a tick of a logarithmic axis shows it.
pub fn logarithmic_label(log: f64) -> String {
    let decade = (log + 1e-9).floor();
    let digit = power_of_ten(log - decade).round();
    if (-3.0..=4.0).contains(&decade) {
        let decimals = (-decade).max(0.0) as usize;
        return format!("{:.decimals$}", digit * power_of_ten(decade));
    }
    exponent(&format!("{digit:.0}e{decade:.0}"))
}

fn exponent(text: &str) -> String {
    text.replace(".0e", "e").replace('-', "\u{2212}")
}

#[allow(clippy::disallowed_methods, reason = "a picture, no part of any digest")]
fn power_of_ten(exponent: f64) -> f64 {
    10.0_f64.powf(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64) -> Vec<String> {
        let ticks = linear(low, high, 5);
        ticks.iter().map(|&tick| label(tick, ticks[1] - ticks[0])).collect()
    }

    #[test]
    fn ticks_are_round_numbers_within_the_axis() {
        assert_eq!(labels(0.0, 30.0), ["0", "10", "20", "30"]);
        assert_eq!(
            labels(-0.31, 0.92),
            ["\u{2212}0.0", "0.5"].map(|s| if s == "\u{2212}0.0" { "0".into() } else { s.to_owned() })
        );
        assert_eq!(labels(0.36, 2.04), ["0.5", "1.0", "1.5", "2.0"]);
        assert_eq!(labels(-2e-6, 2e-6)[1], "\u{2212}1e\u{2212}6");
    }

    #[test]
    fn logarithmic_ticks_are_decades_and_within_few_of_them_also_two_and_five() {
        let shown = |low, high| -> Vec<String> {
            logarithmic(low, high, 6).into_iter().map(logarithmic_label).collect()
        };
        assert_eq!(shown(-1.0, 1.0), ["0.1", "0.2", "0.5", "1", "2", "5", "10"]);
        assert_eq!(
            shown(-12.0, 0.0),
            ["1e\u{2212}12", "1e\u{2212}10", "1e\u{2212}8", "1e\u{2212}6", "1e\u{2212}4", "0.01", "1"]
        );
    }
}
