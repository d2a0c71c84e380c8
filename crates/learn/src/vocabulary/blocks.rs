//! Cutting a stream of bytes into blocks that end between words.

use std::io::{self, Read};

use vectory_io::stream::Input;

/// Bytes of a block, about.
const BLOCK: usize = 1 << 20;

/// Reads blocks that end at a line end where there is one near, else at a blank; a block without any blank is cut anywhere
/// (what it holds is no word).
pub(super) struct Blocks {
    input: Input,
    /// The beginning of the next block.
    rest: Vec<u8>,
    done: bool,
}

impl Blocks {
    pub fn new(input: Input) -> Self {
        Self { input, rest: Vec::new(), done: false }
    }

    /// The next block; the last one of a file ends with a line end.
    pub fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.done {
            return Ok(None);
        }
        let mut block = std::mem::take(&mut self.rest);
        block.reserve(BLOCK + 1);
        let missing = (BLOCK - block.len().min(BLOCK)) as u64;
        let got = self.input.by_ref().take(missing).read_to_end(&mut block)?;
        if (got as u64) < missing {
            self.done = true;
            if block.is_empty() {
                return Ok(None);
            }
            if block.last() != Some(&b'\n') {
                block.push(b'\n');
            }
            return Ok(Some(block));
        }
        let half = block.len() / 2;
        let at = |f: fn(&u8) -> bool| block[half..].iter().rposition(f).map(|p| half + p + 1);
        let cut = at(|b| *b == b'\n').or_else(|| at(u8::is_ascii_whitespace)).unwrap_or(block.len());
        self.rest = block.split_off(cut);
        Ok(Some(block))
    }
}
