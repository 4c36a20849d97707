//! Limits and windows of probes: what a file holds, what is said of the rest, and what a probe may cost.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::Desk;
use program::waveforms::{Changes, Dump, fst, sorted, vcd};

/// A network of rate neurons on a mesh that trains on two samples: 20 free and 6 nudged steps each.
const RATES: &str = "equipoise-trace 1\nchip = \"ideal\"\n[hardware]\nmesh = [2, 2]\nrouter = { kind = \"mesh\" }\n\
    [network]\nlayers = [2, 3, 2]\n";
/// Four neurons that spike in every step with an input.
const SPIKES: &str = "equipoise-trace 1\nchip = \"ideal\"\n[neuron]\nkind = \"lif\"\nthreshold = 0.01\n[network]\n\
    kind = \"populations\"\n[[network.population]]\nname = \"input\"\nsize = 1\nneuron = \"clamped\"\n\
    [[network.population]]\nname = \"output\"\nsize = 4\n[[network.connection]]\nfrom = \"input\"\n\
    to = \"output\"\nweights = 1.0\nplastic = false\n";
const TRAIN: &str = "---\ntrain\npresent 0.3 0.9 : 1\nsettle 20\nlatch free\nnudge 1 6\nlatch nudged\nupdate\ndone\n\
    present 0.8 0.1 : 0\nsettle 20\nlatch free\nnudge 1 6\nlatch nudged\nupdate\nreadout\ndone\n";
const FIRE: &str = "---\nevents 0@0 0@1 0@2 0@3 0@4\nsettle 12\ndone\n";

/// Runs the trace with `probe` as `[probe.it]`; returns what was said of it.
fn run(desk: &Desk, [head, program]: [&str; 2], probe: &str) -> Option<String> {
    desk.put("it.trace", format!("{head}[probe.it]\n{probe}\n{program}"));
    let said = desk.succeeds(&["run", "it.trace", "--out", "out", "--overwrite"]);
    said.lines().find_map(|line| Some(line.strip_prefix("probe      it.")?.to_owned()))
}

const SIGNALS: &str = "\"phase\", \"step\", \"cores\", \"packets\", \"fifos\", \"activity:hidden1\", \"state:output\", \
    \"weight:w1[0,1]\", \"latch:w2[1,1]\"";

/// What a limit leaves of a dump, and where it ends: before the first cycle that does not fit. Of the very first
/// cycle as many changes are there as fit.
fn kept(whole: &Dump, limit: usize) -> (Changes, u64) {
    let Some(end) = whole.changes.get(limit).map(|change| change.0) else {
        return (whole.changes.clone(), whole.end);
    };
    let kept: Changes = whole.changes.iter().filter(|change| change.0 < end).cloned().collect();
    if kept.is_empty() { (whole.changes[..limit].to_vec(), end + 1) } else { (kept, end) }
}

#[test]
fn a_waveform_holds_the_first_changes_and_no_more_in_either_format() {
    let desk = Desk::new();
    let both = format!("kind = \"waveform\"\nsignals = [{SIGNALS}]\n");
    assert_eq!(run(&desk, [RATES, TRAIN], &both), None);
    let whole = vcd(&desk.text("out/it.vcd"));
    let changes = whole.changes.len();
    assert!(changes > 1000, "the test has {changes} changes");
    for limit in [1, 10, 60, 299, 1000, changes - 1, changes] {
        let probe = format!("{both}changes = {limit}\n");
        let said = run(&desk, [RATES, TRAIN], &probe);
        let seen = vcd(&desk.text("out/it.vcd"));
        assert_eq!((seen.changes.clone(), seen.end), kept(&whole, limit), "{limit}");
        assert!(seen.changes.len() <= limit);
        let last = format!(" of 52; `changes` = {limit} is the limit");
        let full = said.is_some_and(|said| said.starts_with("vcd full ") && said.ends_with(&last));
        assert_eq!(full, limit < changes, "{limit}");
        // The other format has no texts.
        run(&desk, [RATES, TRAIN], &format!("{probe}format = \"fst\"\n"));
        let mut without_texts = seen.changes;
        without_texts.retain(|(_, name, _)| name != "chip.controller.state");
        assert_eq!(sorted(fst(&desk.path("out/it.fst"))), sorted(without_texts), "{limit}");
    }
}

