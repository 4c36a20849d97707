//! Traces that cannot run and options that cannot be, each with its whole message.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::Desk;
use program::refusals::{
    Content::{Bytes, Text},
    HEAD, TRACE, refuses,
};
use std::fs;

#[test]
fn options_say_what_they_accept() {
    refuses(
        "out is a file",
        &[("out", Text(""))],
        &["run", "--out", "out", "--quiet"],
        "out: found a file; accepted: a folder, which may be new",
    );
    refuses(
        "out is below a file",
        &[("out", Text(""))],
        &["run", "--out", "out/a/b", "--quiet"],
        "out/a/b: found the file `out`; accepted: a folder, which may be new",
    );
    refuses(
        "seed is no number",
        &[],
        &["run", "--seed", "abc"],
        "invalid value 'abc' for '--seed <N>': accepted: a whole number from 0 to 9223372036854775807\n\nFor more information, try '--help'.",
    );
    refuses(
        "seed is negative",
        &[],
        &["run", "--seed", "-1"],
        "invalid value '-1' for '--seed <N>': accepted: a whole number from 0 to 9223372036854775807\n\nFor more information, try '--help'.",
    );
    refuses(
        "seed is too large",
        &[],
        &["run", "--seed", "9223372036854775808"],
        "invalid value '9223372036854775808' for '--seed <N>': accepted: a whole number from 0 to 9223372036854775807\n\nFor more information, try '--help'.",
    );
    refuses(
        "no threads",
        &[],
        &["run", "--threads", "0"],
        "invalid value '0' for '--threads <N>': 0 is not in 1..=1024\n\nFor more information, try '--help'.",
    );
    refuses(
        "nothing of that name to list",
        &[],
        &["list", "everything"],
        "invalid value 'everything' for '<WHAT>'\n  [possible values: chips, devices, neurons, nudging, losses, latches, routers, probes, studies, actions]\n\nFor more information, try '--help'.",
    );
    refuses(
        "price of no folder",
        &[],
        &["price", "nowhere", "--chip", "ideal"],
        "nowhere: found no such folder; accepted: the folder of a finished run",
    );
    refuses(
        "price of a folder without a record",
        &[("out/summary.json", Text("{}"))],
        &["price", "out", "--chip", "ideal"],
        "out: found a folder without record.bin; accepted: the folder of a finished run",
    );
    refuses(
        "price of an empty record",
        &[("out/record.bin", Text(""))],
        &["price", "out", "--chip", "ideal"],
        "out/record.bin: byte 0: found no magic number of a record; accepted: the bytes 89 45 51 52 0d 0a 1a 0a and a record",
    );
    refuses(
        "init in no folder",
        &[],
        &["init", "no/where.toml"],
        "no/where.toml: found no folder `no`; accepted: a file in a folder that exists",
    );
    refuses(
        "convert to no format",
        &[("it.trace", Text("equipoise-trace 1\nchip = \"ideal\"\nnetwork.layers = [2, 3, 2]\n---\ndone\n"))],
        &["trace", "convert", "it.trace", "it.txt"],
        "it.txt: found a name of no trace format; accepted: a name ending in .trace (text) or .eqt (binary)",
    );
    refuses(
        "convert onto a file",
        &[
            (
                "it.trace",
                Text("equipoise-trace 1\nchip = \"ideal\"\nnetwork.layers = [2, 3, 2]\n---\ndone\n"),
            ),
            ("it.eqt", Text("")),
        ],
        &["trace", "convert", "it.trace", "it.eqt"],
        "it.eqt: found a file that is already there; accepted: another path, or --overwrite",
    );
    refuses(
        "convert nothing",
        &[],
        &["trace", "convert", "it.trace", "it.eqt"],
        "it.trace: found no such file; accepted: a file that can be read",
    );
    refuses(
        "trace to no format",
        &[],
        &["trace", "from", "--to", "it.txt"],
        "it.txt: found a name of no trace format; accepted: a name ending in .trace (text) or .eqt (binary)",
    );
    refuses(
        "trace onto a file",
        &[("it.eqt", Text(""))],
        &["trace", "from", "--to", "it.eqt"],
        "it.eqt: found a file that is already there; accepted: another path, or --overwrite",
    );
    refuses(
        "recordings that are not there",
        &[],
        &["trace", "from", "--to", "it.eqt", "--recordings", "r.bs2"],
        "r.tsv: found no such file; accepted: a file that can be read",
    );
    refuses(
        "recordings for other inputs",
        &[
            ("r.tsv", Text("sample\tlabel\tfirst_event\tn_events\tt_max_us\tn_on\n1\t2\t0\t0\t0\t0\n")),
            ("r.bs2", Text("")),
        ],
        &["trace", "from", "--to", "it.eqt", "--recordings", "r.bs2"],
        "default experiment:15:1: `network.layers`: found 64 input neurons for 2312 input lines of the recordings; accepted: 2312 input neurons, or another --downscale",
    );
}

