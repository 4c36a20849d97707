//! What a message says is accepted is accepted: every range and every list that a refused key names, found by walking
//! over all keys of experiments, chips and studies. The messages come from the declarations, and so does the walk.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod message;
mod walk;

use equipoise_base::config::{ConfigError, Table};
use equipoise_study::studies::{STUDIES, Work};
use equipoise_study::{Error, Experiment};
use equipoise_trace::{assignment, toml_tree};
use message::{ranges, words};
use std::sync::OnceLock;
use tempfile::TempDir;
use walk::{Section, Walk};

/// Sets keys of `root`, `KEY=VALUE`, and reads it.
fn set<T>(
    mut root: Table,
    keys: &[String],
    read: impl Fn(&Table) -> Result<T, Error>,
) -> Result<(), ConfigError> {
    for key in keys {
        assignment::set(&mut root, &assignment::parse(key)?)?;
    }
    match read(&root) {
        Ok(_) => Ok(()),
        Err(Error::Config(error)) => Err(error),
        Err(other) => panic!("{keys:?}: {other}"),
    }
}

/// The shortest preset that there can be: the walk reads it many thousand times.
const CHIP: &str = "name = \"short\"\nsummary = \"All keys by their defaults.\"\nscope = \"per_term\"\n\
    clock_hz = 1e8\nsupply_v = 1.0\ntemperature_k = 300.0\nleakage_doubling_k = 25.0\n";

fn experiment(keys: &[String]) -> Result<(), ConfigError> {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("short.toml"), CHIP).unwrap();
        folder
    });
    let file = folder.path().join("it.toml").display().to_string();
    let root = toml_tree::parse("chip = \"short.toml\"", &file).unwrap();
    set(root, keys, |root| Experiment::read(root, None, None))
}

/// Everything that an experiment can say.
fn everything() -> &'static Walk<'static> {
    static EVERYTHING: OnceLock<Walk<'static>> = OnceLock::new();
    EVERYTHING.get_or_init(|| {
        let mut walk = Walk::new(&experiment);
        walk.section(Section::root());
        walk
    })
}

#[test]
fn the_walk_sees_every_family_and_every_kind_of_key() {
    let walk = everything();
    for path in [
        "network",
        "neuron",
        "learning.latch",
        "phases.settle",
        "delays.steps",
        "probe.x",
        "network.population[0].neuron",
        "network.connection[0]",
        "hardware.router",
        "hardware.device",
        "hardware.gating.adc",
        "hardware.price",
    ] {
        assert!(walk.sections.iter().any(|section| section.path == path), "{path}");
    }
    let keys: usize = walk.sections.iter().map(|section| section.keys.len()).sum();
    assert!(keys > 400, "{keys}");
    assert!(walk.ranges.len() > 150, "{}", walk.ranges.len());
    assert!(walk.lists.len() > 30, "{}", walk.lists.len());
}

#[test]
fn both_ends_of_every_named_range_are_accepted_and_nothing_beyond() {
    everything().check_ranges();
}

#[test]
fn every_listed_word_is_accepted_and_no_word_is_left_out() {
    everything().check_words();
}

#[test]
fn no_key_that_is_accepted_is_left_out_of_a_list_of_keys() {
    everything().check_keys();
}

#[test]
fn the_keys_of_studies_are_told_as_truly() {
    for study in STUDIES {
        let read = |keys: &[String]| {
            let root = toml_tree::parse(study.experiment, study.name).unwrap();
            set(root, keys, |root| Work::new(study, root, None, None))
        };
        let mut walk = Walk::new(&read);
        walk.section(Section::at("study", &[]));
        assert_eq!(walk.sections[0].keys.len(), (study.keys)().len(), "{}", study.name);
        walk.check_ranges();
        walk.check_words();
        // Beside the sections of every experiment, a study has its own.
        let error = read(&["no_such_key=1".to_owned()]).unwrap_err();
        assert!(message::keys(&error.accepted).contains(&"study".to_owned()), "{error}");
    }
}

#[test]
fn messages_are_taken_apart_as_they_are_meant() {
    assert_eq!(ranges("a number from 0.000001 to 100"), [("0.000001".to_owned(), "100".to_owned())]);
    assert_eq!(
        ranges("whole cycles from 0 to 1000000000, or a list"),
        [("0".to_owned(), "1000000000".to_owned())]
    );
    assert_eq!(ranges("a path from the file that names it, or from there"), []);
    assert_eq!(words("\"a\", \"b c\" or \"d\""), ["a", "b c", "d"]);
    assert_eq!(words("[width, height] or \"auto\""), ["auto"]);
    assert_eq!(message::keys("bits, count (did you mean `bits`?)"), ["bits", "count"]);
}