#[test]
fn every_signal_alone_survives_every_limit_in_either_format() {
    let desk = Desk::new();
    for signal in SIGNALS.split(", ") {
        for format in ["vcd", "fst"] {
            for limit in [1, 3, 20, 1_000_000] {
                for window in ["", "from_step = 3\nto_step = 3\n", "from_step = 52\nto_step = 99\n"] {
                    let probe = format!(
                        "kind = \"waveform\"\nsignals = [{signal}]\nformat = \"{format}\"\nchanges = {limit}\n{window}"
                    );
                    run(&desk, [RATES, TRAIN], &probe);
                    let changes = match format {
                        "vcd" => vcd(&desk.text("out/it.vcd")).changes,
                        _ => fst(&desk.path("out/it.fst")),
                    };
                    assert!(changes.len() <= limit, "{probe}: {changes:?}");
                    let quiet =
                        signal.contains("weight") || signal.contains("latch") || signal.contains("phase");
                    assert!(quiet || !changes.is_empty(), "{probe}");
                }
            }
        }
    }
}

#[test]
fn a_table_holds_as_many_rows_as_it_may_and_whole_steps() {
    let desk = Desk::new();
    let cases: [(&str, [&str; 2], &str); 6] = [
        ("kind = \"table\"\nneurons = \"output\"\nquantity = \"spikes\"\n", [SPIKES, FIRE], "step"),
        ("kind = \"table\"\nneurons = \"output\"\nquantity = \"state\"\n", [SPIKES, FIRE], "step"),
        ("kind = \"spikes\"\n", [SPIKES, FIRE], "timestep"),
        ("kind = \"messages\"\n", [RATES, TRAIN], "timestep"),
        ("kind = \"performance\"\n", [RATES, TRAIN], "timestep"),
        ("kind = \"table\"\nevery_steps = 2\nneurons = \"hidden1\"\n", [RATES, TRAIN], "step"),
    ];
    for (probe, trace, step) in cases {
        assert_eq!(run(&desk, trace, probe), None, "{probe}");
        let whole = desk.rows("out/it.csv");
        let column = whole[0].iter().position(|name| name == step).unwrap();
        let steps: Vec<u64> = whole[1..].iter().map(|row| row[column].parse().unwrap()).collect();
        assert!(steps.len() > 6, "{probe}");
        let ran = if trace[0] == SPIKES { 12 } else { 52 };
        for limit in [1, 2, 5, steps.len() - 1, steps.len(), 1000] {
            let said = run(&desk, trace, &format!("{probe}rows = {limit}\n"));
            let cut = steps.get(limit).copied();
            // Of the step that does not fit nothing is there.
            let rows = steps.iter().filter(|&&step| cut.is_none_or(|cut| step < cut)).count();
            let expected = cut.map(|cut| match rows {
                0 => format!("csv: nothing recorded: step {cut} has more than `rows` = {limit}"),
                _ => format!("csv full after step {} of {ran}; `rows` = {limit} is the limit", cut - 1),
            });
            assert_eq!(said, expected, "{probe}{limit}");
            let there = desk.path("out/it.csv").exists();
            assert_eq!(there, rows > 0, "{probe}{limit}");
            assert!(!there || desk.rows("out/it.csv") == whole[..=rows], "{probe}{limit}");
        }
    }
}

#[test]
fn a_timeline_holds_no_more_events_than_it_may_and_whole_steps() {
    let desk = Desk::new();
    for links in ["true", "false"] {
        let probe = format!("kind = \"timeline\"\nlinks = {links}\n");
        assert_eq!(run(&desk, [RATES, TRAIN], &probe), None);
        let events = || {
            let timeline = desk.json("out/it.json");
            let all = timeline["traceEvents"].as_array().unwrap().clone();
            all.into_iter().filter(|event| event["ph"] != "M").collect::<Vec<_>>()
        };
        let whole = events();
        for limit in [1, 40, 100, 500, whole.len() / 2, whole.len() + 100] {
            let said = run(&desk, [RATES, TRAIN], &format!("{probe}events = {limit}\n"));
            if said.as_ref().is_some_and(|said| said.starts_with("json: nothing recorded: step 1 has more")) {
                assert!(limit < 200 && !desk.path("out/it.json").exists(), "{limit}");
                continue;
            }
            let part = events();
            assert!(part.len() <= limit, "{limit}: {}", part.len());
            assert_eq!(said.is_none(), part.len() == whole.len(), "{limit}: {said:?}");
            let flows = |kind: &str| part.iter().filter(|event| event["ph"] == kind).count();
            assert_eq!(flows("s"), flows("f"), "every flow has its end");
            let steps = part.iter().filter(|event| event["name"] == "step").count();
            let full = format!("json full after step {steps} of 52; `events` = {limit} is the limit");
            assert!(said.is_none_or(|said| said == full), "{limit}");
            // No state begins after the last step that is there.
            let ends =
                |event: &&serde_json::Value| event["ts"].as_f64().unwrap() + event["dur"].as_f64().unwrap();
            let slices = part.iter().filter(|event| event["ph"] == "X");
            let last =
                slices.clone().filter(|event| event["name"] == "step").map(|e| ends(&e)).fold(0.0, f64::max);
            let states = slices.filter(|event| event["cat"] == "phase");
            assert!(part.len() == whole.len() || states.map(|e| ends(&e)).fold(0.0, f64::max) <= last + 0.2);
        }
    }
}

