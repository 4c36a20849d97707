//! Waveforms and timelines are read back by other people's readers.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use equipoise_trace::chrome_trace::{ChromeTrace, Event, Track, What};
use equipoise_trace::waveform::{Change, Format, Kind, Signal, Value, Waveform};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Values by the signal's full name, then by time.
type Seen = BTreeMap<String, Vec<(u64, String)>>;

fn signal(scopes: &[&str], name: &str, kind: Kind) -> Signal {
    Signal { scopes: scopes.iter().map(|&s| s.to_owned()).collect(), name: name.to_owned(), kind }
}

/// Signals of every kind in nested scopes, declared in no order of scopes, and changes in no order of time.
fn waveform(first: u64) -> Waveform {
    let signals = vec![
        signal(&["chip", "core 1"], "busy", Kind::Bits(1)),
        signal(&["chip"], "step", Kind::Bits(64)),
        signal(&["chip", "activity", "hidden1"], "n3", Kind::Real),
        signal(&["chip", "core 1"], "depth", Kind::Bits(5)),
        signal(&["chip"], "state", Kind::Text),
    ];
    let change = |cycle: u64, signal, value| Change { cycle: first + cycle, signal, value };
    let mut changes = vec![
        change(0, 4, Value::Text("FREE")),
        change(90, 4, Value::Text("LATCH_F")),
        change(0, 2, Value::Real(0.0)),
        change(33, 2, Value::Real(0.1)),
        change(66, 2, Value::Real(-1.0 / 3.0)),
        change(66, 3, Value::Bits(21)),
    ];
    changes.extend((0..90).map(|t| change(t, 0, Value::Bits(t / 7 % 2))));
    changes.extend((0..3).map(|k| change(33 * k, 1, Value::Bits(k + (1 << 40)))));
    Waveform { signals, changes, end: first + 100, comments: vec!["a test".to_owned()] }
}

fn vcd_of(path: &Path) -> (Seen, vcd::Header) {
    let mut parser = vcd::Parser::new(BufReader::new(File::open(path).unwrap()));
    let header = parser.parse_header().unwrap();
    let mut names = BTreeMap::new();
    name_all(&header.items, "", &mut names);
    let (mut seen, mut now) = (Seen::new(), 0);
    for command in parser {
        let (code, value) = match command.unwrap() {
            vcd::Command::Timestamp(time) => {
                assert!(now == 0 || time > now, "times grow");
                now = time;
                continue;
            }
            vcd::Command::ChangeScalar(code, value) => (code, value.to_string()),
            vcd::Command::ChangeVector(code, value) => (code, value.to_string()),
            vcd::Command::ChangeReal(code, value) => (code, value.to_string()),
            vcd::Command::ChangeString(code, value) => (code, value),
            vcd::Command::Begin(_) | vcd::Command::End(_) => continue,
            other => panic!("unexpected {other:?}"),
        };
        seen.entry(names[&code].clone()).or_default().push((now, value));
    }
    assert_eq!(now, seen_end(&header), "the file lasts to its end");
    (seen, header)
}

/// Both test files end a hundred cycles after they begin.
fn seen_end(header: &vcd::Header) -> u64 {
    if header.timescale == Some((10, vcd::TimescaleUnit::NS)) { 100 } else { 5 * 1_100 }
}

fn name_all(items: &[vcd::ScopeItem], before: &str, names: &mut BTreeMap<vcd::IdCode, String>) {
    for item in items {
        match item {
            vcd::ScopeItem::Scope(scope) => {
                name_all(&scope.items, &format!("{before}{}.", scope.identifier), names);
            }
            vcd::ScopeItem::Var(var) => {
                names.insert(var.code, format!("{before}{}", var.reference));
            }
            _ => {}
        }
    }
}

fn fst_of(path: &Path) -> (Seen, fst_reader::FstHeader) {
    use fst_reader::{FstFilter, FstHierarchyEntry, FstReader, FstSignalValue};
    let mut reader = FstReader::open_and_read_time_table(BufReader::new(File::open(path).unwrap())).unwrap();
    let (mut scopes, mut names) = (Vec::new(), BTreeMap::new());
    reader
        .read_hierarchy(|entry| match entry {
            FstHierarchyEntry::Scope { name, .. } => scopes.push(name),
            FstHierarchyEntry::UpScope => drop(scopes.pop()),
            FstHierarchyEntry::Var { name, handle, .. } => {
                names.insert(handle.get_index(), format!("{}.{name}", scopes.join(".")));
            }
            _ => {}
        })
        .unwrap();
    let header = reader.get_header();
    let mut seen = Seen::new();
    reader
        .read_signals(&FstFilter::all(), |time, handle, value| {
            let value = match value {
                FstSignalValue::String(digits) => String::from_utf8(digits.to_vec()).unwrap(),
                FstSignalValue::Real(number) => number.to_string(),
            };
            seen.entry(names[&handle.get_index()].clone()).or_default().push((time, value));
            Ok::<_, std::convert::Infallible>(())
        })
        .unwrap();
    (seen, header)
}

