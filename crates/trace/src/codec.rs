//! The only place that names `bincode`: values to bytes and back, with a limit on every size.
//!
//! Codec 1 is bincode 1.3.3 with fixed-width little-endian integers: a number is its bytes, a sequence or text
//! is a 64-bit count and its elements, an enum is a 32-bit variant and its fields, an option is one byte and
//! its value. The development of bincode has ended; its layout is frozen and simple enough to be read without
//! it, the files carry the codec's number, and a committed file that must stay readable guards it.

use bincode::Options;
use serde::{Serialize, de::DeserializeOwned};

/// The codec's number in file headers.
pub(crate) const CODEC: u16 = 1;

fn options(limit: u64) -> impl Options {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_little_endian()
        .allow_trailing_bytes()
        .with_limit(limit)
}

/// Appends `value` to `bytes`.
///
/// # Errors
/// A sentence, if the value would take more than `limit` bytes.
pub(crate) fn encode<T: Serialize>(value: &T, bytes: &mut Vec<u8>, limit: u64) -> Result<(), String> {
    options(limit).serialize_into(bytes, value).map_err(|error| error.to_string())
}

/// Takes one value from the front of `bytes`.
///
/// # Errors
/// A sentence, if the bytes are no such value.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &mut &[u8]) -> Result<T, String> {
    options(bytes.len() as u64).deserialize_from(bytes).map_err(|error| error.to_string())
}
