//! Data sets that would train on something else than they hold, each with the whole message.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod program;

use program::refusals::{
    Content::{self, Array, Bytes, Text},
    refuses,
};
use program::{Desk, number};

/// Runs `it.toml`, whose network takes samples of `inputs` values, on the table `d.csv`.
fn on_table(inputs: usize, keys: &str) -> String {
    format!("[network]\nlayers = [{inputs}, 4, 3]\n[data]\nsource = \"csv:d.csv\"\nepochs = 1\n{keys}\n")
}

const RUN: &[&str] = &["run", "it.toml", "--chip", "ideal", "--out", "out", "--quiet"];

fn refuses_table(what: &str, table: &[u8], keys: &str, said: &str) {
    let experiment = on_table(3, keys);
    refuses(what, &[("it.toml", Text(&experiment)), ("d.csv", Bytes(table))], RUN, said);
}

/// The number of test samples of a run on `table`, which is split.
fn accepted(inputs: usize, table: &[u8], keys: &str) -> (Desk, f64) {
    let desk = Desk::new();
    desk.put("it.toml", on_table(inputs, keys));
    desk.put("d.csv", table);
    desk.succeeds(RUN);
    let shown = desk.rows("out/metrics.csv").into_iter().find(|row| row[0] == "test").unwrap();
    (desk, shown[2].parse().unwrap())
}

const ROWS: &str = "0.1,0.2,0.3,0\n0.4,0.1,0,1\n0,0,1,2\n0.5,0.5,0.5,0\n0.1,0.9,0,1\n";

#[test]
fn a_first_row_is_either_names_or_a_sample() {
    let mixed = "numbers alone, names alone, or `data.header` = true for names, false for a sample";
    let cases = [
        ("a gap in the first sample", "0.1,,0.3,0", "1:5: found an empty field", mixed),
        ("a slip in the first sample", "0.1,0.2,0.3x,0", "1:9: found `0.3x`", mixed),
        ("a name among numbers", "0.1,0.2,0.3,label", "1:13: found `label`", mixed),
        ("a last comma", "0.1,0.2,0.3,0,", "1:15: found an empty field", mixed),
        (
            "numbers that count",
            "0,1,2,3",
            "1:1: found the numbers 0 to 3 in order, which may be names of columns",
            "`data.header` = true for names, false for a sample",
        ),
        (
            "one name twice",
            "a,b,a,label",
            "1:5: found `a` a second time",
            "each name once, or `data.header` = true",
        ),
        (
            "two labels",
            "label,b,c,Label",
            "1:11: found a second column of labels",
            "one column called `label`",
        ),
        (
            "semicolons",
            "0.1;0.2;0.3;0",
            "1:1: found `0.1;0.2;0.3;0`, one field",
            "fields with commas between them",
        ),
        (
            "tabs",
            "a\tb\tc\tlabel",
            "1:1: found `a\\tb\\tc\\tlabel`, one field",
            "fields with commas between them",
        ),
    ];
    for (what, first, found, wanted) in cases {
        let table = format!("{first}\n{ROWS}");
        refuses_table(what, table.as_bytes(), "", &format!("d.csv:{found}; accepted: {wanted}"));
    }
}

