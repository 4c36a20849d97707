//! The examples of `docs/formats/` are what the readers accept.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use equipoise_base::Instruction;
use equipoise_base::config::Value;
use equipoise_trace::Header;
use equipoise_trace::labelled_table::LabelledTable;
use equipoise_trace::network_tables::{NeuronTable, parse_edges};
use equipoise_trace::trace_file::Format;
use fixtures::{open, read, written};
use std::path::Path;

/// The blocks of a page that are marked as `kind`.
fn blocks(page: &str, kind: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats").join(page);
    let text = std::fs::read_to_string(path).unwrap();
    let begin = format!("```{kind}\n");
    text.split(&begin).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn text_traces_of_the_page_are_programs() {
    let examples = blocks("trace-text.md", "trace");
    assert_eq!(examples.len(), 2);
    let trace = open(&examples[0]).unwrap();
    let network = trace.header().section("network").unwrap().unwrap();
    assert_eq!(network.get("kind").unwrap().node.value, Value::Text("layered".into()));
    assert_eq!(
        trace.map(|i| i.unwrap().name()).collect::<Vec<_>>(),
        ["present", "settle", "latch", "nudge", "latch", "update", "done"]
    );
    // The second is in the form that is written.
    let (header, program) = read(&examples[1]).unwrap();
    assert_eq!(String::from_utf8(written(Format::Text, &header, &program).unwrap()).unwrap(), examples[1]);
}

#[test]
fn every_instruction_is_on_the_page_of_text_traces() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats/trace-text.md");
    let page = std::fs::read_to_string(path).unwrap();
    // The golden trace has every instruction.
    let (_, program) = read(std::fs::read(fixtures::data("golden.trace")).unwrap()).unwrap();
    for instruction in program {
        assert!(page.contains(&format!("| `{}", instruction.name())), "{}", instruction.name());
    }
}

#[test]
fn the_bytes_of_the_page_are_the_trace_that_it_says() {
    let dump = blocks("trace-binary.md", "hex").remove(0);
    let bytes: Vec<u8> = dump.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    let (header, program) = read(&bytes).unwrap();
    assert_eq!(header, "seed = 7\n");
    assert_eq!(program, [Instruction::Settle { steps: Some(40) }, Instruction::Done]);
    assert_eq!(written(Format::Binary, &header, &program).unwrap(), bytes);
}

#[test]
fn tables_of_the_page_are_accepted() {
    let table = &blocks("data.md", "csv-samples")[0];
    let LabelledTable { names, samples, .. } =
        LabelledTable::parse(table, &"data.md".into(), Header::Auto).unwrap();
    assert!(names.is_some_and(|names| names[2] == "label"));
    assert_eq!((samples.width(), samples.labels), (2, vec![0, 1, 0, 1, 0]));
    let neurons = NeuronTable::parse(&blocks("data.md", "csv-neurons")[0], &"data.md".into()).unwrap();
    let mut delays = Vec::new();
    let edges = &blocks("data.md", "csv-edges")[0];
    parse_edges(edges, &"data.md".into(), &neurons, |edge| delays.push(edge.delay.steps())).unwrap();
    assert_eq!((neurons.populations.len(), delays), (3, vec![1, 3]));
}
