//! Bad data sets, arrays, tables and records, each with the whole message that a person reads.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use equipoise_trace::idx::{self, IdxArray};
use equipoise_trace::input::Input;
use equipoise_trace::labelled_table::LabelledTable;
use equipoise_trace::network_tables::{NeuronTable, parse_edges};
use equipoise_trace::number_table::NumberTable;
use equipoise_trace::{Array, Header, Recordings, Values, npy, npz, record_file};
use fixtures::{Folder, message};
use std::io::{Cursor, Write};

fn idx(bytes: &[u8], dimensions: u8) -> String {
    let input = Input::new("t.idx", Cursor::new(bytes.to_vec())).unwrap();
    message(IdxArray::read(input, dimensions))
}

#[test]
fn idx_files_say_what_does_not_fit() {
    assert_eq!(
        idx(&[0, 0, 8, 1, 0], 3),
        "t.idx: byte 0: found the magic number 00 00 08 01; accepted: 00 00 08 03 (unsigned bytes, 3-D)"
    );
    assert_eq!(
        idx(&[0, 0, 8, 3, 0, 0], 3),
        "t.idx: byte 4: found the end of the file; accepted: 3 sizes of 4 bytes"
    );
    let huge = [&[0, 0, 8, 3][..], &[0xff; 12]].concat();
    assert_eq!(
        idx(&huge, 3),
        "t.idx: byte 4: found the sizes [4294967295, 4294967295, 4294967295]; accepted: at most 2147483648 bytes"
    );
    assert_eq!(
        idx(&[0, 0, 8, 1, 0, 0, 0, 3, 1, 2], 1),
        "t.idx: found 2 bytes of data; accepted: 3 bytes for the sizes [3]"
    );
    assert_eq!(
        idx(&[0, 0, 8, 1, 0, 0, 0, 1, 1, 2], 1),
        "t.idx: found more than 1 bytes of data; accepted: 1 bytes for the sizes [1]"
    );
    assert_eq!(
        idx(&[0x1f, 0x8b, 8, 0, 0], 1),
        "t.idx: found damaged or truncated compressed content (unexpected end of file); accepted: a whole file"
    );
    let read = |bytes: &[u8], dimensions| {
        IdxArray::read(Input::new("t.idx", Cursor::new(bytes.to_vec())).unwrap(), dimensions).unwrap()
    };
    let images = read(&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 5, 6], 3);
    let labels = read(&[0, 0, 8, 1, 0, 0, 0, 1, 5], 1);
    assert_eq!(
        message(idx::samples(images, &labels)),
        "t.idx: byte 4: found 1 labels for the 2 images of t.idx; accepted: one label per image"
    );
    let folder = Folder::new();
    let here = folder.path("").display().to_string();
    assert_eq!(
        message(idx::read_folder(&folder.path(""), "idx")),
        format!(
            "{here}: found none of the files; accepted: one of train-images-idx3-ubyte, train-images-idx3-ubyte.gz"
        )
    );
}

fn numbers(text: &str) -> String {
    message(NumberTable::parse(text, &"t.csv".into()))
}

fn samples(text: &str) -> String {
    message(LabelledTable::parse(text, &"t.csv".into(), Header::Auto))
}

