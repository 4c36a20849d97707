//! What probes leave, and what they refuse: waveforms, timelines, and tables in SANA-FE's columns.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::refusals::{Content::Text, RUN, refuses};
use program::{Desk, SMALL, number};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A mesh, and every kind of probe at its closest look.
const EVERYTHING: &str = "\
[hardware]
router = { kind = \"mesh\" }
[data]
epochs = 1
train_samples = 3
test_samples = 2
[probe.waveform]
signals = [\"phase\", \"step\", \"cores\", \"packets\", \"fifos\", \"activity:output\", \"state:hidden1[3..5]\", \"weight:w2[3,5]\", \"latch:w2[3,5]\"]
to_step = 40
[probe.fast]
kind = \"waveform\"
format = \"fst\"
[probe.timeline]
to_step = 30
[probe.messages]
rows = 2000
[probe.performance]
[probe.delays]
[probe.table]
";

/// A desk with a finished run of everything in `out`.
fn everything() -> (Desk, String) {
    let desk = Desk::new();
    desk.put("it.toml", EVERYTHING);
    let said = desk.succeeds(&["run", "it.toml", "--out", "out"]);
    (desk, said)
}

#[test]
fn every_kind_of_probe_leaves_its_file_and_says_what_it_left_out() {
    let (desk, said) = everything();
    let files: BTreeSet<String> = desk.below("out").into_iter().collect();
    for file in [
        "waveform.vcd",
        "fast.fst",
        "timeline.json",
        "messages.csv",
        "performance.csv",
        "delays.csv",
        "table.csv",
    ] {
        assert!(files.contains(file), "{file} of {files:?}");
    }
    assert!(said.contains("probe      waveform.vcd has steps 1 to 40 of 118\n"), "{said}");
    assert!(said.contains("probe      timeline.json has steps 1 to 30 of 118\n"), "{said}");
    assert!(said.contains("probe      messages.csv full after step "), "{said}");
    assert!(!said.contains("table.csv") && !said.contains("fast.fst"), "{said}");
    // The resolved experiment names the kinds, and its files are known as stale when it is replaced.
    desk.succeeds(&[
        "run",
        "--out",
        "out",
        "--overwrite",
        SMALL[0],
        SMALL[1],
        SMALL[2],
        SMALL[3],
        SMALL[4],
        SMALL[5],
    ]);
    assert_eq!(desk.below("out").len(), 6, "{:?}", desk.below("out"));
}

#[test]
fn looking_changes_no_digest() {
    let (desk, _) = everything();
    let seen = desk.json("out/summary.json")["digest"].as_str().unwrap().to_owned();
    let plain = EVERYTHING.split("[probe.waveform]").next().unwrap();
    desk.put("plain.toml", plain);
    assert_eq!(desk.digest(&["plain.toml"], "plain"), seen);
    assert_eq!(desk.text("plain/ledger.csv"), desk.text("out/ledger.csv"));
    assert_eq!(desk.digest(&["out/experiment.toml"], "again"), seen);
    assert_eq!(desk.text("again/waveform.vcd"), desk.text("out/waveform.vcd"));
}

/// Values of the signals of a dump by name and time.
fn dump(text: &str) -> BTreeMap<String, Vec<(u64, String)>> {
    let (mut scopes, mut names, mut seen, mut now) = (Vec::new(), BTreeMap::new(), BTreeMap::new(), 0);
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["$scope", _, name, _] => scopes.push(name),
            ["$upscope", _] => drop(scopes.pop()),
            ["$var", _, _, code, name, _] => {
                names.insert(code.to_owned(), format!("{}.{name}", scopes.join(".")));
            }
            [time] if time.starts_with('#') => now = time[1..].parse().unwrap(),
            [bit] if bit.starts_with(['0', '1']) => {
                seen.entry(names[&bit[1..]].clone())
                    .or_insert_with(Vec::new)
                    .push((now, bit[..1].to_owned()));
            }
            [value, code] if value.starts_with(['b', 'r', 's']) => {
                seen.entry(names[code].clone()).or_default().push((now, value[1..].to_owned()));
            }
            _ => {}
        }
    }
    seen
}

