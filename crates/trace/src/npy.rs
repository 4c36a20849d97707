//! NumPy's array files (`.npy`), versions 1 to 3.
//!
//! Layout: magic number, version, length of the header, the header (a Python dictionary with `descr`,
//! `fortran_order` and `shape`), then the numbers. Written is version 1, little-endian, C order.

use crate::array::{Array, Values, shown as shown_shape};
use crate::atomic::AtomicFile;
use crate::error::{Error, quoted};
use crate::input::{Input, LARGEST_WHOLE_FILE, read_up_to};
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// NumPy itself refuses longer headers; an array of plain numbers needs a few dozen bytes.
const LONGEST_HEADER: u64 = 10_000;
/// NumPy's own limit is 64.
const MOST_DIMENSIONS: usize = 64;
/// The numbers of a file begin at a multiple of this.
const ALIGNMENT: usize = 64;

/// Reads the array of the file `path`.
///
/// # Errors
/// If the file cannot be read or is no array of numbers.
pub fn read(path: &Path) -> Result<Array, Error> {
    let mut input = Input::open(path)?;
    let array = read_from(&mut input.reader, &input.name)?;
    expect_end(&mut input.reader, &input.name)?;
    Ok(array)
}

/// Refuses anything after an array.
///
/// # Errors
/// If `reader` has a byte left, or reading fails.
pub(crate) fn expect_end(reader: &mut impl Read, name: &str) -> Result<(), Error> {
    if read_up_to(reader, 1, name)?.is_empty() {
        return Ok(());
    }
    Err(Error::data(name, "", "bytes after the last number", "nothing more"))
}

/// Reads an array from `reader`; messages name it `name`.
///
/// # Errors
/// If the bytes are no array of numbers, or reading fails.
pub fn read_from(reader: &mut impl Read, name: &Arc<str>) -> Result<Array, Error> {
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
    let header =
        Header::parse(&text).map_err(|(found, accepted)| Error::data(name, "header", found, accepted))?;
    header.read_values(reader, name)
}

/// What the dictionary says.
struct Header {
    descr: String,
    fortran_order: bool,
    shape: Vec<usize>,
}

