//! Traces: both formats, their equality, their golden file.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use equipoise_base::Instruction;
use equipoise_base::instruction::{Target, TimedEvent};
use equipoise_trace::trace_file::{Format, Info, Trace};
use fixtures::{data, message, open, program, read, written};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write;

const HEADER: &str = "# kept\nchip = \"ideal\" # this too\n\n[network]\nlayers = [3, 2]\n";

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lines(text: &str) -> Vec<Instruction> {
    read(format!("equipoise-trace 1\n---\n{text}\n")).unwrap().1
}

#[test]
fn a_person_can_write_every_instruction() {
    let program = lines(
        "# a comment\n\n  train\r\n\tpresent 0 1 0.5 : 1 # class 1\npresent 0*3 1e-3 -> 0.2 .8\npresent\nsettle\n\
         settle 40\nlatch free\nnudge 1\nnudge 2 6\nlatch nudged\nupdate\nrecall -1 +1\nevents 0@3 5@3 7@10 : 4\n\
         events -> 1\nreadout\ndone\nevaluate",
    );
    let present = |input: &[f32], target| Instruction::Present { input: input.into(), target };
    let event = |axon, step| TimedEvent { step, axon };
    assert_eq!(program[0], Instruction::Train(true));
    assert_eq!(program[1], present(&[0.0, 1.0, 0.5], Some(Target::Class(1))));
    assert_eq!(program[2], present(&[0.0, 0.0, 0.0, 1e-3], Some(Target::Values([0.2, 0.8].into()))));
    assert_eq!(program[3], present(&[], None));
    assert_eq!(program[5], Instruction::Settle { steps: Some(40) });
    assert_eq!(program[8], Instruction::Nudge { index: 2, steps: Some(6) });
    assert_eq!(program[11], Instruction::Recall { cue: [-1.0, 1.0].into() });
    let events = [event(0, 3), event(5, 3), event(7, 10)];
    assert_eq!(program[12], Instruction::Events { events: events.into(), target: Some(Target::Class(4)) });
    assert_eq!(
        program[13],
        Instruction::Events { events: [].into(), target: Some(Target::Values([1.0].into())) }
    );
    assert_eq!(program[16], Instruction::Train(false));
    assert_eq!(program.len(), 17);
}

#[test]
fn numbers_are_written_as_the_shortest_decimals_and_runs_are_folded() {
    let input = [0.1, -0.0, 1e-30, 16777216.0, 1e20, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, -0.0];
    let program = [Instruction::Present { input: input.into(), target: None }];
    let text = String::from_utf8(written(Format::Text, "", &program).unwrap()).unwrap();
    assert_eq!(text, "equipoise-trace 1\n---\npresent 0.1 -0 1e-30 16777216 1e20 2 2 2 0*4 -0\n");
}

/// The file was made by a script that knows the documentation alone.
#[test]
fn the_golden_file_decodes_and_is_written_again_bit_for_bit() {
    let binary = std::fs::read(data("golden.eqt")).unwrap();
    let text = std::fs::read(data("golden.trace")).unwrap();
    let (header, from_binary) = read(&binary).unwrap();
    assert_eq!(from_binary.len(), 17);
    assert_eq!(written(Format::Text, &header, &from_binary).unwrap(), text);
    let (header, from_text) = read(&text).unwrap();
    assert_eq!(written(Format::Binary, &header, &from_text).unwrap(), binary);
}

proptest! {
    #[test]
    fn text_and_binary_hold_the_same_program_without_loss(program in program()) {
        let text = written(Format::Text, HEADER, &program).unwrap();
        let binary = written(Format::Binary, HEADER, &program).unwrap();
        for (first, second) in [((Format::Text, &text), (Format::Binary, &binary)), ((Format::Binary, &binary), (Format::Text, &text))] {
            let (header, instructions) = read(first.1).unwrap();
            prop_assert_eq!(header.as_str(), HEADER);
            // Equal bytes also tell -0 from 0, which == does not.
            prop_assert_eq!(&written(second.0, &header, &instructions).unwrap(), second.1);
            prop_assert_eq!(&written(first.0, &header, &instructions).unwrap(), first.1);
            prop_assert_eq!(&instructions, &program);
        }
    }

    #[test]
    fn a_gzipped_trace_is_the_same_trace(program in program(), binary in any::<bool>()) {
        let format = if binary { Format::Binary } else { Format::Text };
        let bytes = written(format, HEADER, &program).unwrap();
        prop_assert_eq!(read(gzipped(&bytes)).unwrap(), read(&bytes).unwrap());
    }
}

