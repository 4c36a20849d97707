//! Where a key stands, for errors that show only when several keys are looked at together.

use equipoise_base::config::{ConfigError, Place, Table, Value};

/// An error at `key`: at the key itself where the file has it, else at the innermost section around it.
pub(crate) fn error_at(
    root: &Table,
    key: &str,
    found: impl Into<String>,
    accepted: impl Into<String>,
) -> ConfigError {
    let (place, _) = walk(root, key);
    ConfigError { place, key: key.to_owned(), found: found.into(), accepted: accepted.into() }
}

/// Where `key` stands, if the file has it.
pub(crate) fn written_at(root: &Table, key: &str) -> Option<Place> {
    let (place, whole) = walk(root, key);
    whole.then_some(place)
}

/// Follows `key`, as in `network.population[1].size`, as far as the file goes; true if to its end.
fn walk(root: &Table, key: &str) -> (Place, bool) {
    let (mut table, mut place) = (root, root.place.clone());
    let mut parts = key.split('.').peekable();
    while let Some(part) = parts.next() {
        let (name, index) = match part.split_once('[') {
            Some((name, index)) => (name, index.trim_end_matches(']').parse::<usize>().ok()),
            None => (part, None),
        };
        let Some(entry) = table.get(name) else { return (place, false) };
        place.clone_from(&entry.place);
        let mut node = &entry.node;
        if let (Some(index), Value::List(items)) = (index, &entry.node.value) {
            let Some(item) = items.get(index) else { return (place, false) };
            place.clone_from(&item.place);
            node = item;
        }
        match &node.value {
            Value::Table(inner) => table = inner,
            _ => return (place, parts.peek().is_none()),
        }
    }
    (place, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use equipoise_trace::toml_tree;

    const FILE: &str =
        "[network]\nlayers = [3]\n[[network.population]]\nname = \"a\"\n[[network.population]]\nsize = 2\n";

    #[test]
    fn an_error_points_at_the_key_or_at_the_innermost_section_around_it() {
        let root = toml_tree::parse(FILE, "x.toml").unwrap();
        let at = |key: &str| error_at(&root, key, "it", "that").to_string();
        assert_eq!(at("network.layers"), "x.toml:2:1: `network.layers`: found it; accepted: that");
        assert_eq!(at("network.weights"), "x.toml:1:2: `network.weights`: found it; accepted: that");
        assert_eq!(
            at("network.population[1].size"),
            "x.toml:6:1: `network.population[1].size`: found it; accepted: that"
        );
        assert_eq!(at("learning.rates"), "x.toml: `learning.rates`: found it; accepted: that");
        assert_eq!(written_at(&root, "network.population[1].name"), None);
        assert_eq!(written_at(&root, "network.layers").map(|place| place.line), Some(2));
    }
}
