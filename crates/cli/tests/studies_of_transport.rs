//! The studies of what travels: transport without a barrier, the pipeline of a step, load and latency.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::refusals::{Content::Text, refuses};
use program::study::{found, made, value};
use program::{Desk, number};

/// In an empty mesh theory knows when every packet arrives; where FIFOs are deep and periods long, so does the chip.
#[test]
fn transport_moves_the_edge_of_oscillation_as_the_spectrum_says() {
    let desk = Desk::new();
    let keys =
        ["study.sides=[2,3]", "study.fifo_depths=[16]", "study.periods_cycles=[40]", "study.shown_side=2"];
    let keys: Vec<&str> = keys.iter().flat_map(|key| ["--set", key]).collect();
    let study = made(&desk, &[&["transport", "--set", "study.shown_period_cycles=40"], &keys[..]].concat());
    for side in [2, 3] {
        let name = format!("critical gain, side {side}, FIFO depth 16, period 40 cycles");
        let (seen, theory) = (value(&study, &name), number(&found(&study, &name)["reference"]["value"]));
        assert!((seen / theory - 1.0).abs() < 0.02, "{name}: {seen} beside {theory}");
    }
}

#[test]
fn a_study_of_transport_refuses_another_network_and_another_router() {
    refuses(
        "network of its own",
        &[("it.toml", Text("[hardware]\nrouter = \"mesh\"\n[network]\nkind = \"recurrent\"\n"))],
        &["study", "transport", "it.toml"],
        "it.toml:3:2: `network`: found a network of its own; accepted: no [network]: the study builds one for each mesh",
    );
    refuses(
        "wires",
        &[("it.toml", Text("[hardware]\nrouter = \"ideal\"\n"))],
        &["study", "transport", "it.toml"],
        "it.toml:2:1: `hardware.router`: found another router; accepted: \"mesh\", whose FIFOs are varied",
    );
}

#[test]
fn a_sample_takes_the_cycles_that_were_worked_out_by_hand() {
    let study = made(&Desk::new(), &["pipeline"]);
    let numbers = study["numbers"].as_array().unwrap();
    assert_eq!(numbers.len(), 13);
    assert!(numbers.iter().all(|n| number(&n["deviation"]) == 0.0), "{numbers:?}");
    assert_eq!((value(&study, "cycles of the sample"), value(&study, "cycles of step 2")), (1018.0, 33.0));
    // With less room in the FIFOs it takes longer, by hand too, and nothing is claimed about the states.
    for (depth, step, sample) in [("2", 35.0, 1078.0), ("1", 41.0, 1258.0)] {
        let set = format!("hardware.router.fifo_depth={depth}");
        let study = made(&Desk::new(), &["pipeline", "--set", &set]);
        assert_eq!(
            (value(&study, "cycles of the sample"), value(&study, "cycles of step 2")),
            (sample, step)
        );
        assert!(study["numbers"].as_array().unwrap().iter().all(|n| n["reference"].is_null()));
    }
}

/// What is drawn of a step is what its clock took: it ends with its last packet or update.
#[test]
fn the_rows_of_a_pipeline_fill_its_step() {
    let desk = Desk::new();
    let study = made(&desk, &["pipeline", "--set", "learning.nudging=centered"]);
    let rows: Vec<Vec<Option<f64>>> = desk.rows("out/study.csv")[1..]
        .iter()
        .map(|row| row.iter().map(|field| field.parse().ok()).collect())
        .collect();
    let of_kind = |kind: f64| rows.iter().filter(move |row| row[0] == Some(kind));
    let end = |row: &Vec<Option<f64>>| row[5].unwrap();
    let states: Vec<_> = of_kind(0.0).collect();
    assert!(states.windows(2).all(|pair| pair[0][5] == pair[1][4]), "states follow each other");
    assert_eq!(end(states[states.len() - 1]), value(&study, "cycles of the sample"));
    assert_eq!(of_kind(1.0).count(), 20 + 2 * 10);
    let shown = of_kind(1.0).nth(1).unwrap();
    let within = rows.iter().filter(|row| row[0] > Some(1.0) && row[4] < row[5]);
    assert!(within.clone().all(|row| row[4] >= shown[4] && row[5] <= shown[5]));
    assert_eq!(within.map(end).fold(0.0, f64::max), end(shown));
    // Four and three activities, three drives.
    assert_eq!((of_kind(4.0).count(), of_kind(5.0).count()), (7, 3));
}

#[test]
fn a_picture_of_a_pipeline_needs_a_step_that_there_is() {
    let free = Text("chip = \"ideal\"\n[hardware]\nsync = \"free\"\n");
    let message = "it.toml:3:1: `hardware.sync`: found \"free\"; accepted: \"barrier\": without a barrier there is no step that all cores take together";
    refuses("no barrier", &[("it.toml", free)], &["study", "pipeline", "it.toml"], message);
    let message = "command line: `study.step`: found 31; accepted: a step from 1 to 30, the sample's last";
    refuses("no such step", &[], &["study", "pipeline", "--set", "study.step=31"], message);
}

/// The textbook's numbers for a side of eight under uniform traffic: mean distances of 2 (64 - 1) / 24 and 4 links; half of all
/// packets cross the middle of the mesh, and a ring's links carry 1.25 per packet.
#[test]
fn load_latency_curves_begin_at_zero_load_and_end_below_the_bound() {
    let study = made(&Desk::new(), &["load", "--set", "study.cycles=1500", "--threads", "2"]);
    let starts = study["numbers"].as_array().unwrap().iter();
    let starts = starts.filter(|n| n["name"].as_str().unwrap().starts_with("mean latency at"));
    let zero: Vec<f64> = starts
        .map(|n| {
            let zero = number(&n["reference"]["value"]);
            assert!((number(&n["value"]) / zero - 1.0).abs() < 0.1, "{n}");
            zero
        })
        .collect();
    assert!((zero[0] - (4.0 * 63.0 / 24.0 + 1.0)).abs() < 1e-9 && (zero[1] - 9.0).abs() < 1e-9, "{zero:?}");
    let largest = |name: &str| found(&study, &format!("largest accepted throughput, {name}")).clone();
    for (name, bound) in [("mesh", 0.5), ("torus", 0.8), ("concentrated mesh", 0.25), ("tree", 1.0 / 12.0)] {
        let (seen, theory) = (number(&largest(name)["value"]), number(&largest(name)["reference"]["value"]));
        assert!((theory - bound).abs() < 1e-12, "{name}: {theory}");
        assert!(seen < bound && seen > 0.6 * bound, "{name}: {seen} of {bound}");
    }
    let of_depths = ["1", "2", "4", "16"].map(|d| number(&largest(&format!("FIFO depth {d}"))["value"]));
    assert!(of_depths.windows(2).all(|pair| pair[0] < pair[1]), "{of_depths:?}");
    // The mesh, its default arbiter and its default depth are one router.
    assert_eq!(largest("mesh")["value"], largest("oldest")["value"]);
    assert_eq!(largest("mesh")["value"], largest("FIFO depth 4")["value"]);
}

#[test]
fn a_study_of_load_refuses_loads_out_of_order() {
    let message = "command line: `study.loads`: found [0.5, 0.2]; accepted: one or more numbers, increasing";
    refuses("loads", &[], &["study", "load", "--set", "study.loads=[0.5, 0.2]"], message);
}
