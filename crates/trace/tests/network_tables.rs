//! The tables of explicit networks, as text and as archives.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use equipoise_base::Delay;
use equipoise_trace::edge_archive::{self, EdgeArchive, EdgeFile, EdgeRow};
use equipoise_trace::network_tables::{Home, NeuronGroup, NeuronTable, Synapse, parse_edges, read_edges};
use equipoise_trace::{Array, Error, Values, npz};
use fixtures::{Folder, message};
use std::io::Write;
use std::path::Path;

fn home(population: u32, neuron: u32) -> Home {
    Home { population, neuron }
}

fn synapse(connection: u32, source: Home, target: Home, weight: f64, delay: u32) -> Synapse {
    Synapse { connection, source, target, weight, delay: Delay::new(delay).unwrap() }
}

/// Two populations, `a` with the ids 7 and 3 and `b` with 5.
fn neurons() -> NeuronTable {
    NeuronTable::parse("x0, id,population\n1, 7,a\n0.5,5,b\n0,3,a\n", &"n".into()).unwrap()
}

fn parsed(text: &str) -> Result<Vec<Synapse>, Error> {
    let mut edges = Vec::new();
    parse_edges(text, &"e".into(), &neurons(), |edge| edges.push(edge)).map(|()| edges)
}

fn read(path: &Path) -> Result<Vec<Synapse>, Error> {
    let mut edges = Vec::new();
    read_edges(path, &neurons(), |edge| edges.push(edge)).map(|()| edges)
}

#[test]
fn columns_come_in_any_order_and_the_optional_ones_are_filled_in() {
    let a = NeuronGroup { name: "a".into(), ids: vec![7, 3], bias: vec![0.0; 2], start: vec![1.0, 0.0] };
    let b = NeuronGroup { name: "b".into(), ids: vec![5], bias: vec![0.0], start: vec![0.5] };
    assert_eq!(neurons().populations, [a, b]);
    let found = [3, 5, 7, 4, 8, 0].map(|id| neurons().home(id));
    assert_eq!(found, [Some(home(0, 1)), Some(home(1, 0)), Some(home(0, 0)), None, None, None]);
    let edges =
        "weight,dst,src,delay,connection\n-0.5,3,7,4,\"up, fast\"\n\n1,7,7,1,\n2,5,3,1,\"up, fast\"\n";
    let wanted = [
        synapse(0, home(0, 0), home(0, 1), -0.5, 4),
        synapse(1, home(0, 0), home(0, 0), 1.0, 1),
        synapse(0, home(0, 1), home(1, 0), 2.0, 1),
    ];
    assert_eq!(parsed(edges).unwrap(), wanted);
    let short = parsed("source,target,weight\n3,7,2\n").unwrap();
    assert_eq!(short, [synapse(0, home(0, 1), home(0, 0), 2.0, 1)]);
}

#[test]
fn lines_end_as_on_any_system_and_a_quoted_name_may_go_over_several() {
    let rows = ["src,dst,weight,connection", "3,7,1,up", "", "5,7,2,\"a", "b\"", "7,7,0.5,up"];
    let wanted = parsed(&rows.join("\n")).unwrap();
    assert_eq!(wanted.iter().map(|edge| edge.connection).collect::<Vec<_>>(), [0, 1, 0]);
    assert_eq!(parsed(&rows.join("\r\n")).unwrap(), wanted);
    assert_eq!(parsed(&rows.join("\r")).unwrap(), wanted);
    assert_eq!(parsed(&format!("\u{feff}{}\n", rows.join("\n"))).unwrap(), wanted, "a mark at the beginning");
    let bad = |end: &str| message(parsed(&format!("{}{end}3,x,1,up", rows.join(end))));
    for end in ["\n", "\r\n", "\r"] {
        assert_eq!(bad(end), "e:7:3: found `x`; accepted: a whole number from 0 to 4294967295");
    }
}

