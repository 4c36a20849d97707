//! What a killed run leaves, who has a folder, and what the next run makes of it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::child::{LONG, end, killed, put_endless, send, started, wait_until};
use program::{Desk, SMALL, small};
use std::fs::{self, File};

/// The small run, which must succeed, into `out`.
fn run_into(desk: &Desk, out: &str) {
    desk.succeeds(&[&["run", "--out", out, "--quiet"], &SMALL[..]].concat());
}

const RESULT: [&str; 6] =
    ["experiment.toml", "ledger.csv", "metrics.csv", "record.bin", "summary.json", "weights.npz"];

#[test]
fn what_a_killed_run_leaves_is_no_result_and_gone_after_the_next_one() {
    let desk = Desk::new();
    killed(&desk, &[&LONG[..], &["--out", "out"]].concat());
    assert!(!desk.path("out/summary.json").exists());
    run_into(&desk, "out");
    assert_eq!(desk.below("out"), RESULT);
    // Beside another one too, and under any title.
    killed(&desk, &[&LONG[..], &["--out", "other"]].concat());
    killed(&desk, &[&LONG[..], &["--set", "title=Some"]].concat());
    assert!(desk.path("runs/some-1-1").exists());
    run_into(&desk, "third");
    assert!(!desk.path("other").exists());
    desk.succeeds(&[&["run", "--quiet", "--set", "title=Any"], &SMALL[..]].concat());
    assert_eq!(fs::read_dir(desk.path("runs")).unwrap().count(), 1);
    assert_eq!(desk.below("runs/any-1-1"), RESULT);
}

#[test]
fn a_killed_run_gives_its_number_to_the_next() {
    let desk = Desk::new();
    let next = || desk.succeeds(&[&["run", "--quiet"], &SMALL[..]].concat());
    assert_eq!(next(), "runs/digits-1-1\n");
    killed(&desk, &LONG);
    assert_eq!(next(), "runs/digits-1-2\n");
    assert_eq!(desk.below("runs/digits-1-2"), RESULT);
    assert_eq!(next(), "runs/digits-1-3\n");
}

#[test]
fn the_old_result_stays_until_the_new_one_is_whole() {
    let desk = Desk::new();
    run_into(&desk, "out");
    let before = RESULT.map(|file| fs::read(desk.path(&format!("out/{file}"))).unwrap());
    killed(&desk, &[&LONG[..], &["--out", "out", "--overwrite"]].concat());
    assert_eq!(RESULT.map(|file| fs::read(desk.path(&format!("out/{file}"))).unwrap()), before);
    assert_eq!(desk.says(&["run", "--out", "out"]).status, Some(2));
    small(&desk, &["--seed", "2", "--overwrite"], "out");
    assert_eq!(desk.below("out"), RESULT);
    assert_eq!(desk.json("out/summary.json")["seed"], 2);
}

#[test]
fn what_holds_a_checkpoint_is_left_alone() {
    let desk = Desk::new();
    killed(&desk, &[&LONG[..], &["--out", "named"]].concat());
    desk.put("named/checkpoint.eqc", "here one could go on");
    killed(&desk, &LONG);
    desk.put("runs/digits-1-1/checkpoint.eqc", "and here");
    let before = (desk.below("named"), desk.below("runs/digits-1-1"));
    let refused = desk.says(&["run", "--out", "named", "--quiet"]);
    let message = "error: named: found a folder with an unfinished run in it; accepted: another folder, or --overwrite\n";
    assert_eq!((refused.status, refused.stderr.as_str()), (Some(2), message));
    assert_eq!(desk.succeeds(&[&["run", "--quiet"], &SMALL[..]].concat()), "runs/digits-1-2\n");
    run_into(&desk, "beside");
    assert_eq!((desk.below("named"), desk.below("runs/digits-1-1")), before);
    // A finished run leaves no checkpoint.
    small(&desk, &["--overwrite"], "named");
    assert_eq!(desk.below("named"), RESULT);
}

#[test]
fn a_folder_in_which_a_run_is_under_way_is_refused_even_to_be_overwritten() {
    let desk = Desk::new();
    put_endless(&desk, "endless.trace");
    let child = started(&desk, &["run", "endless.trace", "--out", "out"]);
    let before = desk.everything();
    for args in [&["run", "--out", "out", "--quiet"][..], &["study", "load", "--out", "out", "--overwrite"]] {
        let refused = desk.says(args);
        let found =
            format!("error: out: found a folder in which a run is under way (process {} on ", child.id());
        assert_eq!(refused.status, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.starts_with(&found), "{}", refused.stderr);
        assert!(refused.stderr.ends_with("); accepted: another folder\n"), "{}", refused.stderr);
        assert_eq!(desk.everything(), before);
    }
    // Its neighbours leave it alone.
    run_into(&desk, "beside");
    desk.path("out/.unfinished-result/lock").metadata().unwrap();
    send("KILL", &child);
    end(child);
}

