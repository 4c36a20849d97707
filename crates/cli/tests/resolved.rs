//! What is predicted and reported follows the weights, signs and delays that the chip has, not those of the file.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::refusals::{Content::Text, RUN, refuses};
use program::study::{found, made, value};
use program::{Desk, number};
use serde_json::Value;

/// An excitatory and an inhibitory neuron, each on a core of its own, that rest without extra delay.
const PAIR: &str = r#"chip = "ideal"
[hardware]
state = "i16f48"
core.neurons = 1
[neuron]
activation = "tanh"
a = 0.25
[learning]
rule = "none"
measure_stability = true
[stimulus]
steps = 2000
[probe.delays]
[network]
kind = "populations"
[[network.population]]
name = "e"
size = 1
bias = 0.2
start = 0.1
[[network.population]]
name = "i"
size = 1
bias = -0.1
[[network.connection]]
from = "e"
to = "i"
weights = 1.5
plastic = false
[[network.connection]]
from = "i"
to = "e"
weights = -1.5
plastic = false
"#;

/// Four steps for the one hop between the two cores, and one within.
const BY_DISTANCE: &str = "[delays]\nsteps = { kind = \"core_distance\", base = 1, per_hop = 4.0 }\n";

fn ran(desk: &Desk, args: &[&str]) -> Value {
    desk.succeeds(&[&["run", "it.toml", "--out", "out", "--overwrite", "--quiet"], args].concat());
    desk.json("out/summary.json")
}

#[test]
fn delays_by_distance_are_those_of_the_chip_in_the_margin_the_table_the_plan_and_the_study() {
    let desk = Desk::new();
    desk.put("it.toml", format!("{PAIR}{BY_DISTANCE}"));
    let summary = ran(&desk, &[]);
    assert_eq!(summary["settling"]["oscillating"], 1, "the chip oscillates");
    assert!(number(&summary["stability"]["margin"]) < 0.0, "{}", summary["stability"]);
    // The linear period, and that of the grown oscillation.
    let period = number(&summary["settling"]["last_oscillation"]["period_steps"]);
    assert!((number(&summary["stability"]["period_steps"]) - period).abs() < 1.0);
    let rows =
        "step,connection,from,to,source,target,delay_steps,phase\n0,w1,e,i,,,5,all\n0,w2,i,e,,,5,all\n";
    assert_eq!(desk.text("out/delays.csv"), rows);
    assert!(desk.succeeds(&["check", "it.toml"]).contains("\ndelays     5 steps\n"));
    // The same delays written out have the same margin.
    desk.put("it.toml", format!("{PAIR}[delays]\nsteps = 5\n"));
    assert_eq!(ran(&desk, &[])["stability"], summary["stability"]);
}

#[test]
fn studies_of_delay_vary_the_delays_that_follow_from_the_cores() {
    let desk = Desk::new();
    desk.put("it.toml", format!("{PAIR}{BY_DISTANCE}"));
    let few = ["--quick", "--set", "study.gains=[1.0]", "--set", "study.longest=6"];
    let share = "share of points, spectral radius further than 1e-3 from 1, that do what theory predicts";
    let first = "first extra delay that oscillates, gain 1";
    let replaced = "longest delay of the experiment itself, in whose place the study puts its own";
    // Once its own four extra steps are enough; of the same for all, two.
    for (pattern, onset) in [("own", 1.0), ("uniform", 2.0)] {
        let pattern = format!("study.pattern={pattern}");
        let study = made(&desk, &[&["delay", "it.toml", "--set", &pattern], &few[..]].concat());
        assert_eq!(value(&study, share), 1.0, "{pattern}");
        assert_eq!(value(&study, first), onset);
        assert_eq!(number(&found(&study, first)["reference"]["value"]), onset);
        let told = study["numbers"].as_array().unwrap().iter().find(|n| n["name"] == replaced);
        assert_eq!(told.map(|n| number(&n["value"])), (onset == 2.0).then_some(5.0), "{pattern}");
    }
    let few = ["--quick", "--set", "study.longest=4", "--set", "study.steps=2000"];
    let study = made(&desk, &[&["circuits", "it.toml"], &few[..]].concat());
    let first = found(&study, "first extra delay that oscillates, e");
    assert_eq!((number(&first["value"]), number(&first["reference"]["value"])), (2.0, 2.0));
}

#[test]
fn the_margin_is_that_of_the_weights_in_the_cells() {
    let desk = Desk::new();
    let head = "chip = \"ideal\"\n[hardware]\ndevice = { kind = \"ideal\", w_max = 0.49 }\n[neuron]\nactivation = \"tanh\"\na = 0.25\n\
                [learning]\nrule = \"none\"\nmeasure_stability = true\n[stimulus]\nsteps = 200\n";
    desk.put(
        "it.toml",
        format!("{head}[network]\nkind = \"explicit\"\nneurons = \"n.csv\"\nedges = \"e.csv\"\n"),
    );
    desk.put("n.csv", "id,population\n0,all\n1,all\n");
    desk.put("e.csv", "src,dst,weight,delay\n0,1,-4,2\n1,0,4,1\n");
    let summary = ran(&desk, &[]);
    assert_eq!(summary["settling"]["unsettled"], 0);
    // z (z - 3/4)^2 = -(0.49 / 4)^2 for the loop of both, one way of which is a step late: |z| = 0.774985...
    let margin = number(&summary["stability"]["margin"]);
    assert!((margin - 0.225_014_663_286).abs() < 1e-6, "{margin}");
}

