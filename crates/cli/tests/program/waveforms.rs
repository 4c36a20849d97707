//! Waveforms read back, as changes in the order of time.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// Time, signal with its scopes, value; in the order of time.
pub type Changes = Vec<(u64, String, String)>;

/// A value change dump.
pub struct Dump {
    /// Every signal that is declared.
    pub signals: Vec<String>,
    pub changes: Changes,
    /// Its last time.
    pub end: u64,
}

/// Reads a value change dump.
pub fn vcd(text: &str) -> Dump {
    let (mut scopes, mut names) = (Vec::new(), BTreeMap::new());
    let mut dump = Dump { signals: Vec::new(), changes: Vec::new(), end: 0 };
    let mut now = None;
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (value, code) = match words[..] {
            ["$scope", _, name, _] => {
                scopes.push(name);
                continue;
            }
            ["$upscope", _] => {
                scopes.pop();
                continue;
            }
            ["$var", _, _, code, name, _] => {
                dump.signals.push(format!("{}.{name}", scopes.join(".")));
                names.insert(code.to_owned(), dump.signals.len() - 1);
                continue;
            }
            [time] if time.starts_with('#') => {
                dump.end = time[1..].parse().unwrap();
                assert!(now < Some(dump.end), "times grow");
                now = Some(dump.end);
                continue;
            }
            [bit] if bit.starts_with(['0', '1']) => bit.split_at(1),
            [value, code] if value.starts_with(['b', 'r', 's']) => (&value[1..], code),
            _ => continue,
        };
        dump.changes.push((dump.end, dump.signals[names[code]].clone(), value.to_owned()));
    }
    dump
}

/// Reads a fast signal trace, but for values that are unknown.
pub fn fst(path: &Path) -> Changes {
    use fst_reader::{FstFilter, FstHierarchyEntry, FstReader, FstSignalValue};
    let mut reader = FstReader::open_and_read_time_table(BufReader::new(File::open(path).unwrap())).unwrap();
    let (mut scopes, mut names) = (Vec::new(), BTreeMap::new());
    let entry = |entry| match entry {
        FstHierarchyEntry::Scope { name, .. } => scopes.push(name),
        FstHierarchyEntry::UpScope => drop(scopes.pop()),
        FstHierarchyEntry::Var { name, handle, .. } => {
            names.insert(handle.get_index(), format!("{}.{name}", scopes.join(".")));
        }
        _ => {}
    };
    reader.read_hierarchy(entry).unwrap();
    let mut changes = Vec::new();
    let read = |time, handle: fst_reader::FstSignalHandle, value: FstSignalValue<'_>| {
        let value = match value {
            FstSignalValue::String(digits) => String::from_utf8(digits.to_vec()).unwrap(),
            FstSignalValue::Real(number) => number.to_string(),
        };
        changes.push((time, names[&handle.get_index()].clone(), value));
        Ok::<_, std::convert::Infallible>(())
    };
    reader.read_signals(&FstFilter::all(), read).unwrap();
    changes.retain(|(_, _, value): &(u64, String, String)| value != "NaN" && !value.contains('x'));
    changes.sort_by_key(|(time, ..)| *time);
    changes
}

/// Changes by time, then by name.
pub fn sorted(mut changes: Changes) -> Changes {
    changes.sort();
    changes
}
