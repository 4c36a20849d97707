//! One instruction as one line of text.

use crate::error::quoted;
use crate::program::{MOST_VALUES, Refusal, check};
use equipoise_base::Instruction;
use equipoise_base::instruction::{LatchSlot, Target, TimedEvent};
use std::fmt::Write;
use std::sync::Arc;

/// What a line cannot be, and the byte of the line where that shows.
pub(crate) struct LineError {
    pub(crate) offset: usize,
    pub(crate) refusal: Refusal,
}

/// The word that ended a list, with the byte where it begins.
type Separator<'l> = Option<(usize, &'l str)>;

const INSTRUCTIONS: &str =
    "train, evaluate, present, events, recall, settle, latch, nudge, update, readout, done";
const NUMBER: &str = "a finite number, or number*count for a run of equal ones";
const EVENT: &str = "axon@step, two whole numbers up to 4294967295";

/// The words of a line, each with the byte where it begins.
struct Words<'l> {
    line: &'l str,
    at: usize,
}

impl<'l> Iterator for Words<'l> {
    type Item = (usize, &'l str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = &self.line[self.at..];
        let begin = self.at + rest.find(|c: char| !c.is_whitespace())?;
        let word = self.line[begin..].split(char::is_whitespace).next()?;
        self.at = begin + word.len();
        Some((begin, word))
    }
}

impl<'l> Words<'l> {
    fn error<T>(
        &self,
        offset: usize,
        found: impl Into<String>,
        accepted: &'static str,
    ) -> Result<T, LineError> {
        Err(LineError { offset, refusal: Refusal::new(found, accepted) })
    }

    fn end(&self) -> usize {
        self.line.trim_end().len()
    }

    /// A whole number that must stand here.
    fn whole(&mut self, accepted: &'static str) -> Result<u32, LineError> {
        match self.next() {
            None => self.error(self.end(), "the end of the line", accepted),
            Some((at, word)) => self.parse_whole(at, word, accepted),
        }
    }

    fn parse_whole(&self, at: usize, word: &str, accepted: &'static str) -> Result<u32, LineError> {
        word.parse().or_else(|_| self.error(at, quoted(word), accepted))
    }

    /// The number of steps, where one stands here.
    fn steps(&mut self) -> Result<Option<u32>, LineError> {
        let accepted = "a number of steps, or nothing for the experiment's rule";
        match self.next() {
            None => Ok(None),
            Some((at, word)) => self.parse_whole(at, word, accepted).map(Some),
        }
    }

    /// Values up to the end of the line or to a word that ends them, which is returned.
    fn values(&mut self) -> Result<(Arc<[f32]>, Separator<'l>), LineError> {
        let mut values = Vec::new();
        while let Some((at, word)) = self.next() {
            if word == ":" || word == "->" {
                return Ok((values.into(), Some((at, word))));
            }
            let (number, count) = match word.split_once('*') {
                None => (word, 1),
                Some((number, count)) => match count.parse::<usize>() {
                    Ok(count) if count > 0 => (number, count),
                    _ => return self.error(at, quoted(word), NUMBER),
                },
            };
            let value = match number.parse::<f32>() {
                Ok(value) if value.is_finite() => value,
                _ => return self.error(at, quoted(word), NUMBER),
            };
            if count > MOST_VALUES - values.len() {
                return self.error(at, quoted(word), "at most 4194304 values or events per instruction");
            }
            values.extend(std::iter::repeat_n(value, count));
        }
        Ok((values.into(), None))
    }

    /// Events up to the end of the line or to a word that ends them, which is returned.
    fn events(&mut self) -> Result<(Arc<[TimedEvent]>, Separator<'l>), LineError> {
        let mut events: Vec<TimedEvent> = Vec::new();
        while let Some((at, word)) = self.next() {
            if word == ":" || word == "->" {
                return Ok((events.into(), Some((at, word))));
            }
            let numbers = word.split_once('@').map(|(axon, step)| (axon.parse(), step.parse()));
            let Some((Ok(axon), Ok(step))) = numbers else { return self.error(at, quoted(word), EVENT) };
            if events.last().is_some_and(|last| step < last.step) {
                return self.error(at, quoted(word), "events that ascend in step");
            }
            events.push(TimedEvent { step, axon });
        }
        Ok((events.into(), None))
    }