#[test]
fn a_window_beyond_the_run_says_where_the_run_ends_and_leaves_no_file() {
    let desk = Desk::new();
    let five = "---\nevents 0@0\nsettle 5\ndone\n";
    for (kind, end) in [
        ("waveform", "vcd"),
        ("waveform\"\nformat = \"fst", "fst"),
        ("timeline", "json"),
        ("spikes", "csv"),
        ("messages", "csv"),
        ("performance", "csv"),
    ] {
        for from in [6, 100] {
            let said = run(
                &desk,
                [SPIKES, five],
                &format!("kind = \"{kind}\"\nfrom_step = {from}\nto_step = 200\n"),
            );
            assert_eq!(said.unwrap(), format!("{end}: nothing recorded: the run ends at step 5"), "{kind}");
            assert!(!desk.path(&format!("out/it.{end}")).exists(), "{kind}");
        }
        // The last step is there.
        let said = run(&desk, [SPIKES, five], &format!("kind = \"{kind}\"\nfrom_step = 5\nto_step = 200\n"));
        assert_eq!(said.unwrap(), format!("{end} has steps 5 to 5 of 5"), "{kind}");
        assert!(desk.path(&format!("out/it.{end}")).exists(), "{kind}");
    }
    let said = run(&desk, [SPIKES, five], "neurons = \"output\"\nevery_steps = 6\n");
    assert_eq!(said.unwrap(), "csv: nothing recorded: the run ends at step 5, before `every_steps` = 6");
    assert!(!desk.path("out/it.csv").exists());
    // A run without steps has states all the same; whoever wants a later step is told.
    let none = "---\nevents 0@0\ndone\n";
    for format in ["vcd", "fst"] {
        let probe = format!("kind = \"waveform\"\nformat = \"{format}\"\n");
        assert_eq!(run(&desk, [SPIKES, none], &probe), None);
        let said = run(&desk, [SPIKES, none], &format!("{probe}from_step = 2\n"));
        assert_eq!(said.unwrap(), format!("{format}: nothing recorded: the run ends at step 0"));
    }
}

/// What a probe cannot write costs no result: the others are there, and each failure is told.
#[cfg(unix)]
#[test]
fn a_probe_that_fails_costs_neither_the_run_nor_the_other_probes() {
    let desk = Desk::new();
    let probes = "[probe.wave]\nkind = \"waveform\"\n[probe.fast]\nkind = \"waveform\"\nformat = \"fst\"\n[probe.line]\n\
        kind = \"timeline\"\n[probe.messages]\n[probe.states]\nneurons = \"hidden1\"\n[probe.delays]\n[probe.performance]\n";
    desk.put("it.trace", format!("{RATES}{probes}{}", TRAIN.replace("settle 20", "settle 100")));
    desk.succeeds(&["run", "it.trace", "--out", "whole", "--quiet"]);
    let size = |file: &str| std::fs::metadata(desk.path(&format!("whole/{file}"))).unwrap().len();
    let own = ["experiment.toml", "ledger.csv", "metrics.csv", "record.bin", "summary.json", "weights.npz"];
    let (files, most) = (desk.below("whole"), own.into_iter().map(size).max().unwrap());
    let blocks = most / 512 + 1;
    let (fit, rest): (Vec<&String>, Vec<&String>) = files.iter().partition(|file| size(file) <= 512 * blocks);
    assert!(rest.len() >= 3 && fit.len() > own.len(), "{fit:?} {rest:?}");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut shell = std::process::Command::new("dash");
    shell.current_dir(desk.path("")).args(["-c", &script, env!("CARGO_BIN_EXE_equipoise")]);
    let end = program::said(shell.args(["run", "it.trace", "--out", "out", "--quiet"]).output().unwrap());
    assert_eq!((end.status, end.stdout.as_str()), (Some(1), "out\n"), "{}", end.stderr);
    let mut told: Vec<&str> = end.stderr.lines().collect();
    let failed = |file: &&String| format!("error: out/{file}: writing failed: File too large (os error 27)");
    let mut expected: Vec<String> = rest.iter().map(failed).collect();
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected);
    assert_eq!(desk.below("out").iter().collect::<Vec<_>>(), fit);
    assert_eq!(desk.json("out/summary.json")["digest"], desk.json("whole/summary.json")["digest"]);
}
