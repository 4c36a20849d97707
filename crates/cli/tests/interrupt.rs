//! Ctrl-C.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{Desk, repository, said};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);
const BLINK: Duration = Duration::from_millis(10);

/// Starts the program and waits until it has begun to write.
fn started(desk: &Desk, args: &[&str]) -> Child {
    let mut child = desk.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let is_half_written = |name: &String| name.contains(".unfinished-") || name.ends_with(".tmp");
    let begun = || desk.everything().iter().any(is_half_written);
    wait_until("the run has begun", || begun() || child.try_wait().unwrap().is_some());
    child
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..PATIENCE.as_millis() / BLINK.as_millis() {
        if done() {
            return;
        }
        sleep(BLINK);
    }
    panic!("waited in vain: {what}");
}

fn interrupt(child: &Child) {
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

#[test]
fn ctrl_c_ends_with_130_and_leaves_nothing_half_written() {
    let desk = Desk::new();
    let child = started(&desk, &["run", "--quiet", "--set", "data.epochs=100000"]);
    interrupt(&child);
    let end = said(child.wait_with_output().unwrap());
    assert_eq!((end.status, end.stdout.as_str()), (Some(130), ""));
    assert_eq!(end.stderr, "interrupted: no result was written\n");
    assert_eq!(desk.everything(), Vec::<String>::new());
}

#[test]
fn ctrl_c_leaves_the_result_that_should_have_been_replaced() {
    let desk = Desk::new();
    desk.digest(&program::SMALL, "out");
    let before = (desk.everything(), desk.text("out/summary.json"));
    let child = started(&desk, &["run", "--out", "out", "--overwrite", "--set", "data.epochs=100000"]);
    interrupt(&child);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert_eq!((desk.everything(), desk.text("out/summary.json")), before);
}

#[test]
fn a_second_ctrl_c_ends_a_phase_that_takes_for_ever() {
    let desk = Desk::new();
    let endless = std::fs::read_to_string(repository("traces/delay-ring.trace")).unwrap();
    desk.put("endless.trace", endless.replace("settle 46", "settle 4000000000"));
    let mut child = started(&desk, &["run", "endless.trace", "--out", "out"]);
    interrupt(&child);
    sleep(Duration::from_millis(200));
    assert!(child.try_wait().unwrap().is_none(), "the phase goes on");
    interrupt(&child);
    wait_until("the process has ended", || child.try_wait().unwrap().is_some());
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert_eq!(desk.everything(), ["endless.trace"]);
}

#[test]
fn ctrl_c_leaves_no_half_written_trace() {
    let desk = Desk::new();
    let child = started(&desk, &["trace", "from", "--to", "it.eqt", "--set", "data.epochs=100000"]);
    interrupt(&child);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
    assert_eq!(desk.everything(), Vec::<String>::new());
}
