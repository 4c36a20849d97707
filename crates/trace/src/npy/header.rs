//! The header of an array file: its magic number, its version, and a Python dictionary.

use super::MAGIC;
use crate::error::{Error, quoted};
use crate::input::read_up_to;
use std::io::Read;
use std::sync::Arc;

/// NumPy itself refuses longer headers; an array of plain numbers needs a few dozen bytes.
const LONGEST_HEADER: u64 = 10_000;
/// NumPy's own limit is 64.
const MOST_DIMENSIONS: usize = 64;

/// What the dictionary says.
pub(crate) struct Header {
    /// The type of the numbers: `<f4`.
    pub descr: String,
    /// The first dimension runs fastest.
    pub fortran_order: bool,
    /// Sizes of the dimensions.
    pub shape: Vec<usize>,
}

/// What was found and what is accepted.
type Refused = (String, &'static str);

const DICTIONARY: &str = "a dictionary with 'descr', 'fortran_order' and 'shape'";
pub(super) const TYPES: &str = "f4, f8, i1, i2, i4, i8, u1, u2, u4 or u8, little- or big-endian";

impl Header {
    /// Reads what comes before the numbers.
    pub(crate) fn read(reader: &mut impl Read, name: &Arc<str>) -> Result<Self, Error> {
        let refused = |at: &str, found: String, accepted: &str| Err(Error::data(name, at, found, accepted));
        let start = read_up_to(reader, 8, name)?;
        if start.len() < 8 || start[..6] != MAGIC[..] {
            return refused(
                "byte 0",
                "no magic number of a NumPy array".to_owned(),
                "the bytes 93 4e 55 4d 50 59",
            );
        }
        let length_bytes = match start[6] {
            1 => 2,
            2 | 3 => 4,
            version => return refused("byte 6", format!("version {version}"), "versions 1 to 3"),
        };
        let length = read_up_to(reader, length_bytes, name)?;
        let header_len = length.iter().rev().fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
        if header_len > LONGEST_HEADER {
            return refused("byte 8", format!("a header of {header_len} bytes"), "at most 10000 bytes");
        }
        let header = read_up_to(reader, header_len, name)?;
        if (length.len() + header.len()) as u64 != length_bytes + header_len {
            return refused("byte 8", "the end of the file within the header".to_owned(), "a whole file");
        }
        let text = String::from_utf8_lossy(&header);
        Self::parse(&text).map_err(|(found, accepted)| Error::data(name, "header", found, accepted))
    }

    fn parse(text: &str) -> Result<Self, Refused> {
        let wrong = || (quoted(text), DICTIONARY);
        let mut rest = text.trim().strip_prefix('{').ok_or_else(wrong)?.trim_start();
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        while !rest.starts_with('}') {
            let (key, after) = string(rest).ok_or_else(wrong)?;
            rest = after.trim_start().strip_prefix(':').ok_or_else(wrong)?.trim_start();
            rest = match key {
                "descr" if rest.starts_with('[') => return Err(("a structured type".to_owned(), TYPES)),
                "descr" => {
                    let (value, after) = string(rest).ok_or_else(wrong)?;
                    descr = Some(value.to_owned());
                    after
                }
                "fortran_order" => {
                    let (value, after) = truth(rest).ok_or_else(wrong)?;
                    fortran_order = Some(value);
                    after
                }
                "shape" => {
                    let (value, after) = tuple(rest)?;
                    shape = Some(value);
                    after
                }
                _ => return Err((format!("the key {}", quoted(key)), DICTIONARY)),
            };
            rest = rest.trim_start();
            rest = rest.strip_prefix(',').map_or(rest, str::trim_start);
        }
        match (descr, fortran_order, shape) {
            (Some(descr), Some(fortran_order), Some(shape)) => Ok(Self { descr, fortran_order, shape }),
            _ => Err(wrong()),
        }
    }
}

/// A quoted string without escapes, and what follows it.
fn string(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..].split_once(quote)
}

fn truth(text: &str) -> Option<(bool, &str)> {
    match (text.strip_prefix("True"), text.strip_prefix("False")) {
        (Some(rest), _) => Some((true, rest)),
        (_, Some(rest)) => Some((false, rest)),
        _ => None,
    }
}

/// A tuple of sizes, and what follows it.
fn tuple(text: &str) -> Result<(Vec<usize>, &str), Refused> {
    let wrong = || (format!("the shape {}", quoted(text)), "a tuple of at most 64 sizes");
    let (inner, rest) = text.strip_prefix('(').and_then(|t| t.split_once(')')).ok_or_else(wrong)?;
    let sizes = inner.split(',').map(str::trim).filter(|size| !size.is_empty());
    let sizes: Vec<usize> = sizes.map(|size| size.parse().map_err(|_| wrong())).collect::<Result<_, _>>()?;
    if sizes.len() > MOST_DIMENSIONS { Err(wrong()) } else { Ok((sizes, rest)) }
}
