//! Explicit networks: what a run of tables leaves is as large as what it holds, and is accepted again.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use equipoise_trace::edge_archive::{self, EdgeArchive, EdgeRow};
use equipoise_trace::input::checksum;
use equipoise_trace::{Array, Values, npz};
use program::{Desk, number};
use std::collections::BTreeMap;
use std::fs;

/// Four inputs, six hidden neurons and three outputs with odd ids, sparsely joined.
fn tables(desk: &Desk) {
    let mut neurons = "id,population,bias\n".to_owned();
    for (first, size, name) in [(100, 4, "input"), (7, 6, "hidden"), (50, 3, "output")] {
        let bias = if name == "input" { 0.0 } else { 0.25 };
        (0..size).for_each(|i| neurons += &format!("{},{name},{bias}\n", first + 2 * i));
    }
    let mut edges = "src,dst,weight,delay,connection\n".to_owned();
    for (at, (from, to)) in [(0, 0), (3, 5), (1, 2), (2, 2), (0, 4), (3, 1)].into_iter().enumerate() {
        edges += &format!("{},{},0.{},{},up\n", 100 + 2 * from, 7 + 2 * to, 3 + at, 1 + at % 3);
    }
    for (from, to) in [(0, 0), (1, 2), (2, 1), (4, 0), (5, 2)] {
        edges += &format!("{},{},0.5,1,out\n", 7 + 2 * from, 50 + 2 * to);
    }
    desk.put("neurons.csv", neurons);
    desk.put("edges.csv", edges);
    desk.put(
        "samples.csv",
        "a,b,c,d,label\n0,0.25,0.5,1,0\n1,0.5,0.25,0,1\n0.5,1,0,0.5,2\n1,1,0,0,1\n0,1,1,0,2\n",
    );
}

/// An experiment on those tables; `more` follows the sections.
fn experiment(desk: &Desk, more: &str) {
    tables(desk);
    let text = format!(
        "chip = \"ideal\"\n[hardware]\ncore.kind = \"sram\"\n[network]\nkind = \"explicit\"\n\
         neurons = \"neurons.csv\"\nedges = \"edges.csv\"\n[data]\nsource = \"csv:samples.csv\"\nepochs = 3\n{more}"
    );
    desk.put("it.toml", text);
}

const PLASTIC: &str = "[learning]\nrates = [0.1, 0.1]\nbias_rates = [0.1, 0.1]\n";

/// The arrays of an archive, without the file in their names.
fn arrays(desk: &Desk, name: &str) -> BTreeMap<String, Array> {
    let named = |(key, array): (String, Array)| {
        let name = key.as_str().into();
        (key, Array { name, ..array })
    };
    npz::read(&desk.path(name)).unwrap().into_iter().map(named).collect()
}

#[test]
fn trained_synapses_are_left_as_synapses_with_their_ids_and_start_another_run() {
    let desk = Desk::new();
    experiment(&desk, PLASTIC);
    for kind in ["sram", "analog"] {
        let (taught, kind) = (format!("taught-{kind}"), format!("hardware.core.kind={kind}"));
        desk.digest(&["it.toml", "--set", &kind], &taught);
        let weights = format!("{taught}/weights.npz");
        let found = arrays(&desk, &weights);
        assert_eq!(
            found.keys().collect::<Vec<_>>(),
            ["b1", "b2", "connection", "delay", "dst", "src", "weight"]
        );
        let whole = |name: &str| found[name].finite_f64().unwrap();
        assert_eq!(whole("src"), [100, 100, 102, 104, 106, 106, 7, 9, 11, 15, 17].map(f64::from));
        assert_eq!(whole("dst"), [7, 15, 11, 11, 9, 17, 50, 54, 52, 50, 54].map(f64::from));
        assert_eq!(whole("delay"), [1, 2, 3, 1, 3, 2, 1, 1, 1, 1, 1].map(f64::from));
        assert_eq!(whole("connection"), [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1].map(f64::from));
        assert_ne!(whole("weight")[6..], [0.5; 5], "it has learned");
        // As the table and as start weights: what is loaded is what was left, and the run is the same one.
        let still = ["it.toml", "--set", &kind, "--set", "data.epochs=0", "--set"];
        let mut digests = Vec::new();
        for key in ["network.edges", "network.weights"] {
            let (assigned, out) = (format!("{key}={weights}"), format!("{taught}-{key}"));
            digests.push(desk.digest(&[&still[..], &[&assigned]].concat(), &out));
            assert_eq!(arrays(&desk, &format!("{out}/weights.npz")), arrays(&desk, &weights), "{key}");
        }
        assert_eq!(digests[0], digests[1]);
        let test = |out: &str| desk.json(&format!("{out}/summary.json"))["accuracy"]["test"].clone();
        assert_eq!(test(&taught), test(&format!("{taught}-network.weights")));
    }
}

#[test]
fn what_a_run_of_an_archive_writes_down_runs_again_to_the_same_digest() {
    let desk = Desk::new();
    experiment(&desk, PLASTIC);
    let first = desk.digest(&["it.toml"], "first");
    let taught = desk.digest(&["it.toml", "--set", "network.weights=first/weights.npz"], "second");
    assert_ne!(first, taught);
    assert_eq!(desk.digest(&["second/experiment.toml"], "third"), taught);
}

