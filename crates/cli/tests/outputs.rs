//! Streams that are closed or full, disks that are full, and names that are taken.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::{Desk, SMALL, said};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileTypeExt, symlink};
use std::process::{Command, Stdio};

/// Runs the program in a shell that has done `before`.
fn shell(desk: &Desk, before: &str, args: &[&str]) -> program::Said {
    let script = format!("{before}\nexec \"$0\" \"$@\"");
    let mut shell = Command::new("sh");
    shell.current_dir(desk.path("")).args(["-c", &script, env!("CARGO_BIN_EXE_equipoise")]).args(args);
    said(shell.stdin(Stdio::null()).output().unwrap())
}

/// Ways in which a stream takes nothing.
fn deaf() -> [(&'static str, Stdio); 2] {
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    [("full", full.into()), ("a pipe that nobody reads", writer.into())]
}

#[test]
fn no_stream_that_takes_nothing_ends_a_command_that_leaves_files() {
    let made = Desk::new();
    made.digest(&SMALL, "run");
    let commands: [&[&str]; 6] = [
        &[&["run", "--out", "out"], &SMALL[..]].concat(),
        &["study", "load", "--quick", "--out", "out"],
        &["price", "run", "--chip", "edge-rram", "--overwrite"],
        &["init", "out", "--overwrite"],
        &["trace", "from", "--to", "out.eqt", "--overwrite", SMALL[0], SMALL[1]],
        &["trace", "convert", "out.eqt", "out.trace", "--overwrite"],
    ];
    for args in commands {
        let _ = fs::remove_dir_all(made.path("out"));
        made.succeeds(args);
        let wanted = made.everything();
        for ((what, out), (_, err)) in deaf().into_iter().zip(deaf()) {
            let _ = fs::remove_dir_all(made.path("out"));
            let status = made.command(args).stdout(out).stderr(err).status().unwrap().code();
            assert_eq!(status, Some(0), "{args:?}: {what}");
            assert_eq!(made.everything(), wanted, "{args:?}: {what}");
        }
        for closed in [">&-", "2>&-", ">&- 2>&-"] {
            let _ = fs::remove_dir_all(made.path("out"));
            assert_eq!(shell(&made, &format!("exec {closed}"), args).status, Some(0), "{args:?}: {closed}");
            assert_eq!(made.everything(), wanted, "{args:?}: {closed}");
        }
    }
}

/// Where the text is what was asked for, a full disk is told; a reader who has seen enough is none.
#[test]
fn a_text_that_cannot_be_written_is_an_error_and_never_a_panic() {
    let desk = Desk::new();
    for args in [&["list", "devices"][..], &["init"], &["check"], &["--help"], &["run", "no.toml"], &["walk"]]
    {
        let well = desk.says(args).status.unwrap();
        let statuses = deaf().map(|(_, out)| desk.command(args).stdout(out).output().unwrap());
        let [full, unread] = statuses.map(said);
        assert_eq!(unread.status, Some(well), "{args:?}");
        let told =
            full.stderr.ends_with("standard output: writing failed: No space left on device (os error 28)\n");
        assert!((full.status == Some(1) && told) || full.status == Some(well), "{args:?}: {full:?}");
        for (what, err) in deaf() {
            let status = desk.command(args).stderr(err).output().unwrap().status.code();
            assert_eq!(status, Some(well), "{args:?}: {what}");
        }
    }
}

/// A limit on the size of files stands for a full disk: writing fails in the middle of any file.
#[test]
fn a_full_disk_is_told_once_and_by_the_name_of_the_file() {
    let desk = Desk::new();
    let args = [&["run", "--out", "a/out", "--quiet"], &SMALL[..]].concat();
    let mut told = Vec::new();
    let nothing = shell(&desk, "trap '' XFSZ; ulimit -f 0", &args);
    assert_eq!(nothing.stderr, "error: a/out: writing failed: File too large (os error 27)\n");
    for blocks in 1.. {
        let end = shell(&desk, &format!("trap '' XFSZ; ulimit -f {blocks}"), &args);
        if end.status == Some(0) {
            break;
        }
        let start = end.stderr.strip_prefix("error: a/out/").unwrap_or_else(|| panic!("{}", end.stderr));
        let file = start.strip_suffix(": writing failed: File too large (os error 27)\n");
        told.push(file.unwrap_or_else(|| panic!("{}", end.stderr)).to_owned());
        assert_eq!((end.status, end.stdout.as_str()), (Some(1), ""));
        assert_eq!(desk.everything(), Vec::<String>::new());
    }
    told.dedup();
    for file in ["experiment.toml", "weights.npz"] {
        assert!(told.iter().any(|name| name == file), "{file}: {told:?}");
    }
    let trace = ["trace", "from", "--to", "it.eqt", SMALL[0], SMALL[1]];
    let end = shell(&desk, "trap '' XFSZ; ulimit -f 9", &trace);
    assert_eq!(end.stderr, "error: it.eqt: writing failed: File too large (os error 27)\n");
    assert_eq!((end.status, desk.path("it.eqt").exists()), (Some(1), false));
}

#[test]
fn only_regular_files_are_replaced() {
    let desk = Desk::new();
    desk.digest(&SMALL, "run");
    desk.put("mine.txt", "mine");
    for name in ["x.toml", "x.eqt", "run/price-edge-rram.json", "full/summary.json", "full/table.csv"] {
        fs::create_dir_all(desk.path(name).parent().unwrap()).unwrap();
    }
    let run = ["--out", "full", "--overwrite", "--quiet", "--set", "probe.table.neurons=output"];
    let commands: [(&str, &[&str]); 6] = [
        ("x.toml", &["init", "x.toml", "--overwrite"]),
        ("x.eqt", &["trace", "from", "--to", "x.eqt", "--overwrite", SMALL[0], SMALL[1]]),
        ("x.eqt", &["trace", "convert", "it.trace", "x.eqt", "--overwrite"]),
        ("run/price-edge-rram.json", &["price", "run", "--chip", "edge-rram", "--overwrite"]),
        ("full/summary.json", &[&["run"], &run[..], &SMALL].concat()),
        ("full/table.csv", &[&["run"], &run[..], &SMALL].concat()),
    ];
    desk.put("it.trace", "equipoise-trace 1\n---\ntrain\n");
    for (name, args) in commands {
        let path = desk.path(name);
        let fifo = || assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let kinds: [(&str, &dyn Fn()); 4] = [
            ("a FIFO", &fifo),
            ("a symbolic link", &|| symlink(desk.path("mine.txt"), &path).unwrap()),
            ("a symbolic link", &|| symlink("nowhere", &path).unwrap()),
            ("a folder", &|| fs::create_dir(&path).unwrap()),
        ];
        for (kind, make) in kinds {
            make();
            let before = (desk.everything(), fs::symlink_metadata(&path).unwrap().file_type());
            let refused = desk.says(args);
            let message = format!("error: {name}: found {kind}; accepted: the name of a file to write\n");
            assert_eq!((refused.status, refused.stderr), (Some(2), message), "{args:?}");
            let after = fs::symlink_metadata(&path).unwrap().file_type();
            assert_eq!((desk.everything(), after), before, "{args:?}");
            if after.is_dir() { fs::remove_dir(&path) } else { fs::remove_file(&path) }.unwrap();
        }
    }
    assert_eq!(desk.text("mine.txt"), "mine");
    for args in [&["init", "/dev/full", "--overwrite"][..], &["init", "/dev/full"]] {
        let refused = desk.says(args);
        let message = "error: /dev/full: found a device; accepted: the name of a file to write\n";
        assert_eq!((refused.status, refused.stderr.as_str()), (Some(2), message));
    }
    assert!(fs::metadata("/dev/full").unwrap().file_type().is_char_device());
}

#[test]
fn a_result_folder_is_a_folder_or_new() {
    let desk = Desk::new();
    desk.put("file", "");
    symlink("loop", desk.path("loop")).unwrap();
    symlink("nowhere", desk.path("dangling")).unwrap();
    let before = desk.everything();
    for (out, found) in [
        ("file", "a file"),
        ("file/out", "the file `file`"),
        ("/dev/full", "a device"),
        ("loop", "a symbolic link"),
        ("loop/out", "the symbolic link `loop`"),
        ("dangling", "a symbolic link"),
    ] {
        let message = format!("error: {out}: found {found}; accepted: a folder, which may be new\n");
        for command in [&["run"][..], &["study", "load"]] {
            let refused = desk.says(&[command, &["--quiet", "--overwrite", "--out", out]].concat());
            assert_eq!((refused.status, refused.stderr.as_str()), (Some(2), message.as_str()));
        }
        assert_eq!(desk.everything(), before);
    }
    // A link to a folder is a folder.
    fs::create_dir(desk.path("real")).unwrap();
    symlink("real", desk.path("link")).unwrap();
    desk.digest(&SMALL, "link");
    assert!(desk.path("real/summary.json").exists());
}

#[test]
fn nothing_is_replaced_that_nobody_gave_up() {
    let desk = Desk::new();
    desk.digest(&SMALL, "run");
    desk.put("it.trace", "equipoise-trace 1\n---\ntrain\n");
    let small = [SMALL[0], SMALL[1]];
    let commands: [(&str, &[&str]); 5] = [
        ("x.toml", &["init", "x.toml"]),
        ("x.eqt", &[&["trace", "from", "--to", "x.eqt"], &small[..]].concat()),
        ("y.eqt", &["trace", "convert", "it.trace", "y.eqt"]),
        ("run/price-edge-rram.json", &["price", "run", "--chip", "edge-rram"]),
        ("study", &["study", "load", "--quick", "--out", "study"]),
    ];
    for (name, args) in commands {
        desk.succeeds(args);
        let file = if name == "study" { "study/study.json" } else { name };
        let before = fs::read(desk.path(file)).unwrap();
        let refused = desk.says(args);
        let message = match name {
            "study" => {
                "found a folder with a file `study.json` in it; accepted: another folder, or --overwrite"
            }
            _ => "found a file that is already there; accepted: another path, or --overwrite",
        };
        assert_eq!((refused.status, refused.stderr), (Some(2), format!("error: {name}: {message}\n")));
        assert_eq!(fs::read(desk.path(file)).unwrap(), before);
        desk.succeeds(&[args, &["--overwrite"]].concat());
    }
}