#[test]
fn data_header_says_what_the_first_row_is() {
    for (first, names) in [("0.1,,0.3,label", true), ("0,1,2,3", true), ("a,b,b,c", true), ("0,1,2,0", false)]
    {
        let table = format!("{first}\n{ROWS}{ROWS}");
        let (desk, tests) = accepted(3, table.as_bytes(), &format!("header = {names}"));
        assert_eq!(tests, 2.0, "{first}");
        let settings = desk.text("out/experiment.toml");
        assert!(settings.contains(&format!("header = {names}")), "{settings}");
    }
    // The last of ten samples tests as well where the first row is one.
    let nine = format!("0,1,2,1\n{}", ROWS.repeat(2).lines().take(9).collect::<Vec<_>>().join("\n"));
    assert_eq!(accepted(3, nine.as_bytes(), "header = false").1, 2.0);
    let said = "d.csv:1:5: found an empty field; accepted: a finite number";
    refuses_table("a gap in a sample", format!("0.1,,0.3,0\n{ROWS}").as_bytes(), "header = false", said);
    refuses_table(
        "another word",
        ROWS.as_bytes(),
        "header = \"yes\"",
        "it.toml:6:1: `data.header`: found \"yes\"; accepted: true, false or \"auto\"",
    );
    refuses(
        "a header of no table",
        &[("it.toml", Text("[data]\nheader = true\n"))],
        RUN,
        "it.toml:2:1: `data.header`: found a first row of digits; accepted: nothing where data.source is no csv:PATH",
    );
}

#[test]
fn the_column_called_label_is_the_label_wherever_it_stands() {
    let last = format!("x,y,z,label\n{ROWS}");
    let first: String =
        ROWS.lines().map(|row| format!("{},{}\n", &row[row.len() - 1..], &row[..row.len() - 2])).collect();
    let desk = Desk::new();
    let digest = |table: &str, out: &str| {
        desk.put("it.toml", on_table(3, ""));
        desk.put("d.csv", table);
        desk.digest(&["it.toml", "--chip", "ideal"], out)
    };
    let wanted = digest(&last, "last");
    assert_eq!(digest(&format!("label,x,y,z\n{first}"), "first"), wanted);
    assert_eq!(digest(&format!("LABEL,x,y,z\n{first}"), "capitals"), wanted);
    assert_eq!(digest(&format!("a,b,c,d\n{ROWS}"), "unnamed"), wanted);
    assert_eq!(digest(ROWS, "no names"), wanted);
    assert_eq!(
        digest(&format!("\u{feff}x,y,z,label\r\n{}", ROWS.replace('\n', "\r\n")), "an editor's"),
        wanted
    );
}

#[test]
fn an_index_that_was_written_with_the_table_is_no_input() {
    let rows: String = ROWS.lines().enumerate().map(|(n, row)| format!("{n},{row}\n")).collect();
    let said = "d.csv: found a first column without a name that counts the rows; accepted: a table without its index (pandas: index=False)";
    refuses_table("names beside an index", format!(",x,y,z,label\n{rows}").as_bytes(), "", said);
    refuses_table("numbers beside an index", format!(",0,1,2,3\n{rows}").as_bytes(), "header = true", said);
    // A column with a name is what its name says.
    accepted(4, format!("n,x,y,z,label\n{rows}").as_bytes(), "");
}

#[test]
fn a_label_is_the_number_of_a_class() {
    let label = "a label: a whole number from 0 to 65535";
    for bad in ["-1", "1.5", "nan", "inf", "65536", "1e300", "cat", ""] {
        let found = if bad.is_empty() { "an empty field".to_owned() } else { format!("`{bad}`") };
        let table = format!("x,y,z,label\n{ROWS}0,0,0,{bad}\n");
        refuses_table(bad, table.as_bytes(), "", &format!("d.csv:7:7: found {found}; accepted: {label}"));
        let table = format!("label,x,y,z\n{bad},0,0,0\n");
        refuses_table(bad, table.as_bytes(), "", &format!("d.csv:2:1: found {found}; accepted: {label}"));
    }
    for (bad, wanted) in [
        ("-0.5", "an input: a finite number from 0"),
        ("1e39", "an input: a finite number from 0"),
        ("nan", "a finite number"),
        ("-inf", "a finite number"),
    ] {
        let table = format!("{ROWS}0,{bad},0,1\n");
        refuses_table(bad, table.as_bytes(), "", &format!("d.csv:6:3: found `{bad}`; accepted: {wanted}"));
    }
    let table = ROWS.replace(",2\n", ",3\n");
    refuses_table(
        "a fourth class",
        table.as_bytes(),
        "",
        "it.toml:2:1: `network.layers`: found 3 output neurons for 4 classes (csv:d.csv); accepted: at least 4 output neurons",
    );
    refuses_table("nothing", b"", "", "d.csv: found no rows; accepted: at least one row of numbers");
    refuses_table(
        "a mark alone",
        b"\xef\xbb\xbf\r\n",
        "",
        "d.csv: found no rows; accepted: at least one row of numbers",
    );
    refuses_table(
        "names alone",
        b"a,b,c,label\n",
        "",
        "d.csv: found 0 samples; accepted: at least 5 samples: every fifth one tests",
    );
}

