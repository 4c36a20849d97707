//! Data sets: the shipped digits, IDX, CSV and NumPy sources, event-camera recordings.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use equipoise_base::Instruction;
use equipoise_base::config::{Place, Table, Value};
use equipoise_base::instruction::{Target, TimedEvent};
use equipoise_base::params::Field;
use equipoise_trace::address_events::{AddressEvent, AddressMap, Polarity, Recording, Recordings};
use equipoise_trace::data_source::{DataSource, Loaded};
use equipoise_trace::dataset::{DataPair, Dataset};
use equipoise_trace::{FilePath, Header, digits, npy, npz, toml_tree};
use fixtures::{Folder, data, message};
use std::path::Path;

fn counts(set: &Dataset) -> Vec<usize> {
    (0..set.classes).map(|class| set.labels.iter().filter(|&&label| label == class).count()).collect()
}

// Taken from the files with NumPy.
const DIGITS_TRAIN: [usize; 10] = [145, 143, 146, 138, 153, 150, 148, 128, 141, 145];
const DIGITS_TEST: [usize; 10] = [33, 39, 31, 45, 28, 32, 33, 51, 33, 35];
const FIRST_LABEL: u32 = 6;
const FIRST_DIGIT: [u8; 64] = [
    0, 0, 0, 11, 16, 10, 0, 0, 0, 0, 9, 16, 10, 7, 0, 0, 0, 3, 16, 8, 0, 0, 0, 0, 0, 9, 16, 13, 4, 0, 0, 0,
    0, 10, 16, 8, 16, 7, 0, 0, 0, 4, 16, 3, 7, 16, 2, 0, 0, 0, 13, 13, 8, 16, 5, 0, 0, 0, 1, 11, 16, 16, 1,
    0,
];

#[test]
fn the_shipped_digits_are_the_known_ones_between_0_and_1() {
    let pair = digits::load().unwrap();
    assert_eq!((pair.train.len(), pair.test.len()), (1437, 360));
    assert_eq!((pair.train.width, pair.train.classes), (64, 10));
    assert_eq!(counts(&pair.train), DIGITS_TRAIN);
    assert_eq!(counts(&pair.test), DIGITS_TEST);
    for set in [&pair.train, &pair.test] {
        assert!(
            set.inputs
                .iter()
                .all(|&value| (0.0..=1.0).contains(&value) && value * 16.0 == (value * 16.0).floor())
        );
    }
    assert_eq!(pair.train.input(0).iter().map(|value| (value * 16.0) as u8).collect::<Vec<_>>(), FIRST_DIGIT);
    assert_eq!(pair.train.labels[0], FIRST_LABEL);
}

fn idx(magic: [u8; 4], sizes: &[u32], bytes: &[u8]) -> Vec<u8> {
    magic
        .into_iter()
        .chain(sizes.iter().flat_map(|size| size.to_be_bytes()))
        .chain(bytes.iter().copied())
        .collect()
}

fn images(count: u32, bytes: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 3], &[count, 1, 2], bytes)
}

fn labels(bytes: &[u8]) -> Vec<u8> {
    idx([0, 0, 8, 1], &[bytes.len() as u32], bytes)
}

fn idx_folder(folder: &Folder) {
    folder.with("train-images-idx3-ubyte", images(2, &[0, 100, 200, 50]));
    folder.with("train-labels-idx1-ubyte", labels(&[0, 2]));
    folder.with("test-images-idx3-ubyte", images(1, &[255, 20]));
    folder.with("test-labels-idx1-ubyte", labels(&[1]));
}

/// The setting `source = TEXT` in the file `file`.
fn source(text: &str, file: &Path) -> Result<DataSource, equipoise_base::config::ConfigError> {
    let settings = format!("[data]\nsource = \"{text}\"\n");
    let table = toml_tree::parse(&settings, &file.display().to_string()).unwrap();
    let data = table.section("data").unwrap().unwrap();
    DataSource::read(data, data.get("source").unwrap(), None)
}

fn load(text: &str, file: &Path) -> Result<DataPair, equipoise_trace::Error> {
    match source(text, file)?.load(Header::Auto)? {
        Loaded::Samples(pair) => Ok(*pair),
        Loaded::Program(_) => panic!("{text} holds samples"),
    }
}

