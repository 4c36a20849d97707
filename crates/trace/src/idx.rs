//! IDX files, the format of MNIST: images and labels as unsigned bytes, plain or gzipped.
//!
//! Layout: two zero bytes, the type (0x08: unsigned byte), the number of dimensions, each dimension as a 32-bit
//! big-endian number, then the bytes.

use crate::dataset::{DataPair, Samples};
use crate::error::Error;
use crate::input::{Input, read_up_to};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The most bytes of one file: 2 GiB.
const MOST_BYTES: u64 = 2 << 30;

/// One IDX file of unsigned bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdxArray {
    /// The file as messages show it.
    pub file: Arc<str>,
    /// Sizes of the dimensions, slowest first: images, rows, columns.
    pub shape: Vec<usize>,
    /// The bytes, the last dimension fastest.
    pub bytes: Vec<u8>,
}

impl IdxArray {
    /// Reads an array of `dimensions` dimensions (1: labels, 3: images).
    ///
    /// # Errors
    /// If type, dimensions or length are not those of such a file, or reading fails.
    pub fn read(mut input: Input, dimensions: u8) -> Result<Self, Error> {
        let file = input.name.clone();
        let refused =
            |at: &str, found: String, accepted: String| Err(Error::data(&file, at, found, accepted));
        let magic = read_up_to(&mut input.reader, 4, &file)?;
        let wanted = [0, 0, 8, dimensions];
        if magic != wanted {
            let found = format!("the magic number {}", hex(&magic));
            return refused("byte 0", found, format!("{} (unsigned bytes, {dimensions}-D)", hex(&wanted)));
        }
        let sizes = read_up_to(&mut input.reader, 4 * u64::from(dimensions), &file)?;
        if sizes.len() != 4 * usize::from(dimensions) {
            return refused(
                "byte 4",
                "the end of the file".to_owned(),
                format!("{dimensions} sizes of 4 bytes"),
            );
        }
        let shape: Vec<usize> = sizes
            .chunks_exact(4)
            .map(|size| size.iter().fold(0, |number, &byte| number << 8 | usize::from(byte)))
            .collect();
        let product = shape.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64));
        let Some(count) = product.filter(|&count| count <= MOST_BYTES) else {
            return refused("byte 4", format!("the sizes {shape:?}"), "at most 2147483648 bytes".to_owned());
        };
        let bytes = read_up_to(&mut input.reader, count + 1, &file)?;
        if bytes.len() as u64 != count {
            let more = if bytes.len() as u64 > count { "more than " } else { "" };
            let found = format!("{more}{} bytes of data", (bytes.len() as u64).min(count));
            return refused("", found, format!("{count} bytes for the sizes {shape:?}"));
        }
        Ok(Self { file, shape, bytes })
    }
}

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "of an empty file".to_owned();
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}

/// Joins images with their labels.
///
/// # Errors
/// If there are not as many labels as images.
pub fn samples(images: IdxArray, labels: &IdxArray) -> Result<Samples, Error> {
    let count = images.shape[0];
    if labels.shape[0] != count {
        let found = format!("{} labels for the {count} images of {}", labels.shape[0], images.file);
        return Err(Error::data(&labels.file, "byte 4", found, "one label per image"));
    }
    Ok(Samples {
        file: images.file,
        shape: images.shape[1..].to_vec(),
        values: images.bytes.iter().map(|&byte| f32::from(byte)).collect(),
        labels: labels.bytes.iter().map(|&label| u32::from(label)).collect(),
    })
}

/// Reads the four files of `folder`: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and the same of
/// `t10k` or `test`, each plain or with `.gz`.
///
/// # Errors
/// If a file is missing or not accepted.
pub fn read_folder(folder: &Path, name: &str) -> Result<DataPair, Error> {
    let part = |names: &[&str]| -> Result<Samples, Error> {
        let images = IdxArray::read(Input::open(&find(folder, names, "images-idx3-ubyte")?)?, 3)?;
        let labels = IdxArray::read(Input::open(&find(folder, names, "labels-idx1-ubyte")?)?, 1)?;
        samples(images, &labels)
    };
    DataPair::new(name, part(&["train"])?, part(&["t10k", "test"])?)
}

fn find(folder: &Path, parts: &[&str], rest: &str) -> Result<PathBuf, Error> {
    let names: Vec<String> =
        parts.iter().flat_map(|part| ["", ".gz"].map(|end| format!("{part}-{rest}{end}"))).collect();
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file()).ok_or_else(|| {
        let folder = crate::error::shown(folder);
        Error::data(&folder, "", "none of the files", format!("one of {}", names.join(", ")))
    })
}
