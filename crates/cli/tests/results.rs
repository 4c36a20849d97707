//! What a run leaves behind: the files and fields that other people's scripts rely on.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_base::{Action, Phase};
use equipoise_trace::npz;
use program::{Desk, SMALL, number, repository};
use serde_json::Value;
use std::collections::BTreeSet;

/// The digest of one epoch of the default run: the same in debug and release, on every machine. It changes only
/// when the machine's arithmetic or the order of its events is changed on purpose.
const GOLDEN: &str = include_str!("golden/one-epoch-of-the-default-run.digest");

fn small(desk: &Desk, args: &[&str], out: &str) -> String {
    desk.digest(&[&SMALL[..], args].concat(), out)
}

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

/// What the contract says of a field.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// A text.
    Text,
    /// True or false.
    Flag,
    /// A whole number from 0.
    Count,
    /// A number.
    Number,
    /// A number, or `null` where there is nothing to say.
    Perhaps,
    /// Names with numbers.
    Numbers,
    /// A list of texts.
    Texts,
    /// A section.
    Section(&'static [(&'static str, Kind)]),
    /// A section, or `null`.
    PerhapsSection(&'static [(&'static str, Kind)]),
}
use Kind::{Count, Flag, Number, Numbers, Perhaps, PerhapsSection, Section, Text, Texts};

const SUMMARY: &[(&str, Kind)] = &[
    ("format", Text),
    ("version", Text),
    ("title", Text),
    ("chip", Text),
    ("seed", Count),
    ("digest", Text),
    ("steps", Count),
    ("cycles", Count),
    ("chip_seconds", Number),
    ("wall_seconds", Number),
    ("train_seconds", Number),
    ("updates", Count),
    ("accuracy", Section(&[("train", Perhaps), ("test", Perhaps)])),
    (
        "events",
        Section(&[
            ("emitted", Count),
            ("fan_out_total", Count),
            ("delivered", Count),
            ("in_flight", Count),
            ("dropped", Numbers),
            ("late", Count),
            ("packets", Count),
            ("hops", Count),
            ("bits", Count),
        ]),
    ),
    ("actions", Numbers),
    (
        "energy_j",
        Section(&[
            ("total", Number),
            ("per_update", Perhaps),
            ("by_action", Numbers),
            ("by_phase", Numbers),
            ("static", Number),
            ("unpriced", Texts),
            ("evidence", Text),
        ]),
    ),
    ("area_mm2", Perhaps),
    ("latency_s_per_update", Perhaps),
    ("power_w", Section(&[("average", Perhaps), ("peak", Perhaps)])),
    (
        "memory_bits",
        Section(&[
            ("weights", Count),
            ("latches", Count),
            ("state", Count),
            ("delays", Count),
            ("routing", Count),
            ("restart", Count),
            ("io", Count),
            (
                "alternatives",
                Section(&[
                    ("ep_product", Count),
                    ("ep_accumulate", Count),
                    ("ep_state", Count),
                    ("bptt", Count),
                ]),
            ),
            ("bptt_crossover_steps", Perhaps),
        ]),
    ),
    (
        "settling",
        Section(&[
            ("phases", Count),
            ("unsettled", Count),
            ("oscillating", Count),
            ("refused", Count),
            ("steps_median", Perhaps),
            ("steps_p95", Perhaps),
            (
                "classes",
                Section(&[
                    ("fixed_point", Count),
                    ("slow", Count),
                    ("limit_cycle", Count),
                    ("granular", Count),
                    ("aperiodic", Count),
                ]),
            ),
            (
                "last_oscillation",
                PerhapsSection(&[
                    ("phase", Text),
                    ("period_steps", Number),
                    ("amplitude", Number),
                    ("exact", Flag),
                    ("neurons", Texts),
                    ("taking_part", Count),
                    ("connections", Texts),
                    ("step", Count),
                    ("cycle", Count),
                ]),
            ),
        ]),
    ),
    ("gradient", PerhapsSection(&[("cosine", Number), ("relative_error", Number), ("norm_ratio", Number)])),
    (
        "stability",
        PerhapsSection(&[
            ("spectral_radius", Number),
            ("margin", Number),
            ("period_steps", Perhaps),
            ("uniform_delay", Text),
            ("first_unstable_delay_steps", Perhaps),
            ("critical_delay_time_constants", Perhaps),
            ("critical_period_time_constants", Perhaps),
            ("neurons_on_kink", Count),
        ]),
    ),
];

