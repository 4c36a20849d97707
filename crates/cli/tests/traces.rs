//! Traces through the program: those that are shipped, those made from experiments and from recordings.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_base::Instruction;
use equipoise_trace::Trace;
use program::{Desk, number, repository};
use std::path::{Path, PathBuf};

/// Every trace in `traces/`.
fn shipped() -> Vec<PathBuf> {
    let files = std::fs::read_dir(repository("traces")).unwrap().map(|file| file.unwrap().path());
    let is_trace = |path: &PathBuf| path.extension().is_some_and(|end| end == "trace" || end == "eqt");
    let mut traces: Vec<PathBuf> = files.filter(is_trace).collect();
    traces.sort();
    assert!(traces.len() >= 4, "{traces:?}");
    traces
}

/// Settings and instructions of a trace.
fn read(path: &Path) -> (Vec<(String, String)>, Vec<Instruction>) {
    let mut trace = Trace::open(path).unwrap();
    let settings = equipoise_trace::Info::of(&mut Trace::open(path).unwrap()).unwrap().settings;
    let instructions = trace.by_ref().collect::<Result<Vec<_>, _>>().unwrap();
    (settings, instructions)
}

#[test]
fn conversion_follows_the_names_and_replaces_nothing_by_half() {
    let desk = Desk::new();
    let golden = |name: &str| std::fs::read(repository(&format!("crates/trace/tests/data/{name}"))).unwrap();
    desk.put("a.trace", golden("golden.trace"));
    let said = desk.succeeds(&["trace", "convert", "a.trace", "b.eqt"]);
    assert_eq!(said, "17 instructions written to b.eqt\n");
    assert_eq!(std::fs::read(desk.path("b.eqt")).unwrap(), golden("golden.eqt"));
    desk.succeeds(&["trace", "convert", "b.eqt", "c.trace"]);
    assert_eq!(std::fs::read(desk.path("c.trace")).unwrap(), golden("golden.trace"));
    desk.put("bad.trace", "equipoise-trace 1\n---\ndone\nstop\n");
    assert_eq!(desk.says(&["trace", "convert", "bad.trace", "b.eqt", "--overwrite"]).status, Some(2));
    assert_eq!(std::fs::read(desk.path("b.eqt")).unwrap(), golden("golden.eqt"));
    let refused = desk.says(&["trace", "convert", "a.trace", "b.txt"]);
    let message = "error: b.txt: found a name of no trace format; accepted: a name ending in .trace (text) or .eqt (binary)\n";
    assert_eq!((refused.status, refused.stderr.as_str()), (Some(2), message));
    assert_eq!(desk.everything(), ["a.trace", "b.eqt", "bad.trace", "c.trace"]);
}

#[test]
fn every_shipped_trace_survives_the_way_to_binary_and_back() {
    let desk = Desk::new();
    for path in shipped() {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let [binary, text, again] = ["eqt", "trace", "again.eqt"].map(|end| format!("{name}.{end}"));
        desk.succeeds(&["trace", "convert", path.to_str().unwrap(), &binary]);
        desk.succeeds(&["trace", "convert", &binary, &text]);
        desk.succeeds(&["trace", "convert", &text, &again]);
        let original = read(&path);
        assert!(!original.1.is_empty(), "{name}");
        assert_eq!(read(&desk.path(&binary)), original, "{name}");
        assert_eq!(read(&desk.path(&text)), original, "{name}");
        assert_eq!(std::fs::read(desk.path(&binary)).unwrap(), std::fs::read(desk.path(&again)).unwrap());
    }
}

#[test]
fn every_shipped_trace_runs_alone_and_alike_from_text_binary_and_gzip() {
    let desk = Desk::new();
    for path in shipped() {
        let path = path.to_str().unwrap();
        let digest = desk.digest(&[path, "--overwrite"], "text");
        desk.succeeds(&["trace", "convert", path, "it.eqt", "--overwrite"]);
        assert_eq!(desk.digest(&["it.eqt", "--overwrite"], "binary"), digest, "{path}");
        let packed = std::process::Command::new("gzip").args(["-c", path]).output().unwrap().stdout;
        desk.put("it.trace.gz", packed);
        assert_eq!(desk.digest(&["it.trace.gz", "--overwrite"], "packed"), digest, "{path}");
        desk.succeeds(&["check", path]);
    }
}