#[test]
fn both_parts_have_the_same_columns() {
    let experiment = "[network]\nlayers = [3, 4, 3]\n[data]\nsource = \"csv:d\"\nepochs = 1\n";
    let cases = [
        ("x,y,z,label", "x,z,y,label", "`z` as column 2 instead of `y`"),
        ("x,y,z,label", "label,x,y,z", "`label` as column 1 instead of `x`"),
        ("label,x,y,z", "", "labels in column 4 instead of 1"),
    ];
    for (train, test, found) in cases {
        let rows = |names: &str| match names {
            "" => "0,0,0,1\n".to_owned(),
            names => format!("{names}\n0,0,0,1\n"),
        };
        let (train, test) = (rows(train), rows(test));
        let files =
            [("it.toml", Text(experiment)), ("d/train.csv", Text(&train)), ("d/test.csv", Text(&test))];
        let said = format!("d/test.csv: found {found}; accepted: the columns of d/train.csv");
        refuses("other columns", &files, RUN, &said);
    }
}

/// An IDX file of images of that shape, or of labels.
fn idx(shape: &[u8], bytes: &[u8]) -> Vec<u8> {
    let sizes = shape.iter().flat_map(|&size| [0, 0, 0, size]);
    [0, 0, 8, shape.len() as u8].into_iter().chain(sizes).chain(bytes.iter().copied()).collect()
}

#[test]
fn test_images_have_the_shape_of_the_training_images() {
    let experiment = "[network]\nlayers = [6, 4, 3]\n[data]\nsource = \"idx:d\"\nepochs = 1\n";
    let (train, test, labels) = (idx(&[1, 2, 3], &[1; 6]), idx(&[1, 3, 2], &[1; 6]), idx(&[1], &[0]));
    refuses(
        "images on their side",
        &[
            ("it.toml", Text(experiment)),
            ("d/train-images-idx3-ubyte", Bytes(&train)),
            ("d/train-labels-idx1-ubyte", Bytes(&labels)),
            ("d/test-images-idx3-ubyte", Bytes(&test)),
            ("d/test-labels-idx1-ubyte", Bytes(&labels)),
        ],
        RUN,
        "d/test-images-idx3-ubyte: found samples of 3 x 2 values beside training samples of 2 x 3; accepted: samples of one shape",
    );
}

/// An archive of zeros, of those names and shapes.
fn archive(arrays: &[(&str, &[usize])]) -> Vec<u8> {
    let desk = Desk::new();
    let zeros = |shape: &[usize]| {
        equipoise_trace::Array::f64("zeros", shape, vec![0.0; shape.iter().product()]).unwrap()
    };
    let arrays: Vec<_> = arrays.iter().map(|(name, shape)| (*name, zeros(shape))).collect();
    equipoise_trace::npz::write(&desk.path("d.npz"), arrays.iter().map(|(name, array)| (*name, array)))
        .unwrap();
    std::fs::read(desk.path("d.npz")).unwrap()
}

