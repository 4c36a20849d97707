//! A trace in numbers.

use super::numbers::{counted, grouped};
use super::page::{entries, plain};
use equipoise_base::config::{Table, Value};
use equipoise_trace::Info;
use std::path::Path;

/// What a trace holds: its instructions by name, and its settings.
pub fn trace_info(file: &Path, info: &Info, header: &Table) -> String {
    let (instructions, samples) =
        (counted(info.instructions, "instruction"), counted(info.samples, "sample"));
    let what = format!("{} trace, {instructions}, {samples}", info.format.name());
    let mut out = format!("{}: {}\n", file.display(), plain(&what));
    let counts: Vec<_> =
        info.counts.iter().map(|(name, count)| (format!("  {name}"), grouped(*count))).collect();
    out += &entries(&counts);
    let mut settings = Vec::new();
    flatten(header, &mut settings);
    if !settings.is_empty() {
        out += "settings\n";
        out += &entries(&settings);
    }
    out
}

/// Every key with its value, the elements of lists of sections too.
fn flatten(table: &Table, out: &mut Vec<(String, String)>) {
    for entry in &table.entries {
        match &entry.node.value {
            Value::Table(section) => flatten(section, out),
            Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Table(_))) => {
                for item in items {
                    if let Value::Table(section) = &item.value {
                        flatten(section, out);
                    }
                }
            }
            value => out.push((format!("  {}", table.path_of(&entry.key)), value.shown())),
        }
    }
}
