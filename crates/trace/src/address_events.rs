//! Recordings of event cameras as input spikes.
//!
//! A set of recordings is two files, `NAME.bs2.gz` (or `NAME.bs2`) with the events of all recordings one after
//! another, and `NAME.tsv`, which says where each begins and what it shows. An event is five bytes: x, y, then
//! 24 bits, big-endian, of which the highest is the polarity (1: brighter) and the others are microseconds.

use crate::error::{Error, quoted, shown};
use crate::input::{read_bytes, read_text};
use crate::places::number;
use crate::program::MOST_VALUES;
use equipoise_base::Instruction;
use equipoise_base::instruction::{Target, TimedEvent};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EVENT_BYTES: usize = 5;
const COLUMNS: [&str; 6] = ["sample", "label", "first_event", "n_events", "t_max_us", "n_on"];

/// One change of brightness at one pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressEvent {
    /// Microseconds since the recording began.
    pub time_us: u32,
    /// Column, from 0.
    pub x: u8,
    /// Row, from 0.
    pub y: u8,
    /// True for brighter, false for darker.
    pub on: bool,
}

/// One recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The file as messages show it.
    pub file: Arc<str>,
    /// The sample's number in the set that it was taken from.
    pub sample: u32,
    /// The class that it shows.
    pub label: u32,
    /// The events; times never decrease.
    pub events: Vec<AddressEvent>,
}

/// Where a recording stands, a row of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Row {
    sample: u32,
    label: u32,
    first: usize,
    count: usize,
}

/// A set of recordings; the packed events are in memory, a recording is unpacked when it is asked for.
#[derive(Clone, Debug)]
pub struct Recordings {
    file: Arc<str>,
    rows: Vec<Row>,
    bytes: Vec<u8>,
}

impl Recordings {
    /// Opens the set whose events are `path`; the index lies beside it: `train400.bs2.gz`, `train400.tsv`.
    ///
    /// # Errors
    /// If a file is missing or damaged, or the index does not fit the events.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let index = index_of(path);
        Self::parse(&read_text(&index)?, &shown(&index), read_bytes(path)?, &shown(path))
    }

    /// As [`Recordings::open`], from an index and the bytes of the events.
    ///
    /// # Errors
    /// If the index is no such table or does not fit the events.
    pub fn parse(index: &str, index_file: &Arc<str>, bytes: Vec<u8>, file: &Arc<str>) -> Result<Self, Error> {
        if !bytes.len().is_multiple_of(EVENT_BYTES) {
            let found = format!("{} bytes", bytes.len());
            return Err(Error::data(file, "", found, "events of 5 bytes each"));
        }
        let rows = parse_index(index, index_file, bytes.len() / EVENT_BYTES)?;
        Ok(Self { file: file.clone(), rows, bytes })
    }

    /// The number of recordings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of classes that labels of the first `count` recordings make necessary: the largest plus one.
    #[must_use]
    pub fn classes(&self, count: usize) -> u64 {
        self.rows.iter().take(count).map(|row| u64::from(row.label) + 1).max().unwrap_or(0)
    }

    /// Recording `index`, which must be below [`Recordings::len`].
    ///
    /// # Errors
    /// If its times decrease.
    pub fn get(&self, index: usize) -> Result<Recording, Error> {
        let row = self.rows[index];
        let bytes = &self.bytes[row.first * EVENT_BYTES..(row.first + row.count) * EVENT_BYTES];
        let events: Vec<AddressEvent> = bytes.chunks_exact(EVENT_BYTES).map(unpacked).collect();
        if let Some(at) = events.windows(2).position(|pair| pair[1].time_us < pair[0].time_us) {
            let found = format!("{} us after {} us", events[at + 1].time_us, events[at].time_us);
            let place = format!("event {}", row.first + at + 1);
            return Err(Error::data(
                &self.file,
                place,
                found,
                "times that never decrease within a recording",
            ));
        }
        Ok(Recording { file: self.file.clone(), sample: row.sample, label: row.label, events })
    }
}

fn unpacked(bytes: &[u8]) -> AddressEvent {
    let low = u32::from_be_bytes([0, bytes[2], bytes[3], bytes[4]]);
    AddressEvent { x: bytes[0], y: bytes[1], on: low >> 23 == 1, time_us: low & 0x7f_ffff }
}

fn index_of(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let stem = name.strip_suffix(".gz").unwrap_or(name);
    path.with_file_name(format!("{}.tsv", stem.strip_suffix(".bs2").unwrap_or(stem)))
}

