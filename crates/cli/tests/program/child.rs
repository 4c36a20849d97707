//! The program while it runs.
#![cfg(unix)]

use super::{Desk, Said, repository, said};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const BLINK: Duration = Duration::from_millis(10);

/// A run that takes hours.
pub const LONG: [&str; 3] = ["run", "--set", "data.epochs=100000"];

/// Starts the program and waits until it has begun to write.
pub fn started(desk: &Desk, args: &[&str]) -> Child {
    let before = half_written(desk);
    let mut child = desk.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let has_begun = || half_written(desk).iter().any(|name| !before.contains(name));
    wait_until("the run has begun", || has_begun() || child.try_wait().unwrap().is_some());
    assert!(child.try_wait().unwrap().is_none(), "{args:?} goes on");
    child
}

/// Files on the desk that are not yet what they will be.
fn half_written(desk: &Desk) -> Vec<String> {
    let (result, trace) = (".unfinished-result/experiment.toml", ".tmp");
    let waits = |name: &String| {
        name.ends_with(result) || (name.ends_with(trace) && !name.contains(".unfinished-result/"))
    };
    desk.everything().into_iter().filter(waits).collect()
}

pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / BLINK.as_millis() {
        if done() {
            return;
        }
        sleep(BLINK);
    }
    panic!("waited in vain: {what}");
}

/// Sends the signal of that name.
pub fn send(signal: &str, child: &Child) {
    let status =
        Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// The end of the program.
pub fn end(child: Child) -> Said {
    said(child.wait_with_output().unwrap())
}

/// Starts the program, kills it when it has begun to write, and waits for its end.
pub fn killed(desk: &Desk, args: &[&str]) {
    let child = started(desk, args);
    send("KILL", &child);
    assert_eq!(end(child).status, None);
}

/// Puts a trace of one phase that takes for ever on the desk.
pub fn put_endless(desk: &Desk, name: &str) {
    let endless = std::fs::read_to_string(repository("traces/delay-ring.trace")).unwrap();
    desk.put(name, endless.replace("settle 46", "settle 4000000000"));
}
