//! How an experiment's `[hardware]` section changes a preset.

use crate::evidence::Evidence;
use crate::preset::{Annotations, Provenance, is_annotated, join};
use equipoise_base::config::{ConfigError, Entry, Node, Table, Value};

/// Sections in which `kind` is one word among others: the rest means the same whatever it says.
const KEEPS_ITS_KEYS: [&str; 1] = ["adc"];

/// Merges `user` into `base`, the section at `path`, and marks what changed as assumed. A section that the
/// user names takes the user's path, so that later errors show the key as the user wrote it.
///
/// # Errors
/// If a value of `user` carries annotations.
pub fn merge(base: &mut Table, user: &Table, path: &str, known: &mut Annotations) -> Result<(), ConfigError> {
    base.path.clone_from(&user.path);
    for entry in &user.entries {
        if is_annotated(&entry.node.value) {
            return Err(user.error(entry, "a plain value: what an experiment overlays is assumed"));
        }
        let path = join(path, &entry.key);
        let old = base.get(&entry.key).map(|old| old.node.value.clone());
        let (old, new) = as_sections(old, user, entry);
        let value = match (old, new) {
            (old, Value::Table(new)) => {
                let mut section = match old {
                    Some(Value::Table(old)) if same_kind(&old, &new) || KEEPS_ITS_KEYS.contains(&&*path) => {
                        old
                    }
                    _ => {
                        forget(known, &path);
                        Table::new(&new.path, new.place.clone())
                    }
                };
                merge(&mut section, &new, &path, known)?;
                Value::Table(section)
            }
            // A number beside a model is the model's design point; set by itself, it is a price.
            (Some(old), new) if same_value(&old, &new) && !is_computed(known, &path) => continue,
            (_, new) => {
                let unit = known.get(&path).and_then(|p| p.unit.clone());
                forget(known, &path);
                let source = format!("overlaid at {}", entry.place);
                let (evidence, overlaid) = (Evidence::Assumed, true);
                known.insert(path, Provenance { unit, evidence, source, model: None, at: None, overlaid });
                new
            }
        };
        let node = Node { place: entry.node.place.clone(), value };
        base.set(&entry.key, entry.place.clone(), node);
    }
    Ok(())
}

/// A model may be named by its word alone; where the other side is a section, the word becomes its `kind`.
fn as_sections(old: Option<Value>, user: &Table, entry: &Entry) -> (Option<Value>, Value) {
    let section_of = |word: String| {
        let mut section = Table::new(&user.path_of(&entry.key), entry.place.clone());
        let node = Node { place: entry.place.clone(), value: Value::Text(word) };
        section.set("kind", entry.place.clone(), node);
        Value::Table(section)
    };
    match (old, entry.node.value.clone()) {
        (Some(Value::Text(word)), new @ Value::Table(_)) => (Some(section_of(word)), new),
        (Some(Value::Table(old)), Value::Text(word)) if old.get("kind").is_some() => {
            (Some(Value::Table(old)), section_of(word))
        }
        (old, new) => (old, new),
    }
}

/// True unless `new` chooses another model than `old`, whose keys then mean nothing.
fn same_kind(old: &Table, new: &Table) -> bool {
    match (old.get("kind"), new.get("kind")) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(old), Some(new)) => same_value(&old.node.value, &new.node.value),
    }
}

/// Equality of what is written, wherever it stands; `1` equals `1.0`.
fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Integer(a), Value::Float(b)) | (Value::Float(b), Value::Integer(a)) => *a as f64 == *b,
        (Value::Integer(a), Value::Integer(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a == b,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_value(&a.value, &b.value))
        }
        _ => false,
    }
}

/// True for a number beside a model.
fn is_computed(known: &Annotations, path: &str) -> bool {
    known.get(path).is_some_and(|provenance| provenance.model.is_some())
}

/// Drops the annotations of `path` and of everything below it.
fn forget(known: &mut Annotations, path: &str) {
    let below = format!("{path}.");
    known.retain(|key, _| key != path && !key.starts_with(&below));
}
