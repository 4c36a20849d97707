//! Building the copy, and running tests in it with a mutant on or with none.

use crate::copy::{Copy, Edit, SWITCH};
use crate::table::Row;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A mutant that keeps a test busy for so long is noticed.
const PATIENCE: Duration = Duration::from_secs(300);

/// A built test: the program, and the folder of its package.
struct Program {
    file: PathBuf,
    folder: PathBuf,
}

/// The built tests, by package and target.
pub struct Programs(BTreeMap<(String, String), Program>);

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Passed,
    Failed,
    /// It was stopped after [`PATIENCE`].
    TimedOut,
    /// There is no test of that name.
    NotThere,
}

/// Builds the tests that `rows` name.
pub fn build<'a>(copy: &Copy, rows: impl Iterator<Item = &'a Row>) -> Result<Programs, String> {
    let mut arguments: BTreeSet<String> = BTreeSet::new();
    for Row { killed_by: [package, target, _], .. } in rows {
        arguments.insert(format!("--package={package}"));
        arguments.insert(match &target[..] {
            "lib" => "--lib".to_owned(),
            "bin" => "--bins".to_owned(),
            name => format!("--test={name}"),
        });
    }
    println!("building {} tests of the copy", arguments.len());
    let built = Command::new("cargo")
        .args(["test", "--no-run", "--message-format=json-render-diagnostics", "--quiet"])
        .args(&arguments)
        .current_dir(copy.tree())
        .env("CARGO_TARGET_DIR", copy.built())
        .envs([
            ("CARGO_PROFILE_DEV_DEBUG", "0"),
            ("CARGO_PROFILE_TEST_DEBUG", "0"),
            ("RUSTFLAGS", "-A warnings"),
        ])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo: {error}"))?;
    if !built.status.success() {
        return Err("the copy cannot be built: a mutant is not of its text's kind and type".to_owned());
    }
    let messages = String::from_utf8_lossy(&built.stdout);
    let artifacts = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    Ok(Programs(artifacts.filter_map(|artifact| program(&artifact)).collect()))
}

/// The test that a message of cargo is about, if it is about one.
fn program(artifact: &Value) -> Option<((String, String), Program)> {
    let file = PathBuf::from(artifact["executable"].as_str()?);
    if artifact["profile"]["test"] != true {
        return None;
    }
    let folder = Path::new(artifact["manifest_path"].as_str()?).parent()?.to_owned();
    let manifest: toml::Table = std::fs::read_to_string(folder.join("Cargo.toml")).ok()?.parse().ok()?;
    let package = manifest.get("package")?.get("name")?.as_str()?.to_owned();
    let target = match artifact["target"]["kind"][0].as_str()? {
        "test" => artifact["target"]["name"].as_str()?.to_owned(),
        kind => kind.to_owned(),
    };
    Some(((package, target), Program { file, folder }))
}

impl Programs {
    /// Runs one test with the mutant of that number on; 0 for none.
    #[expect(clippy::disallowed_methods, reason = "a test that never ends has to be stopped")]
    fn run(&self, [package, target, name]: &[String; 3], number: usize) -> Result<End, String> {
        let Some(program) = self.0.get(&(package.clone(), target.clone())) else { return Ok(End::NotThere) };
        let failed = |error: std::io::Error| format!("{}: {error}", program.file.display());
        let mut child = Command::new(&program.file)
            .args(["--exact", name, "--include-ignored", "--test-threads=1"])
            .current_dir(&program.folder)
            .env("CARGO_MANIFEST_DIR", &program.folder)
            .env(SWITCH, number.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let output = child.stdout.take();
        let reader = std::thread::spawn(move || output.map(std::io::read_to_string));
        let start = Instant::now();
        while child.try_wait().map_err(failed)?.is_none() {
            if start.elapsed() > PATIENCE {
                child.kill().and_then(|()| child.wait()).map_err(failed)?;
                return Ok(End::TimedOut);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let said = reader.join().ok().flatten().and_then(Result::ok).unwrap_or_default();
        Ok(match () {
            () if said.contains("test result: ok. 1 passed") => End::Passed,
            () if said.contains("running 0 tests") => End::NotThere,
            // A test that died before it could say so has noticed as well.
            () => End::Failed,
        })
    }
}

/// Runs the test of every edit, first without a mutant and then with its own, several at a time. Returns how many
/// mutants were killed.
#[expect(clippy::disallowed_methods, reason = "how long a test took is printed")]
pub fn all(programs: &Programs, edits: &[Edit], rows: &[Row]) -> Result<usize, String> {
    let tests: BTreeSet<_> = edits.iter().map(|edit| &rows[edit.row].killed_by).collect();
    let tests: Vec<_> = tests.into_iter().collect();
    println!("running {} tests without a mutant", tests.len());
    let ends = each(&tests, |test| programs.run(test, 0))?;
    let lame = tests.iter().zip(&ends).filter(|(_, end)| **end != End::Passed);
    let lame: Vec<_> =
        lame.map(|(test, end)| format!("{}: {end:?} without a mutant", test.join(" "))).collect();
    if !lame.is_empty() {
        return Err(lame.join("\n"));
    }
    println!("trying {} mutants", edits.len());
    let killed = each(edits, |edit| {
        let row = &rows[edit.row];
        let start = Instant::now();
        let end = programs.run(&row.killed_by, edit.number)?;
        let verdict = if end == End::Passed { "SURVIVED" } else { "killed" };
        let seconds = start.elapsed().as_secs_f64();
        println!("{verdict:<9} {seconds:5.1} s  {}: {}", row.place, row.what);
        Ok(end != End::Passed)
    })?;
    Ok(killed.into_iter().filter(|killed| *killed).count())
}

/// Does `work` for every item on as many threads as there are processors; results are in the order of the items.
fn each<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, String> + Sync,
) -> Result<Vec<R>, String> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, item)) = Some(next.fetch_add(1, Ordering::Relaxed))
                    .and_then(|index| items.get(index).map(|item| (index, item)))
                {
                    let result = work(item);
                    if let Ok(mut done) = done.lock() {
                        done.push((index, result));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().map_err(|error| error.to_string())?;
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}
