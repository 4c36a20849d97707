//! File formats in and out: the only code of the project that reads or writes traces, data sets and tables.
//!
//! | module | format |
//! |---|---|
//! | [`toml_tree`], [`toml_write`], [`assignment`] | settings: TOML with the place of every key, `KEY=VALUE` of a command line |
//! | [`text`], [`binary`], [`trace_file`] | the chip's program: `.trace` to read and write by hand, `.eqt` to store |
//! | [`idx`], [`digits`], [`data_source`], [`dataset`], [`address_events`] | labelled samples and recordings |
//! | [`mod@array`], [`npy`], [`npz`] | weights and other arrays, as NumPy keeps them |
//! | [`csv_text`], [`table_writer`], [`network_tables`], [`labelled_table`], [`table_header`], [`number_table`] | tables |
//! | [`edge_archive`] | synapses as arrays |
//! | [`record_file`] | the record of a finished run |
//! | [`waveform`], [`chrome_trace`], [`sana_fe`] | a run in time: waveforms, timelines, spikes and messages |
//!
//! Every reader takes bytes from a stranger: it neither panics nor reserves memory for what a header merely
//! claims. Every writer goes through [`atomic`]: a file appears whole under its name or not at all.
//! The formats are documented in `docs/formats/`.

pub mod address_events;
pub mod array;
pub mod assignment;
pub mod atomic;
pub mod binary;
pub mod chrome_trace;
mod codec;
pub mod csv_text;
pub mod data_source;
pub mod dataset;
pub mod digits;
pub mod edge_archive;
pub mod error;
pub mod file_path;
pub mod idx;
pub mod input;
pub mod labelled_table;
pub mod network_tables;
pub mod npy;
pub mod npz;
pub mod number_table;
mod places;
pub mod program;
pub mod record_file;
pub mod regular;
pub mod sana_fe;
pub mod table_header;
pub mod table_writer;
pub mod text;
mod text_line;
pub mod toml_tree;
pub mod toml_write;
pub mod trace_file;
pub mod waveform;

pub use address_events::{AddressMap, Recording, Recordings};
pub use array::{Array, Values};
pub use atomic::AtomicFile;
pub use data_source::DataSource;
pub use dataset::{DataPair, Dataset};
pub use error::Error;
pub use file_path::FilePath;
pub use table_header::Header;
pub use trace_file::{Info, Trace};
