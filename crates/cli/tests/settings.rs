//! Settings of the command line, and what becomes of them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_base::config::{Table, Value};
use equipoise_trace::toml_tree;
use program::{Desk, SMALL, number};

/// The value at `key` of a resolved experiment, as messages show it.
fn value(root: &Table, key: &str) -> String {
    let mut table = root;
    let mut shown = String::new();
    for part in key.split('.') {
        let (name, index) = part.split_once('[').map_or((part, None), |(name, rest)| {
            (name, Some(rest.trim_end_matches(']').parse::<usize>().unwrap()))
        });
        let mut value = &table.get(name).unwrap_or_else(|| panic!("no {key}")).node.value;
        if let (Some(index), Value::List(items)) = (index, value) {
            value = &items[index].value;
        }
        match value {
            Value::Table(inner) => table = inner,
            other => shown = other.shown(),
        }
    }
    shown
}

#[test]
fn set_reaches_every_section() {
    let desk = Desk::new();
    let cases = [
        ("title", "other words", "\"other words\""),
        ("chip", "ideal", "\"ideal\""),
        ("seed", "11", "11"),
        ("hardware.adc.bits", "5", "5"),
        ("hardware.price.adc_convert", "1e-9", "1e-9"),
        ("network.layers", "[64, 20, 10]", "[64, 20, 10]"),
        ("network.layers[1]", "21", "[64, 21, 10]"),
        ("network.gain", "2", "2.0"),
        ("neuron.activation", "logistic", "\"logistic\""),
        ("learning.beta", "0.5", "0.5"),
        ("learning.latch.bits", "12", "12"),
        ("phases.free_steps", "13", "13"),
        ("phases.settle", "{tolerance = 0.01}", ""),
        ("delays.steps", "[2, 3]", "[2, 3]"),
        ("data.shuffle", "false", "false"),
        ("stimulus.steps", "5", "5"),
        ("probe.some-name.every_steps", "3", "3"),
    ];
    for (key, given, wanted) in cases {
        let assignment = format!("{key}={given}");
        desk.digest(&[&SMALL[..], &["--set", &assignment, "--overwrite"]].concat(), "out");
        let root = toml_tree::parse(&desk.text("out/experiment.toml"), "out").unwrap();
        let key = key.split('[').next().unwrap();
        assert_eq!(value(&root, key), wanted, "{assignment}");
    }
}

#[test]
fn the_last_word_is_the_command_lines() {
    let desk = Desk::new();
    desk.put("it.toml", "seed = 3\nchip = \"edge-rram\"\n[data]\nepochs = 0\ntest_samples = 5\n");
    desk.digest(
        &["it.toml", "--seed", "4", "--chip", "ideal", "--set", "seed=5", "--set", "data.epochs=0"],
        "out",
    );
    let summary = desk.json("out/summary.json");
    assert_eq!((&summary["seed"], &summary["chip"]), (&4.into(), &"ideal".into()));
}

#[test]
fn paths_count_from_the_file_or_from_the_working_directory() {
    let desk = Desk::new();
    desk.put("sub/data.csv", "0,0\n1,1\n0,0\n1,1\n0,0\n");
    desk.put(
        "sub/it.toml",
        "chip = \"ideal\"\n[network]\nlayers = [1, 2]\n[data]\nsource = \"csv:data.csv\"\nepochs = 1\n",
    );
    let from_file = desk.digest(&["sub/it.toml"], "a");
    let from_here = desk.digest(&["sub/it.toml", "--set", "data.source=csv:sub/data.csv"], "b");
    assert_eq!(from_file, from_here);
    // Four samples train, every fifth one tests.
    assert_eq!(desk.json("a/summary.json")["updates"], 4);
}

#[test]
fn a_named_data_folder_is_searched_after_the_files_own() {
    let desk = Desk::new();
    desk.put("sets/data.csv", "0,0\n1,1\n0,0\n1,1\n0,0\n");
    let args = [
        "run",
        "--quiet",
        "--out",
        "out",
        "--set",
        "network.layers=[1,2]",
        "--set",
        "data.source=csv:data.csv",
    ];
    let output = desk.command(&args).env("EQUIPOISE_DATA", desk.path("sets")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn with_only_chip_layers_source_and_epochs_the_defaults_learn() {
    let desk = Desk::new();
    for chip in ["ideal", "edge-rram"] {
        desk.put("it.toml", format!("chip = \"{chip}\"\n[network]\nlayers = [64, 32, 10]\n[data]\nsource = \"digits\"\nepochs = 2\n"));
        desk.digest(&["it.toml"], chip);
        let accuracy = number(&desk.json(&format!("{chip}/summary.json"))["accuracy"]["test"]);
        assert!(accuracy > 0.85, "{accuracy} on {chip}");
    }
}

#[test]
fn weights_and_biases_come_from_npy_files_too() {
    let desk = Desk::new();
    let small = [&SMALL[..], &["--chip", "ideal"]].concat();
    desk.digest(&small, "taught");
    let arrays = equipoise_trace::npz::read(&desk.path("taught/weights.npz")).unwrap();
    for (name, array) in &arrays {
        equipoise_trace::npy::write(&desk.path(&format!("{name}.npy")), array).unwrap();
    }
    let asked = [&small[..], &["--set", "data.epochs=0"]].concat();
    let archive =
        desk.digest(&[&asked[..], &["--set", "network.weights=taught/weights.npz"]].concat(), "archive");
    let weights = "network.weights=[\"w1.npy\", \"w2.npy\"]";
    let biases = "network.biases=[\"b1.npy\", \"b2.npy\"]";
    assert_eq!(desk.digest(&[&asked[..], &["--set", weights, "--set", biases]].concat(), "files"), archive);
    assert_ne!(desk.digest(&[&asked[..], &["--set", weights]].concat(), "no-biases"), archive);
}

#[test]
fn weights_of_a_network_of_populations_come_back() {
    let desk = Desk::new();
    desk.put(
        "it.toml",
        "chip = \"ideal\"\n[network]\nkind = \"populations\"\n[[network.population]]\nname = \"input\"\nsize = 64\n\
         neuron = \"clamped\"\n[[network.population]]\nname = \"output\"\nsize = 10\nbias = 0.1\n\
         [[network.connection]]\nfrom = \"input\"\nto = \"output\"\n",
    );
    let once = ["it.toml", "--set", "data.epochs=1"];
    desk.digest(&once, "taught");
    let again = ["--set", "data.epochs=0", "--set", "network.weights=taught/weights.npz"];
    desk.digest(&[&once[..], &again].concat(), "again");
    let test = |out: &str| desk.json(&format!("{out}/summary.json"))["accuracy"]["test"].clone();
    assert_eq!(test("taught"), test("again"));
    assert!(number(&test("again")) > 0.7, "{}", test("again"));
}
