//! Tables, arrays, the record of a run, and files that appear whole or not at all.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use equipoise_base::record::{Block, CoreBook, EpochRow, LinkTraffic, PerBlock, Record};
use equipoise_base::{Action, Phase};
use equipoise_trace::labelled_table::LabelledTable;
use equipoise_trace::number_table::NumberTable;
use equipoise_trace::table_writer::TableWriter;
use equipoise_trace::{Array, AtomicFile, Header, Values, atomic, npy, npz, record_file};
use fixtures::{Folder, data, message};
use proptest::prelude::*;
use std::collections::BTreeMap;

#[test]
fn a_table_holds_shortest_numbers_and_quoted_text() {
    let folder = Folder::new();
    let path = folder.path("ledger.csv");
    let mut table = TableWriter::create(&path, &["core", "action", "energy_j"]).unwrap();
    table.row(&[3_u64.into(), "read, \"fast\"".into(), 1.5e-12.into()]).unwrap();
    table.row(&[u64::MAX.into(), "".into(), None::<f64>.into()]).unwrap();
    table.row(&[0_u64.into(), "x".into(), 2.0.into()]).unwrap();
    assert!(!path.exists());
    table.finish().unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "core,action,energy_j\n3,\"read, \"\"fast\"\"\",1.5e-12\n18446744073709551615,,\n0,x,2\n"
    );
}

#[test]
fn a_labelled_table_may_have_a_first_row_of_names() {
    let read = |text: &str| LabelledTable::parse(text, &"t".into(), Header::Auto).unwrap();
    let (with, without) = (read("pulse,g\n1,0\n2,3\n"), read("1,0\n2,3\n"));
    assert_eq!((with.names, without.names), (Some(vec!["pulse".to_owned(), "g".to_owned()]), None));
    assert_eq!(with.samples, without.samples);
    assert_eq!((with.samples.values, with.samples.labels), (vec![1.0, 2.0], vec![0, 3]));
    let first = read("label,pulse\n0,1\n3,2\n");
    assert_eq!((first.label, first.samples), (0, without.samples));
}

#[test]
fn a_table_of_numbers_is_numbers_alone() {
    let table = NumberTable::parse("1,0.5\n2,0.75\n", &"t".into()).unwrap();
    assert_eq!(table.rows().collect::<Vec<_>>(), [&[1.0, 0.5][..], &[2.0, 0.75][..]]);
}

/// The files were written by NumPy 2.4.
#[test]
fn arrays_that_numpy_wrote_are_read() {
    let array = npy::read(&data("c_order_f4.npy")).unwrap();
    assert_eq!(array.shape, [3, 4]);
    assert_eq!(array.values, Values::F32((0..12).map(|i| i as f32 / 8.0).collect()));
    let fortran = npy::read(&data("fortran_f8.npy")).unwrap();
    assert_eq!(
        (fortran.shape.as_slice(), &fortran.values),
        (&[2, 3, 4][..], &Values::F64((0..24).map(f64::from).collect()))
    );
    assert_eq!(npy::read(&data("big_endian_i4.npy")).unwrap().values, Values::I32(vec![-1, 0, i32::MAX]));
    assert_eq!(npy::read(&data("bytes_u1.npy")).unwrap().values, Values::I32(vec![0, 1, 2, 3, 4, 5]));
    let archive = npz::read(&data("deflated.npz")).unwrap();
    assert_eq!(archive.keys().collect::<Vec<_>>(), ["b1", "w1"]);
    assert_eq!(archive["w1"].values, array.values);
    assert_eq!(archive["b1"].finite_f64().unwrap(), [0.5, -0.25]);
}

#[test]
fn an_array_is_written_byte_for_byte_as_numpy_writes_it() {
    let array = npy::read(&data("c_order_f4.npy")).unwrap();
    assert_eq!(npy::to_bytes(&array), std::fs::read(data("c_order_f4.npy")).unwrap());
}

fn array() -> impl Strategy<Value = Array> {
    let finite = any::<f64>().prop_filter("a number", |v| !v.is_nan());
    proptest::collection::vec(0..4_usize, 0..4).prop_flat_map(move |shape| {
        let count: usize = shape.iter().product();
        let values = prop_oneof![
            proptest::collection::vec(finite.clone(), count).prop_map(Values::F64),
            proptest::collection::vec(fixtures::number(), count).prop_map(Values::F32),
            proptest::collection::vec(any::<i32>(), count).prop_map(Values::I32),
            proptest::collection::vec(any::<i64>(), count).prop_map(Values::I64),
        ];
        values.prop_map(move |values| Array::new("a", &shape, values).unwrap())
    })
}

proptest! {
    // Each case waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn arrays_read_back_as_they_were_written(first in array(), second in array()) {
        let folder = Folder::new();
        npy::write(&folder.path("a.npy"), &first).unwrap();
        let back = npy::read(&folder.path("a.npy")).unwrap();
        prop_assert_eq!((&back.shape, &back.values), (&first.shape, &first.values));
        npz::write(&folder.path("a.npz"), [("w", &first), ("b/1", &second)]).unwrap();
        let back = npz::read(&folder.path("a.npz")).unwrap();
        prop_assert_eq!((&back["w"].values, &back["b/1"].shape), (&first.values, &second.shape));
        npz::write(&folder.path("b.npz"), [("w", &first), ("b/1", &second)]).unwrap();
        prop_assert_eq!(std::fs::read(folder.path("a.npz")).unwrap(), std::fs::read(folder.path("b.npz")).unwrap());
    }
}

