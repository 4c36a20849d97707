//! Bad input: what is put on the desk, how the program is called, and all that it says.

use super::{Desk, Said, repository};
use std::fs;

/// Runs the experiment `it.toml`.
pub const RUN: &[&str] = &["run", "it.toml", "--out", "out", "--quiet"];
/// Runs the trace `it.trace`.
pub const TRACE: &[&str] = &["run", "it.trace", "--out", "out", "--quiet"];
/// How a trace of a small network begins; its first instruction stands in line 5.
pub const HEAD: &str = "equipoise-trace 1\nchip = \"ideal\"\nnetwork.layers = [2, 3, 2]\n---\n";

/// What a file holds.
#[derive(Clone, Copy)]
pub enum Content<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    /// A NumPy array of that shape with one value everywhere.
    Array([usize; 2], f64),
    /// The preset `edge-rram` with one text replaced by another.
    Preset(&'a str, &'a str),
}

impl Content<'_> {
    fn bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into(),
            Self::Bytes(bytes) => bytes.into(),
            Self::Array(shape, value) => {
                let values = vec![value; shape[0] * shape[1]];
                let array = equipoise_trace::Array::f64("array", &shape, values).unwrap();
                equipoise_trace::npy::to_bytes(&array)
            }
            Self::Preset(old, new) => {
                let preset = fs::read_to_string(repository("hw-models/edge-rram.toml")).unwrap();
                assert!(preset.contains(old), "the preset has {old:?}");
                preset.replace(old, new).into()
            }
        }
    }
}

/// The program is refused with exit status 2 and `message`, says nothing else, and leaves the desk as it was.
pub fn refuses(what: &str, files: &[(&str, Content<'_>)], args: &[&str], message: &str) {
    let desk = Desk::new();
    files.iter().for_each(|(name, content)| desk.put(name, content.bytes()));
    let before = desk.everything();
    let wanted = Said { status: Some(2), stdout: String::new(), stderr: format!("error: {message}\n") };
    assert_eq!(desk.says(args), wanted, "{what}");
    assert_eq!(desk.everything(), before, "{what}");
}