#[test]
fn a_table_is_read_in_stretches_and_places_are_those_of_the_whole_text() {
    let folder = Folder::new();
    let mut text = "src,dst,weight,delay\n".to_owned();
    for row in 0..40_000 {
        text += &format!("3,{},{},{}\n", [3, 5, 7][row % 3], row as f64 / 8.0, 1 + row % 4);
    }
    let path = folder.with("edges.csv", &text);
    let edges = read(&path).unwrap();
    assert_eq!((edges.len(), edges[39_998].weight, edges[39_998].delay.steps()), (40_000, 39_998.0 / 8.0, 3));
    let error = |row: &[u8]| {
        let path = folder.with("edges.csv", [text.as_bytes(), row].concat());
        let said = message(read(&path));
        said[said.find("edges.csv").unwrap()..].to_owned()
    };
    assert_eq!(error(b"3,5,\"\",1\n"), "edges.csv:40002:5: found an empty field; accepted: a finite number");
    assert_eq!(
        error(b"3,5,\xe91,1\n"),
        "edges.csv:40002:5: found the byte 0xe9, which is no UTF-8; accepted: text in UTF-8"
    );
}

/// Rows of synapses beyond a stretch of the reader.
fn rows() -> Vec<EdgeRow> {
    (0..150_000_u32)
        .map(|at| EdgeRow {
            connection: at / 100_000,
            src: [3, 5, 7][at as usize % 3],
            dst: [7, 3][at as usize % 2],
            weight: f64::from(at) / 64.0 - 1.0,
            delay: 1 + at % 5,
        })
        .collect()
}

#[test]
fn an_archive_reads_back_as_it_was_written() {
    let folder = Folder::new();
    let (path, rows) = (folder.path("edges.npz"), rows());
    edge_archive::write(&path, rows.len(), rows.iter().copied(), &[vec![0.5, -0.25], vec![3.0]]).unwrap();
    let known = neurons();
    let wanted: Vec<Synapse> = rows
        .iter()
        .map(|row| {
            let [source, target] = [row.src, row.dst].map(|id| known.home(id).unwrap());
            synapse(row.connection, source, target, row.weight, row.delay)
        })
        .collect();
    assert_eq!(read(&path).unwrap(), wanted);
    let archive = EdgeArchive::open(&path).unwrap();
    assert_eq!(archive.biases(0, 2).unwrap(), Some(vec![0.5, -0.25]));
    assert_eq!((archive.biases(2, 1).unwrap(), archive.reference().unwrap()), (None, None));
    let error = message(archive.biases(1, 4));
    assert!(
        error.ends_with("edges.npz: b2: found the shape (1,); accepted: the shape (4,) one bias per neuron"),
        "{error}"
    );
    // Stored: 24 bytes for a synapse and little else, and every array is one that NumPy reads.
    let size = std::fs::metadata(&path).unwrap().len() as usize;
    assert!((24 * rows.len()..24 * rows.len() + 3_000).contains(&size), "{size} bytes");
    let arrays = npz::read(&path).unwrap();
    assert_eq!(
        arrays.keys().collect::<Vec<_>>(),
        ["b1", "b2", "connection", "delay", "dst", "src", "weight"]
    );
    assert_eq!(arrays["weight"].values, Values::F64(rows.iter().map(|row| row.weight).collect()));
}

#[test]
fn an_archive_may_refer_to_the_table_that_has_the_synapses() {
    let folder = Folder::new();
    let path = folder.path("weights.npz");
    let edges = EdgeFile { path: "/somewhere/größe.csv".into(), crc32: 0xfedc_ba98 };
    edge_archive::write_reference(&path, &edges, &[vec![1.0]]).unwrap();
    let archive = EdgeArchive::open(&path).unwrap();
    assert_eq!(archive.reference().unwrap(), Some(edges));
    assert_eq!(archive.biases(0, 1).unwrap(), Some(vec![1.0]));
}

