//! Aligned text: a label or name at the left, what it says beside it, wrapped.

use super::numbers::GLUE;
use std::fmt::Write as _;

/// Columns of a line.
const WIDTH: usize = 100;
/// Columns of a label.
const LABEL: usize = 11;

/// Lines of labels and what they say.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// `label` with `text` beside it.
    pub fn line(&mut self, label: &str, text: &str) {
        self.0 += &entry(label, LABEL, text);
    }

    /// More about the line above.
    pub fn more(&mut self, text: &str) {
        self.line("", text);
    }

    /// The page.
    pub fn text(self) -> String {
        self.0
    }
}

/// `name` padded to `column`, with `text` wrapped beside it and a line end.
pub fn entry(name: &str, column: usize, text: &str) -> String {
    let mut out = format!("{name:column$}");
    if name.chars().count() >= column {
        let _ = write!(out, "\n{:column$}", "");
    }
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if used > 0 && column + used + 1 + length > WIDTH {
            let _ = write!(out, "\n{:column$}", "");
            used = 0;
        }
        if used > 0 {
            out.push(' ');
            used += 1;
        }
        out += &plain(word);
        used += length;
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// `text` with ordinary blanks.
pub fn plain(text: &str) -> String {
    text.replace(GLUE, " ")
}

/// The column that leaves two blanks after the longest of `names`, if that is no more than `most`.
pub fn column_after<'n>(names: impl Iterator<Item = &'n str>, most: usize) -> usize {
    let longest = names.map(|name| name.chars().count()).filter(|length| length + 2 <= most).max();
    longest.unwrap_or(0) + 2
}

/// Names with what they say, in two columns.
pub fn entries(list: &[(String, String)]) -> String {
    let column = column_after(list.iter().map(|(name, _)| name.as_str()), WIDTH / 2);
    list.iter().map(|(name, text)| entry(name, column, text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_wrap_under_themselves_and_no_line_is_too_long_or_ends_in_a_blank() {
        let text = "word ".repeat(60);
        let out = entry("name", 10, &text);
        assert!(out.lines().count() > 2);
        for line in out.lines() {
            assert!(line.chars().count() <= WIDTH && !line.ends_with(' '), "{line:?}");
        }
        assert!(out.lines().skip(1).all(|line| line.starts_with("          word")));
    }

    #[test]
    fn a_name_as_wide_as_its_column_stands_alone() {
        assert_eq!(entry("a_long_name", 4, "text"), "a_long_name\n    text\n");
    }
}
