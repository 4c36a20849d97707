//! Numbers as people read them.
//!
//! Blanks inside a number, and before its unit, are [`GLUE`]: no line ends there.

/// A blank that does not break; [`super::page`] prints it as an ordinary one.
pub const GLUE: char = '\u{a0}';

/// A number with an SI prefix and its unit: `3.21 nJ`.
pub fn si(value: f64, unit: &str) -> String {
    const PREFIXES: [(f64, &str); 11] = [
        (1e12, "T"),
        (1e9, "G"),
        (1e6, "M"),
        (1e3, "k"),
        (1.0, ""),
        (1e-3, "m"),
        (1e-6, "u"),
        (1e-9, "n"),
        (1e-12, "p"),
        (1e-15, "f"),
        (1e-18, "a"),
    ];
    if value == 0.0 || !value.is_finite() {
        return format!("{value}{GLUE}{unit}");
    }
    // Three digits are shown, so 999.6 is a thousand already.
    let fits = |scale: f64| value.abs() / scale >= 0.9995;
    let (scale, prefix) = PREFIXES.into_iter().find(|(scale, _)| fits(*scale)).unwrap_or((1e-18, "a"));
    let scaled = value / scale;
    let decimals = match scaled.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    format!("{scaled:.decimals$}{GLUE}{prefix}{unit}")
}

/// `text` that no line end shall divide.
pub fn glued(text: &str) -> String {
    text.replace(' ', &GLUE.to_string())
}

/// A count in groups of three digits: `12 345 678`.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(GLUE);
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: `1 update`, `1 437 updates`.
pub fn counted(count: u64, noun: &str) -> String {
    format!("{}{GLUE}{noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A share in per cent: `84.20 %`.
pub fn percent(share: f64, decimals: usize) -> String {
    format!("{:.decimals$}{GLUE}%", 100.0 * share)
}

/// The parts of `total` from the largest on, in per cent; what rounds to nothing is left out.
pub fn shares<'n>(parts: impl Iterator<Item = (&'n str, f64)>, total: f64, most: usize) -> String {
    let mut parts: Vec<(&str, f64)> = parts.filter(|(_, part)| part / total >= 0.0005).collect();
    parts.sort_by(|a, b| b.1.total_cmp(&a.1));
    let left_out = parts.len().saturating_sub(most);
    let shown =
        parts.into_iter().take(most).map(|(name, part)| format!("{name}{GLUE}{}", percent(part / total, 1)));
    let mut shown: Vec<String> = shown.collect();
    if left_out > 0 {
        shown.push(format!("{left_out}{GLUE}more"));
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn si(value: f64, unit: &str) -> String {
        super::si(value, unit).replace(GLUE, " ")
    }

    #[test]
    fn numbers_have_three_digits_and_a_prefix() {
        assert_eq!(si(25.2e-9, "J"), "25.2 nJ");
        assert_eq!(si(0.9996e-3, "s"), "1.00 ms");
        assert_eq!(si(99.96e-6, "J"), "100 uJ");
        assert_eq!(si(1234.0, "B"), "1.23 kB");
        assert_eq!(si(0.0, "J"), "0 J");
        assert_eq!(si(2e-21, "J"), "0.00 aJ");
    }

    #[test]
    fn counts_are_grouped_from_the_right() {
        let grouped = |count| super::grouped(count).replace(GLUE, " ");
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1 000", "1 234 567"]);
        assert_eq!([0, 1].map(|n| counted(n, "update").replace(GLUE, " ")), ["0 updates", "1 update"]);
    }

    #[test]
    fn shares_run_from_the_largest_and_say_what_is_left_out() {
        let parts = [("a", 1.0), ("b", 7.0), ("c", 1.999), ("d", 0.001)];
        let shown = shares(parts.into_iter(), 10.0, 2).replace(GLUE, " ");
        assert_eq!(shown, "b 70.0 %, c 20.0 %, 1 more");
    }
}
