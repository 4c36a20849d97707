//! What a person wants to know of a finished study.

use super::numbers::{GLUE, glued};
use super::page::{Page, entry};
use equipoise_study::studies::{Finished, Number};

/// Columns of a number's name; longer names wrap above it.
const NAMES: usize = 58;

/// The numbers with what they should be, and where everything is.
pub fn findings(finished: &Finished) -> String {
    let mut out = String::new();
    for number in &finished.findings.numbers {
        out += &entry(&number.name, NAMES, &beside(number));
    }
    let mut page = Page::default();
    page.line("digest", &format!("{:016x}", finished.findings.digest.value()));
    page.line("figure", &finished.folder.join("study.svg").display().to_string());
    page.line("results", &finished.folder.display().to_string());
    out + &page.text()
}

/// `14 steps (14, exact discrete spectrum)`.
fn beside(number: &Number) -> String {
    let unit = if number.unit == "1" { "" } else { number.unit };
    let value = shown(number.value);
    let value =
        if unit.is_empty() || number.value.is_none() { value } else { format!("{value}{GLUE}{unit}") };
    match &number.reference {
        None => value,
        Some(reference) => {
            glued(&format!("{value} ({},", shown(reference.value))) + " " + reference.source + ")"
        }
    }
}

/// Six digits at most; `none` where there is no number.
fn shown(value: Option<f64>) -> String {
    let Some(value) = value else { return "none".to_owned() };
    if value != 0.0 && !(1e-4..1e9).contains(&value.abs()) {
        return format!("{value:.3e}");
    }
    let mut decimals = 5_usize;
    let mut size = value.abs();
    while size >= 10.0 && decimals > 0 {
        size /= 10.0;
        decimals -= 1;
    }
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_beside_what_they_should_be() {
        let said = |number: Number| beside(&number).replace(GLUE, " ");
        assert_eq!(said(Number::alone("a", 14.0, "steps").beside(15.0, "theory")), "14 steps (15, theory)");
        assert_eq!(said(Number::alone("a", None, "steps").beside(None, "theory")), "none (none, theory)");
        assert_eq!(said(Number::alone("a", 0.997_512_34, "1")), "0.99751");
        assert_eq!(said(Number::alone("a", 1.5e-7, "1")), "1.500e-7");
        assert_eq!(said(Number::alone("a", 12345.678, "1")), "12345.7");
    }
}