/// A clamped input that drives nobody, before the first connection.
const CLAMPED: &str =
    "[[network.population]]\nname = \"input\"\nneuron = \"clamped\"\n[[network.connection]]";

#[test]
fn delays_of_nudged_phases_show_in_the_margin_the_table_and_the_plan() {
    let desk = Desk::new();
    let learning = PAIR
        .replace("rule = \"none\"\n", "beta = 0.01\n")
        .replace("[stimulus]\nsteps = 2000\n", "")
        .replace("plastic = false\n", "")
        .replace("\"e\"", "\"output\"")
        .replacen("[[network.connection]]", CLAMPED, 1);
    let data = "[data]\nsource = \"csv:data\"\nepochs = 1\n[phases]\nnudged_steps = 2000\nfree_steps = 200\n";
    desk.put("it.toml", format!("{learning}{data}[delays]\nnudged_steps = 5\n"));
    desk.put("data/train.csv", "1,0\n");
    desk.put("data/test.csv", "1,0\n");
    let summary = ran(&desk, &[]);
    let stability = &summary["stability"];
    assert!(number(&stability["margin"]) > 0.1, "{stability}");
    assert!(number(&stability["nudged"]["margin"]) < 0.0, "{stability}");
    assert_eq!(summary["settling"]["last_oscillation"]["phase"], "nudge", "the chip oscillates there alone");
    let rows = [("w1", "output,i"), ("w2", "i,output")].map(|(connection, ends)| {
        format!("0,{connection},{ends},,,1,free\n0,{connection},{ends},,,5,nudged\n")
    });
    let table = desk.text("out/delays.csv");
    assert!(rows.iter().all(|rows| table.contains(rows)), "{table}");
    let plan = desk.succeeds(&["check", "it.toml"]);
    assert!(plan.contains("\ndelays     1 step in free phases, 5 steps in nudged ones\n"), "{plan}");
}

#[test]
fn without_a_barrier_no_margin_is_invented_and_the_reason_is_given() {
    let desk = Desk::new();
    desk.put("it.toml", PAIR.replace("[neuron]", "sync = \"free\"\n[neuron]"));
    let page = desk.succeeds(&["run", "it.toml", "--out", "out"]);
    assert!(page.contains("stability  not known: without a barrier (hardware.sync = \"free\")"), "{page}");
    let summary = desk.json("out/summary.json");
    assert!(summary["stability"].is_null());
    assert!(summary["stability_unknown"].as_str().unwrap().contains("in transport"));
    let plan = desk.succeeds(&["check", "it.toml"]);
    assert!(plan.contains("without a barrier up to"), "{plan}");
    let file = PAIR.replace("[neuron]", "sync = \"free\"\n[neuron]");
    for study in ["delay", "bistability", "circuits"] {
        let args = ["study", study, "it.toml", "--out", "out", "--quiet"];
        let message = "it.toml:5:1: `hardware.sync`: found \"free\"; accepted: \"barrier\": without one what is in \
                       transport is late as well, which is no part of the theory";
        refuses(study, &[("it.toml", Text(&file))], &args, message);
    }
}

#[test]
fn what_a_connection_and_a_section_say_differently_is_refused_and_both_are_named() {
    let own = PAIR.replacen("weights = 1.5\n", "weights = 1.5\ndelay = 3\n", 1);
    let symmetric = own.replacen("delay = 3\n", "delay = 3\nsymmetric = true\n", 1);
    let delays = "one of the two: leave one key out, or let `delays` have a list with 1 for this connection";
    let whose = "for the connection `e` to `i`, whose own `network.connection[0].delay` is 3";
    for (file, keys, key, spec) in [
        (&own, "steps = 4", "steps", "4"),
        (&own, "steps = [[2], 1]", "steps", "a list"),
        (&own, "steps = { kind = \"core_distance\" }", "steps", "kind = \"core_distance\""),
        (&symmetric, "return_steps = 4", "return_steps", "4"),
    ] {
        let text = format!("{file}[delays]\n{keys}\n");
        let line = text.lines().count();
        let message = format!("it.toml:{line}:1: `delays.{key}`: found {spec} {whose}; accepted: {delays}");
        refuses(keys, &[("it.toml", Text(&text))], RUN, &message);
    }
    // What agrees, or speaks of the other connection alone, is accepted.
    let desk = Desk::new();
    for keys in ["steps = 3", "steps = [1, 6]", "steps = 1"] {
        desk.put("it.toml", format!("{own}[delays]\n{keys}\n"));
        assert!(ran(&desk, &[])["stability"].is_object());
    }
    assert!(desk.text("out/delays.csv").contains("0,w1,e,i,,,3,all"));

    let learning =
        PAIR.replace("rule = \"none\"", "rates = [0.1, 0.1]").replace("name = \"e\"", "name = \"output\"");
    let learning = learning.replace("\"e\"", "\"output\"");
    let rated = learning.replacen("plastic = false", "rate = 0.3", 1);
    for (file, own) in [
        (&learning, "network.connection[0].plastic` makes it 0"),
        (&rated, "network.connection[0].rate` makes it 0.3"),
    ] {
        let accepted = "one of the two: leave one key out, or let them agree";
        let message =
            format!("it.toml:9:1: `learning.rates`: found the rate 0.1, where `{own}; accepted: {accepted}");
        refuses(own, &[("it.toml", Text(file))], RUN, &message);
    }
}