#[test]
fn idx_files_are_scaled_by_the_largest_training_pixel_and_clipped() {
    let folder = Folder::new();
    idx_folder(&folder);
    let pair = load("idx:.", &folder.path("x.toml")).unwrap();
    assert_eq!(pair.train.inputs, [0.0, 0.5, 1.0, 0.25]);
    assert_eq!(pair.test.inputs, [1.0, 0.1]);
    assert_eq!((pair.train.labels.as_slice(), pair.test.labels.as_slice()), (&[0, 2][..], &[1][..]));
    assert_eq!((pair.train.classes, pair.test.classes), (3, 3));
    assert_eq!(
        pair.train.present(1),
        Instruction::Present { input: [1.0, 0.25].into(), target: Some(Target::Class(2)) }
    );
}

#[test]
fn a_table_is_split_and_a_folder_of_two_tables_is_not() {
    let folder = Folder::new();
    folder.with("a.csv", "x,y,label\n0,1,0\n1, 1, 1\n0,0,0\n0.5,1,0\n1,0,4\n0,1,1\n");
    let pair = load("csv:a.csv", &folder.path("x.toml")).unwrap();
    assert_eq!((pair.train.len(), pair.test.len(), pair.train.classes), (5, 1, 5));
    assert_eq!((pair.test.inputs.as_slice(), pair.test.labels.as_slice()), (&[1.0, 0.0][..], &[4][..]));
    assert_eq!(pair.train.labels, [0, 1, 0, 0, 1]);
    folder.with("train.csv", "4,0\n2,1\n");
    folder.with("test.csv", "1,1\n");
    let pair = load("csv:.", &folder.path("x.toml")).unwrap();
    assert_eq!((pair.train.inputs.as_slice(), pair.test.inputs.as_slice()), (&[1.0, 0.5][..], &[0.25][..]));
}

#[test]
fn inputs_that_do_not_exceed_1_stay_as_they_are() {
    let folder = Folder::new();
    folder.with("train.csv", "0.25,0\n0.5,1\n");
    folder.with("test.csv", "0.75,1\n");
    let pair = load("csv:.", &folder.path("x.toml")).unwrap();
    assert_eq!((pair.train.inputs, pair.test.inputs), (vec![0.25, 0.5], vec![0.75]));
}

#[test]
fn numpy_archives_and_arrays_give_the_same_samples() {
    // Made by NumPy: x_train is [[0,16],[8,4],[2,2]] twice, y_train 0,1,2 twice; x_test once, y_test 2,1,0.
    let archive = load("npz:samples.npz", &data("x.toml")).unwrap();
    assert_eq!(archive.train.inputs[..6], [0.0, 1.0, 0.5, 0.25, 0.125, 0.125]);
    assert_eq!((archive.train.len(), archive.train.classes), (6, 3));
    assert_eq!(archive.test.labels, [2, 1, 0]);
    let folder = Folder::new();
    for (name, array) in npz::read(&data("samples.npz")).unwrap() {
        npy::write(&folder.path(&format!("{name}.npy")), &array).unwrap();
    }
    let arrays = load("npy:.", &folder.path("x.toml")).unwrap();
    assert_eq!((&arrays.train.inputs, &arrays.test.labels), (&archive.train.inputs, &archive.test.labels));
    let one =
        equipoise_trace::Array::f64("a", &[5, 2], vec![1., 0., 2., 1., 4., 0., 3., 1., 2., 1.]).unwrap();
    npy::write(&folder.path("one.npy"), &one).unwrap();
    let one = load("npy:one.npy", &folder.path("x.toml")).unwrap();
    assert_eq!(
        (one.train.inputs.as_slice(), one.test.inputs.as_slice()),
        (&[0.25, 0.5, 1.0, 0.75][..], &[0.5][..])
    );
}

#[test]
fn a_source_reads_back_as_it_is_written_even_from_another_folder() {
    let folder = Folder::new();
    idx_folder(&folder);
    let first = source("idx:.", &folder.path("x.toml")).unwrap();
    let Value::Text(text) = first.write() else { panic!("a source is text") };
    let second = source(&text, Path::new("elsewhere/y.toml")).unwrap();
    let Loaded::Samples(pair) = second.load(Header::Auto).unwrap() else { panic!("samples") };
    assert_eq!(pair.train.len(), 2);
    assert_eq!(source("digits", Path::new("x.toml")).unwrap(), DataSource::Digits);
    assert_eq!(DataSource::Digits.write(), Value::Text("digits".into()));
}