#[test]
fn tables_name_line_and_column_of_the_field() {
    assert_eq!(numbers(""), "t.csv: found no rows; accepted: at least one row of numbers");
    assert_eq!(numbers("a,b\n1,2\n"), "t.csv:1:1: found `a`; accepted: a finite number");
    assert_eq!(samples("a,b\n1,2\n\"é\",3\n"), "t.csv:3:1: found `é`; accepted: a finite number");
    assert_eq!(samples("\"ö,\",b\r\nx, 1\r\n"), "t.csv:2:1: found `x`; accepted: a finite number");
    assert_eq!(numbers("1,2\n\n3\n"), "t.csv:3:2: found 1 fields; accepted: 2 fields, as in the first row");
    assert_eq!(numbers("1,2\n3,4,5\n"), "t.csv:2:5: found 3 fields; accepted: 2 fields, as in the first row");
    assert_eq!(numbers("1,2\n3,\n"), "t.csv:2:3: found an empty field; accepted: a finite number");
    assert_eq!(numbers("1,2\n3,inf\n"), "t.csv:2:3: found `inf`; accepted: a finite number");
    assert_eq!(
        numbers("1;2\n"),
        "t.csv:1:1: found `1;2`, one field; accepted: fields with commas between them"
    );
    assert_eq!(
        samples("1\n2\n"),
        "t.csv: found 1 columns; accepted: at least one input column beside the label column"
    );
    let label = "accepted: a label: a whole number from 0 to 65535";
    assert_eq!(samples("1,0\n2,-1\n"), format!("t.csv:2:3: found `-1`; {label}"));
    assert_eq!(samples("1,0\n2,1.5\n"), format!("t.csv:2:3: found `1.5`; {label}"));

    let neurons = |text: &str| message(NeuronTable::parse(text, &"n.csv".into()));
    let columns = "accepted: the columns id, population, bias, x0";
    assert_eq!(neurons("bias\n1\n"), format!("n.csv:1:1: found no column `id`; {columns}"));
    assert_eq!(
        neurons("id;bias\n1;2\n"),
        "n.csv:1:1: found `id;bias`, one field; accepted: fields with commas between them"
    );
    assert_eq!(neurons("id,tau\n1,2\n"), format!("n.csv:1:4: found `tau`; {columns}"));
    assert_eq!(neurons("id,id\n1,2\n"), "n.csv:1:4: found `id` a second time; accepted: each column once");
    assert_eq!(
        neurons("id\n4\n7\n4\n"),
        "n.csv:4:1: found the id 4, which line 2 has already; accepted: each id once"
    );
    assert_eq!(neurons("id\n-1\n"), "n.csv:2:1: found `-1`; accepted: a whole number from 0 to 4294967295");

    // A comma within quotes separates nothing.
    assert_eq!(
        neurons("id,population,bias\n1,\"a, b\",x\n"),
        "n.csv:2:10: found `x`; accepted: a finite number"
    );

    let known = NeuronTable::parse("id\n0\n1\n", &"n.csv".into()).unwrap();
    let edges = |text: &str| message(parse_edges(text, &"e.csv".into(), &known, |_| {}));
    assert_eq!(
        edges("src,dst,weight,delay\n0,1,1,0\n"),
        "e.csv:2:7: found `0`; accepted: a delay of at least one step"
    );
    assert_eq!(
        edges("src,dst,weight\n0,2,1\n"),
        "e.csv:2:3: found `2`; accepted: the id of a neuron of the neurons' table"
    );
}

/// The bytes of a NumPy file with this header and these bytes of numbers.
fn numpy(header: &str, data: &[u8]) -> String {
    let length = (header.len() as u16).to_le_bytes();
    let bytes = [&b"\x93NUMPY\x01\x00"[..], &length, header.as_bytes(), data].concat();
    message(npy::read_from(&mut &bytes[..], &"w.npy".into()))
}

#[test]
fn arrays_say_what_is_wrong_with_header_shape_or_number() {
    let types = "accepted: f4, f8, i1, i2, i4, i8, u1, u2, u4 or u8, little- or big-endian";
    let array = |descr: &str, shape: &str| {
        format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}")
    };
    assert_eq!(
        message(npy::read_from(&mut &b"PK\x03\x04...."[..], &"w.npy".into())),
        "w.npy: byte 0: found no magic number of a NumPy array; accepted: the bytes 93 4e 55 4d 50 59"
    );
    assert_eq!(
        numpy(&array("'<c16'", "(1,)"), &[]),
        format!("w.npy: header: found the type `<c16`; {types}")
    );
    assert_eq!(
        numpy(&array("[('a', '<f4')]", "(1,)"), &[]),
        format!("w.npy: header: found a structured type; {types}")
    );
    assert_eq!(
        numpy(&array("'<f8'", "(4294967296, 4294967296)"), &[]),
        "w.npy: header: found the shape (4294967296, 4294967296) of f8; accepted: arrays of at most 4 GiB"
    );
    assert_eq!(
        numpy(&array("'<f4'", "(2, 3)"), &[0; 20]),
        "w.npy: found 20 bytes of data; accepted: 24 bytes for the shape (2, 3)"
    );
    assert_eq!(
        numpy(&array("'<f4'", "(1000000000000,)"), &[0; 4]),
        "w.npy: header: found the shape (1000000000000,) of f4; accepted: arrays of at most 4 GiB"
    );
    assert_eq!(
        numpy("{'descr': '<f4'}", &[]),
        "w.npy: header: found `{'descr': '<f4'}`; accepted: a dictionary with 'descr', 'fortran_order' and 'shape'"
    );
    assert_eq!(
        numpy(&array("'<u8'", "(1,)"), &[0xff; 8]),
        "w.npy: found a whole number beyond 9.2e18; accepted: 64-bit signed numbers"
    );

    let weights = Array::f64("w.npz: w1", &[2, 2], vec![0.0, 1.0, f64::NAN, 2.0]).unwrap();
    assert_eq!(message(weights.finite_f64()), "w.npz: w1: index (1, 0): found NaN; accepted: finite numbers");
    assert_eq!(
        message(weights.expect_shape(&[784, 10], "of a layer (pre, post)")),
        "w.npz: w1: found the shape (2, 2); accepted: the shape (784, 10) of a layer (pre, post)"
    );
    let large = Array::f64("w", &[1], vec![1e39]).unwrap();
    assert_eq!(
        message(large.finite_f32()),
        "w: index (0,): found a number beyond 3.4e38; accepted: numbers of single precision"
    );
    assert_eq!(
        message(Array::new("w", &[3], Values::I32(vec![1]))),
        "w: found 1 values for the shape (3,); accepted: one value per place"
    );
    let archive = message(npz::read_from(Cursor::new(b"no archive"), "w.npz"));
    assert!(
        archive.starts_with("w.npz: found no readable archive (")
            && archive.ends_with("; accepted: a NumPy archive (.npz)"),
        "{archive}"
    );
}

