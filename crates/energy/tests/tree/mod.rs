//! TOML text to a tree of settings with places, for tests. The program has its own reader.

#![allow(dead_code)]

use equipoise_base::config::{Node, Place, Table, Value};
use equipoise_energy::{Preset, Prices};
use std::path::PathBuf;
use toml::de::{DeTable, DeValue};

/// The tree of `text`, with `file` in its places and `path` as the path of the root.
pub fn tree(file: &str, path: &str, text: &str) -> Table {
    let root = DeTable::parse(text).expect("valid TOML");
    section(file, path, text, root.get_ref(), root.span().start)
}

fn section(file: &str, path: &str, text: &str, source: &DeTable<'_>, start: usize) -> Table {
    let mut table = Table::new(path, place(file, text, start));
    for (key, value) in source {
        let below = table.path_of(key.get_ref());
        let node = Node {
            place: place(file, text, value.span().start),
            value: converted(file, &below, text, value.get_ref(), value.span().start),
        };
        table.set(key.get_ref(), place(file, text, key.span().start), node);
    }
    table
}

fn converted(file: &str, path: &str, text: &str, value: &DeValue<'_>, start: usize) -> Value {
    match value {
        DeValue::String(word) => Value::Text(word.to_string()),
        DeValue::Integer(number) => Value::Integer(number.as_str().parse().expect("a decimal integer")),
        DeValue::Float(number) => Value::Float(number.as_str().parse().expect("a float")),
        DeValue::Boolean(truth) => Value::Bool(*truth),
        DeValue::Datetime(date) => Value::Text(date.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| Node {
                    place: place(file, text, item.span().start),
                    value: converted(file, path, text, item.get_ref(), item.span().start),
                })
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(section(file, path, text, table, start)),
    }
}

fn place(file: &str, text: &str, offset: usize) -> Place {
    let before = &text[..offset];
    let line = before.matches('\n').count() as u32 + 1;
    let column = before.chars().rev().take_while(|&c| c != '\n').count() as u32 + 1;
    Place { file: file.into(), line, column }
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The preset in `text`.
pub fn preset(text: &str) -> Preset {
    Preset::read(&tree("chip.toml", "", text)).expect("a sound preset")
}

/// The prices of a preset on its own structure.
pub fn prices(preset: &Preset) -> Prices {
    preset.prices.on(&preset.hardware.flat()).unwrap_or_else(|error| panic!("{error}"))
}

/// A preset named `test` at 100 MHz, 1 V and 300 K with `rest` appended.
pub fn preset_with(rest: &str) -> Preset {
    preset(&text_with(rest))
}

/// The text of [`preset_with`].
pub fn text_with(rest: &str) -> String {
    format!(
        "name = \"test\"\nsummary = \"for tests\"\nscope = \"per_term\"\nclock_hz = 100e6\nsupply_v = 1.0\n\
         temperature_k = 300.0\n{rest}"
    )
}
