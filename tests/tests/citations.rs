//! What a file cites is there: pages, presets, traces, sources, and the targets of links.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

/// Folders whose files cite and are cited.
const FOLDERS: [&str; 6] = ["crates", "docs", "hw-models", "tests", "traces", ".ci"];
const PAGES: [&str; 2] = ["README.md", "CONTRIBUTING.md"];
const TEXTS: [&str; 5] = ["rs", "md", "toml", "trace", "v"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text of the repository, with its path from the root.
fn texts() -> Vec<(PathBuf, String)> {
    let mut files: Vec<PathBuf> = PAGES.map(PathBuf::from).to_vec();
    FOLDERS.iter().for_each(|folder| walk(Path::new(folder), &mut files));
    let text = |path: PathBuf| fs::read_to_string(root().join(&path)).ok().map(|text| (path, text));
    files.into_iter().filter_map(text).collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = folder.join(entry.unwrap().file_name());
        if root().join(&path).is_dir() {
            if !path.ends_with("target") {
                walk(&path, files);
            }
        } else if path.extension().is_some_and(|end| TEXTS.iter().any(|text| end == *text)) {
            files.push(path);
        }
    }
}

/// Words of `text` that are paths of files from the root: `docs/architecture.md`.
fn cited(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "_./-".contains(c)));
    words.map(|word| word.trim_end_matches(['.', '/'])).filter(|word| {
        let starts = FOLDERS.iter().any(|folder| word.starts_with(&format!("{folder}/")));
        starts && Path::new(word).extension().is_some()
    })
}

/// Targets of the links of a page, without what stands behind `#`; other sites are not ours to check.
fn linked(page: &str) -> impl Iterator<Item = &str> {
    let targets = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets
        .map(|target| target.split('#').next().unwrap_or(""))
        .filter(|t| !t.is_empty() && !t.contains("://"))
}

#[test]
fn every_file_that_is_cited_exists() {
    let (mut citations, mut missing) = (0, Vec::new());
    for (path, text) in texts() {
        let folder = path.parent().unwrap();
        // A crate cites its own files from its own folder, too.
        let found = |word: &str| folder.ancestors().any(|from| root().join(from).join(word).exists());
        for word in cited(&text) {
            citations += 1;
            if !found(word) {
                missing.push(format!("{}: {word}", path.display()));
            }
        }
        if path.extension().is_some_and(|end| end == "md") {
            let links = linked(&text).filter(|target| !root().join(folder).join(target).exists());
            missing.extend(links.map(|target| format!("{}: {target}", path.display())));
        }
    }
    assert!(citations > 40, "{citations} citations: the walk sees nothing");
    assert!(missing.is_empty(), "cited and not there:\n{}", missing.join("\n"));
}