#[test]
fn the_xor_trace_ends_with_all_four_right_whatever_the_seed() {
    let desk = Desk::new();
    let xor = repository("traces/xor.trace");
    for seed in ["1", "2", "3", "11", "29"] {
        desk.digest(&[xor.to_str().unwrap(), "--seed", seed, "--overwrite"], "out");
        let summary = desk.json("out/summary.json");
        assert_eq!(number(&summary["accuracy"]["test"]), 1.0, "seed {seed}");
        assert_eq!(number(&summary["updates"]), 200.0);
    }
}

#[test]
fn the_digits_trace_learns_far_more_than_chance() {
    let desk = Desk::new();
    desk.digest(&[repository("traces/digits.trace").to_str().unwrap()], "out");
    let summary = desk.json("out/summary.json");
    assert_eq!(number(&summary["updates"]), 100.0);
    assert!(number(&summary["accuracy"]["test"]) >= 0.5, "{}", summary["accuracy"]);
}

/// Neuron i of a ring of n with delays d fires at steps d i + n d j after neuron 0 fired first.
#[test]
fn the_delay_ring_fires_when_the_closed_form_says() {
    let desk = Desk::new();
    desk.digest(&[repository("traces/delay-ring.trace").to_str().unwrap()], "out");
    let rows = desk.rows("out/spikes.csv");
    assert_eq!(rows[0], ["step", "cycle", "phase", "neuron"]);
    let spikes: Vec<(u64, u64)> =
        rows[1..].iter().map(|row| (row[0].parse().unwrap(), row[3].parse().unwrap())).collect();
    let (n, d, first) = (5, 3, 1);
    let mut wanted: Vec<(u64, u64)> =
        (0..n).flat_map(|i| (0..4).map(move |j| (first + d * i + n * d * j, i))).collect();
    wanted.retain(|(step, _)| *step <= 46);
    wanted.sort_unstable();
    assert_eq!(spikes, wanted);
    assert_eq!(desk.json("out/summary.json")["actions"]["spike"], 16);
}

#[test]
fn the_hopfield_trace_recalls_each_letter_from_its_corrupted_cue() {
    let desk = Desk::new();
    let path = repository("traces/hopfield.trace");
    desk.digest(&[path.to_str().unwrap()], "out");
    let root = Trace::open(&path).unwrap().header().clone();
    let patterns = root.section("network").unwrap().unwrap().get("patterns").unwrap().node.value.shown();
    let cues: Vec<Vec<f32>> = read(&path)
        .1
        .into_iter()
        .filter_map(|instruction| match instruction {
            Instruction::Recall { cue } => Some(cue.to_vec()),
            _ => None,
        })
        .collect();
    assert!(patterns.matches("25 values").count() == cues.len() && cues.len() == 3);
    let stored = stored_patterns(&root);
    let rows = desk.rows("out/recall.csv");
    for (index, (cue, pattern)) in cues.iter().zip(&stored).enumerate() {
        // The last of the 30 steps of each recall.
        let end = &rows[30 * (index + 1)];
        let recalled: Vec<f32> = end[3..].iter().map(|v| v.parse::<f32>().unwrap().signum()).collect();
        assert_ne!(cue, pattern, "the cue is corrupted");
        assert_eq!(&recalled, pattern, "letter {index}");
    }
    // The host has read 25 activities of 24 bits three times.
    assert_eq!(desk.json("out/summary.json")["actions"]["host_out"], 3 * 25 * 24);
}

fn stored_patterns(root: &equipoise_base::config::Table) -> Vec<Vec<f32>> {
    use equipoise_base::config::Value;
    let list = |value: &Value| match value {
        Value::List(items) => items.iter().map(|item| item.value.clone()).collect::<Vec<_>>(),
        other => panic!("{other:?} is no list"),
    };
    let network = root.section("network").unwrap().unwrap();
    let one = |value: Value| match value {
        Value::Integer(value) => value as f32,
        other => panic!("{other:?} is no whole number"),
    };
    list(&network.get("patterns").unwrap().node.value)
        .iter()
        .map(|pattern| list(pattern).into_iter().map(one).collect())
        .collect()
}

