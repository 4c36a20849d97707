//! Bad traces, each with the whole message that a person reads.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use equipoise_trace::Trace;
use fixtures::{Folder, data, message, read};

/// The message for a text trace of these lines below an empty header.
fn line(text: &str) -> String {
    message(read(format!("equipoise-trace 1\n---\n{text}\n")))
}

#[test]
fn text_traces_name_line_column_what_was_found_and_what_is_accepted() {
    let number = "a finite number, or number*count for a run of equal ones";
    let cases = [
        ("done\n stop", "x:4:2: found `stop`; accepted: train, evaluate, present, events, recall, settle, latch, nudge, update, readout, done".to_owned()),
        ("present 0 1,5", format!("x:3:11: found `1,5`; accepted: {number}")),
        ("present é 1", format!("x:3:9: found `é`; accepted: {number}")),
        ("present 0 nan", format!("x:3:11: found `nan`; accepted: {number}")),
        ("present 1e39", format!("x:3:9: found `1e39`; accepted: {number}")),
        ("present 0*-3", format!("x:3:9: found `0*-3`; accepted: {number}")),
        ("present 0*4000000000", "x:3:9: found `0*4000000000`; accepted: at most 4194304 values or events per instruction".into()),
        ("present 1 :", "x:3:12: found the end of the line; accepted: the number of a class".into()),
        ("present 1 : 2 3", "x:3:15: found `3`; accepted: nothing more on this line (a comment begins with #)".into()),
        ("present 1 -> 0 : 1", "x:3:16: found `:`; accepted: one target".into()),
        ("recall 1 : 2", "x:3:10: found `:`; accepted: a recall without target".into()),
        ("settle soon", "x:3:8: found `soon`; accepted: a number of steps, or nothing for the experiment's rule".into()),
        ("latch", "x:3:6: found the end of the line; accepted: free or nudged".into()),
        ("latch nudge", "x:3:7: found `nudge`; accepted: free or nudged".into()),
        ("nudge 0", "x:3:1: found nudge 0; accepted: nudged phases count from 1".into()),
        ("events 0@3 5", "x:3:12: found `5`; accepted: axon@step, two whole numbers up to 4294967295".into()),
        ("events 0@3 5@2", "x:3:12: found `5@2`; accepted: events that ascend in step".into()),
    ];
    for (text, wanted) in cases {
        assert_eq!(line(text), wanted);
    }
}