fn parse_index(text: &str, file: &Arc<str>, events: usize) -> Result<Vec<Row>, Error> {
    let header = text.lines().next().unwrap_or("");
    if !header.split('\t').eq(COLUMNS) {
        let accepted = format!("the columns {}, separated by tabs", COLUMNS.join(", "));
        return Err(Error::text(file, (1, 1), quoted(header), accepted));
    }
    let mut rows = Vec::new();
    for (line_number, line) in text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()) {
        let place = (number(line_number + 1), 1);
        let fields: Option<Vec<u32>> = line.split('\t').map(|field| field.parse().ok()).collect();
        let [sample, label, first, count, _, _] = fields.as_deref().unwrap_or(&[]) else {
            return Err(Error::text(file, place, quoted(line), "six whole numbers, separated by tabs"));
        };
        let row = Row { sample: *sample, label: *label, first: *first as usize, count: *count as usize };
        if row.first + row.count > events {
            let found = format!("events {} to {}", row.first, row.first + row.count);
            return Err(Error::text(file, place, found, format!("the {events} events of the recordings")));
        }
        rows.push(row);
    }
    if rows.is_empty() {
        return Err(Error::data(file, "", "no recordings", "at least one row below the header"));
    }
    Ok(rows)
}

equipoise_base::choice! {
    /// What becomes of the polarity of an event.
    pub enum Polarity {
        /// Darker drives the first half of the lines, brighter the second.
        Split = "split",
        /// Brighter and darker drive the same input line.
        Merged = "merged",
    }
}

equipoise_base::params! {
    /// From pixels and microseconds to input lines and steps; the default is N-MNIST at full resolution.
    #[derive(Eq)]
    pub struct AddressMap {
        /// Pixels in a row of the camera.
        width: u32 = 34, "pixels", 1..=256;
        /// Rows of the camera.
        height: u32 = 34, "pixels", 1..=256;
        /// Pixels that share a line in each direction; 1 gives every pixel a line of its own.
        downscale: u32 = 1, "pixels", 1..=256;
        /// What becomes of the polarity.
        polarity: Polarity = Polarity::Split, "";
        /// Microseconds of one step.
        step_us: u32 = 1000, "us", 1..=8388607;
    }
}

/// A recording as input spikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputSpikes {
    /// At most one spike per line and step, ascending in step, then in line.
    pub events: Vec<TimedEvent>,
    /// Events of the camera that fell on a spike that was there already.
    pub merged: usize,
}

impl AddressMap {
    /// The number of input lines.
    #[must_use]
    pub fn lines(&self) -> u32 {
        let halves = if self.polarity == Polarity::Split { 2 } else { 1 };
        halves * self.columns() * self.rows()
    }

    fn columns(&self) -> u32 {
        self.width.div_ceil(self.downscale)
    }

    fn rows(&self) -> u32 {
        self.height.div_ceil(self.downscale)
    }

    /// The input line of `event`: lines run along rows, and with [`Polarity::Split`] the brighter ones follow
    /// all the darker ones. `None` outside the camera.
    #[must_use]
    pub fn line(&self, event: &AddressEvent) -> Option<u32> {
        let (x, y) = (u32::from(event.x), u32::from(event.y));
        if x >= self.width || y >= self.height {
            return None;
        }
        let pixel = y / self.downscale * self.columns() + x / self.downscale;
        let offset =
            if self.polarity == Polarity::Split && event.on { self.columns() * self.rows() } else { 0 };
        Some(offset + pixel)
    }

    /// The spikes of `recording`: an event at time t falls in step t / `step_us`, rounded down.
    ///
    /// # Errors
    /// If an event lies outside the camera, or there are more spikes than an instruction holds.
    pub fn spikes(&self, recording: &Recording) -> Result<InputSpikes, Error> {
        let sample = format!("sample {}", recording.sample);
        let mut events = Vec::with_capacity(recording.events.len());
        for event in &recording.events {
            let Some(axon) = self.line(event) else {
                let found = format!("an event at x {}, y {}", event.x, event.y);
                let accepted = format!("x below {}, y below {}", self.width, self.height);
                return Err(Error::data(&recording.file, sample, found, accepted));
            };
            events.push(TimedEvent { step: event.time_us / self.step_us, axon });
        }
        events.sort_unstable_by_key(|event| (event.step, event.axon));
        let all = events.len();
        events.dedup();
        if events.len() > MOST_VALUES {
            let found = format!("{} spikes", events.len());
            return Err(Error::data(&recording.file, sample, found, "at most 4194304 spikes"));
        }
        Ok(InputSpikes { merged: all - events.len(), events })
    }

    /// The instruction that presents `recording` with its class.
    ///
    /// # Errors
    /// As [`AddressMap::spikes`].
    pub fn present(&self, recording: &Recording) -> Result<Instruction, Error> {
        let spikes = self.spikes(recording)?;
        Ok(Instruction::Events { events: spikes.events.into(), target: Some(Target::Class(recording.label)) })
    }
}