#[test]
fn a_trace_as_source_is_a_program() {
    let file = data("x.toml");
    let Loaded::Program(trace) = source("trace:golden.eqt", &file).unwrap().load(Header::Auto).unwrap()
    else {
        panic!("a trace is a program")
    };
    assert_eq!(trace.count(), 17);
}

#[test]
fn paths_count_from_their_file_then_from_the_data_folder() {
    let (here, data) = (Folder::new(), Folder::new());
    let experiment = here.path("x.toml");
    let place = Place { file: experiment.display().to_string().into(), line: 2, column: 1 };
    let path = FilePath::new("weights.npz", &place, "network.weights");
    let there = data.with("weights.npz", "");
    assert_eq!(path.find_with(Some(there.parent().unwrap())).unwrap(), there);
    let near = here.with("weights.npz", "");
    assert_eq!(path.find_with(Some(there.parent().unwrap())).unwrap(), near);
    // On the command line a path counts from the working directory.
    let typed = FilePath::new("Cargo.toml", &Place::whole("command line"), "network.weights");
    assert_eq!(typed.find_with(None).unwrap(), Path::new("Cargo.toml"));
    let absolute = FilePath::new(&near.display().to_string(), &place, "network.weights");
    assert_eq!(absolute.find_with(None).unwrap(), near);
}

#[test]
fn a_missing_path_names_every_place_that_was_looked_at() {
    let place = Place { file: "runs/x.toml".into(), line: 2, column: 1 };
    let path = FilePath::new("mnist", &place, "data.source");
    assert_eq!(
        message(path.find_with(None)),
        "runs/x.toml:2:1: `data.source`: found no file or folder `runs/mnist` (EQUIPOISE_DATA is not set); accepted: \
         a path from the file that names it, or from EQUIPOISE_DATA"
    );
    assert_eq!(
        message(path.find_with(Some(Path::new("/nowhere")))),
        "runs/x.toml:2:1: `data.source`: found no file or folder `runs/mnist`, nor `/nowhere/mnist` (EQUIPOISE_DATA); \
         accepted: a path from the file that names it, or from EQUIPOISE_DATA"
    );
}

fn recording(events: &[(u8, u8, bool, u32)]) -> Recording {
    let event = |&(x, y, on, time_us): &(u8, u8, bool, u32)| AddressEvent { x, y, on, time_us };
    Recording { file: "r".into(), sample: 1, label: 3, events: events.iter().map(event).collect() }
}

#[test]
fn events_are_unpacked_bit_by_bit() {
    let index =
        "sample\tlabel\tfirst_event\tn_events\tt_max_us\tn_on\n60001\t7\t0\t1\t5\t0\n60002\t2\t1\t2\t9\t1\n";
    let bytes = vec![1, 2, 0x00, 0x00, 0x05, 33, 0, 0x81, 0x02, 0x03, 4, 5, 0xff, 0xff, 0xff];
    let set = Recordings::parse(index, &"i".into(), bytes, &"e".into()).unwrap();
    assert_eq!(set.len(), 2);
    let second = set.get(1).unwrap();
    assert_eq!((second.sample, second.label), (60002, 2));
    assert_eq!(second.events[0], AddressEvent { x: 33, y: 0, on: true, time_us: 0x01_0203 });
    assert_eq!(second.events[1].time_us, 0x7f_ffff);
    assert!(!set.get(0).unwrap().events[0].on);
}

