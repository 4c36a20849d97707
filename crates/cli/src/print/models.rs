//! Lists: models with their keys, words, actions.

use super::numbers::glued;
use super::page::{column_after, entries, entry};
use equipoise_base::Action;
use equipoise_base::family::Member;
use equipoise_base::params::Key;
use std::fmt::Write as _;

/// Models with their keys: name, default, meaning, unit and range.
pub fn models(members: &[Member]) -> String {
    let mut out = String::new();
    let column = column_after(members.iter().map(|member| member.name), 30);
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out += &entry(member.name, column, member.meaning);
        out += &keys(&member.keys);
    }
    out
}

/// Keys in three columns: name, default, meaning.
fn keys(keys: &[Key]) -> String {
    let names = column_after(keys.iter().map(|key| key.name), 40);
    let defaults: Vec<String> = keys.iter().map(|key| key.default.shown()).collect();
    let values = column_after(defaults.iter().map(String::as_str), 40);
    let mut out = String::new();
    for (key, default) in keys.iter().zip(&defaults) {
        let mut left = String::new();
        let _ = write!(left, "  {:names$}{default:values$}", key.name);
        let bounds = match (unit(key), key.range) {
            ("", None) => String::new(),
            (unit, None) => format!("[{unit}]"),
            ("", Some((low, high))) => format!("[{low} to {high}]"),
            (unit, Some((low, high))) => format!("[{unit}, {low} to {high}]"),
        };
        out += &entry(left.trim_end(), names + values + 2, &format!("{} {}", key.meaning, glued(&bounds)));
    }
    out
}

/// The unit; pure numbers have none worth showing.
fn unit(key: &Key) -> &'static str {
    if key.unit == "1" { "" } else { key.unit }
}

/// Words with their meanings.
pub fn words(list: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    let list: Vec<_> = list.map(|(word, meaning)| (word.to_owned(), meaning.trim().to_owned())).collect();
    entries(&list)
}

/// The counted actions, with what one count is.
pub fn actions() -> String {
    let names = column_after(Action::ALL.iter().map(|action| action.name()), 40);
    let units = column_after(Action::ALL.iter().map(|action| action.unit()), 40);
    let line = |action: &Action| {
        let left = format!("{:names$}{:units$}", action.name(), action.unit());
        let not_priced = if action.billable() { "" } else { " Counted, never priced." };
        entry(left.trim_end(), names + units, &format!("{}{not_priced}", action.meaning()))
    };
    Action::ALL.iter().map(line).collect()
}
