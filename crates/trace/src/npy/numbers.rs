//! The numbers of an array file, a stretch at a time.

use super::expect_end;
use super::header::{Header, TYPES};
use crate::array::{Values, shown};
use crate::error::{Error, quoted};
use crate::input::read_up_to;
use std::io::Read;
use std::sync::Arc;

/// Numbers that are read together.
const STRETCH: u64 = 1 << 16;

/// How a number lies in a file.
#[derive(Clone, Copy)]
struct Word {
    kind: Kind,
    big_endian: bool,
}

/// The types of numbers that are read.
#[derive(Clone, Copy)]
enum Kind {
    F4,
    F8,
    I1,
    I2,
    I4,
    I8,
    U1,
    U2,
    U4,
    U8,
}

/// The numbers that follow a header.
pub(crate) struct Numbers<R> {
    reader: R,
    name: Arc<str>,
    word: Word,
    /// What the header says.
    pub header: Header,
    /// Numbers in all, and those that are left.
    count: u64,
    left: u64,
}

impl<R: Read> Numbers<R> {
    /// Reads the header of the array `name`, whose numbers must not be more than `most` bytes.
    ///
    /// # Errors
    /// If it is none, or its numbers are of another type or too many.
    pub(crate) fn begin(mut reader: R, name: &Arc<str>, most: u64) -> Result<Self, Error> {
        let header = Header::read(&mut reader, name)?;
        let word = Word::of(&header.descr, name)?;
        let count = header.shape.iter().try_fold(1_u64, |product, &size| product.checked_mul(size as u64));
        let fits = |count: &u64| count.checked_mul(word.width()).is_some_and(|size| size <= most);
        let Some(count) = count.filter(fits) else {
            let found = format!("the shape {} of {}", shown(&header.shape), &header.descr[1..]);
            return Err(Error::data(name, "header", found, format!("arrays of at most {} GiB", most >> 30)));
        };
        Ok(Self { reader, name: name.clone(), word, header, count, left: count })
    }

    /// The array's name in messages.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// How many numbers there are in all.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The next numbers; `None` after the last.
    ///
    /// # Errors
    /// If reading fails, the file ends too early, or a number does not fit a type of ours.
    pub(crate) fn next(&mut self) -> Result<Option<Values>, Error> {
        if self.left == 0 {
            return Ok(None);
        }
        let (width, count) = (self.word.width(), self.left.min(STRETCH));
        let bytes = read_up_to(&mut self.reader, count * width, &self.name)?;
        if bytes.len() as u64 != count * width {
            let found = format!("{} bytes of data", (self.count - self.left) * width + bytes.len() as u64);
            let shape = shown(&self.header.shape);
            let accepted = format!("{} bytes for the shape {shape}", self.count * width);
            return Err(Error::data(&self.name, "", found, accepted));
        }
        self.left -= count;
        let values = self.word.numbers(&bytes).ok_or_else(|| {
            Error::data(&self.name, "", "a whole number beyond 9.2e18", "64-bit signed numbers")
        })?;
        Ok(Some(values))
    }

    /// All numbers.
    ///
    /// # Errors
    /// As [`Numbers::next`].
    pub(crate) fn all(mut self) -> Result<(Header, Values), Error> {
        let mut all = self.word.none();
        while let Some(values) = self.next()? {
            all.append(values);
        }
        Ok((self.header, all))
    }

    /// Refuses anything after the last number.
    ///
    /// # Errors
    /// As [`expect_end`].
    pub(crate) fn end(&mut self) -> Result<(), Error> {
        expect_end(&mut self.reader, &self.name)
    }
}

impl Word {
    /// How numbers of type `descr` lie in a file.
    fn of(descr: &str, name: &str) -> Result<Self, Error> {
        let given = descr;
        let mut descr = descr.chars();
        let order = descr.next();
        let kind = match descr.as_str() {
            "f4" => Some(Kind::F4),
            "f8" => Some(Kind::F8),
            "i1" => Some(Kind::I1),
            "i2" => Some(Kind::I2),
            "i4" => Some(Kind::I4),
            "i8" => Some(Kind::I8),
            "u1" => Some(Kind::U1),
            "u2" => Some(Kind::U2),
            "u4" => Some(Kind::U4),
            "u8" => Some(Kind::U8),
            _ => None,
        };
        match (kind, order) {
            (Some(kind), Some(order @ ('<' | '|' | '=' | '>'))) => {
                Ok(Self { kind, big_endian: order == '>' })
            }
            _ => Err(Error::data(name, "header", format!("the type {}", quoted(given)), TYPES)),
        }
    }

    /// Bytes of a number.
    fn width(self) -> u64 {
        match self.kind {
            Kind::I1 | Kind::U1 => 1,
            Kind::I2 | Kind::U2 => 2,
            Kind::F4 | Kind::I4 | Kind::U4 => 4,
            Kind::F8 | Kind::I8 | Kind::U8 => 8,
        }
    }

    /// The numbers in `bytes`, widened to a type of ours; `None` if one does not fit.
    fn numbers(self, bytes: &[u8]) -> Option<Values> {
        macro_rules! read {
            ($file:ty as $ours:ty) => {
                bytes
                    .chunks_exact(size_of::<$file>())
                    .map(|chunk| {
                        let mut number = [0; size_of::<$file>()];
                        number.copy_from_slice(chunk);
                        if self.big_endian {
                            number.reverse();
                        }
                        <$ours>::try_from(<$file>::from_le_bytes(number)).ok()
                    })
                    .collect::<Option<Vec<$ours>>>()
            };
        }
        match self.kind {
            Kind::F4 => read!(f32 as f32).map(Values::F32),
            Kind::F8 => read!(f64 as f64).map(Values::F64),
            Kind::I1 => read!(i8 as i32).map(Values::I32),
            Kind::I2 => read!(i16 as i32).map(Values::I32),
            Kind::I4 => read!(i32 as i32).map(Values::I32),
            Kind::I8 => read!(i64 as i64).map(Values::I64),
            Kind::U1 => read!(u8 as i32).map(Values::I32),
            Kind::U2 => read!(u16 as i32).map(Values::I32),
            Kind::U4 => read!(u32 as i64).map(Values::I64),
            Kind::U8 => read!(u64 as i64).map(Values::I64),
        }
    }

    /// No numbers, of the type of ours that holds the file's.
    fn none(self) -> Values {
        match self.kind {
            Kind::F4 => Values::F32(Vec::new()),
            Kind::F8 => Values::F64(Vec::new()),
            Kind::I1 | Kind::I2 | Kind::I4 | Kind::U1 | Kind::U2 => Values::I32(Vec::new()),
            Kind::I8 | Kind::U4 | Kind::U8 => Values::I64(Vec::new()),
        }
    }
}
