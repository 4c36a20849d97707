//! What a run leaves behind: the files that other people's scripts rely on.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_trace::npz;
use program::{Desk, SMALL, number, repository, small};

/// The digest of one epoch of the default run: the same in debug and release, on every machine. It changes only
/// when the machine's arithmetic or the order of its events is changed on purpose.
const GOLDEN: &str = include_str!("golden/one-epoch-of-the-default-run.digest");

#[test]
fn one_epoch_of_the_default_run_has_the_golden_digest() {
    let desk = Desk::new();
    assert_eq!(desk.digest(&["--set", "data.epochs=1"], "out"), GOLDEN.trim());
    let summary = desk.json("out/summary.json");
    assert_eq!(number(&summary["updates"]), 1437.0);
    assert!(number(&summary["accuracy"]["test"]) > 0.85, "{}", summary["accuracy"]);
}

#[test]
fn a_run_leaves_the_files_of_the_contract_and_its_probes() {
    let desk = Desk::new();
    small(&desk, &["--set", "probe.hidden.neurons=hidden1", "--set", "probe.hidden.every_steps=100"], "out");
    let files = [
        "experiment.toml",
        "hidden.csv",
        "ledger.csv",
        "metrics.csv",
        "record.bin",
        "summary.json",
        "weights.npz",
    ];
    assert_eq!(desk.below("out"), files);
    assert_eq!(desk.everything().len(), files.len() + 1, "nothing lies beside the result");
}

#[test]
fn metrics_have_a_row_per_epoch_and_per_evaluation() {
    let desk = Desk::new();
    small(&desk, &["--set", "data.epochs=3", "--set", "data.evaluate_every=2"], "out");
    let rows = desk.rows("out/metrics.csv");
    let header = "split,epoch,samples,accuracy,loss,energy_j,cycles,unsettled,clipped,oscillating,refused";
    assert_eq!(rows[0].join(","), header);
    let start: Vec<[&str; 3]> = rows[1..].iter().map(|row| [0, 1, 2].map(|i| row[i].as_str())).collect();
    let wanted = [
        ["train", "1", "40"],
        ["train", "2", "40"],
        ["test", "2", "20"],
        ["train", "3", "40"],
        ["test", "3", "20"],
    ];
    assert_eq!(start, wanted);
    let summary = desk.json("out/summary.json");
    assert_eq!(rows[4][3].parse::<f64>().unwrap(), number(&summary["accuracy"]["train"]));
    assert_eq!(rows[5][3].parse::<f64>().unwrap(), number(&summary["accuracy"]["test"]));
    let cycles: u64 = rows[1..].iter().map(|row| row[6].parse::<u64>().unwrap()).sum();
    assert_eq!(summary["cycles"], cycles);
}

#[test]
fn weights_are_arrays_of_shape_pre_post_and_biases() {
    let desk = Desk::new();
    small(&desk, &[], "out");
    let arrays = npz::read(&desk.path("out/weights.npz")).unwrap();
    let shapes: Vec<_> = arrays.iter().map(|(name, array)| (name.as_str(), &array.shape[..])).collect();
    assert_eq!(shapes, [("b1", &[64][..]), ("b2", &[10]), ("w1", &[64, 64]), ("w2", &[64, 10])]);
}

#[test]
fn trained_weights_start_another_run_with_the_same_accuracy() {
    let desk = Desk::new();
    let ideal = ["--chip", "ideal", "--set", "data.test_samples=100"];
    small(&desk, &ideal, "taught");
    let again =
        [&ideal[..], &["--set", "data.epochs=0", "--set", "network.weights=taught/weights.npz"]].concat();
    small(&desk, &again, "again");
    let test = |out: &str| desk.json(&format!("{out}/summary.json"))["accuracy"]["test"].clone();
    assert_eq!(test("taught"), test("again"));
    let rows = [desk.rows("taught/metrics.csv"), desk.rows("again/metrics.csv")];
    assert_eq!(
        rows[0].last().unwrap()[4],
        rows[1].last().unwrap()[4],
        "the loss is the same to the last bit"
    );
    assert_eq!(desk.json("again/summary.json")["updates"], 0);
    // Other start weights than the trained ones would have been right by chance only.
    small(&desk, &[&ideal[..], &["--set", "data.epochs=0"]].concat(), "untaught");
    assert_ne!(test("taught"), test("untaught"));
}