/// An archive of arrays, whole numbers and others.
fn archive(folder: &Folder, arrays: &[(&str, Values)]) -> std::path::PathBuf {
    let path = folder.path("e.npz");
    let arrays: Vec<(&str, Array)> = arrays
        .iter()
        .map(|(name, values)| (*name, Array::new(name, &[values.len()], values.clone()).unwrap()))
        .collect();
    npz::write(&path, arrays.iter().map(|(name, array)| (*name, array))).unwrap();
    path
}

#[test]
fn numbers_of_any_type_are_taken_that_hold_the_value() {
    let folder = Folder::new();
    let path = archive(
        &folder,
        &[
            ("source", Values::I64(vec![3, 7])),
            ("target", Values::I32(vec![5, 5])),
            ("weight", Values::F32(vec![0.5, -2.0])),
        ],
    );
    let wanted = [synapse(0, home(0, 1), home(1, 0), 0.5, 1), synapse(0, home(0, 0), home(1, 0), -2.0, 1)];
    assert_eq!(read(&path).unwrap(), wanted);
}

#[test]
fn archives_say_which_array_and_which_number_is_not_accepted() {
    let folder = Folder::new();
    let whole = |values: &[i64]| Values::I64(values.to_vec());
    let error = |change: (&str, Values)| {
        let mut arrays = vec![
            ("src", whole(&[3, 7])),
            ("dst", whole(&[5, 5])),
            ("weight", Values::F64(vec![0.5, 1.0])),
            ("delay", whole(&[1, 2])),
        ];
        match arrays.iter_mut().find(|(name, _)| *name == change.0) {
            Some(array) => array.1 = change.1,
            None => arrays.push(change),
        }
        let said = message(read(&archive(&folder, &arrays)));
        said[said.find("e.npz").unwrap()..].to_owned()
    };
    let ids = "accepted: the id of a neuron of the neurons' table";
    assert_eq!(error(("dst", whole(&[5, 6]))), format!("e.npz: dst: index (1,): found 6; {ids}"));
    let range = "accepted: a whole number from 0 to 4294967295";
    assert_eq!(error(("src", whole(&[-3, 7]))), format!("e.npz: src: index (0,): found -3; {range}"));
    assert_eq!(
        error(("delay", Values::F64(vec![1.0, 1.5]))),
        format!("e.npz: delay: index (0,): found 1; {range}")
    );
    assert_eq!(
        error(("delay", whole(&[1, 0]))),
        "e.npz: delay: index (1,): found 0; accepted: a delay of at least one step"
    );
    assert_eq!(
        error(("weight", Values::F64(vec![0.0, f64::NAN]))),
        "e.npz: weight: index (1,): found NaN; accepted: a finite number"
    );
    assert_eq!(
        error(("weight", Values::F64(vec![0.0]))),
        "e.npz: weight: found the shape (1,); accepted: the shape (2,), one number per synapse"
    );
    let known = "accepted: src, dst, weight, and delay, connection, b1, b2, ... if need be";
    assert_eq!(error(("weigths", whole(&[1, 1]))), format!("e.npz: found an array `weigths`; {known}"));
    assert_eq!(error(("edges_crc32", whole(&[1]))), format!("e.npz: found an array `src`; {known}"));
    let path = archive(&folder, &[("src", whole(&[3])), ("weight", whole(&[3]))]);
    assert!(message(read(&path)).ends_with(&format!("e.npz: found no array `dst`; {known}")));
}

/// A bit that flipped on the disk does not become a weight.
#[test]
fn a_damaged_archive_is_refused() {
    let folder = Folder::new();
    let (path, rows) = (folder.path("edges.npz"), rows());
    edge_archive::write(&path, rows.len(), rows.iter().copied(), &[]).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::File::create(&path).unwrap().write_all(&bytes).unwrap();
    assert!(message(read(&path)).contains("damaged or truncated compressed content"));
}