#[test]
fn addresses_become_lines_and_times_become_steps() {
    let full = AddressMap::default();
    assert_eq!(full.lines(), 2312);
    let line = |map: &AddressMap, x, y, on| map.line(&AddressEvent { x, y, on, time_us: 0 });
    assert_eq!(line(&full, 3, 2, false), Some(71));
    assert_eq!(line(&full, 3, 2, true), Some(1156 + 71));
    assert_eq!(line(&full, 34, 2, true), None);
    // Four by four pixels to a line: nine columns, the last half filled.
    let coarse = AddressMap { downscale: 4, polarity: Polarity::Merged, ..full };
    assert_eq!(
        (coarse.lines(), line(&coarse, 33, 33, true), line(&coarse, 33, 33, false)),
        (81, Some(80), Some(80))
    );
    assert_eq!(line(&coarse, 7, 4, false), Some(10));

    let spikes = AddressMap { polarity: Polarity::Merged, ..full }
        .spikes(&recording(&[
            (5, 0, true, 999),
            (1, 0, true, 1000),
            (0, 0, false, 1500),
            (1, 0, false, 1999),
            (2, 0, true, 9000),
        ]))
        .unwrap();
    let spike = |axon, step| TimedEvent { step, axon };
    assert_eq!(spikes.events, [spike(5, 0), spike(0, 1), spike(1, 1), spike(2, 9)]);
    assert_eq!(spikes.merged, 1);
    let instruction = full.present(&recording(&[(0, 0, false, 0)])).unwrap();
    assert_eq!(
        instruction,
        Instruction::Events { events: [spike(0, 0)].into(), target: Some(Target::Class(3)) }
    );
}

#[test]
#[cfg_attr(not(has_data), ignore = "EQUIPOISE_DATA does not name a folder with data sets")]
fn mnist_is_the_known_one() {
    let folder = fixtures::data_folder();
    let path = FilePath::new("mnist", &Place::whole("command line"), "data.source");
    let pair =
        equipoise_trace::idx::read_folder(&path.find_with(Some(&folder)).unwrap(), "idx:mnist").unwrap();
    assert_eq!(
        (pair.train.len(), pair.test.len(), pair.train.width, pair.train.classes),
        (60_000, 10_000, 784, 10)
    );
    // The first ten labels and the class counts as they are published.
    assert_eq!(pair.train.labels[..10], [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
    assert_eq!(pair.test.labels[..10], [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
    assert_eq!(counts(&pair.train), [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    assert_eq!(counts(&pair.test), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
    let sum: f64 = pair.train.inputs.iter().map(|&value| f64::from(value)).sum();
    // The published mean of the training pixels is 0.1307.
    assert!((sum / (60_000.0 * 784.0) - 0.1307).abs() < 5e-5);
}

/// Counts of the index, which was made with other code, against the unpacked events.
#[test]
#[cfg_attr(not(has_data), ignore = "EQUIPOISE_DATA does not name a folder with data sets")]
fn event_recordings_agree_with_their_index() {
    let folder = fixtures::data_folder().join("nmnist-small");
    for (name, count, events) in [("train400", 400, 1_635_867), ("test100", 100, 385_596)] {
        let set = Recordings::open(&folder.join(format!("{name}.bs2.gz"))).unwrap();
        let index = std::fs::read_to_string(folder.join(format!("{name}.tsv"))).unwrap();
        assert_eq!(set.len(), count);
        let mut total = 0;
        for (number, line) in index.lines().skip(1).enumerate() {
            let columns: Vec<usize> = line.split('\t').map(|field| field.parse().unwrap()).collect();
            let recording = set.get(number).unwrap();
            let last = recording.events.iter().map(|event| event.time_us as usize).max().unwrap();
            let on = recording.events.iter().filter(|event| event.on).count();
            assert_eq!((recording.events.len(), last, on), (columns[3], columns[4], columns[5]));
            let spikes = AddressMap::default().spikes(&recording).unwrap();
            assert_eq!(spikes.events.len() + spikes.merged, recording.events.len());
            total += recording.events.len();
        }
        assert_eq!(total, events);
    }
}

#[test]
fn a_source_of_no_known_kind_is_refused_where_it_stands() {
    let wanted =
        "accepted: \"digits\", \"idx:DIR\", \"csv:PATH\", \"npy:PATH\", \"npz:PATH\" or \"trace:PATH\"";
    for text in ["digit", "idx:", "hdf:x.h5"] {
        let error = message(source(text, Path::new("x.toml")));
        assert_eq!(error, format!("x.toml:2:1: `data.source`: found {text:?}; {wanted}"));
    }
    let mut table = Table::new("data", Place::whole("x"));
    table.set("source", Place::whole("x"), Value::Integer(3).built_in());
    assert!(message(DataSource::read(&table, table.get("source").unwrap(), None)).ends_with(wanted));
}
