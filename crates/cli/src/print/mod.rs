//! What the program says to a person.

mod bill;
mod closing;
mod models;
mod numbers;
mod page;
mod placement;
mod plan;
mod study;
mod trace_info;

use equipoise_study::Error;
use std::io::{self, Write as _};

pub use bill::{bill, second_opinions};
pub use closing::closing;
pub use models::{actions, models, words};
pub use numbers::counted;
pub use page::{entries, plain};
pub use plan::{opening, plan};
pub use study::findings;
pub use trace_info::trace_info;

/// Writes `text` to stdout, as what the command is for. A reader who has seen enough, as `head` has, is no error.
pub fn say(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(equipoise_trace::Error::io("standard output", "writing", error).into())
        }
        _ => Ok(()),
    }
}

/// Writes `text` to stdout, about results that are on the disk: that nobody can read it is told, and costs nothing.
pub fn report(text: &str) {
    if let Err(error) = say(text) {
        tell(&format!("warning: {error}"));
    }
}

/// Writes a line to stderr. There is nobody to tell if that fails.
pub fn tell(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}