#[test]
fn a_trace_of_an_experiment_repeats_it_to_the_last_bit() {
    let desk = Desk::new();
    let once = ["--set", "data.epochs=1", "--set", "data.test_samples=100"];
    let digest = desk.digest(&once, "experiment");
    assert!(number(&desk.json("experiment/summary.json")["updates"]) >= 1_000.0);
    for name in ["it.trace", "it.eqt"] {
        let said = desk.succeeds(&[&["trace", "from", "--to", name], &once[..]].concat());
        assert_eq!(said, format!("10 461 instructions written to {name}\n"));
        assert_eq!(desk.digest(&[name], &format!("from-{name}")), digest, "{name}");
        for file in ["ledger.csv", "metrics.csv", "weights.npz"] {
            let [made, replayed] = ["experiment", &format!("from-{name}")]
                .map(|folder| std::fs::read(desk.path(&format!("{folder}/{file}"))).unwrap());
            assert!(made == replayed, "{file} of {name}");
        }
    }
    // The same program on another chip is another run.
    assert_ne!(desk.digest(&["it.trace", "--chip", "ideal"], "ideal"), digest);
}

#[test]
fn a_stimulus_becomes_a_trace_too() {
    let desk = Desk::new();
    let step =
        ["--set", "stimulus.steps=30", "--set", "stimulus.values=[0.2]", "--set", "stimulus.then=[0.9]"];
    let step = [&step[..], &["--set", "stimulus.at_step=10"]].concat();
    let digest = desk.digest(&step, "experiment");
    desk.succeeds(&[&["trace", "from", "--to", "it.trace"], &step[..]].concat());
    assert_eq!(desk.digest(&["it.trace"], "replayed"), digest);
}

#[test]
fn an_experiment_can_play_the_program_of_a_trace_on_its_own_network() {
    let desk = Desk::new();
    desk.put("it.trace", std::fs::read(repository("traces/xor.trace")).unwrap());
    desk.put(
        "own/run.toml",
        "chip = \"ideal\"\n[network]\nlayers = [2, 7, 2]\n[data]\nsource = \"trace:../it.trace\"\n",
    );
    desk.digest(&["own/run.toml"], "out");
    assert_eq!(desk.json("out/summary.json")["updates"], 200);
}

/// Every event of a recording plays in its step on its line: what the input axons carried, summed over the run,
/// is what the trace lists.
#[test]
#[cfg_attr(not(has_data), ignore = "EQUIPOISE_DATA does not name a folder with data sets")]
fn camera_recordings_play_event_by_event() {
    let desk = Desk::new();
    let data = PathBuf::from(std::env::var_os("EQUIPOISE_DATA").unwrap());
    let recordings = data.join("nmnist-small/test100.bs2.gz");
    desk.put(
        "camera.toml",
        "chip = \"edge-rram\"\n[hardware]\ncore.kind = \"sram\"\n[network]\nlayers = [578, 20, 10]\n\
         [neuron]\nkind = \"lif\"\nthreshold = 0.2\n[probe.input]\nneurons = \"input\"\n[probe.spikes]\n\
         neurons = \"hidden1\"\nquantity = \"spikes\"\n",
    );
    let made = ["--recordings", recordings.to_str().unwrap(), "--downscale", "2", "--samples", "3"];
    for name in ["camera.trace", "camera.eqt"] {
        desk.succeeds(&[&["trace", "from", "camera.toml", "--to", name], &made[..]].concat());
    }
    let digest = desk.digest(&["camera.trace"], "text");
    assert_eq!(desk.digest(&["camera.eqt"], "binary"), digest);

    let lists: Vec<_> = read(&desk.path("camera.trace"))
        .1
        .into_iter()
        .filter_map(|instruction| match instruction {
            Instruction::Events { events, .. } => Some(events),
            _ => None,
        })
        .collect();
    assert_eq!(lists.len(), 3);
    assert!(lists.iter().all(|events| events.len() > 100), "recordings have hundreds of events");
    let rows = desk.rows("text/input.csv");
    let carried = |row: &Vec<String>| row[3..].iter().filter(|value| *value == "1").count();
    // A probe looks after a step, and events of step 0 have left with the load by then.
    let later: usize = lists.iter().flat_map(|events| events.iter()).filter(|event| event.step > 0).count();
    assert_eq!(rows[1..].iter().map(carried).sum::<usize>(), later);
    let spikes = desk.rows("text/spikes.csv").len() - 1;
    assert!(spikes > 0, "some hidden neuron fires");
    assert_eq!(desk.json("text/summary.json")["actions"]["update_multiply"], 0);
}
