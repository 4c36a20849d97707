//! Timelines in the Trace Event Format, as Chrome's tracing page and Perfetto open them.
//!
//! Processes hold threads, threads hold slices (`X`), flows (`s` and `f`) lead from slice to slice, and counters
//! (`C`) run beside them. Times are microseconds of the chip; events stand in the order of time.

use crate::atomic::AtomicFile;
use crate::error::Error;
use serde::Serialize;
use serde_json::{Map, Value};
use std::io::Write;
use std::path::Path;

/// A thread of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Track {
    /// The process.
    pub process: u32,
    /// The thread.
    pub thread: u32,
}

/// What happens.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Work that takes so many cycles. The slices of a track lie within or beside each other.
    Slice {
        /// The cycles.
        cycles: u64,
        /// What to show of it, as `(name, value)`.
        details: Vec<(&'static str, Value)>,
    },
    /// A flow begins in the slice that lies around the middle of this cycle.
    FlowStart {
        /// The flow's number.
        id: u64,
    },
    /// A flow ends in the slice that lies around the middle of this cycle.
    FlowEnd {
        /// The flow's number.
        id: u64,
    },
    /// A counter has this value from now on.
    Counter {
        /// The value.
        value: f64,
    },
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The cycle at which it begins.
    pub cycle: u64,
    /// Its track.
    pub track: Track,
    /// Its name; that of a counter names the counter, with its unit.
    pub name: String,
    /// Its category.
    pub category: &'static str,
    /// What it is.
    pub what: What,
}

/// A timeline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChromeTrace {
    /// Processes and their names.
    pub processes: Vec<(u32, String)>,
    /// Threads and their names, in the order in which they are shown.
    pub threads: Vec<(Track, String)>,
    /// The events, in any order; of slices that begin together the enclosing one stands first.
    pub events: Vec<Event>,
    /// What a reader should know, as `(name, text)`.
    pub notes: Vec<(String, String)>,
}

/// An event as the format writes it.
#[derive(Serialize)]
struct Written<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    cat: &'a str,
    ph: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<f64>,
    pid: u32,
    tid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bp: Option<&'a str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    args: Map<String, Value>,
}

impl ChromeTrace {
    /// Writes the file `path`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path, clock_hz: f64) -> Result<(), Error> {
        let mut file = AtomicFile::create(path)?;
        let name = file.name().clone();
        self.put(&mut file, clock_hz).map_err(|error| Error::io(&name, "writing", error))?;
        file.commit()
    }

    fn put(&self, file: &mut AtomicFile, clock_hz: f64) -> std::io::Result<()> {
        file.write_all(b"{\"traceEvents\":[\n")?;
        let mut before: &[u8] = b"";
        let metadata = self.metadata();
        let mut order: Vec<&Event> = self.events.iter().collect();
        order.sort_by_key(|event| event.half_cycle());
        for event in metadata.iter().map(Metadata::written).chain(order.iter().map(|e| e.written(clock_hz))) {
            file.write_all(before)?;
            serde_json::to_writer(&mut *file, &event)?;
            before = b",\n";
        }
        let notes: Map<String, Value> =
            self.notes.iter().map(|(name, text)| (name.clone(), text.clone().into())).collect();
        file.write_all(b"\n],\n\"displayTimeUnit\":\"ns\",\n\"otherData\":")?;
        serde_json::to_writer(&mut *file, &notes)?;
        file.write_all(b"}\n")
    }

    fn metadata(&self) -> Vec<Metadata> {
        let text = |name: &String| Value::from(name.as_str());
        let processes = self.processes.iter().map(|(process, name)| {
            let track = Track { process: *process, thread: 0 };
            Metadata { track, name: "process_name", key: "name", value: text(name) }
        });
        let threads = self.threads.iter().enumerate().flat_map(|(place, (track, name))| {
            let (track, place) = (*track, Value::from(place));
            [
                Metadata { track, name: "thread_name", key: "name", value: text(name) },
                Metadata { track, name: "thread_sort_index", key: "sort_index", value: place },
            ]
        });
        processes.chain(threads).collect()
    }
}

/// An `M` event.
struct Metadata {
    track: Track,
    name: &'static str,
    key: &'static str,
    value: Value,
}

impl Metadata {
    fn written(&self) -> Written<'_> {
        let args = Map::from_iter([(self.key.to_owned(), self.value.clone())]);
        let Track { process: pid, thread: tid } = self.track;
        Written { name: self.name, cat: "", ph: "M", ts: None, dur: None, pid, tid, id: None, bp: None, args }
    }
}

impl Event {
    /// Flows begin and end in the middle of their cycle, within its slice on either side of rounding.
    fn half_cycle(&self) -> u64 {
        let within = matches!(self.what, What::FlowStart { .. } | What::FlowEnd { .. });
        2 * self.cycle + u64::from(within)
    }

    fn written(&self, clock_hz: f64) -> Written<'_> {
        let microseconds = |half_cycles: u64| half_cycles as f64 * 5e5 / clock_hz;
        let Track { process: pid, thread: tid } = self.track;
        let mut written = Written {
            name: &self.name,
            cat: self.category,
            ph: "X",
            ts: Some(microseconds(self.half_cycle())),
            dur: None,
            pid,
            tid,
            id: None,
            bp: None,
            args: Map::new(),
        };
        match &self.what {
            What::Slice { cycles, details } => {
                written.dur = Some(microseconds(2 * cycles));
                written.args =
                    details.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            }
            What::FlowStart { id } => (written.ph, written.id) = ("s", Some(*id)),
            What::FlowEnd { id } => (written.ph, written.id, written.bp) = ("f", Some(*id), Some("e")),
            What::Counter { value } => {
                written.ph = "C";
                written.args = Map::from_iter([("value".to_owned(), Value::from(*value))]);
            }
        }
        written
    }
}
