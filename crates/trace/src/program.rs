//! What every trace promises about its instructions, whichever format holds them.
//!
//! Readers and writers check the same rules, so nothing is written that could not be read.

use crate::error::Error;
use crate::toml_tree;
use equipoise_base::Instruction;
use equipoise_base::config::Table;
use equipoise_base::instruction::{Target, TimedEvent};
use std::sync::Arc;

/// The most values, events or targets of one instruction: 4 Mi.
pub const MOST_VALUES: usize = 1 << 22;

/// The longest header, in bytes: 1 MiB.
pub const LONGEST_HEADER: usize = 1 << 20;

/// The line that ends the header of a text trace, and that no header may hold.
pub const HEADER_END: &str = "---";

/// An instruction that no trace can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What was found.
    pub found: String,
    /// What is accepted.
    pub accepted: &'static str,
}

impl Refusal {
    pub(crate) fn new(found: impl Into<String>, accepted: &'static str) -> Self {
        Self { found: found.into(), accepted }
    }
}

/// Checks one instruction: numbers are finite, events ascend in step, nudges count from 1, sizes are bounded.
///
/// # Errors
/// At the first rule that is broken.
pub fn check(instruction: &Instruction) -> Result<(), Refusal> {
    match instruction {
        Instruction::Present { input, target } => {
            check_values(input)?;
            check_target(target.as_ref())
        }
        Instruction::Events { events, target } => {
            check_events(events)?;
            check_target(target.as_ref())
        }
        Instruction::Recall { cue } => check_values(cue),
        Instruction::Nudge { index: 0, .. } => Err(Refusal::new("nudge 0", "nudged phases count from 1")),
        _ => Ok(()),
    }
}

fn check_values(values: &[f32]) -> Result<(), Refusal> {
    check_count(values.len())?;
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(at) => Err(Refusal::new(format!("{} as value {at}", values[at]), "finite numbers")),
    }
}

fn check_target(target: Option<&Target>) -> Result<(), Refusal> {
    match target {
        Some(Target::Values(values)) => check_values(values),
        Some(Target::Class(_)) | None => Ok(()),
    }
}

fn check_events(events: &[TimedEvent]) -> Result<(), Refusal> {
    check_count(events.len())?;
    match events.windows(2).position(|pair| pair[1].step < pair[0].step) {
        None => Ok(()),
        Some(at) => {
            let (early, late) = (events[at + 1], events[at]);
            let found = format!("event {}@{} after {}@{}", early.axon, early.step, late.axon, late.step);
            Err(Refusal::new(found, "events that ascend in step"))
        }
    }
}

fn check_count(count: usize) -> Result<(), Refusal> {
    if count <= MOST_VALUES {
        return Ok(());
    }
    Err(Refusal::new(format!("{count} values"), "at most 4194304 values or events per instruction"))
}

/// `header` with plain line ends, the last line ended too, and its settings; places are lines of a text trace,
/// where the header begins in line 2.
pub(crate) fn canonical_header(header: &str, file: &Arc<str>) -> Result<(String, Table), Error> {
    if header.len() > LONGEST_HEADER {
        return Err(Error::data(file, "header", format!("{} bytes", header.len()), "at most 1 MiB"));
    }
    if header.lines().any(|line| line.trim_end() == HEADER_END) {
        return Err(Error::data(file, "header", "a line `---`", "settings without the line that ends them"));
    }
    let text: String = header.lines().flat_map(|line| [line, "\n"]).collect();
    let table = toml_tree::parse(&format!("\n{text}"), file)?;
    Ok((text, table))
}
