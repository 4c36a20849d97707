//! Ctrl-C, SIGTERM and SIGHUP.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::Desk;
use program::child::{LONG, end, put_endless, send, started, wait_until};
use std::thread::sleep;
use std::time::Duration;

/// Signals with the exit statuses of processes that they end.
const SIGNALS: [(&str, i32); 3] = [("INT", 130), ("TERM", 143), ("HUP", 129)];

#[test]
fn a_signal_ends_a_run_with_its_own_status_and_leaves_nothing_half_written() {
    for (signal, status) in SIGNALS {
        let desk = Desk::new();
        let child = started(&desk, &[&LONG[..], &["--quiet"]].concat());
        send(signal, &child);
        let end = end(child);
        assert_eq!((end.status, end.stdout.as_str()), (Some(status), ""), "{signal}");
        assert_eq!(end.stderr, "interrupted: no result was written\n", "{signal}");
        assert_eq!(desk.everything(), Vec::<String>::new(), "{signal}");
    }
}

#[test]
fn a_signal_leaves_the_result_that_should_have_been_replaced() {
    let desk = Desk::new();
    desk.digest(&program::SMALL, "out");
    let before = (desk.everything(), desk.text("out/summary.json"));
    for (signal, status) in SIGNALS {
        let child = started(&desk, &[&LONG[..], &["--out", "out", "--overwrite"]].concat());
        send(signal, &child);
        assert_eq!(end(child).status, Some(status), "{signal}");
        assert_eq!((desk.everything(), desk.text("out/summary.json")), before, "{signal}");
    }
}

#[test]
fn a_second_signal_ends_a_phase_that_takes_for_ever() {
    for (signal, status) in SIGNALS {
        let desk = Desk::new();
        put_endless(&desk, "endless.trace");
        let mut child = started(&desk, &["run", "endless.trace", "--out", "a/b/out"]);
        send(signal, &child);
        sleep(Duration::from_millis(200));
        assert!(child.try_wait().unwrap().is_none(), "the phase goes on");
        send(signal, &child);
        wait_until("the process has ended", || child.try_wait().unwrap().is_some());
        assert_eq!(end(child).status, Some(status), "{signal}");
        assert_eq!(desk.everything(), ["endless.trace"], "{signal}");
    }
}

#[test]
fn a_signal_ends_a_study_as_it_ends_a_run() {
    for (signal, status) in SIGNALS {
        let desk = Desk::new();
        let child = started(&desk, &["study", "learning-under-delay", "--out", "out", "--quiet"]);
        send(signal, &child);
        assert_eq!(end(child).status, Some(status), "{signal}");
        assert_eq!(desk.everything(), Vec::<String>::new(), "{signal}");
    }
}

#[test]
fn a_signal_leaves_no_half_written_trace() {
    let desk = Desk::new();
    let made = ["trace", "from", "--to", "it.eqt", "--set", "data.epochs=100000"];
    desk.put(
        "long.trace",
        format!("equipoise-trace 1\n---\n{}", "present 0 1\nsettle\ndone\n".repeat(2_000_000)),
    );
    let converted = ["trace", "convert", "long.trace", "it.eqt"];
    for args in [&made[..], &converted] {
        for (signal, status) in SIGNALS {
            let child = started(&desk, args);
            send(signal, &child);
            assert_eq!(end(child).status, Some(status), "{signal}: {args:?}");
            assert_eq!(desk.everything(), ["long.trace"], "{signal}: {args:?}");
        }
    }
}

/// `nohup` starts a program so that it ignores SIGHUP.
#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let desk = Desk::new();
    let program = env!("CARGO_BIN_EXE_equipoise");
    let args = ["-c", "trap '' HUP; exec \"$0\" \"$@\"", program, "run", "--quiet", "--out", "out"];
    let mut shell = std::process::Command::new("sh");
    let mut child =
        shell.current_dir(desk.path("")).args(args).args(["--set", "data.epochs=2"]).spawn().unwrap();
    wait_until("the run has begun", || desk.path("out").exists());
    send("HUP", &child);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(desk.path("out/summary.json").exists());
}
