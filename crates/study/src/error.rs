//! Why an experiment cannot be read or run.

use equipoise_base::config::ConfigError;

/// What went wrong, by who is at fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting that cannot be accepted.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file that cannot be read, written or accepted.
    #[error(transparent)]
    File(#[from] equipoise_trace::Error),
    /// The network contradicts itself or does not fit the chip.
    #[error("{place}: {message}")]
    Network {
        /// The file whose network it is.
        place: String,
        /// What does not fit and what is accepted.
        message: String,
    },
    /// An instruction that the chip cannot execute.
    #[error("{place}: instruction {number} (`{name}`): {message}")]
    Instruction {
        /// Where the program comes from.
        place: String,
        /// Its number in the program, from 1.
        number: u64,
        /// Its word.
        name: &'static str,
        /// Why not.
        message: String,
    },
    /// The result is there, but not everything beside it that was asked for.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Incomplete(Vec<Error>),
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl Error {
    /// The refusal of an instruction, in the words of the chip.
    pub(crate) fn instruction(place: &str, number: u64, name: &'static str, said: &str) -> Self {
        let said = said.strip_prefix(&format!("`{name}` ")).unwrap_or(said);
        let found = if said.contains("; accepted: ") { "found " } else { "" };
        Self::Instruction { place: place.to_owned(), number, name, message: format!("{found}{said}") }
    }

    /// True where the input is at fault (exit status 2).
    #[must_use]
    pub fn is_bad_input(&self) -> bool {
        match self {
            Self::Config(_) | Self::Network { .. } | Self::Instruction { .. } => true,
            Self::File(error) => error.is_bad_input(),
            Self::Incomplete(_) | Self::Interrupted | Self::Other(_) => false,
        }
    }
}