#[test]
fn a_waveform_shows_the_phases_and_values_of_the_first_sample_in_their_cycles() {
    let (desk, _) = everything();
    let seen = dump(&desk.text("out/waveform.vcd"));
    let states: Vec<&str> = seen["chip.controller.state"].iter().map(|(_, state)| state.as_str()).collect();
    assert_eq!(states[..8], ["LOAD", "FREE", "LATCH_F", "NUDGE", "LATCH_N", "UPDATE", "DONE", "LOAD"]);
    // The waveform's end of every step is the table's, and so are the output's activities after it.
    let rows = desk.rows("out/table.csv");
    let steps = &seen["chip.step"];
    assert_eq!(steps.len(), 40);
    for (next, row) in steps.iter().skip(1).zip(&rows[1..]) {
        let (step, end): (u64, u64) = (row[0].parse().unwrap(), row[1].parse().unwrap());
        // Between the phases of a sample, and between samples, the controller has work of its own.
        assert!(next.0 == end || [20, 26].contains(&step), "step {step} ends at {end}");
        for neuron in 0..10 {
            let changes = &seen[&format!("chip.activity.output.n{neuron}")];
            let held = changes.iter().rfind(|(cycle, _)| *cycle <= end).unwrap();
            assert_eq!(held.1.parse::<f64>().unwrap(), row[3 + neuron].parse::<f64>().unwrap());
        }
    }
    // The weight and the latches change where the controller writes them.
    let at = |state: &str| seen["chip.controller.state"].iter().find(|(_, s)| s == state).unwrap().0;
    let latched: Vec<u64> = seen["chip.w2.latch_second_3_5"].iter().map(|(cycle, _)| *cycle).collect();
    assert!(latched.iter().all(|&cycle| cycle == at("FREE") || cycle == at("NUDGE") || cycle > at("DONE")));
    let weights: Vec<u64> = seen["chip.w2.weight_3_5"].iter().map(|(cycle, _)| *cycle).collect();
    assert!(weights[1..].iter().all(|&cycle| cycle == at("DONE") || cycle > at("DONE")), "{weights:?}");
    // Cores are busy while they read, update or learn, and every FIFO is empty in the end.
    assert!(seen["chip.core1.busy"].len() > 40 && seen["chip.core0.busy"] == [(0, "0".to_owned())]);
    for (name, changes) in seen.iter().filter(|(name, _)| name.contains("fifo") || name.contains("packets")) {
        assert!(changes.len() > 4 && !changes.last().unwrap().1.contains('1'), "{name}");
    }
}

#[test]
fn a_timeline_keeps_the_rules_of_its_format() {
    let (desk, _) = everything();
    let timeline = desk.json("out/timeline.json");
    let events = timeline["traceEvents"].as_array().unwrap();
    let (mut last, mut kinds, mut flows) =
        (0.0, BTreeMap::<&str, u64>::new(), BTreeMap::<u64, Vec<&Value>>::new());
    let mut open: BTreeMap<(u64, u64), Vec<(u64, u64)>> = BTreeMap::new();
    let named: BTreeSet<(u64, u64)> =
        events.iter().filter(|e| e["name"] == "thread_name").map(track).collect();
    for event in events {
        let kind = event["ph"].as_str().unwrap();
        *kinds.entry(kind).or_default() += 1;
        if kind == "M" {
            continue;
        }
        let start = number(&event["ts"]);
        assert!(start >= last, "events stand in the order of time");
        last = start;
        let nanoseconds = |microseconds: f64| (microseconds * 1e3).round() as u64;
        match kind {
            "X" => {
                let slice = (nanoseconds(start), nanoseconds(start + number(&event["dur"])));
                let stack = open.entry(track(event)).or_default();
                stack.retain(|around| around.1 > slice.0 || *around == slice);
                assert!(
                    stack.iter().all(|around| slice.1 <= around.1),
                    "slices lie within each other: {event}"
                );
                stack.push(slice);
                assert!(named.contains(&track(event)), "every track has a name");
            }
            "s" | "f" => {
                flows.entry(event["id"].as_u64().unwrap()).or_default().push(event);
                let within = nanoseconds(start);
                let around = |slice: &(u64, u64)| slice.0 < within && within < slice.1;
                assert!(open[&track(event)].iter().any(around), "a flow is bound to a slice: {event}");
            }
            "C" => assert!(number(&event["args"]["value"]) >= 0.0),
            other => panic!("unexpected {other}"),
        }
    }
    assert!(["X", "s", "f", "C", "M"].iter().all(|kind| kinds[kind] > 5), "{kinds:?}");
    for flow in flows.values() {
        assert_eq!((flow.len(), &flow[0]["ph"], &flow[1]["ph"]), (2, &"s".into(), &"f".into()));
        assert_eq!(flow[0]["name"], flow[1]["name"]);
        assert!(number(&flow[1]["ts"]) > number(&flow[0]["ts"]));
    }
    assert_eq!(flows.len() as u64, kinds["s"]);
}