#[test]
fn headers_of_text_traces_are_checked_before_any_instruction() {
    let first = "accepted: the first line `equipoise-trace 1`";
    let cases = [
        ("", format!("x:1:1: found an empty file; {first}")),
        ("done\n", format!("x:1:1: found `done`; {first}")),
        ("equipoise-trace 2\n---\n", format!("x:1:1: found version 2; {first}")),
        (
            "equipoise-trace 1\nchip = 'ideal'\n",
            "x:3:1: found the end of the file; accepted: a line `---` between the settings and the instructions".into(),
        ),
        (
            "equipoise-trace 1\n\nchip = ideal\n---\n",
            "x:3:8: found `ideal`; accepted: a number, true, false, a list in [ ] or a text in quotes".into(),
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(message(read(text)), wanted);
    }
    assert_eq!(
        message(read(b"equipoise-trace 1\n---\ndone\n# \xff\n")),
        "x:4:3: found the byte 0xff, which is no UTF-8; accepted: text in UTF-8"
    );
}

/// The golden file with `change` made to it.
fn golden(change: impl Fn(&mut Vec<u8>)) -> String {
    let mut bytes = std::fs::read(data("golden.eqt")).unwrap();
    change(&mut bytes);
    message(read(bytes))
}

#[test]
fn binary_traces_name_block_and_byte() {
    // The header's 58 bytes of text begin at byte 16, so the first block begins at byte 78, its 306 bytes at 86.
    let cut = "accepted: a whole trace; this one was cut";
    assert_eq!(
        golden(|b| b[1] = b'e'),
        "x: byte 0: found no magic number of a binary trace; accepted: the bytes 89 45 51 54 0d 0a 1a 0a"
    );
    assert_eq!(golden(|b| b[8] = 9), "x: byte 8: found version 9, codec 1; accepted: version 1, codec 1");
    assert_eq!(
        golden(|b| b[15] = 9),
        "x: byte 12: found a header of 150995002 bytes; accepted: at most 1 MiB"
    );
    assert_eq!(
        golden(|b| b.truncate(10)),
        format!("x: byte 0: found the end of the file after 10 of 16 bytes of the header; {cut}")
    );
    assert_eq!(
        golden(|b| b[20] ^= 1),
        "x: byte 0: found checksum e1f1765e where e054dfe8 is stored; accepted: unchanged bytes; this trace was damaged"
    );
    assert_eq!(
        golden(|b| b[200] ^= 0x40),
        "x: block 1, byte 78: found checksum 32ffa7fe where 05138261 is stored; accepted: unchanged bytes; this trace \
         was damaged"
    );
    assert_eq!(
        golden(|b| b.truncate(300)),
        format!("x: block 1, byte 86: found the end of the file after 214 of 306 bytes of a block; {cut}")
    );
    assert_eq!(
        golden(|b| b.truncate(396)),
        format!(
            "x: block 2, byte 396: found the end of the file after 0 of 8 bytes of a block's length; {cut}"
        )
    );
    assert_eq!(
        golden(|b| b[81] = 0xff),
        "x: block 1, byte 78: found a block of 4278190386 bytes with 17 instructions; accepted: blocks of 1 byte to \
         128 MiB with at least one instruction"
    );
    assert_eq!(
        golden(|b| b.push(0)),
        "x: block 2, byte 416: found bytes after the end mark; accepted: nothing after the end mark"
    );
    assert_eq!(
        golden(|b| drop(b.drain(78..396))),
        "x: block 1, byte 78: found 0 instructions where the end mark says 17; accepted: a whole trace; blocks are \
         missing"
    );
}

/// A binary trace of one block that holds `payload` and says `count`.
fn block(count: u32, payload: &[u8]) -> Vec<u8> {
    let summed = |bytes: Vec<u8>| {
        let sum = crc32fast::hash(&bytes).to_le_bytes();
        [bytes, sum.to_vec()].concat()
    };
    let header = [&b"\x89EQT\r\n\x1a\n"[..], &[1, 0, 1, 0, 0, 0, 0, 0]].concat();
    let frame = [&(payload.len() as u32).to_le_bytes()[..], &count.to_le_bytes(), payload].concat();
    [summed(header), summed(frame)].concat()
}

#[test]
fn a_block_with_a_right_checksum_and_wrong_instructions_is_refused() {
    let error = |count, payload: &[u8]| message(read(block(count, payload)));
    assert_eq!(
        error(1, &[10, 0, 0, 0]),
        "x: block 1, instruction 1: found no instruction (invalid value: integer `10`, expected variant index 0 <= i < \
         10); accepted: an instruction"
    );
    assert_eq!(
        error(1, &[9, 0, 0, 0, 9, 0, 0, 0]),
        "x: block 1, instruction 1: found 4 bytes after it; accepted: the end of its block"
    );
    // `recall` of 2^60 numbers, and of one that is none.
    let endless = [&[3, 0, 0, 0][..], &(1_u64 << 60).to_le_bytes()].concat();
    assert!(error(1, &endless).starts_with("x: block 1, instruction 1: found no instruction ("));
    let nan = [&[3, 0, 0, 0][..], &1_u64.to_le_bytes(), &f32::NAN.to_le_bytes()].concat();
    assert_eq!(error(1, &nan), "x: block 1, instruction 1: found NaN as value 0; accepted: finite numbers");
}

#[test]
fn a_missing_file_and_a_folder_are_bad_input() {
    let folder = Folder::new();
    let path = folder.path("none.trace");
    let error = Trace::open(&path).err().unwrap();
    assert!(error.is_bad_input());
    assert_eq!(
        error.to_string(),
        format!("{}: found no such file; accepted: a file that can be read", path.display())
    );
    let here = folder.path("");
    assert_eq!(
        message(Trace::open(&here)),
        format!("{}: found a folder; accepted: a file that can be read", here.display())
    );
}
