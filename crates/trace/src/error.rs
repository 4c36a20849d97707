//! What can go wrong with a file, said so that a person can mend it.

use equipoise_base::config::{ConfigError, Place};
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A text that is not accepted, with line and column.
    #[error(transparent)]
    Text(#[from] ConfigError),
    /// Bytes that are not accepted.
    #[error("{file}: {}found {found}; accepted: {accepted}", place_before(at))]
    Data {
        /// The file as the user gave it.
        file: Arc<str>,
        /// Byte offset, block or record number; empty for the file as a whole.
        at: String,
        /// What was found.
        found: String,
        /// What is accepted.
        accepted: String,
    },
    /// The operating system refused.
    #[error("{file}: {doing} failed: {source}")]
    Io {
        /// The file as the user gave it.
        file: Arc<str>,
        /// What was being done.
        doing: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
}

fn place_before(at: &str) -> String {
    if at.is_empty() { String::new() } else { format!("{at}: ") }
}

impl Error {
    /// True where the input is at fault and not the machine or the disk: exit status 2.
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        !matches!(self, Self::Io { .. })
    }

    /// Bytes of `file`, at `at`, that are not accepted.
    #[must_use]
    pub fn data(
        file: &str,
        at: impl Into<String>,
        found: impl Into<String>,
        accepted: impl Into<String>,
    ) -> Self {
        Self::Data { file: file.into(), at: at.into(), found: found.into(), accepted: accepted.into() }
    }

    /// A text of `file` that is not accepted; `line` and `column` count from 1, columns in characters.
    #[must_use]
    pub fn text(
        file: &Arc<str>,
        (line, column): (u32, u32),
        found: impl Into<String>,
        accepted: impl Into<String>,
    ) -> Self {
        Self::Text(ConfigError {
            place: Place { file: file.clone(), line, column },
            key: String::new(),
            found: found.into(),
            accepted: accepted.into(),
        })
    }

    /// What the operating system said while `doing` something with `file`.
    #[must_use]
    pub fn io(file: &str, doing: &'static str, source: io::Error) -> Self {
        Self::Io { file: file.into(), doing, source }
    }
}

/// A path as messages show it.
#[must_use]
pub fn shown(path: &Path) -> Arc<str> {
    path.display().to_string().into()
}

/// At most 40 characters of `text` in backquotes, so that a damaged file does not flood a message.
#[must_use]
pub fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown = String::from("`");
    for c in text.chars().take(LONGEST) {
        match c {
            '\'' | '"' | '\\' => shown.push(c),
            c => shown.extend(c.escape_debug()),
        }
    }
    shown.push_str(if text.chars().nth(LONGEST).is_some() { "...`" } else { "`" });
    shown
}