/// An archive with one stored file.
fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.start_file(name, stored).unwrap();
    archive.write_all(bytes).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn archives_hold_whole_arrays_and_nothing_else() {
    let error = |bytes: Vec<u8>| message(npz::read_from(Cursor::new(bytes), "w.npz"));
    let array = npy::to_bytes(&Array::f64("w", &[2], vec![1.0, 2.0]).unwrap());
    assert!(npz::read_from(Cursor::new(zipped("w1.npy", &array)), "w.npz").is_ok());
    assert_eq!(
        error(zipped("notes.txt", b"hello")),
        "w.npz: notes.txt: found a file that is no .npy; accepted: an archive of .npy files alone"
    );
    let longer = [array.as_slice(), &[0]].concat();
    assert_eq!(
        error(zipped("w1.npy", &longer)),
        "w.npz: w1: found bytes after the last number; accepted: nothing more"
    );
    // Names of one length, so that a second `w1` takes the place of `w2` in both of its headers.
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["w1.npy", "w2.npy"] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&array).unwrap();
    }
    let mut twice = archive.finish().unwrap().into_inner();
    for at in 0..twice.len() - 6 {
        if twice[at..at + 6] == *b"w2.npy" {
            twice[at + 1] = b'1';
        }
    }
    assert_eq!(error(twice), "w.npz: found two arrays of one name; accepted: each array once");
    let folder = Folder::new();
    folder.with("w.npy", &longer);
    let path = folder.path("w.npy");
    let said = format!("{}: found bytes after the last number; accepted: nothing more", path.display());
    assert_eq!(message(npy::read(&path)), said);
    let mut damaged = zipped("w1.npy", &array);
    let at = damaged.windows(8).position(|window| window == 2.0_f64.to_le_bytes()).unwrap();
    damaged[at] ^= 1;
    assert_eq!(
        error(damaged),
        "w.npz: w1: found damaged or truncated compressed content (Invalid checksum); accepted: a whole file"
    );
}

#[test]
fn recordings_must_fit_their_index() {
    let columns = "sample\tlabel\tfirst_event\tn_events\tt_max_us\tn_on";
    let error = |index: &str, bytes: &[u8]| {
        let set = Recordings::parse(index, &"i.tsv".into(), bytes.to_vec(), &"e.bs2".into());
        message(set.and_then(|set| set.get(0)))
    };
    assert_eq!(error(columns, &[0; 7]), "e.bs2: found 7 bytes; accepted: events of 5 bytes each");
    assert_eq!(
        error("a\tb\n", &[]),
        "i.tsv:1:1: found `a\\tb`; accepted: the columns sample, label, first_event, n_events, t_max_us, n_on, separated \
         by tabs"
    );
    assert_eq!(
        error(&format!("{columns}\n1\t2\tx\n"), &[]),
        "i.tsv:2:1: found `1\\t2\\tx`; accepted: six whole numbers, separated by tabs"
    );
    assert_eq!(
        error(&format!("{columns}\n1\t2\t0\t2\t0\t0\n"), &[0; 5]),
        "i.tsv:2:1: found events 0 to 2; accepted: the 1 events of the recordings"
    );
    assert_eq!(
        error(&format!("{columns}\n1\t2\t0\t2\t0\t0\n"), &[0, 0, 0, 0, 9, 0, 0, 0, 0, 8]),
        "e.bs2: event 1: found 8 us after 9 us; accepted: times that never decrease within a recording"
    );
}

#[test]
fn records_that_were_changed_or_cut_are_refused() {
    let whole = record_file::to_bytes(&equipoise_base::record::Record::default()).unwrap();
    let error = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        message(record_file::from_bytes(&bytes, "record.bin"))
    };
    assert_eq!(
        error(&|b| b[0] = 0),
        "record.bin: byte 0: found no magic number of a record; accepted: the bytes 89 45 51 52 0d 0a 1a 0a and a record"
    );
    assert_eq!(
        error(&|b| b[8] = 2),
        "record.bin: byte 8: found version 2, codec 1; accepted: version 8, codec 1; run again"
    );
    let size = whole.len();
    assert_eq!(
        error(&|b| b.truncate(size - 1)),
        format!(
            "record.bin: byte 12: found {} bytes where the header says {} of content; accepted: a whole record; this one \
             was cut or extended",
            size - 1,
            size - 24
        )
    );
    assert!(error(&|b| b[50] ^= 1).contains("accepted: unchanged bytes; this record was damaged"));
}
