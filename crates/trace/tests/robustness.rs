//! Every reader meets random bytes, and valid files that were cut or changed: an error or a value, never a panic,
//! and never memory for what a header merely claims.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use equipoise_base::record::Record;
use equipoise_trace::idx::IdxArray;
use equipoise_trace::input::Input;
use equipoise_trace::labelled_table::LabelledTable;
use equipoise_trace::network_tables::{NeuronTable, parse_edges};
use equipoise_trace::number_table::NumberTable;
use equipoise_trace::trace_file::Format;
use equipoise_trace::{Header, Recordings, npy, npz, record_file};
use fixtures::{data, program, read, written};
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::Cursor;

/// Gives `bytes` to every reader of bytes, and as text to every reader of text.
fn read_everything(bytes: &[u8]) {
    let _ = read(bytes);
    for dimensions in [1, 3] {
        let _ =
            Input::new("x", Cursor::new(bytes.to_vec())).and_then(|input| IdxArray::read(input, dimensions));
    }
    if let Ok(array) = npy::read_from(&mut &bytes[..], &"x".into()) {
        let _ = (array.finite_f32(), array.labelled_rows(), array.clone().samples(&array));
    }
    let _ = npz::read_from(Cursor::new(bytes), "x");
    let _ = record_file::from_bytes(bytes, "x");
    let text = String::from_utf8_lossy(bytes);
    let _ = NumberTable::parse(&text, &"x".into());
    for header in [Header::Auto, Header::Names, Header::Sample] {
        let _ = LabelledTable::parse(&text, &"x".into(), header);
    }
    let neurons = NeuronTable::parse(&text, &"x".into()).unwrap_or_default();
    let _ = parse_edges(&text, &"x".into(), &neurons, |_| {});
    if let Ok(set) = Recordings::parse(&text, &"x".into(), bytes.to_vec(), &"x".into()) {
        (0..set.len()).for_each(|index| drop(set.get(index)));
    }
}

/// Valid files of every format.
fn valid_files() -> Vec<Vec<u8>> {
    let names =
        ["golden.eqt", "golden.trace", "c_order_f4.npy", "fortran_f8.npy", "deflated.npz", "samples.npz"];
    let mut files: Vec<Vec<u8>> = names.iter().map(|name| std::fs::read(data(name)).unwrap()).collect();
    files.push(record_file::to_bytes(&Record::default()).unwrap());
    files.push([&[0, 0, 8, 3][..], &[0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6]].concat());
    files.push([&[0, 0, 8, 1][..], &[0, 0, 0, 2, 5, 6]].concat());
    files.push(b"id,population,bias,x0\n0,input,0,1\n1,\"a, b\",0.5,0\n".to_vec());
    files.push(b"src,dst,weight,delay\n0,1,2,3\n".to_vec());
    files.push(b"a,b,label\n1,2,0\n3,4,1\n".to_vec());
    files.push(b"sample\tlabel\tfirst_event\tn_events\tt_max_us\tn_on\n1\t2\t0\t1\t0\t0\n".to_vec());
    files.push(std::fs::read(data("../../../../traces/data/digits/test-labels-idx1-ubyte.gz")).unwrap());
    files
}

/// A beginning that readers know, so that random bytes get past it.
fn known_start() -> impl Strategy<Value = Vec<u8>> {
    let starts: [&[u8]; 9] = [
        b"",
        b"equipoise-trace 1\n---\npresent ",
        b"equipoise-trace 1\n",
        b"\x89EQT\r\n\x1a\n\x01\x00\x01\x00",
        b"\x89EQR\r\n\x1a\n\x01\x00\x01\x00",
        b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f8', 'fortran_order': True, 'shape': (",
        b"PK\x03\x04",
        b"\x00\x00\x08\x03",
        b"\x1f\x8b\x08",
    ];
    proptest::sample::select(starts.map(<[u8]>::to_vec).to_vec())
}

proptest! {
    #[test]
    fn random_bytes_never_panic(start in known_start(), bytes in vec(any::<u8>(), 0..300)) {
        read_everything(&[start, bytes].concat());
    }

    #[test]
    fn random_words_of_the_formats_never_panic(text in "[0-9@:*,.>\\-\"' a-f\t\n(){}]{0,200}") {
        read_everything(text.as_bytes());
        read_everything(format!("equipoise-trace 1\n---\nevents {text}").as_bytes());
        read_everything(format!("id,bias\n{text}").as_bytes());
    }

    #[test]
    fn valid_files_that_were_cut_or_changed_never_panic(
        which in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        keep_length in any::<bool>(),
    ) {
        let mut bytes = valid_files().swap_remove(which.index(14));
        if !keep_length {
            bytes.truncate(cut.index(bytes.len()));
        }
        for (at, value) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        }
        read_everything(&bytes);
    }

    #[test]
    fn a_binary_trace_with_one_changed_bit_or_without_its_end_is_always_refused(
        program in program(), at in any::<prop::sample::Index>(), bit in 0..8_u32,
    ) {
        let bytes = written(Format::Binary, "seed = 1\n", &program).unwrap();
        let at = at.index(bytes.len());
        let mut changed = bytes.clone();
        changed[at] ^= 1 << bit;
        prop_assert!(read(&changed).is_err(), "byte {at}, bit {bit}");
        prop_assert!(read(&bytes[..at]).is_err(), "cut at {at}");
    }

    #[test]
    fn a_record_with_one_changed_bit_or_without_its_end_is_always_refused(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
        let bytes = record_file::to_bytes(&Record::default()).unwrap();
        let at = at.index(bytes.len());
        let mut changed = bytes.clone();
        changed[at] ^= 1 << bit;
        prop_assert!(record_file::from_bytes(&changed, "x").is_err(), "byte {at}, bit {bit}");
        prop_assert!(record_file::from_bytes(&bytes[..at], "x").is_err(), "cut at {at}");
    }
}

/// Headers that claim what no machine has over a handful of bytes. Were the memory reserved, the test would end.
#[test]
fn claimed_sizes_reserve_no_memory() {
    let claims: [&[u8]; 5] = [
        b"\x89EQT\r\n\x1a\n\x01\x00\x01\x00\xff\xff\xff\xff",
        b"\x89EQR\r\n\x1a\n\x01\x00\x01\x00\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}",
        b"\x93NUMPY\x01\x00\x45\x00{'descr': '<f8', 'fortran_order': True, 'shape': (100000000000000,)}\n",
        b"\x00\x00\x08\x03\x80\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01",
    ];
    for claim in claims {
        read_everything(claim);
    }
    assert!(read(b"equipoise-trace 1\n---\nrecall 0*99999999999\n").is_err());
}