#[test]
fn random_delays_of_synapses_are_those_of_the_file_that_a_run_of_them_left() {
    let desk = Desk::new();
    experiment(&desk, PLASTIC);
    let table = desk.text("edges.csv").replace(",2,up", ",1,up").replace(",3,up", ",1,up");
    desk.put("edges.csv", table);
    let random = ["--set", "delays.steps={kind = \"random\", max = 5, per = \"synapse\"}"];
    let args = |more: &[&'static str]| [&["it.toml"], &random[..], more].concat();
    desk.digest(&args(&[]), "first");
    let delays = arrays(&desk, "first/weights.npz")["delay"].finite_f64().unwrap();
    assert!(delays.iter().any(|&delay| delay > 1.0), "{delays:?}");
    desk.digest(&args(&["--set", "network.weights=first/weights.npz", "--set", "data.epochs=0"]), "again");
    assert_eq!(arrays(&desk, "again/weights.npz"), arrays(&desk, "first/weights.npz"));
}

#[test]
fn frozen_synapses_are_referred_to_by_file_and_checksum_and_not_copied() {
    let desk = Desk::new();
    experiment(&desk, "");
    let digest = desk.digest(&["it.toml"], "out");
    let archive = EdgeArchive::open(&desk.path("out/weights.npz")).unwrap();
    let edges = archive.reference().unwrap().expect("a reference");
    assert_eq!(fs::canonicalize(&edges.path).unwrap(), fs::canonicalize(desk.path("edges.csv")).unwrap());
    assert_eq!(edges.crc32, checksum(&desk.path("edges.csv")).unwrap());
    assert!(arrays(&desk, "out/weights.npz").keys().eq(["b1", "b2", "edges_crc32", "edges_file"]));
    // The archive stands for the synapses, here and wherever the folder is moved.
    fs::rename(desk.path("out"), desk.path("elsewhere")).unwrap();
    for key in ["network.edges", "network.weights"] {
        let assigned = format!("{key}=elsewhere/weights.npz");
        assert_eq!(desk.digest(&["it.toml", "--set", &assigned], key), digest);
    }
    // Not if the table has changed.
    desk.put("edges.csv", desk.text("edges.csv").replace("0.5,1,out", "0.4,1,out"));
    let said =
        desk.says(&["run", "it.toml", "--set", "network.weights=elsewhere/weights.npz", "--out", "no"]);
    assert_eq!(said.status, Some(2));
    assert!(
        said.stderr.contains("`network.weights`: found the checksum")
            && said.stderr.contains(&format!("with the CRC-32 {:08x}", edges.crc32)),
        "{}",
        said.stderr
    );
    assert!(!desk.path("no").exists());
}

#[test]
fn start_weights_of_other_synapses_are_refused() {
    let desk = Desk::new();
    experiment(&desk, PLASTIC);
    desk.digest(&["it.toml"], "taught");
    let refused = |what: &str, found: &str| {
        let said =
            desk.says(&["run", "it.toml", "--set", "network.weights=taught/weights.npz", "--out", "no"]);
        assert_eq!(said.status, Some(2), "{what}");
        let accepted = "accepted: those of `network.edges`, as a run of them leaves them";
        assert!(said.stderr.contains(&format!("found {found}; {accepted}")), "{what}: {}", said.stderr);
    };
    let table = desk.text("edges.csv");
    desk.put("edges.csv", table.replace("104,11", "104,13"));
    refused("another target", "other synapses in connection 1 (6 where `network.edges` has 6)");
    desk.put("edges.csv", table.clone() + "17,50,0.5,1,out\n");
    refused("one more", "other synapses in connection 2 (5 where `network.edges` has 6)");
    desk.put("edges.csv", table + "17,50,0.5,1,other\n");
    refused("another connection", "synapses of 2 connections, where `network.edges` has 3");
}

/// What was 40 GB: a result of so many neurons is as large as its synapses.
#[test]
fn a_hundred_thousand_neurons_leave_a_small_result() {
    let desk = Desk::new();
    let neurons: String = (0..100_000).map(|id| format!("{id},net\n")).collect();
    desk.put("neurons.csv", format!("id,population\n{neurons}"));
    let row = |at: u32| EdgeRow {
        connection: 0,
        src: at % 100_000,
        dst: (at * 7 + 13) % 100_000,
        weight: f64::from(at % 64) / 64.0,
        delay: 1,
    };
    edge_archive::write(&desk.path("edges.npz"), 200_000, (0..200_000).map(row), &[]).unwrap();
    desk.put(
        "it.toml",
        "chip = \"ideal\"\n[hardware]\ncore.kind = \"sram\"\n[neuron]\nkind = \"lif\"\n[network]\n\
         kind = \"explicit\"\nneurons = \"neurons.csv\"\nedges = \"edges.npz\"\n[stimulus]\nsteps = 3\n",
    );
    desk.digest(&["it.toml"], "frozen");
    let size = |name: &str| fs::metadata(desk.path(name)).unwrap().len();
    assert!(size("frozen/weights.npz") < 1_000_000, "biases and a reference");
    let plastic = ["--set", "network.output=net", "--set", "learning.rates=[0.1]"];
    desk.digest(&[&["it.toml"], &plastic[..]].concat(), "plastic");
    assert!(size("plastic/weights.npz") < 24 * 200_000 + 1_000_000);
    let weights = &arrays(&desk, "plastic/weights.npz")["weight"];
    assert!(matches!(&weights.values, Values::F64(weights) if weights.len() == 200_000));
    assert_eq!(number(&desk.json("plastic/summary.json")["steps"]), 3.0);
}