#[test]
fn text_traces_are_refused_at_line_and_column() {
    let cases = [
        ("empty", "", "it.trace:1:1: found an empty file; accepted: the first line `equipoise-trace 1`"),
        (
            "no first line",
            "present 0 1\n",
            "it.trace:1:1: found `present 0 1`; accepted: the first line `equipoise-trace 1`",
        ),
        (
            "another version",
            "equipoise-trace 2\n---\n",
            "it.trace:1:1: found version 2; accepted: the first line `equipoise-trace 1`",
        ),
        (
            "no end of the settings",
            "equipoise-trace 1\nchip = \"ideal\"\n",
            "it.trace:3:1: found the end of the file; accepted: a line `---` between the settings and the instructions",
        ),
        (
            "unknown setting",
            "equipoise-trace 1\n[hardware]\nadc.bitz = 1\n---\n",
            "it.trace:3:5: `hardware.adc.bitz`: found an unknown key; accepted: bits, count, range_forward, range_transposed, noise, gain_spread, offset_spread, kind (did you mean `bits`?)",
        ),
        (
            "cut within a line",
            "HEAD|present 0 1 :",
            "it.trace:5:14: found the end of the line; accepted: the number of a class",
        ),
        (
            "unknown instruction",
            "HEAD|presnt 0 1\n",
            "it.trace:5:1: found `presnt`; accepted: train, evaluate, present, events, recall, settle, latch, nudge, update, readout, done",
        ),
        (
            "value that is no number",
            "HEAD|present 0 nan\n",
            "it.trace:5:11: found `nan`; accepted: a finite number, or number*count for a run of equal ones",
        ),
        (
            "too few inputs",
            "HEAD|present 0\n",
            "it.trace:5:1: instruction 1 (`present`): found an input of 1 values; accepted: 2, one per input neuron of the network",
        ),
        (
            "too many inputs",
            "HEAD|present 0 1 0\n",
            "it.trace:5:1: instruction 1 (`present`): found an input of 3 values; accepted: 2, one per input neuron of the network",
        ),
        (
            "class too large",
            "HEAD|present 0 1 : 2\n",
            "it.trace:5:1: instruction 1 (`present`): found class 2; accepted: 0 to 1 (the network has 2 outputs)",
        ),
        (
            "target of another size",
            "HEAD|present 0 1 -> 1\n",
            "it.trace:5:1: instruction 1 (`present`): found a target of 1 values; accepted: 2, one per output neuron",
        ),
        (
            "event on no line",
            "HEAD|events 0@1 5@2\n",
            "it.trace:5:1: instruction 1 (`events`): found an event on line 5; accepted: 0 to 1 (the network has 2 inputs)",
        ),
        (
            "events that go back",
            "HEAD|events 0@3 1@2\n",
            "it.trace:5:12: found `1@2`; accepted: events that ascend in step",
        ),
        (
            "cue of another size",
            "HEAD|recall 1 1\n",
            "it.trace:5:1: instruction 1 (`recall`): found a cue of 2 values; accepted: 5, one per free neuron",
        ),
        (
            "settle before anything",
            "HEAD|settle\n",
            "it.trace:5:1: instruction 1 (`settle`): cannot stand here: it needs a `present`, `events` or `recall` before it",
        ),
        (
            "nudge before the free phase",
            "HEAD|present 0 1 : 1\nnudge 1\n",
            "it.trace:6:1: instruction 2 (`nudge`): cannot stand here: it needs a `settle` of this sample before it",
        ),
        (
            "nudge without a target",
            "HEAD|present 0 1\nsettle\nlatch free\nnudge 1\n",
            "it.trace:8:1: instruction 4 (`nudge`): cannot stand here: it needs a target in this sample's `present`",
        ),
        (
            "nudge out of order",
            "HEAD|present 0 1 : 1\nsettle\nlatch free\nnudge 2\n",
            r#"it.trace:8:1: instruction 4 (`nudge`): found nudged phase 2; accepted: up to 1 with nudging = "one_sided""#,
        ),
        (
            "update without latches",
            "HEAD|present 0 1 : 1\nsettle\nupdate\n",
            "it.trace:7:1: instruction 3 (`update`): cannot stand here: it needs two latched phases of this sample before it",
        ),
        (
            "latch of nothing",
            "HEAD|present 0 1 : 1\nlatch free\n",
            "it.trace:6:1: instruction 2 (`latch`): cannot stand here: it needs a `settle` and no `nudge` of this sample before it",
        ),
        (
            "latch of another kind",
            "HEAD|latch both\n",
            "it.trace:5:7: found `both`; accepted: free or nudged",
        ),
    ];
    for (what, text, said) in cases {
        refuses(what, &[("it.trace", Text(&text.replace("HEAD|", HEAD)))], TRACE, said);
    }
    refuses(
        "no UTF-8",
        &[(
            "it.trace",
            Bytes(b"equipoise-trace 1\nchip = \"ideal\"\nnetwork.layers = [2, 3, 2]\n---\n# \xff\n"),
        )],
        TRACE,
        "it.trace:5:3: found the byte 0xff, which is no UTF-8; accepted: text in UTF-8",
    );
    refuses("missing", &[], TRACE, "it.trace: found no such file; accepted: a file that can be read");
}

