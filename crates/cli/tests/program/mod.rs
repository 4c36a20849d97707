//! The program in a folder of its own.
#![allow(dead_code, reason = "no test needs all of it")]

pub mod child;
pub mod refusals;
pub mod study;
pub mod waveforms;

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// A run small enough for a test: 40 training and 20 test samples, once.
pub const SMALL: [&str; 6] =
    ["--set", "data.epochs=1", "--set", "data.train_samples=40", "--set", "data.test_samples=20"];

/// The digest of a small run with `args`, whose result is in `out`.
pub fn small(desk: &Desk, args: &[&str], out: &str) -> String {
    desk.digest(&[&SMALL[..], args].concat(), out)
}

/// What the program said, and its exit status.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// An empty folder in which the program runs; it is removed at the end.
pub struct Desk(TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Puts a file on the desk; its folder is made if need be.
    pub fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_equipoise"));
        command.current_dir(self.0.path()).env_remove("EQUIPOISE_DATA").args(args).stdin(Stdio::null());
        command
    }

    /// Runs the program to its end.
    pub fn says(&self, args: &[&str]) -> Said {
        said(self.command(args).output().unwrap())
    }

    /// Runs the program, which must succeed, and returns its stdout.
    pub fn succeeds(&self, args: &[&str]) -> String {
        let said = self.says(args);
        assert_eq!(said.status, Some(0), "{args:?}: {}", said.stderr);
        said.stdout
    }

    /// `equipoise run ARGS --out OUT --quiet`, and the digest of the result.
    pub fn digest(&self, args: &[&str], out: &str) -> String {
        let stdout = self.succeeds(&[&["run"], args, &["--out", out, "--quiet"]].concat());
        assert_eq!(stdout, format!("{out}\n"));
        self.json(&format!("{out}/summary.json"))["digest"].as_str().unwrap().to_owned()
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.text(name)).unwrap()
    }

    /// The rows of a table, split at commas.
    pub fn rows(&self, name: &str) -> Vec<Vec<String>> {
        self.text(name).lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    /// Everything on the desk, hidden or not, sorted.
    pub fn everything(&self) -> Vec<String> {
        self.below("")
    }

    /// Everything in a folder of the desk, as paths from there.
    pub fn below(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        walk(&self.path(folder), "", &mut found);
        found.sort();
        found
    }
}

fn walk(folder: &Path, before: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{before}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            walk(&entry.path(), &format!("{name}/"), found);
        }
        found.push(name);
    }
}

pub fn said(output: Output) -> Said {
    Said {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// A number that must stand there.
pub fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}
