//! Lines of bounded length: a file that is one endless line costs no more memory than the limit.

use std::io::{self, BufRead};

use thiserror::Error;

use super::Input;

/// Why a line could not be read.
#[derive(Debug, Error)]
pub enum LineError {
    /// Reading failed; the text names the file.
    #[error("{source} (line {line})")]
    Io {
        /// The line that was being read, from 1.
        line: u64,
        /// What went wrong.
        source: io::Error,
    },
    /// The line is longer than allowed; the next call reads the line after it.
    #[error("{path}:{line}: the line is longer than {limit} bytes")]
    TooLong {
        /// The file.
        path: String,
        /// The line, from 1.
        line: u64,
        /// The limit.
        limit: usize,
    },
}

/// Reads line after line into one buffer.
pub struct Lines {
    input: Input,
    buffer: Vec<u8>,
    limit: usize,
    line: u64,
    broken: bool,
}

impl Lines {
    /// Lines of at most `limit` bytes.
    #[must_use]
    pub fn new(input: Input, limit: usize) -> Self {
        Self { input, buffer: Vec::new(), limit, line: 0, broken: false }
    }

    /// The number of the line that was read last, from 1; 0 before the first.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The file, as people write it.
    #[must_use]
    pub fn name(&self) -> String {
        self.input.path().display().to_string()
    }

    /// The next line without its line end (`\n` or `\r\n`); a byte-order mark before the first line is dropped.
    ///
    /// # Errors
    /// [`LineError`]; after [`LineError::Io`] there are no more lines.
    pub fn next_line(&mut self) -> Result<Option<&[u8]>, LineError> {
        if self.broken {
            return Ok(None);
        }
        self.line += 1;
        self.buffer.clear();
        let found = self.fill().map_err(|source| {
            self.broken = true;
            LineError::Io { line: self.line, source }
        })?;
        match found {
            Found::Nothing => Ok(None),
            Found::TooLong => Err(LineError::TooLong { path: self.name(), line: self.line, limit: self.limit }),
            Found::Line => Ok(Some(self.trimmed())),
        }
    }

    /// The line that was read last.
    #[must_use]
    pub fn last(&self) -> &[u8] {
        self.trimmed()
    }

    fn trimmed(&self) -> &[u8] {
        let text = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if self.line == 1 { text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text) } else { text }
    }

    fn fill(&mut self) -> io::Result<Found> {
        let (mut any, mut long) = (false, false);
        loop {
            let chunk = match self.input.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(e),
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = memchr(chunk);
            let take = end.map_or(chunk.len(), |p| p + 1);
            if self.buffer.len() + take > self.limit.saturating_add(2) {
                long = true;
                self.buffer.clear();
                self.buffer.shrink_to(1 << 16);
            } else if !long {
                self.buffer.extend_from_slice(&chunk[..take]);
            }
            self.input.consume(take);
            if end.is_some() {
                break;
            }
        }
        Ok(match (any, long) {
            (false, _) => Found::Nothing,
            (true, true) => Found::TooLong,
            (true, false) if self.trimmed().len() > self.limit => Found::TooLong,
            (true, false) => Found::Line,
        })
    }
}

enum Found {
    Nothing,
    TooLong,
    Line,
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|b| *b == b'\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8], limit: usize) -> Vec<Result<String, String>> {
        let mut lines = Lines::new(Input::from_bytes("f", text.to_vec()), limit);
        let mut out = Vec::new();
        loop {
            match lines.next_line() {
                Ok(Some(l)) => out.push(Ok(String::from_utf8_lossy(l).into_owned())),
                Ok(None) => return out,
                Err(e) => out.push(Err(e.to_string())),
            }
        }
    }

    #[test]
    fn line_ends_and_marks_are_dropped() {
        let want: Vec<_> = ["a", "b", "", "c"].map(|s| Ok(s.to_owned())).into();
        assert_eq!(all(b"\xef\xbb\xbfa\r\nb\n\nc", 10), want);
        assert!(all(b"", 10).is_empty());
    }

    #[test]
    fn a_long_line_is_an_error_and_the_next_is_read() {
        let text = [&b"short\n"[..], &vec![b'x'; 1 << 20], b"\nafter\n"].concat();
        let got = all(&text, 100);
        assert_eq!(got[0], Ok("short".into()));
        assert_eq!(got[1], Err("f:2: the line is longer than 100 bytes".into()));
        assert_eq!(got[2], Ok("after".into()));
        assert!(all(b"12345\n123456\n", 5)[1].is_err());
    }

    #[test]
    fn memory_stays_under_the_limit() {
        let mut lines = Lines::new(Input::from_bytes("f", vec![b'x'; 8 << 20]), 1 << 20);
        assert!(lines.next_line().is_err());
        assert!(lines.buffer.capacity() <= 4 << 20);
    }
}