#[test]
fn a_resolved_experiment_runs_again_to_the_same_digest() {
    let desk = Desk::new();
    desk.put("chips/own.toml", std::fs::read(repository("hw-models/edge-rram.toml")).unwrap());
    desk.put("data/train.csv", "0,0,0\n0,1,1\n1,0,1\n1,1,0\n0,0.5,1\n");
    desk.put("data/test.csv", "0,0,0\n0,1,1\n");
    desk.put(
        "own.toml",
        "chip = \"chips/own.toml\"\n[hardware]\nadc.bits = 6\nprice.adc_convert = 1e-12\n[network]\nlayers = [2, 5, 2]\n\
         [data]\nsource = \"csv:data\"\nepochs = 3\n[probe.all]\nneurons = \"hidden1\"\n[delays]\nsteps = [2, 3]\n",
    );
    let trace = repository("traces/delay-ring.trace");
    let hopfield = repository("traces/hopfield.trace");
    let cases: [(&str, &[&str]); 6] = [
        ("default", &SMALL),
        (
            "seeded",
            &["--seed", "9223372036854775807", "--set", "data.epochs=0", "--set", "data.test_samples=5"],
        ),
        ("own", &["own.toml"]),
        ("trace", &[trace.to_str().unwrap()]),
        ("recall", &[hopfield.to_str().unwrap()]),
        ("stimulus", &["--set", "stimulus.steps=12", "--set", "stimulus.values=[0.5]", "--chip", "ideal"]),
    ];
    for (name, args) in cases {
        let first = desk.digest(args, name);
        // From another folder, so that relative paths would lead nowhere.
        let elsewhere = Desk::new();
        let settings = desk.path(name).join("experiment.toml");
        let again = elsewhere.digest(&[settings.to_str().unwrap()], "again");
        assert_eq!(first, again, "{name}");
        let again = elsewhere.text("again/experiment.toml");
        assert_eq!(
            desk.text(&format!("{name}/experiment.toml")),
            again,
            "{name}: nothing is left to resolve"
        );
    }
}

#[test]
fn threads_and_probes_change_no_bit() {
    let desk = Desk::new();
    let one = small(&desk, &["--threads", "1"], "one");
    assert_eq!(one, small(&desk, &["--threads", "2"], "two"));
    assert_eq!(one, small(&desk, &["--set", "probe.a.neurons=input"], "probed"));
    assert_ne!(one, small(&desk, &["--seed", "2"], "seeded"));
}

#[test]
fn quiet_stdout_is_the_folder_alone_and_progress_goes_to_stderr() {
    let desk = Desk::new();
    let quiet = desk.says(&[&["run", "--quiet"], &SMALL[..]].concat());
    assert_eq!(quiet.stdout, "runs/digits-1-1\n");
    assert_eq!((quiet.status, quiet.stderr.as_str()), (Some(0), ""));
    let loud = desk.says(&[&["run", "--out", "loud"], &SMALL[..]].concat());
    assert_eq!(loud.stderr, "digits: 64-64-10 on edge-rram, 60 presentations, seed 1\n");
    assert!(loud.stdout.starts_with("accuracy   "), "{}", loud.stdout);
    assert!(loud.stdout.ends_with("results    loud\n"), "{}", loud.stdout);
}

#[test]
fn results_without_a_name_are_numbered_even_when_runs_overlap() {
    let desk = Desk::new();
    let args = [&["run", "--quiet", "--seed", "3", "--set", "title=Two Words"], &SMALL[..]].concat();
    let children: Vec<_> =
        (0..3).map(|_| desk.command(&args).stdout(std::process::Stdio::piped()).spawn()).collect();
    let mut folders: Vec<String> = children
        .into_iter()
        .map(|child| program::said(child.unwrap().wait_with_output().unwrap()).stdout)
        .collect();
    folders.push(desk.succeeds(&args));
    folders.sort();
    let wanted: Vec<String> = (1..=4).map(|n| format!("runs/two-words-3-{n}\n")).collect();
    assert_eq!(folders, wanted);
    assert!(folders.iter().all(|folder| desk.path(folder.trim()).join("summary.json").is_file()));
}

#[test]
fn a_result_is_replaced_only_on_request_and_then_as_a_whole() {
    let desk = Desk::new();
    small(&desk, &["--set", "probe.old.neurons=output"], "out");
    desk.succeeds(&["price", "out", "--chip", "edge-rram", "--quiet"]);
    desk.put("out/notes.txt", "mine");
    let before = desk.text("out/summary.json");
    let refused = desk.says(&["run", "--out", "out"]);
    let message =
        "error: out: found a folder with a result in it; accepted: another folder, or --overwrite\n";
    assert_eq!((refused.status, refused.stderr.ends_with(message)), (Some(2), true), "{}", refused.stderr);
    assert_eq!(desk.text("out/summary.json"), before);
    small(&desk, &["--overwrite", "--seed", "5"], "out");
    assert_eq!(desk.json("out/summary.json")["seed"], 5);
    // What the earlier run left beside is gone, what is the user's stays.
    assert!(!desk.path("out/old.csv").exists() && !desk.path("out/price-edge-rram.json").exists());
    assert_eq!(desk.text("out/notes.txt"), "mine");
}

#[test]
fn a_folder_without_a_result_is_used_but_no_file_in_it_is_lost() {
    let desk = Desk::new();
    desk.put("mine/notes.txt", "mine");
    small(&desk, &[], "mine");
    assert_eq!(desk.below("mine").len(), 7);
    desk.put("work/experiment.toml", "seed = 3\n");
    let refused = desk.says(&["run", "work/experiment.toml", "--out", "work", "--quiet"]);
    let message = "error: work: found a folder with a file `experiment.toml` in it; accepted: another folder, or --overwrite\n";
    assert_eq!((refused.status, refused.stderr.as_str()), (Some(2), message));
    assert_eq!(desk.text("work/experiment.toml"), "seed = 3\n");
}
