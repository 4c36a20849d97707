//! The table of arrows in docs/architecture.md, held against the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

type Arrows = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The rows below the header `| crate | may depend on |`.
fn documented() -> Arrows {
    let page = fs::read_to_string(root().join("docs/architecture.md")).expect("the page is there");
    let rows = page.lines().skip_while(|line| *line != "| crate | may depend on |").skip(2);
    let mut arrows = Arrows::new();
    for row in rows.take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let allowed: BTreeSet<String> = match cells[1] {
            "nothing of ours" => BTreeSet::new(),
            list => list.split(", ").map(str::to_owned).collect(),
        };
        for name in cells[0].split(", ") {
            arrows.insert(name.to_owned(), allowed.clone());
        }
    }
    arrows
}

/// Dependencies of ours in one section of a manifest.
fn depends(manifest: &str, section: &str) -> BTreeSet<String> {
    let lines = manifest.lines().skip_while(|line| *line != section).skip(1);
    let ours =
        lines.take_while(|line| !line.starts_with('[')).filter_map(|line| line.strip_prefix("equipoise-"));
    ours.filter_map(|line| line.split(['.', ' ', '=']).next()).map(str::to_owned).collect()
}

#[test]
fn no_crate_depends_on_more_than_its_row_names() {
    let arrows = documented();
    let mut seen = BTreeSet::new();
    for folder in fs::read_dir(root().join("crates")).expect("the crates are there") {
        let path = folder.expect("a readable folder").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let manifest = fs::read_to_string(path.join("Cargo.toml")).expect("a manifest");
        let allowed =
            arrows.get(&name).unwrap_or_else(|| panic!("docs/architecture.md has no row for {name}"));
        let forbidden: Vec<_> = depends(&manifest, "[dependencies]").difference(allowed).cloned().collect();
        assert!(forbidden.is_empty(), "{name} depends on {forbidden:?}");
        let more: BTreeSet<String> =
            allowed.iter().cloned().chain(["base".to_owned(), "oracle".to_owned()]).collect();
        let forbidden: Vec<_> = depends(&manifest, "[dev-dependencies]").difference(&more).cloned().collect();
        assert!(forbidden.is_empty(), "the tests of {name} depend on {forbidden:?}");
        seen.insert(name);
    }
    assert_eq!(seen, arrows.keys().cloned().collect(), "a row without a crate");
}

#[test]
fn bincode_is_named_in_one_module_only() {
    let mut users = Vec::new();
    visit(&root().join("crates"), &mut |path, text| {
        if text.contains("bincode::") {
            users.push(path.to_owned());
        }
    });
    assert_eq!(users.len(), 1, "{users:?}");
}

fn visit(folder: &Path, see: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            visit(&path, see);
        } else if path.extension().is_some_and(|e| e == "rs") {
            see(&path, &fs::read_to_string(&path).expect("text"));
        }
    }
}