    /// What follows `:` (a class) or `->` (values), or no target.
    fn target(&mut self, separator: Separator<'_>) -> Result<Option<Target>, LineError> {
        match separator {
            None => Ok(None),
            Some((_, ":")) => self.whole("the number of a class").map(|class| Some(Target::Class(class))),
            Some(_) => match self.values()? {
                (values, None) => Ok(Some(Target::Values(values))),
                (_, Some((at, word))) => self.error(at, quoted(word), "one target"),
            },
        }
    }
}

/// Reads one line; `None` for a line that is blank or a comment.
pub(crate) fn parse_line(line: &str) -> Result<Option<Instruction>, LineError> {
    let code = line.split('#').next().unwrap_or("");
    let mut words = Words { line: code, at: 0 };
    let Some((start, name)) = words.next() else { return Ok(None) };
    let instruction = match name {
        "train" => Instruction::Train(true),
        "evaluate" => Instruction::Train(false),
        "present" => {
            let (input, separator) = words.values()?;
            Instruction::Present { input, target: words.target(separator)? }
        }
        "events" => {
            let (events, separator) = words.events()?;
            Instruction::Events { events, target: words.target(separator)? }
        }
        "recall" => match words.values()? {
            (cue, None) => Instruction::Recall { cue },
            (_, Some((at, word))) => return words.error(at, quoted(word), "a recall without target"),
        },
        "settle" => Instruction::Settle { steps: words.steps()? },
        "latch" => Instruction::Latch(latch_slot(&mut words)?),
        "nudge" => Instruction::Nudge {
            index: words.whole("the number of the nudged phase, from 1")?,
            steps: words.steps()?,
        },
        "update" => Instruction::Update,
        "readout" => Instruction::ReadOut,
        "done" => Instruction::Done,
        _ => return words.error(start, quoted(name), INSTRUCTIONS),
    };
    if let Some((at, word)) = words.next() {
        return words.error(at, quoted(word), "nothing more on this line (a comment begins with #)");
    }
    check(&instruction).map_err(|refusal| LineError { offset: start, refusal })?;
    Ok(Some(instruction))
}

fn latch_slot(words: &mut Words<'_>) -> Result<LatchSlot, LineError> {
    match words.next() {
        Some((_, "free")) => Ok(LatchSlot::Free),
        Some((_, "nudged")) => Ok(LatchSlot::Nudged),
        Some((at, word)) => words.error(at, quoted(word), "free or nudged"),
        None => words.error(words.end(), "the end of the line", "free or nudged"),
    }
}

/// Appends `instruction` to `line`, without a line end.
pub(crate) fn write_line(instruction: &Instruction, line: &mut String) -> Result<(), Refusal> {
    check(instruction)?;
    line.push_str(instruction.name());
    match instruction {
        Instruction::Present { input, target } => {
            write_values(input, line);
            write_target(target.as_ref(), line);
        }
        Instruction::Events { events, target } => {
            for event in events.iter() {
                put(line, format_args!(" {}@{}", event.axon, event.step));
            }
            write_target(target.as_ref(), line);
        }
        Instruction::Recall { cue } => write_values(cue, line),
        Instruction::Settle { steps: Some(steps) } => put(line, format_args!(" {steps}")),
        Instruction::Nudge { index, steps: None } => put(line, format_args!(" {index}")),
        Instruction::Nudge { index, steps: Some(steps) } => put(line, format_args!(" {index} {steps}")),
        Instruction::Latch(LatchSlot::Free) => line.push_str(" free"),
        Instruction::Latch(LatchSlot::Nudged) => line.push_str(" nudged"),
        Instruction::Settle { steps: None }
        | Instruction::Train(_)
        | Instruction::Update
        | Instruction::ReadOut
        | Instruction::Done => {}
    }
    Ok(())
}

/// Runs of at least this many equal values are written as `value*count`.
const SHORTEST_RUN: usize = 4;

fn write_values(values: &[f32], line: &mut String) {
    for run in values.chunk_by(|a, b| a.to_bits() == b.to_bits()) {
        let mut number = format!("{:?}", run[0]);
        if number.ends_with(".0") {
            number.truncate(number.len() - 2);
        }
        if run.len() >= SHORTEST_RUN {
            put(line, format_args!(" {number}*{}", run.len()));
        } else {
            (0..run.len()).for_each(|_| line.extend([" ", &number]));
        }
    }
}

fn write_target(target: Option<&Target>, line: &mut String) {
    match target {
        None => {}
        Some(Target::Class(class)) => put(line, format_args!(" : {class}")),
        Some(Target::Values(values)) => {
            line.push_str(" ->");
            write_values(values, line);
        }
    }
}

fn put(line: &mut String, what: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = line.write_fmt(what);
}
