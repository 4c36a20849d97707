//! Mutants of the simulator, and whether the tests notice them.
//!
//! ```text
//! cargo run -p equipoise-mutants              try every row of tests/mutants/rows
//! cargo run -p equipoise-mutants -- WORDS     only rows that have one of the words in them
//! cargo run -p equipoise-mutants -- --check   only look whether every row's text stands exactly once
//! cargo run -p equipoise-mutants -- --keep    leave the copy and what was built, for the next turn
//! ```
//!
//! A row is a piece of the code, what to write in its place, and the test that must notice. All of them are applied to a
//! *copy* of the tree at once, each behind a switch that an environment variable turns on ([`copy`]); the copy is built
//! once, and each row's test runs alone with its mutant on ([`trial`]). The program itself has no switch. A row whose
//! text does not stand exactly once where it says is broken, and fails.

mod copy;
mod table;
mod trial;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What the command line asks for.
struct Wish {
    check: bool,
    keep: bool,
    words: Vec<String>,
}

fn main() -> ExitCode {
    let mut wish = Wish { check: false, keep: false, words: Vec::new() };
    for argument in std::env::args().skip(1) {
        match &argument[..] {
            "--check" => wish.check = true,
            "--keep" => wish.keep = true,
            option if option.starts_with('-') => {
                eprintln!("{option}: accepted: --check, --keep, words of rows");
                return ExitCode::from(2);
            }
            word => wish.words.push(word.to_owned()),
        }
    }
    match run(&wish) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// True if every row is whole and every mutant that was tried was killed.
fn run(wish: &Wish) -> Result<bool, String> {
    let root = root();
    let rows = table::read(&root.join("tests/mutants/rows"))?;
    let wanted = |text: &str| wish.words.is_empty() || wish.words.iter().any(|word| text.contains(word));
    let rows: Vec<_> = rows.into_iter().filter(|row| wanted(&row.words())).collect();
    let (edits, broken) = copy::find(&root, &rows)?;
    broken.iter().for_each(|error| println!("BROKEN    {error}"));
    if wish.check {
        println!("{} of {} rows stand where they say", edits.len(), rows.len());
        return Ok(broken.is_empty());
    }
    let place = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let copy = copy::make(&root, &place.join("mutants"), &edits, wish.keep)?;
    let tests = trial::build(&copy, edits.iter().map(|edit| &rows[edit.row]))?;
    let killed = trial::all(&tests, &edits, &rows)?;
    println!("\n{killed} of {} mutants killed, {} rows broken", edits.len(), broken.len());
    Ok(killed == edits.len() && broken.is_empty())
}
