//! Devices, FIFOs and links that lead nowhere, wherever a file is read: refused at once.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{Desk, repository};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

/// The program on `args`, which must end within seconds and with little memory; returns what it said on stderr.
fn refused(desk: &Desk, args: &[&str]) -> String {
    let script = "ulimit -v 2000000; exec timeout 20 \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.current_dir(desk.path("")).args(["-c", script, env!("CARGO_BIN_EXE_equipoise")]).args(args);
    let said = program::said(shell.stdin(Stdio::null()).output().unwrap());
    assert_eq!((said.status, said.stdout.as_str()), (Some(2), ""), "{args:?}: {}", said.stderr);
    said.stderr
}

const ENDS: [&str; 8] = ["", ".toml", ".trace", ".eqt", ".csv", ".npy", ".npz", ".bs2"];

/// A desk with a loop, a device and a FIFO of every extension.
fn traps() -> Desk {
    let desk = Desk::new();
    for end in ENDS {
        symlink(format!("loop{end}"), desk.path(&format!("loop{end}"))).unwrap();
        symlink("/dev/zero", desk.path(&format!("zero{end}"))).unwrap();
        assert!(Command::new("mkfifo").arg(desk.path(&format!("fifo{end}"))).status().unwrap().success());
    }
    desk.put("neurons.csv", "id,population\n0,a\n1,a\n");
    desk
}

#[test]
fn whatever_is_no_regular_file_is_refused_at_once() {
    let desk = traps();
    for stem in ["loop", "zero", "fifo", "fifo/it", "loop/it", &"n".repeat(300)] {
        let named = |end: &str| format!("{stem}{end}");
        let key = |key: &str, end: &str| format!("{key}{}", named(end));
        let explicit = "[network]\nkind = \"explicit\"\nneurons = \"neurons.csv\"\nedges = ";
        desk.put("explicit.toml", format!("{explicit}{:?}\n", named(".csv")));
        let sources = ["csv:", "npy:", "npz:", "trace:", "idx:"].map(|kind| {
            let end = match kind {
                "idx:" => String::new(),
                kind => format!(".{}", kind.trim_end_matches(':')),
            };
            key(&format!("data.source={kind}"), &end)
        });
        let [weights, delays] = [key("network.weights=", ".npz"), key("delays.steps=", ".npy")];
        let [plain, toml, trace, eqt, recording] = ["", ".toml", ".trace", ".eqt", ".bs2"].map(named);
        let mut calls = vec![
            vec!["run", &plain],
            vec!["run", &toml],
            vec!["run", &trace],
            vec!["check", &eqt],
            vec!["trace", "info", &trace],
            vec!["trace", "convert", &eqt, "out.trace"],
            vec!["trace", "from", "--to", "out.eqt", "--recordings", &recording],
            vec!["study", "delay", &toml],
            vec!["run", "--chip", &toml],
            vec!["price", &plain, "--chip", "ideal"],
            vec!["run", "explicit.toml"],
        ];
        calls.extend(sources.iter().chain([&weights, &delays]).map(|set| vec!["check", "--set", set]));
        let before = desk.everything();
        for args in calls {
            let said = refused(&desk, &args);
            assert!(said.starts_with("error: ") && said.contains("; accepted: "), "{args:?}: {said}");
        }
        assert_eq!(desk.everything(), before);
    }
}

#[test]
fn a_file_says_what_it_is_instead() {
    let desk = Desk::new();
    symlink("loop", desk.path("loop")).unwrap();
    assert!(Command::new("mkfifo").arg(desk.path("fifo.trace")).status().unwrap().success());
    let said = |args: &[&str]| refused(&desk, args);
    assert_eq!(
        said(&["run", "/dev/zero"]),
        "error: /dev/zero: found a device; accepted: a file that can be read\n"
    );
    let fifo = "error: fifo.trace: found a FIFO; accepted: a file that can be read\n";
    assert_eq!(said(&["run", "fifo.trace"]), fifo);
    let found = "a path that leads nowhere: Too many levels of symbolic links (os error 40)";
    assert_eq!(
        said(&["run", "loop"]),
        format!("error: loop: found {found}; accepted: a file that can be read\n")
    );
    assert_eq!(said(&["run", "."]), "error: .: found a folder; accepted: a file that can be read\n");
    // What a link leads to is read.
    symlink(repository("traces/xor.trace"), desk.path("xor.trace")).unwrap();
    desk.succeeds(&["check", "xor.trace"]);
}

/// A file as long as a disk, of zeros that take no room on it, is no settings.
#[test]
fn settings_without_an_end_are_refused_soon() {
    let desk = Desk::new();
    std::fs::File::create(desk.path("it.toml")).unwrap().set_len(100 << 30).unwrap();
    let message = "error: it.toml: found more than 64 MiB after unpacking; accepted: at most 64 MiB\n";
    assert_eq!(refused(&desk, &["run", "it.toml"]), message);
    let message = "error: ./it.toml: found more than 64 MiB after unpacking; accepted: at most 64 MiB\n";
    assert_eq!(refused(&desk, &["check", "--chip", "./it.toml"]), message);
}