/// The binary form of a small trace.
fn binary() -> Vec<u8> {
    let desk = Desk::new();
    desk.put("it.trace", HEAD.to_owned() + "present 0 1 : 1\nsettle\nreadout\ndone\n");
    desk.succeeds(&["trace", "convert", "it.trace", "it.eqt"]);
    fs::read(desk.path("it.eqt")).unwrap()
}

#[test]
fn binary_traces_are_refused_at_block_and_byte() {
    let whole = binary();
    // 16 bytes, the settings, a checksum, then the block of instructions and the end mark of 20 bytes.
    let settings = HEAD.len() - "equipoise-trace 1\n---\n".len();
    let block = 16 + settings + 4;
    let changed = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x40;
        bytes
    };
    let refuses = |what: &str, bytes: &[u8], start: &str, end: &str| {
        let desk = Desk::new();
        desk.put("it.eqt", bytes);
        let said = desk.says(&["run", "it.eqt", "--out", "out", "--quiet"]);
        assert_eq!((said.status, said.stdout.as_str()), (Some(2), ""), "{what}: {}", said.stderr);
        assert!(said.stderr.starts_with(&format!("error: it.eqt: {start}")), "{what}: {}", said.stderr);
        assert!(said.stderr.ends_with(&format!("accepted: {end}\n")), "{what}: {}", said.stderr);
        assert_eq!(desk.everything(), ["it.eqt"], "{what}");
    };
    let magic = "the bytes 89 45 51 54 0d 0a 1a 0a";
    refuses("damaged magic", &changed(2), "byte 0: found no magic number of a binary trace;", magic);
    refuses("another version", &changed(8), "byte 8: found version 65, codec 1;", "version 1, codec 1");
    let damaged = "unchanged bytes; this trace was damaged";
    refuses("damaged settings", &changed(20), "byte 0: found checksum ", damaged);
    let at = format!("block 1, byte {block}: found checksum ");
    refuses("damaged instruction", &changed(block + 20), &at, damaged);
    let cut = "a whole trace; this one was cut";
    refuses("cut header", &whole[..30], "byte 16: found the end of the file after 14 of ", cut);
    let at = format!("block 1, byte {}: found the end of the file after 10 of ", block + 8);
    refuses("cut block", &whole[..block + 18], &at, cut);
    let at = format!("block 2, byte {}: found the end of the file after 0 of 8 bytes", whole.len() - 20);
    refuses("cut before the end mark", &whole[..whole.len() - 20], &at, cut);
    let longer = [&whole[..], b"x"].concat();
    let at = format!("block 2, byte {}: found bytes after the end mark;", whole.len());
    refuses("bytes after the end", &longer, &at, "nothing after the end mark");
}

#[test]
fn instructions_of_binary_traces_are_refused_by_number() {
    let desk = Desk::new();
    desk.put("it.trace", HEAD.to_owned() + "present 0 1 : 1\nsettle\nupdate\n");
    desk.succeeds(&["trace", "convert", "it.trace", "it.eqt"]);
    let said = desk.says(&["run", "it.eqt", "--quiet"]);
    assert_eq!(
        said.stderr,
        "error: it.eqt: instruction 3 (`update`): cannot stand here: it needs two latched phases of this sample before it\n"
    );
    assert_eq!((said.status, desk.everything()), (Some(2), vec!["it.eqt".to_owned(), "it.trace".to_owned()]));
}

#[test]
fn a_trace_played_by_an_experiment_is_named_in_its_errors() {
    let desk = Desk::new();
    desk.put("sub/it.trace", HEAD.to_owned() + "present 0 1 : 1\n  update\n");
    desk.put("it.toml", "chip = \"ideal\"\nnetwork.layers = [2, 2]\ndata.source = \"trace:sub/it.trace\"\n");
    let said = desk.says(&["check", "it.toml"]);
    assert_eq!(
        said.stderr,
        "error: sub/it.trace:6:3: instruction 2 (`update`): cannot stand here: it needs two latched phases of this \
         sample before it\n"
    );
}