#[test]
fn a_dump_of_value_changes_reads_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("w.vcd");
    waveform(0).write(&path, Format::Vcd, 100e6).unwrap();
    let (seen, header) = vcd_of(&path);
    assert_eq!(header.timescale, Some((10, vcd::TimescaleUnit::NS)), "one cycle of 100 MHz");
    let of = |name: &str| seen[name].iter().map(|(t, v)| (*t, v.as_str())).collect::<Vec<_>>();
    assert_eq!(of("chip.state"), [(0, "FREE"), (90, "LATCH_F")]);
    assert_eq!(of("chip.activity.hidden1.n3"), [(0, "0"), (33, "0.1"), (66, "-0.3333333333333333")]);
    assert_eq!(of("chip.core_1.depth"), [(66, "10101")]);
    let busy: Vec<(u64, String)> = (0..13).map(|k| (7 * k, (k % 2).to_string())).collect();
    assert_eq!(seen["chip.core_1.busy"], busy);
    assert_eq!(u64::from_str_radix(&seen["chip.step"][2].1, 2).unwrap(), (1 << 40) + 2);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file stays");
}

#[test]
fn both_formats_hold_the_same_changes() {
    let folder = tempfile::tempdir().unwrap();
    for (first, clock_hz, exponent) in [(0, 100e6, -8), (1_000, 200e6, -9)] {
        let [vcd, fst] = ["w.vcd", "w.fst"].map(|name| folder.path().join(name));
        waveform(first).write(&vcd, Format::Vcd, clock_hz).unwrap();
        waveform(first).write(&fst, Format::Fst, clock_hz).unwrap();
        let (mut wanted, _) = vcd_of(&vcd);
        let (mut seen, header) = fst_of(&fst);
        wanted.remove("chip.state").unwrap();
        // Before their first change signals are unknown, which FST writes down at its beginning.
        seen.values_mut().for_each(|changes| {
            changes.retain(|(_, value)| value != "NaN" && !value.starts_with('x'));
        });
        assert_eq!(seen, wanted);
        assert_eq!((header.timescale_exponent, header.var_count), (exponent, 4));
    }
}

#[test]
fn an_empty_waveform_is_a_file_that_opens() {
    let folder = tempfile::tempdir().unwrap();
    let (vcd, fst) = (folder.path().join("w.vcd"), folder.path().join("w.fst"));
    let mut empty = Waveform { end: 100, ..Waveform::default() };
    empty.write(&vcd, Format::Vcd, 100e6).unwrap();
    empty.write(&fst, Format::Fst, 100e6).unwrap();
    assert_eq!((vcd_of(&vcd).0, fst_of(&fst).0), (Seen::new(), Seen::new()));
}

#[test]
fn a_waveform_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Vcd, Format::Fst] {
        let message = waveform(0).write(&folder.path().join("no/w"), format, 1e8).unwrap_err().to_string();
        assert!(message.contains("no folder"), "{message}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_timeline_has_the_fields_of_the_trace_event_format() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.json");
    let track = Track { process: 1, thread: 2 };
    let event = |cycle, name: &str, what| Event { cycle, track, name: name.to_owned(), category: "c", what };
    let timeline = ChromeTrace {
        processes: vec![(1, "chip".to_owned())],
        threads: vec![(track, "core 0".to_owned())],
        events: vec![
            event(7, "packet", What::FlowEnd { id: 4 }),
            event(5, "read", What::Slice { cycles: 3, details: vec![("rows", 4.into())] }),
            event(5, "packet", What::FlowStart { id: 4 }),
            event(5, "power [mW]", What::Counter { value: 1.5 }),
        ],
        notes: vec![("cut".to_owned(), "no".to_owned())],
    };
    timeline.write(&path, 100e6).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let expected = serde_json::json!({
        "traceEvents": [
            {"name": "process_name", "ph": "M", "pid": 1, "tid": 0, "args": {"name": "chip"}},
            {"name": "thread_name", "ph": "M", "pid": 1, "tid": 2, "args": {"name": "core 0"}},
            {"name": "thread_sort_index", "ph": "M", "pid": 1, "tid": 2, "args": {"sort_index": 0}},
            {"name": "read", "cat": "c", "ph": "X", "ts": 0.05, "dur": 0.03, "pid": 1, "tid": 2, "args": {"rows": 4}},
            {"name": "power [mW]", "cat": "c", "ph": "C", "ts": 0.05, "pid": 1, "tid": 2, "args": {"value": 1.5}},
            {"name": "packet", "cat": "c", "ph": "s", "ts": 0.055, "pid": 1, "tid": 2, "id": 4},
            {"name": "packet", "cat": "c", "ph": "f", "ts": 0.075, "pid": 1, "tid": 2, "id": 4, "bp": "e"},
        ],
        "displayTimeUnit": "ns",
        "otherData": {"cut": "no"},
    });
    assert_eq!(json, expected);
}
