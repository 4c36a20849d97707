//! From byte offsets in a text to the lines and columns that a person counts.

use equipoise_base::config::Place;
use std::sync::Arc;

/// Where the lines of a text begin.
pub(crate) struct LineIndex<'t> {
    text: &'t str,
    file: Arc<str>,
    starts: Vec<usize>,
}

impl<'t> LineIndex<'t> {
    pub(crate) fn new(text: &'t str, file: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, file: file.into(), starts }
    }

    /// The place of the character that begins at byte `offset`.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|&start| start <= offset);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or("");
        Place { file: self.file.clone(), line: number(line), column: number(before.chars().count() + 1) }
    }

    /// The rest of the line from byte `offset`.
    pub(crate) fn rest_of_line(&self, offset: usize) -> &'t str {
        self.text.get(offset..).and_then(|rest| rest.lines().next()).unwrap_or("")
    }
}

/// A line or column as places hold it.
pub(crate) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