#[test]
fn an_archive_of_samples_has_the_four_names_and_one_shape() {
    let experiment = "[network]\nlayers = [4, 4, 3]\n[data]\nsource = \"npz:d.npz\"\nepochs = 1\n";
    let said = |arrays: &[(&str, &[usize])], message: &str| {
        let bytes = archive(arrays);
        refuses("an archive", &[("it.toml", Text(experiment)), ("d.npz", Bytes(&bytes))], RUN, message);
    };
    let names = "accepted: x_train and y_train, and x_test and y_test or neither";
    let (x, y): (&[usize], &[usize]) = (&[6, 2, 2], &[6]);
    said(
        &[("x_train", x), ("y_train", y), ("X_test", x)],
        &format!("d.npz: found the arrays X_test, x_train, y_train; {names}"),
    );
    said(
        &[("x_train", x), ("y_train", y), ("y_test", y)],
        &format!("d.npz: found the arrays x_train, y_test, y_train; {names}"),
    );
    said(&[("x_test", x), ("y_test", y)], &format!("d.npz: found the arrays x_test, y_test; {names}"));
    said(
        &[("x_train", x), ("y_train", y), ("x_test", &[6, 4]), ("y_test", y)],
        "d.npz: x_test: found samples of 4 values beside training samples of 2 x 2; accepted: samples of one shape",
    );
    said(
        &[("x_train", x), ("y_train", &[6, 1])],
        "d.npz: y_train: found the shape (6, 1); accepted: the shape (6,) (one label per sample of d.npz: x_train)",
    );
}