#[test]
fn a_program_of_many_blocks_is_read_back_whole() {
    let program: Vec<Instruction> = (0..40_000)
        .map(|i| match i % 3 {
            0 => Instruction::Present { input: vec![i as f32; 20].into(), target: None },
            _ => Instruction::Settle { steps: Some(i) },
        })
        .collect();
    let bytes = written(Format::Binary, "", &program).unwrap();
    assert!(bytes.len() > 10 * (64 << 10));
    assert_eq!(read(&bytes).unwrap().1, program);
}

#[test]
fn numbers_that_are_not_finite_are_refused_by_both_writers() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let bad = Instruction::Present { input: [0.0, value].into(), target: None };
        for format in [Format::Text, Format::Binary] {
            let error = message(written(format, "", &[Instruction::Update, bad.clone()]));
            assert_eq!(
                error,
                format!("x: instruction 2: found {value} as value 1; accepted: finite numbers")
            );
        }
    }
}

#[test]
fn line_ends_of_another_system_change_nothing() {
    let text = format!("equipoise-trace 1\n{HEADER}---\npresent 1 0 : 1\nsettle\n");
    assert_eq!(read(text.replace('\n', "\r\n")).unwrap(), read(&text).unwrap());
}

#[test]
fn the_header_has_places_in_the_trace() {
    let text = format!("equipoise-trace 1\n{HEADER}---\ndone\n");
    for bytes in [text.clone().into_bytes(), {
        let (header, program) = read(&text).unwrap();
        written(Format::Binary, &header, &program).unwrap()
    }] {
        let trace = open(bytes).unwrap();
        let layers = trace.header().section("network").unwrap().unwrap().get("layers").unwrap();
        assert_eq!(layers.place.to_string(), "x:6:1");
    }
}

#[test]
fn a_trace_is_summed_up() {
    let mut trace = open(
        "equipoise-trace 1\nseed = 7\nnetwork.layers = [2, 1]\n---\npresent 0 1\nsettle 40\nsettle\nnudge 1 6\n\
         nudge 2\nevents 0@3\nsettle 100\n",
    )
    .unwrap();
    let info = Info::of(&mut trace).unwrap();
    assert_eq!((info.instructions, info.samples, info.steps_known, info.phases_by_rule), (7, 2, 146, 2));
    assert_eq!(info.counts["settle"], 3);
    assert_eq!(
        info.to_string(),
        "format        text\ninstructions  7\n  events      1\n  nudge       2\n  present     1\n  settle      3\n\
         samples       2\nsteps         146 written, 2 phases by rule\nseed = 7\nnetwork.layers = [2, 1]\n"
    );
}

/// What lies in `traces/` needs no test of its own: here every one is read, turned into the other format and back.
#[test]
fn every_trace_in_the_repository_survives_both_formats() {
    let folders = [data(""), data("../../../../traces")];
    let files =
        folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|e| e.unwrap().path());
    let traces: Vec<_> = files.filter(|path| Format::of_name(path).is_ok()).collect();
    assert!(traces.len() >= 2);
    for path in traces {
        let mut trace = Trace::open(&path).unwrap();
        let header = trace.header_text().to_owned();
        let program: Vec<Instruction> = trace.by_ref().collect::<Result<_, _>>().unwrap();
        for format in [Format::Text, Format::Binary] {
            let bytes = written(format, &header, &program).unwrap();
            assert_eq!(read(bytes).unwrap(), (header.clone(), program.clone()), "{}", path.display());
        }
    }
}

#[test]
fn after_an_error_a_trace_gives_nothing_more() {
    let mut trace = open("equipoise-trace 1\n---\ndone\nstop\ndone\n").unwrap();
    assert!(trace.next().unwrap().is_ok());
    assert!(trace.next().unwrap().is_err());
    assert!(trace.next().is_none());
}