/// What was found and what is accepted.
type Refused = (String, &'static str);

const DICTIONARY: &str = "a dictionary with 'descr', 'fortran_order' and 'shape'";
const TYPES: &str = "f4, f8, i1, i2, i4, i8, u1, u2, u4 or u8, little- or big-endian";

impl Header {
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

    fn read_values(self, reader: &mut impl Read, name: &Arc<str>) -> Result<Array, Error> {
        let refused = |at: &str, found: String, accepted: String| Err(Error::data(name, at, found, accepted));
        let mut descr = self.descr.chars();
        let big_endian = match descr.next() {
            Some('<' | '|' | '=') => false,
            Some('>') => true,
            _ => return refused("header", format!("the type {}", quoted(&self.descr)), TYPES.to_owned()),
        };
        let kind = descr.as_str();
        let width = match kind {
            "i1" | "u1" => 1,
            "i2" | "u2" => 2,
            "f4" | "i4" | "u4" => 4,
            "f8" | "i8" | "u8" => 8,
            _ => return refused("header", format!("the type {}", quoted(&self.descr)), TYPES.to_owned()),
        };
        let product = self.shape.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64));
        let size = product.and_then(|count| count.checked_mul(width));
        let Some(size) = size.filter(|&size| size <= LARGEST_WHOLE_FILE) else {
            let found = format!("the shape {} of {kind}", shown_shape(&self.shape));
            return refused("header", found, "arrays of at most 4 GiB".to_owned());
        };
        let bytes = read_up_to(reader, size, name)?;
        if bytes.len() as u64 != size {
            let found = format!("{} bytes of data", bytes.len());
            return refused("", found, format!("{size} bytes for the shape {}", shown_shape(&self.shape)));
        }
        let Some(values) = numbers(kind, big_endian, &bytes) else {
            return refused(
                "",
                "a whole number beyond 9.2e18".to_owned(),
                "64-bit signed numbers".to_owned(),
            );
        };
        let values = if self.fortran_order { in_c_order(&self.shape, values) } else { values };
        Array::new(name, &self.shape, values)
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

/// The numbers of a type, widened to one of ours; `None` if one does not fit.
fn numbers(kind: &str, big_endian: bool, bytes: &[u8]) -> Option<Values> {
    macro_rules! read {
        ($file:ty as $ours:ty) => {
            bytes
                .chunks_exact(size_of::<$file>())
                .map(|chunk| {
                    let mut number = [0; size_of::<$file>()];
                    number.copy_from_slice(chunk);
                    if big_endian {
                        number.reverse();
                    }
                    <$ours>::try_from(<$file>::from_le_bytes(number)).ok()
                })
                .collect::<Option<Vec<$ours>>>()
        };
    }
    match kind {
        "f4" => read!(f32 as f32).map(Values::F32),
        "f8" => read!(f64 as f64).map(Values::F64),
        "i1" => read!(i8 as i32).map(Values::I32),
        "i2" => read!(i16 as i32).map(Values::I32),
        "i4" => read!(i32 as i32).map(Values::I32),
        "i8" => read!(i64 as i64).map(Values::I64),
        "u1" => read!(u8 as i32).map(Values::I32),
        "u2" => read!(u16 as i32).map(Values::I32),
        "u4" => read!(u32 as i64).map(Values::I64),
        "u8" => read!(u64 as i64).map(Values::I64),
        _ => None,
    }
}

/// Numbers whose first dimension runs fastest, put in the order in which the last one does.
fn in_c_order(shape: &[usize], values: Values) -> Values {
    match values {
        Values::F32(values) => Values::F32(reordered(shape, &values)),
        Values::F64(values) => Values::F64(reordered(shape, &values)),
        Values::I32(values) => Values::I32(reordered(shape, &values)),
        Values::I64(values) => Values::I64(reordered(shape, &values)),
    }
}

fn reordered<T: Copy>(shape: &[usize], values: &[T]) -> Vec<T> {
    // The distance in `values` between neighbours along each dimension; no product is larger than the whole.
    let distances: Vec<usize> = shape
        .iter()
        .scan(1, |distance, &size| {
            let this = *distance;
            *distance *= size.max(1);
            Some(this)
        })
        .collect();
    let mut index = vec![0; shape.len()];
    let mut ordered = Vec::with_capacity(values.len());
    for _ in 0..values.len() {
        ordered.push(values[index.iter().zip(&distances).map(|(i, d)| i * d).sum::<usize>()]);
        for (place, &size) in index.iter_mut().zip(shape).rev() {
            *place += 1;
            if *place < size {
                break;
            }
            *place = 0;
        }
    }
    ordered
}

/// Writes `array` as the file `path`.
///
/// # Errors
/// If the file cannot be written.
pub fn write(path: &Path, array: &Array) -> Result<(), Error> {
    let mut file = AtomicFile::create(path)?;
    file.put(&to_bytes(array))?;
    file.commit()
}

/// The bytes of a file that holds `array`.
#[must_use]
pub fn to_bytes(array: &Array) -> Vec<u8> {
    let (descr, data): (_, Vec<u8>) = match &array.values {
        Values::F32(values) => ("<f4", values.iter().flat_map(|v| v.to_le_bytes()).collect()),
        Values::F64(values) => ("<f8", values.iter().flat_map(|v| v.to_le_bytes()).collect()),
        Values::I32(values) => ("<i4", values.iter().flat_map(|v| v.to_le_bytes()).collect()),
        Values::I64(values) => ("<i8", values.iter().flat_map(|v| v.to_le_bytes()).collect()),
    };
    let shape = shown_shape(&array.shape);
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}");
    let before = MAGIC.len() + 4;
    let padded = (before + header.len() + 1).next_multiple_of(ALIGNMENT);
    header.extend(std::iter::repeat_n(' ', padded - before - header.len() - 1));
    header.push('\n');
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend(u16::try_from(header.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}