fn check_section(path: &str, value: &Value, fields: &[(&str, Kind)]) {
    let object = value.as_object().unwrap_or_else(|| panic!("{path} is no section: {value}"));
    let found: BTreeSet<&str> = object.keys().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = fields.iter().map(|(name, _)| *name).collect();
    assert_eq!(found, wanted, "fields of {path}");
    fields.iter().for_each(|(name, kind)| check_field(&format!("{path}.{name}"), &object[*name], *kind));
}

fn check_field(path: &str, value: &Value, kind: Kind) {
    let is_number = |value: &Value| value.as_f64().is_some_and(f64::is_finite);
    let fits = match kind {
        Text => value.is_string(),
        Flag => value.is_boolean(),
        Count => value.is_u64(),
        Number => is_number(value),
        Perhaps => value.is_null() || is_number(value),
        Numbers => value.as_object().is_some_and(|object| object.values().all(is_number)),
        Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        PerhapsSection(_) if value.is_null() => true,
        Section(fields) | PerhapsSection(fields) => {
            check_section(path, value, fields);
            true
        }
    };
    assert!(fits, "{path} is {value}, which is no {kind:?}");
}

fn sum(object: &Value) -> f64 {
    object.as_object().unwrap().values().map(number).sum()
}

#[test]
fn the_summary_has_every_field_of_the_contract_and_no_other() {
    let desk = Desk::new();
    let measured = ["--set", "learning.measure_gradient=true", "--set", "learning.measure_stability=true"];
    small(&desk, &[&["--seed", "7"], &measured[..]].concat(), "learned");
    small(&desk, &["--chip", "ideal", "--set", "learning.rule=none"], "asked");
    desk.digest(&[repository("traces/delay-ring.trace").to_str().unwrap()], "ring");
    for out in ["learned", "asked", "ring"] {
        check_section(out, &desk.json(&format!("{out}/summary.json")), SUMMARY);
    }
    let learned = desk.json("learned/summary.json");
    assert_eq!(learned["format"], "equipoise-summary-1");
    assert_eq!(learned["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&learned["title"], &learned["chip"]), (&"digits".into(), &"edge-rram".into()));
    assert_eq!(learned["seed"], 7);
    let digest = learned["digest"].as_str().unwrap();
    assert!(digest.len() == 16 && digest.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)));
    assert_eq!(learned["updates"], 40);
    assert!(number(&learned["gradient"]["cosine"]) > 0.0, "{}", learned["gradient"]);
    // A layered symmetric network at a minimum of its energy is stable at every common delay.
    assert_eq!(learned["stability"]["uniform_delay"], "stable", "{}", learned["stability"]);
    assert!(number(&learned["stability"]["margin"]) > 0.0);
    // Absent things are null and not invented.
    let asked = desk.json("asked/summary.json");
    assert!(asked["accuracy"]["train"].is_null() && asked["accuracy"]["test"].is_number());
    assert!(asked["energy_j"]["per_update"].is_null() && asked["latency_s_per_update"].is_null());
    assert!(asked["gradient"].is_null() && asked["stability"].is_null());
    let ring = desk.json("ring/summary.json");
    assert!(ring["accuracy"]["train"].is_null() && ring["accuracy"]["test"].is_null());
}