fn track(event: &Value) -> (u64, u64) {
    (event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap())
}

#[test]
fn tables_have_sana_fes_columns_and_add_up_to_the_record() {
    let desk = Desk::new();
    desk.put("it.toml", EVERYTHING.replace("rows = 2000", "rows = 1_000_000"));
    desk.succeeds(&["run", "it.toml", "--out", "out"]);
    let messages = desk.rows("out/messages.csv");
    assert_eq!(
        messages[0].join(","),
        "timestep,mid,src_neuron,src_hw,dest_hw,hops,spikes,send_timestamp,received_timestamp,processed_timestamp,\
         generation_delay,processing_delay,network_delay,blocking_delay,min_hop_delay,messages_along_route"
    );
    let summary = desk.json("out/summary.json");
    let count = |of: &str| number(&summary["events"][of]);
    assert_eq!((messages.len() - 1) as f64, count("packets"));
    let column = |rows: &[Vec<String>], at: usize| -> f64 {
        rows[1..].iter().map(|r| r[at].parse::<f64>().unwrap()).sum()
    };
    assert_eq!(column(&messages, 5), count("hops"));
    for row in &messages[1..] {
        let at = |column: usize| row[column].parse::<f64>().unwrap();
        assert!(at(13) >= 0.0 && (at(12) - at(13) - at(14)).abs() < 1e-15, "{row:?}");
        assert!((at(8) - at(7) - at(12)).abs() < 1e-15);
    }
    let performance = desk.rows("out/performance.csv");
    assert_eq!(
        performance[0].join(","),
        "timestep,fired,updated,packets,hops,spikes,sim_time,synapse_energy,dendrite_energy,soma_energy,\
         network_energy,total_energy"
    );
    assert_eq!((performance.len() - 1) as f64, number(&summary["steps"]));
    assert_eq!((column(&performance, 3), column(&performance, 4)), (count("packets"), count("hops")));
    let parts: f64 = (7..11).map(|at| column(&performance, at)).sum();
    assert!((parts - column(&performance, 11)).abs() < 1e-6 * parts, "a step has no other energy");
    let by_action: f64 = summary["energy_j"]["by_action"].as_object().unwrap().values().map(number).sum();
    assert!(column(&performance, 11) < by_action);
    let delays = "step,connection,from,to,source,target,delay_steps,phase\n0,w1,input,hidden1,,,1,all\n\
                  0,w2,hidden1,output,,,1,all\n0,w2,output,hidden1,,,1,all\n";
    assert_eq!(desk.text("out/delays.csv"), delays);
}

#[test]
fn spikes_are_named_as_sana_fe_names_them() {
    let desk = Desk::new();
    desk.put(
        "it.trace",
        "equipoise-trace 1\nchip = \"ideal\"\n[network]\nkind = \"layered\"\nlayers = [2, 2]\ngain = 50.0\n[neuron]\nkind = \"lif\"\nthreshold = 0.01\n\
         [probe.spikes]\n[probe.same]\nneurons = \"output\"\nquantity = \"spikes\"\n---\n\
         events 0@0 1@0 0@1 1@2 0@3 1@3\nsettle 8\ndone\n",
    );
    desk.succeeds(&["run", "it.trace", "--out", "out", "--quiet"]);
    let (spikes, same) = (desk.rows("out/spikes.csv"), desk.rows("out/same.csv"));
    assert_eq!(spikes[0], ["neuron", "timestep"]);
    assert!(spikes.len() > 1, "the test has spikes");
    let expected: Vec<[String; 2]> =
        same[1..].iter().map(|r| [format!("output.{}", r[3]), r[0].clone()]).collect();
    assert_eq!(spikes[1..], expected);
}

