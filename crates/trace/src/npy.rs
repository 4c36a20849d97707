//! NumPy's array files (`.npy`), versions 1 to 3.
//!
//! Layout: magic number, version, length of the header, the header (a Python dictionary with `descr`,
//! `fortran_order` and `shape`), then the numbers. Written is version 1, little-endian, C order.

mod header;
mod numbers;

pub(crate) use numbers::Numbers;

use crate::array::{Array, Values, shown as shown_shape};
use crate::atomic::AtomicFile;
use crate::error::Error;
use crate::input::{Input, LARGEST_WHOLE_FILE, read_up_to};
use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

const MAGIC: &[u8; 6] = b"\x93NUMPY";
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

/// Refuses anything after an array. At its end the checksum of an archive's entry is compared.
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
    let (header, values) = Numbers::begin(reader, name, LARGEST_WHOLE_FILE)?.all()?;
    let values = if header.fortran_order { in_c_order(&header.shape, values) } else { values };
    Array::new(name, &header.shape, values)
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
    let name = file.name().clone();
    write_to(&mut file, array).map_err(|error| Error::io(&name, "writing", error))?;
    file.commit()
}

/// The bytes of a file that holds `array`.
#[must_use]
pub fn to_bytes(array: &Array) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Memory takes whatever is written.
    let _ = write_to(&mut bytes, array);
    bytes
}

/// Writes header and numbers of `array`.
pub(crate) fn write_to(writer: &mut impl Write, array: &Array) -> io::Result<()> {
    match &array.values {
        Values::F32(values) => write_numbers(writer, &array.shape, values.iter().copied()),
        Values::F64(values) => write_numbers(writer, &array.shape, values.iter().copied()),
        Values::I32(values) => write_numbers(writer, &array.shape, values.iter().copied()),
        Values::I64(values) => write_numbers(writer, &array.shape, values.iter().copied()),
    }
}

/// A number that a file can hold.
pub(crate) trait Stored: Copy {
    /// Its type, as NumPy names it.
    const DESCR: &'static str;
    /// Adds its bytes.
    fn put(self, bytes: &mut Vec<u8>);
}

macro_rules! stored {
    ($($type:ty = $descr:literal),*) => {
        $(impl Stored for $type {
            const DESCR: &'static str = $descr;
            fn put(self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_le_bytes());
            }
        })*
    };
}
stored!(f32 = "<f4", f64 = "<f8", i32 = "<i4", i64 = "<i8", u32 = "<u4", u8 = "|u1");

/// Writes the header of `shape` and as many `numbers`, which need not lie in memory.
pub(crate) fn write_numbers<T: Stored>(
    writer: &mut impl Write,
    shape: &[usize],
    numbers: impl Iterator<Item = T>,
) -> io::Result<()> {
    /// Bytes that are written together.
    const STRETCH: usize = 1 << 16;
    let shape = shown_shape(shape);
    let mut header = format!("{{'descr': '{}', 'fortran_order': False, 'shape': {shape}, }}", T::DESCR);
    let before = MAGIC.len() + 4;
    let padded = (before + header.len() + 1).next_multiple_of(ALIGNMENT);
    header.extend(std::iter::repeat_n(' ', padded - before - header.len() - 1));
    header.push('\n');
    let mut bytes = MAGIC.to_vec();
    bytes.extend([1, 0]);
    bytes.extend(u16::try_from(header.len()).unwrap_or(u16::MAX).to_le_bytes());
    bytes.extend(header.as_bytes());
    for number in numbers {
        if bytes.len() >= STRETCH {
            writer.write_all(&bytes)?;
            bytes.clear();
        }
        number.put(&mut bytes);
    }
    writer.write_all(&bytes)
}