#[test]
fn the_books_of_a_summary_balance() {
    let desk = Desk::new();
    small(&desk, &[], "out");
    let summary = desk.json("out/summary.json");
    let names = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    let actions: BTreeSet<String> = Action::ALL.iter().map(|action| action.name().to_owned()).collect();
    assert_eq!(names(&summary["actions"]), actions);
    assert!(names(&summary["energy_j"]["by_action"]).is_subset(&actions));
    let phases: BTreeSet<String> = Phase::ALL.iter().map(|phase| phase.name().to_owned()).collect();
    assert!(names(&summary["energy_j"]["by_phase"]).is_subset(&phases));

    let energy = &summary["energy_j"];
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
    assert!(close(number(&energy["total"]), sum(&energy["by_action"]) + number(&energy["static"])));
    assert!(close(number(&energy["total"]), sum(&energy["by_phase"])));
    let training: f64 = ["load", "free", "latch", "nudge", "update", "done"]
        .map(|phase| number(&energy["by_phase"][phase]))
        .iter()
        .sum();
    assert!(close(number(&energy["per_update"]) * number(&summary["updates"]), training));

    let events = &summary["events"];
    let delivered = number(&events["delivered"]) + number(&events["in_flight"]) + sum(&events["dropped"]);
    assert_eq!(number(&events["fan_out_total"]), delivered);
    assert_eq!(summary["actions"]["packet_hop"], events["hops"]);
    assert_eq!(summary["actions"]["link_bit"], events["bits"]);
    // 40 samples of a free and a nudged phase, 20 of a free one.
    assert_eq!(summary["settling"]["phases"], 100);
    assert_eq!(number(&summary["steps"]), 40.0 * 26.0 + 20.0 * 20.0);
    assert!(number(&summary["train_seconds"]) <= number(&summary["wall_seconds"]));
    let power = &summary["power_w"];
    assert!(close(number(&power["average"]), number(&energy["total"]) / number(&summary["chip_seconds"])));
}

#[test]
fn the_ledger_adds_up_to_the_summary() {
    let desk = Desk::new();
    small(&desk, &[], "out");
    let rows = desk.rows("out/ledger.csv");
    assert_eq!(rows[0], ["core", "phase", "action", "count", "price_j", "energy_j"]);
    let summary = desk.json("out/summary.json");
    for action in Action::ALL.iter().filter(|action| action.billable()) {
        let own = || rows[1..].iter().filter(|row| row[2] == action.name());
        let count: u64 = own().map(|row| row[3].parse::<u64>().unwrap()).sum();
        assert_eq!(summary["actions"][action.name()], count, "{}", action.name());
        for row in own() {
            let [count, price, energy] = [3, 4, 5].map(|column| row[column].parse::<f64>().unwrap());
            assert_eq!(energy, count * price, "{row:?}");
        }
    }
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

/// Three outputs that inhibit each other after six steps: their free and nudged phases never settle.
const SWINGING: &str = r#"chip = "ideal"
[network]
kind = "populations"
[[network.population]]
name = "input"
neuron = "clamped"
[[network.population]]
name = "output"
size = 3
[[network.connection]]
from = "input"
to = "output"
weights = [[0.5, 0.25, 0.125]]
[[network.connection]]
from = "output"
to = "output"
weights = [[0, -1.25, -1.25], [-1.25, 0, -1.25], [-1.25, -1.25, 0]]
delay = 6
plastic = false
[neuron]
activation = "tanh"
[learning]
beta = 0.1
[phases]
free_steps = 300
nudged_steps = 300
[data]
source = "csv:data"
epochs = 1
"#;

#[test]
fn a_run_whose_phases_oscillate_writes_no_weights_and_says_so() {
    let desk = Desk::new();
    desk.put("swing.toml", SWINGING);
    desk.put("data/train.csv", "1,0\n1,1\n1,2\n");
    desk.put("data/test.csv", "1,0\n");
    let page = desk.succeeds(&["run", "swing.toml", "--out", "out"]);
    assert!(page.contains("oscillated"), "{page}");
    for words in [
        "7 of 7 phases; no weights were written after them",
        "period",
        "peak to peak",
        "output:0",
        "output -> output",
    ] {
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(words), "{words} is missing: {page}");
    }
    let summary = desk.json("out/summary.json");
    let settling = &summary["settling"];
    assert_eq!([&settling["oscillating"], &settling["refused"], &summary["updates"]], [7, 3, 0]);
    assert_eq!(settling["classes"]["limit_cycle"], 7);
    check_section("summary", &summary, SUMMARY);
    let rows = desk.rows("out/metrics.csv");
    assert_eq!([&rows[1][9], &rows[1][10], &rows[2][9], &rows[2][10]], ["6", "3", "1", "0"]);

    desk.succeeds(&["run", "swing.toml", "--out", "written", "--set", "phases.unsettled=write"]);
    let summary = desk.json("written/summary.json");
    assert_eq!([&summary["settling"]["refused"], &summary["updates"]], [0, 3]);
    assert!(number(&summary["settling"]["oscillating"]) >= 1.0);
}
