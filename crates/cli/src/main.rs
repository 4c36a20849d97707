//! The program `equipoise`: arguments, progress and printing. Everything else is in the libraries.

mod args;
mod commands;
mod experiment_file;
mod interrupt;
mod print;
mod progress;

use args::{Arguments, Command};
use clap::Parser;
use equipoise_study::Error;
use std::process::ExitCode;

/// Bad input: nothing was written.
const BAD_INPUT: u8 = 2;
/// Anything else that failed: results that were finished stay.
const OTHERWISE: u8 = 1;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.command {
        Command::Run(run) => commands::run::run(&run),
        Command::Study(study) => commands::study::study(&study),
        Command::Price(price) => commands::price::price(&price),
        Command::Trace(trace) => commands::trace::trace(&trace),
        Command::List(list) => commands::list::list(&list),
        Command::Init(init) => commands::init::init(&init),
        Command::Check(check) => commands::check::check(&check),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Interrupted) => {
            print::tell("interrupted: no result was written");
            ExitCode::from(interrupt::status())
        }
        Err(Error::Incomplete(errors)) => {
            errors.iter().for_each(|error| print::tell(&format!("error: {error}")));
            ExitCode::from(OTHERWISE)
        }
        Err(error) => {
            print::tell(&format!("error: {error}"));
            ExitCode::from(if error.is_bad_input() { BAD_INPUT } else { OTHERWISE })
        }
    }
}