#[test]
fn what_is_not_there_is_refused_with_its_place() {
    let signals = |signal: &str| format!("[probe.waveform]\nsignals = [\"phase\", \"{signal}\"]\n");
    let at = "it.toml:2:21: `probe.waveform.signals[1]`: found";
    let cases = [
        (
            signals("fase"),
            format!(
                "{at} \"fase\"; accepted: \"phase\", \"step\", \"cores\", \"packets\", \"fifos\" (or \"fifos:NODE\"), \
                 \"activity:NEURONS\", \"state:NEURONS\", \"weight:SYNAPSE\", \"latch:SYNAPSE\"; NEURONS is a \
                 population, hidden1[3] or hidden1[3..7], SYNAPSE is w1[source,target]"
            ),
        ),
        (
            signals("activity:hidden1[64]"),
            format!(
                "{at} \"activity:hidden1[64]\"; accepted: neurons of `hidden1` from 0 to 63: hidden1[0], or hidden1[0..64]"
            ),
        ),
        (
            signals("state:middle"),
            format!(
                "{at} \"state:middle\": there is no population `middle`; accepted: \"input\", \"hidden1\", \"output\""
            ),
        ),
        (
            signals("weight:w3[0,0]"),
            format!(
                "{at} \"weight:w3[0,0]\"; accepted: w1[source,target] (input to hidden1), w2[source,target] (hidden1 to output)"
            ),
        ),
        (
            signals("latch:w2[64,0]"),
            format!(
                "{at} \"latch:w2[64,0]\"; accepted: w2[source,target] with a source from 0 to 63 and a target from 0 to 9"
            ),
        ),
        (
            "[hardware]\nrouter = \"ideal\"\n[probe.x]\nkind = \"waveform\"\nsignals = [\"fifos\"]\n".to_owned(),
            "it.toml:5:12: `probe.x.signals[0]`: found \"fifos\" of the router \"ideal\", which has none; accepted: other signals, or `hardware.router.kind` = \"mesh\"".to_owned(),
        ),
        (
            "[probe.timeline]\nfrom_step = 7\nto_step = 6\n".to_owned(),
            "it.toml:3:1: `probe.timeline.to_step`: found 6; accepted: a step from `from_step` (7) on".to_owned(),
        ),
        (
            "[probe.spikes]\n".to_owned(),
            "it.toml:1:8: `probe.spikes`: found spikes of a network without spiking neurons; accepted: neurons of kind \"lif\"".to_owned(),
        ),
        (
            "[probe.waveform]\nformat = \"vdc\"\n".to_owned(),
            "it.toml:2:1: `probe.waveform.format`: found \"vdc\"; accepted: \"vcd\", \"fst\"".to_owned(),
        ),
        (
            "[probe.x]\nkind = \"wave\"\n".to_owned(),
            "it.toml:2:1: `probe.x.kind`: found \"wave\"; accepted: \"table\", \"waveform\", \"timeline\", \"spikes\", \"messages\", \"performance\", \"delays\"".to_owned(),
        ),
        (
            "[probe.summary]\nkind = \"timeline\"\n".to_owned(),
            "it.toml:1:8: `probe.summary`: found the name of the result file summary.json; accepted: another name".to_owned(),
        ),
    ];
    for (text, said) in &cases {
        refuses(text, &[("it.toml", Text(text))], RUN, said);
    }
    // A check refuses what a run would.
    let desk = Desk::new();
    desk.put("it.toml", signals("fase"));
    assert_eq!(desk.says(&["check", "it.toml"]).status, Some(2));
}

#[test]
fn what_happens_within_steps_is_refused_where_cores_step_by_themselves() {
    for kind in ["waveform", "timeline", "messages"] {
        let text = format!("[hardware]\nsync = \"free\"\n[probe.{kind}]\n");
        let found = if kind == "messages" { kind.to_owned() } else { format!("a {kind}") };
        refuses(
            kind,
            &[("it.toml", Text(&text))],
            RUN,
            &format!(
                "it.toml:3:8: `probe.{kind}`: found {found} of a chip without a barrier; accepted: tables, spikes, performance and delays there; this one with hardware.sync = \"barrier\""
            ),
        );
    }
}

#[test]
fn a_chip_without_a_barrier_trains_and_says_how_many_packets_were_late() {
    let desk = Desk::new();
    desk.put("it.toml", "[hardware]\nsync = \"free\"\n[probe.performance]\n[probe.delays]\n[probe.table]\n");
    let said = desk.succeeds(&[&["run", "it.toml", "--out", "out"], &SMALL[..]].concat());
    let summary = desk.json("out/summary.json");
    assert!(number(&summary["events"]["late"]) > 0.0, "on a mesh of equal phases every activity is late");
    assert!(said.contains("missed the sample that a delay of one step meets"), "{said}");
}