/// On another node of a cluster the number of a process says nothing: the lock does.
#[test]
fn a_lock_tells_on_every_host_whether_somebody_is_at_work() {
    let desk = Desk::new();
    desk.put("out/.unfinished-result/lock", "node17 1\n");
    desk.put("out/.unfinished-result/weights.npz", "half");
    let lock = File::open(desk.path("out/.unfinished-result/lock")).unwrap();
    lock.lock().unwrap();
    let refused = desk.says(&["run", "--out", "out", "--quiet"]);
    assert_eq!(
        refused.stderr,
        "error: out: found a folder in which a run is under way (process 1 on node17); accepted: another folder\n"
    );
    assert_eq!((refused.status, desk.below("out").len()), (Some(2), 3));
    // A run beside it cannot know whether locks of other hosts are seen here, and leaves it alone either way.
    lock.unlock().unwrap();
    run_into(&desk, "beside");
    assert_eq!(desk.below("out").len(), 3);
    run_into(&desk, "out");
    assert_eq!(desk.below("out"), RESULT);
}

/// A run that was killed while its files took their names had finished: the next one does the rest.
#[test]
fn a_result_that_was_whole_is_published_by_the_next_run() {
    let made = Desk::new();
    small(&made, &["--set", "probe.new.neurons=output"], "out");
    let mut files = made.below("out");
    files.sort_by_key(|file| file == "summary.json");
    for moved in [0, 3, files.len() - 1] {
        let desk = Desk::new();
        small(&desk, &["--seed", "2", "--set", "probe.old.neurons=output"], "out");
        if moved > 0 {
            // By then the earlier result had begun to go.
            for file in ["out/summary.json", "out/old.csv"] {
                fs::remove_file(desk.path(file)).unwrap();
            }
        }
        for (number, file) in files.iter().enumerate() {
            let place = if number < moved { "out" } else { "out/.unfinished-result" };
            desk.put(&format!("{place}/{file}"), fs::read(made.path(&format!("out/{file}"))).unwrap());
        }
        desk.put("out/.unfinished-result/files", files.join("\n"));
        desk.put("out/.unfinished-result/lock", "node17 1\n");
        let refused = desk.says(&["run", "--out", "out", "--quiet"]);
        let message =
            "error: out: found a folder with a result in it; accepted: another folder, or --overwrite\n";
        assert_eq!((refused.status, refused.stderr.as_str()), (Some(2), message));
        assert_eq!(desk.below("out"), made.below("out"), "{moved} files had moved");
        assert_eq!(desk.text("out/summary.json"), made.text("out/summary.json"));
    }
}

/// Probes are written when the results are there: a machine that runs out of memory over them, or out of patience,
/// costs the run nothing.
#[test]
fn a_run_that_is_killed_while_it_writes_its_probes_has_finished() {
    let desk = Desk::new();
    let section = "kind = \"waveform\"\nsignals = [\"activity:hidden1\", \"state:hidden1\"]\nto_step = 1_000_000\n\
        changes = 10_000_000\n";
    let probes: String = (0..4).map(|number| format!("[probe.p{number}]\n{section}")).collect();
    desk.put("it.toml", format!("[data]\nepochs = 1\ntrain_samples = 400\ntest_samples = 20\n{probes}"));
    let mut child = desk.command(&["run", "it.toml", "--out", "out", "--quiet"]).spawn().unwrap();
    wait_until("results are there", || desk.path("out/.unfinished-result/files").exists());
    send("KILL", &child);
    assert_eq!(child.wait().unwrap().code(), None, "the test is faster than the probes");
    assert!(!desk.path("out/summary.json").exists());
    run_into(&desk, "beside");
    let digest = desk.json("out/summary.json")["digest"].clone();
    assert!(
        RESULT.iter().all(|file| desk.below("out").contains(&(*file).to_owned())),
        "{:?}",
        desk.below("out")
    );
    assert!(!desk.path("out/.unfinished-result").exists());
    assert_eq!(desk.digest(&["it.toml"], "again"), digest);
}

#[test]
fn a_killed_writer_of_a_trace_leaves_nothing_once_another_has_written_it() {
    let desk = Desk::new();
    let once = ["--set", "data.epochs=1", "--set", "data.train_samples=40"];
    killed(&desk, &["trace", "from", "--to", "it.eqt", "--set", "data.epochs=100000"]);
    assert_eq!(desk.everything().len(), 1);
    // What somebody still writes stays.
    let other = started(&desk, &["trace", "from", "--to", "it.eqt", "--set", "data.epochs=100000"]);
    assert_eq!(desk.everything().len(), 1, "{:?}", desk.everything());
    desk.succeeds(&[&["trace", "from", "--to", "it.eqt"], &once[..]].concat());
    assert_eq!(desk.everything().len(), 2, "{:?}", desk.everything());
    send("KILL", &other);
    end(other);
    desk.succeeds(&[&["trace", "from", "--to", "it.eqt", "--overwrite"], &once[..]].concat());
    assert_eq!(desk.everything(), ["it.eqt"]);
}