fn record() -> Record {
    let mut core = CoreBook::new(5, PerBlock::default());
    core.of_mut(Phase::Free).add(Action::AdcConvert, 13);
    Record {
        title: "größer".into(),
        seed: u64::MAX,
        phase_cycles: [1, 2, 3, 4, 5, 6, 7, 8],
        cores: vec![core],
        links: vec![LinkTraffic { from: 0, to: 1, packets: 9, busy_cycles: 9 }],
        epochs: vec![EpochRow { split: "test".into(), loss: 0.25, ..EpochRow::default() }],
        structure: BTreeMap::from([("array.rows".into(), "128".into())]),
        ..Record::default()
    }
}

#[test]
fn a_record_reads_back_as_it_was_written() {
    let folder = Folder::new();
    let path = folder.path("record.bin");
    record_file::write(&path, &record()).unwrap();
    assert_eq!(record_file::read(&path).unwrap(), record());
}

/// Who changes `Record` changes what `record.bin` holds. Then this test fails and asks for a new
/// `record_file::VERSION`, so that an old file is refused and not misread.
///
/// The sum was worked out by hand from the fields of version 8: 8 bytes for a number, a text or a list, 4 for a
/// `u32`, 1 for a flag or an option; [`record`] fills the lists whose elements have a layout of their own.
#[test]
fn the_layout_of_a_record_is_that_of_its_version() {
    let content = |record: &Record| record_file::to_bytes(record).unwrap().len();
    let empty = content(&Record::default());
    let names = |names: Vec<&str>| 8 + names.iter().map(|name| 8 + name.len()).sum::<usize>();
    let lists = names(Action::ALL.iter().map(|a| a.name()).collect())
        + names(Phase::ALL.iter().map(|p| p.name()).collect())
        + names(Block::ALL.iter().map(|b| b.name()).collect());
    let counts = 8 + 8 * Action::COUNT;
    let blocks = 17 * 8;
    let core = 4 + (8 + 8 * counts) + (8 + 8 * blocks) + blocks + 8;
    let windows = 2 * (8 + counts + 1);
    let epoch = (8 + 4) + 4 * 8 + counts + blocks + 4 * 8;
    let link = 4 + 4 + 8 + 8;
    let clipped = 3 * 8;
    assert_eq!((record_file::VERSION, empty - 24 - lists), (8, 579 + blocks + windows + 5 * 8 + clipped));
    assert_eq!((record_file::VERSION, content(&record()) - empty), (8, 8 + core + link + epoch + 18 + 11));
}

/// The bytes of [`record`] with `change` made to the content, and length and checksum set right again.
fn changed(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let whole = record_file::to_bytes(&record()).unwrap();
    let mut content = whole[20..whole.len() - 4].to_vec();
    change(&mut content);
    let bytes = [&whole[..12], &(content.len() as u64).to_le_bytes(), &content].concat();
    let sum = crc32fast::hash(&bytes).to_le_bytes();
    [bytes, sum.to_vec()].concat()
}

#[test]
fn a_record_that_counts_other_things_is_refused() {
    // The first list begins with its length and the length of the word `step`.
    let other = changed(|content| {
        assert_eq!(&content[16..20], b"step");
        content[16..20].copy_from_slice(b"leap");
    });
    assert_eq!(
        message(record_file::from_bytes(&other, "r.bin")),
        "r.bin: byte 20: found counts of other actions, phases or blocks; accepted: a record of this version of the \
         program; run again"
    );
}

#[test]
fn a_record_with_a_book_that_lacks_a_count_is_refused() {
    let length = (Action::COUNT as u64).to_le_bytes();
    let short = changed(|content| {
        // After the list of names itself, the first list of that length is a book of the core.
        let at = 8 + content[8..].windows(8).position(|window| window == length).unwrap();
        content[at..at + 8].copy_from_slice(&(Action::COUNT as u64 - 1).to_le_bytes());
        content.drain(at + 8..at + 16);
    });
    assert_eq!(
        message(record_file::from_bytes(&short, "r.bin")),
        format!(
            "r.bin: byte 20: found {} counts where {} actions are counted; accepted: a record of this version; run again",
            Action::COUNT - 1,
            Action::COUNT
        )
    );
    assert_eq!(record_file::from_bytes(&changed(|_| ()), "r.bin").unwrap(), record());
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    let folder = Folder::new();
    let path = folder.with("result.csv", "old");
    let mut half = AtomicFile::create(&path).unwrap();
    half.put(b"half of the new").unwrap();
    assert_eq!(folder.names().len(), 2);
    drop(half);
    assert_eq!(
        (folder.names(), std::fs::read(&path).unwrap()),
        (vec!["result.csv".to_owned()], b"old".to_vec())
    );
    atomic::write_file(&path, b"new").unwrap();
    assert_eq!((folder.names().len(), std::fs::read(&path).unwrap()), (1, b"new".to_vec()));
    let error = message(atomic::write_file(&folder.path("none/x.csv"), b""));
    assert!(error.ends_with("none`; accepted: a file in a folder that exists"), "{error}");
    let error = message(atomic::write_file(path.parent().unwrap(), b""));
    assert!(error.ends_with("found a folder; accepted: the name of a file to write"), "{error}");
}

/// `/dev/full` behaves as a full disk does, for whatever is written through to it.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_of_the_machine_and_not_of_the_input() {
    use equipoise_trace::trace_file::{Format, Writer};
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let error = Writer::new(full, &"out.eqt".into(), Format::Binary, "").err().unwrap();
    assert!(!error.is_bad_input());
    assert!(error.to_string().starts_with("out.eqt: writing failed: No space left on device"), "{error}");
}

#[test]
#[cfg(unix)]
fn a_result_is_as_readable_as_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let ours = folder.with("ours", "");
    std::fs::write(folder.path("plain"), "").unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&ours), mode(&folder.path("plain")));
}
