//! Where an instruction stands in a text trace, for errors that show only when it is executed.

use equipoise_trace::input::Input;
use equipoise_trace::text::TextReader;
use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// `file:line:column` of instruction `number` (from 1) of the text trace `path`; `None` for a binary trace.
pub(crate) fn of_instruction(path: &Path, number: u64) -> Option<String> {
    let input = Input::open(path).ok()?;
    let name: Arc<str> = input.name.clone();
    let position = Rc::new(Cell::new(Position::default()));
    let lines = Lines { inner: input.reader, position: position.clone() };
    let mut instructions = TextReader::new(lines, &name).ok()?;
    let index = usize::try_from(number.checked_sub(1)?).ok()?;
    instructions.nth(index)?.ok()?;
    let Position { line, column, .. } = position.get();
    Some(format!("{name}:{line}:{column}"))
}

/// The last line of which something was read, and the column of its first word.
#[derive(Clone, Copy, Debug, Default)]
struct Position {
    line: u32,
    column: u32,
    in_line: bool,
    in_word: bool,
}

impl Position {
    fn pass(mut self, byte: u8) -> Self {
        if !self.in_line {
            self = Self { line: self.line.saturating_add(1), column: 1, in_line: true, in_word: false };
        }
        self.in_word |= !byte.is_ascii_whitespace();
        self.column += u32::from(!self.in_word);
        self.in_line = byte != b'\n';
        self
    }
}

/// A reader that knows which line it has come to.
struct Lines<R> {
    inner: R,
    position: Rc<Cell<Position>>,
}

impl<R: BufRead> BufRead for Lines<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }
    fn consume(&mut self, amount: usize) {
        if let Ok(buffer) = self.inner.fill_buf() {
            let passed = buffer.iter().take(amount);
            self.position.set(passed.fold(self.position.get(), |position, &byte| position.pass(byte)));
        }
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Lines<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let buffer = self.fill_buf()?;
        let count = buffer.len().min(out.len());
        out[..count].copy_from_slice(&buffer[..count]);
        self.consume(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blank_lines_and_indentation_count() {
        let folder = std::env::temp_dir().join(format!("equipoise-places-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("it.trace");
        let text = "equipoise-trace 1\n# settings\n---\n\ntrain\n  # a sample\n   present 0 1\r\n\nsettle # here\ndone";
        std::fs::write(&path, text).unwrap();
        let at = |number| {
            let place = of_instruction(&path, number)?;
            Some(place.rsplit_once("it.trace:")?.1.to_owned())
        };
        let places = [1, 2, 3, 4].map(|number| at(number).unwrap());
        assert_eq!(places, ["5:1", "7:4", "9:1", "10:1"]);
        assert_eq!((at(0), at(5)), (None, None));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