#[test]
fn no_more_samples_are_used_than_there_are() {
    for (part, has) in [("train", 4), ("test", 1)] {
        refuses_table(
            part,
            ROWS.as_bytes(),
            &format!("{part}_samples = {}", has + 1),
            &format!(
                "it.toml:6:1: `data.{part}_samples`: found {} samples of csv:d.csv {part}, which has {has}; accepted: as many samples as there are, or 0 for all",
                has + 1
            ),
        );
        accepted(3, ROWS.as_bytes(), &format!("{part}_samples = {has}"));
    }
    let files = [("it.trace", Text("equipoise-trace 1\nchip = \"ideal\"\n---\n# nothing\n"))];
    let args = ["run", "it.trace", "--out", "out", "--quiet"];
    refuses(
        "no instruction",
        &files,
        &args,
        "it.trace: found a program without instructions; accepted: at least one",
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_any_text() {
    let desk = Desk::new();
    let marked = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let trace = "equipoise-trace 1\nchip = \"ideal\"\nnetwork.layers = [2, 3, 2]\n---\npresent 0 1 : 1\nsettle 5\nreadout\ndone\n";
    desk.put("a.trace", trace);
    desk.put("b.trace", marked(trace));
    assert_eq!(desk.digest(&["a.trace"], "a"), desk.digest(&["b.trace"], "b"));
    desk.put("it.toml", marked(&on_table(3, "")));
    desk.put("d.csv", marked(ROWS));
    desk.succeeds(RUN);
    desk.put(
        "net.toml",
        marked("chip = \"mine.toml\"\n[network]\nkind = \"explicit\"\nneurons = \"n.csv\"\nedges = \"e.csv\"\n[stimulus]\nsteps = 3\n"),
    );
    desk.put("n.csv", marked("id,population\n0,input\n1,output\n"));
    desk.put("e.csv", marked("src,dst,weight\n0,1,0.5\n"));
    desk.put(
        "mine.toml",
        marked(&std::fs::read_to_string(program::repository("hw-models/ideal.toml")).unwrap()),
    );
    desk.succeeds(&["run", "net.toml", "--out", "explicit", "--quiet"]);
    desk.put("r.bs2", [1, 1, 0x80, 0, 9]);
    desk.put("r.tsv", marked("sample\tlabel\tfirst_event\tn_events\tt_max_us\tn_on\n1\t2\t0\t1\t9\t1\n"));
    let recordings =
        ["trace", "from", "--recordings", "r.bs2", "--set", "network.layers=[2312, 10]", "--to", "r.trace"];
    desk.succeeds(&recordings);
    // Places count from after the mark.
    refuses(
        "a word that is none",
        &[("it.toml", Text("\u{feff}titel = 3\n"))],
        &["check", "it.toml"],
        "it.toml:1:1: `titel`: found an unknown key; accepted: title, chip, seed, hardware, network, neuron, learning, phases, delays, data, stimulus, probe (did you mean `title`?)",
    );
}

#[test]
fn one_class_alone_is_warned_about() {
    let said = |experiment: &str, table: &str| {
        let desk = Desk::new();
        desk.put("it.toml", experiment);
        desk.put("d.csv", table);
        let said = desk.says(&["run", "it.toml", "--chip", "ideal", "--out", "out"]);
        assert_eq!(said.status, Some(0), "{}", said.stderr);
        let checked = desk.succeeds(&["check", "it.toml", "--chip", "ideal"]);
        (said.stdout, said.stderr, checked)
    };
    let warns = |page: &str, doubt: &str| {
        let words = page.replace("warning:", "warning").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(&format!("warning {doubt}")), "{page}");
    };
    // The label stands first and no name says so: the last pixel, always dark, is taken for it.
    let (said_last, said_first, checked) = said(&on_table(3, ""), &"1,0.5,0.1,0\n0,0.2,0.3,0\n".repeat(5));
    let doubt =
        "every training sample is of class 0 (the label is the column called `label`, else the last one)";
    [said_last, said_first, checked].iter().for_each(|page| warns(page, doubt));
    // Training samples of two classes, and all test samples of one.
    let (page, ..) = said(&on_table(3, ""), &"0,0,1,0\n0,0,1,1\n0,0,1,0\n0,0,1,1\n0,0,1,2\n".repeat(2));
    warns(&page, "every test sample is of class 2");
    assert!(!page.contains("every training"), "{page}");
    let several = format!("x,y,z,label\n{ROWS}{}", ROWS.replace(",1\n", ",0\n"));
    assert!(!said(&on_table(3, ""), &several).0.contains("is of class"));
}

#[test]
fn a_stimulus_comes_and_lasts_as_long_as_it_says() {
    let at = |keys: &str| format!("[stimulus]\n{keys}\n");
    let cases = [
        ("values = [0.5]", "2:1: `stimulus.steps`: found inputs for 0 steps; accepted: the steps of the run"),
        (
            "steps = 9\nat_step = 3",
            "3:1: `stimulus.at_step`: found 3 without `then`; accepted: the step of a change to `then`",
        ),
        (
            "steps = 9\nthen = [1]\nat_step = 9",
            "4:1: `stimulus.at_step`: found 9 of 9 steps; accepted: a step before the end of the run",
        ),
        (
            "steps = 9\nfile = \"s.npy\"\nwindow = 4",
            "3:1: `stimulus.file`: found inputs for 8 steps; accepted: a file for all 9 of `stimulus.steps`, or a longer `window`",
        ),
    ];
    for (keys, said) in cases {
        let experiment = at(keys);
        let said = if keys.starts_with("values") { said.replace("2:1", "1:2") } else { said.to_owned() };
        let files: [(&str, Content<'_>); 2] =
            [("it.toml", Text(&experiment)), ("s.npy", Array([2, 64], 0.5))];
        refuses("a stimulus", &files, RUN, &format!("it.toml:{said}"));
    }
    refuses(
        "values for nobody",
        &[(
            "it.toml",
            Text("[network]\nkind = \"recurrent\"\nneurons = 3\n[stimulus]\nsteps = 9\nvalues = [1]\n"),
        )],
        RUN,
        "it.toml:6:1: `stimulus.values`: found 1 value; accepted: none: the network has no input neurons",
    );
    let desk = Desk::new();
    desk.put("it.toml", at("steps = 8\nfile = \"s.npy\"\nwindow = 4"));
    let array = equipoise_trace::Array::f64("s", &[2, 64], vec![0.5; 128]).unwrap();
    desk.put("s.npy", equipoise_trace::npy::to_bytes(&array));
    desk.succeeds(RUN);
    assert_eq!(number(&desk.json("out/summary.json")["steps"]), 8.0);
}
