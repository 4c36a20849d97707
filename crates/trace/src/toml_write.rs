//! The tree of settings -> TOML text that reads back as the same settings.

use equipoise_base::config::{Node, Table, Value};

/// Writes `table` as TOML: plain keys first, then the sections.
///
/// # Errors
/// A sentence, if the text could not be formed; no tree that [`crate::toml_tree::parse`] makes does that.
pub fn write(table: &Table) -> Result<String, String> {
    toml::to_string(&section(table)).map_err(|error| error.to_string())
}

fn section(table: &Table) -> toml::Table {
    table.entries.iter().map(|entry| (entry.key.clone(), value(&entry.node))).collect()
}

fn value(node: &Node) -> toml::Value {
    match &node.value {
        Value::Bool(value) => toml::Value::Boolean(*value),
        Value::Integer(value) => toml::Value::Integer(*value),
        Value::Float(value) => toml::Value::Float(*value),
        Value::Text(value) => toml::Value::String(value.clone()),
        Value::List(items) => toml::Value::Array(items.iter().map(value).collect()),
        Value::Table(table) => toml::Value::Table(section(table)),
    }
}
