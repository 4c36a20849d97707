//! The data set that comes with the program: 1797 handwritten digits of 8x8 pixels.
//!
//! Origin and licence: `traces/data/digits/README.md`. The files are part of the program, so that a first run
//! needs none.

use crate::dataset::DataPair;
use crate::error::Error;
use crate::idx::{IdxArray, samples};
use crate::input::Input;

macro_rules! embedded {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../../traces/data/digits/", $name)))
    };
}

/// The name of this source.
pub const NAME: &str = "digits";

const TRAIN_IMAGES: (&str, &[u8]) = embedded!("train-images-idx3-ubyte.gz");
const TRAIN_LABELS: (&str, &[u8]) = embedded!("train-labels-idx1-ubyte.gz");
const TEST_IMAGES: (&str, &[u8]) = embedded!("test-images-idx3-ubyte.gz");
const TEST_LABELS: (&str, &[u8]) = embedded!("test-labels-idx1-ubyte.gz");

/// The digits: 1437 to train on, 360 to test on, 64 inputs from 0 to 1 (pixel / 16), ten classes.
///
/// # Errors
/// Never with the files as they are; a damaged one is an error like that of any other file.
pub fn load() -> Result<DataPair, Error> {
    let array = |(name, bytes): (&str, &'static [u8]), dimensions| {
        IdxArray::read(Input::new(&format!("built-in {name}"), bytes)?, dimensions)
    };
    let train = samples(array(TRAIN_IMAGES, 3)?, &array(TRAIN_LABELS, 1)?)?;
    let test = samples(array(TEST_IMAGES, 3)?, &array(TEST_LABELS, 1)?)?;
    DataPair::new(NAME, train, test)
}
