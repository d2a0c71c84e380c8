//! Reading vectors from text.

use std::path::{Path, PathBuf};

use crate::stream::{self, Lines};
use crate::vectors::error::form;
use crate::vectors::rows::batch_rows;
use crate::vectors::{Batch, Format, MAX_DIM, RowReader, VectorError, float};

/// Longer lines are refused: more than [`MAX_DIM`] long numbers.
const LINE: usize = 32 << 20;

/// Rows of a text file.
pub struct TextRows {
    lines: Lines,
    path: PathBuf,
    format: Format,
    dim: usize,
    named: bool,
    /// The row count of a header.
    rows: Option<u64>,
    done: u64,
    /// A line that was read to find out the form, to be given first.
    first: Option<Vec<u8>>,
}

impl TextRows {
    pub fn open(path: &Path, format: Format) -> Result<Self, VectorError> {
        let lines = Lines::new(stream::open(path, None)?, LINE);
        let named = format != Format::Tsv;
        let mut own = Self { lines, path: path.to_owned(), format, dim: 0, named, rows: None, done: 0, first: None };
        match format {
            Format::Word2VecText => own.header()?,
            _ => own.measure()?,
        }
        if own.dim > MAX_DIM {
            return Err(own.bad(format!("rows of {} values, expected at most {MAX_DIM}", own.dim)));
        }
        Ok(own)
    }

    fn bad(&self, why: impl Into<String>) -> VectorError {
        form(&self.path, format!("line {}", self.lines.line()), why)
    }

    /// The line of two numbers that begins a word2vec file.
    fn header(&mut self) -> Result<(), VectorError> {
        let head = self.lines.next_line()?.map(|l| String::from_utf8_lossy(l).into_owned()).unwrap_or_default();
        let numbers: Vec<&str> = head.split_whitespace().collect();
        let parsed = match numbers[..] {
            [rows, dim] => rows.parse().ok().zip(dim.parse().ok()),
            _ => None,
        };
        let Some((rows, dim)) = parsed else {
            let shown: String = head.chars().take(40).collect();
            return Err(self.bad(format!(
                "`{shown}`, expected the number of rows and of values a row (a file without that line is GloVe text)"
            )));
        };
        (self.rows, self.dim) = (Some(rows), dim);
        if dim == 0 && rows > 0 {
            return Err(self.bad("rows of 0 values"));
        }
        Ok(())
    }

    /// Finds the number of values in the first row, and whether a name stands before them. A first line of a TSV file without any
    /// number is a header and passed over.
    fn measure(&mut self) -> Result<(), VectorError> {
        let tabs = self.format == Format::Tsv;
        for header_allowed in [tabs, false] {
            let Some(line) = self.lines.next_line()?.map(<[u8]>::to_vec) else { return Ok(()) };
            let fields = split(&line, tabs);
            let numeric = fields.iter().rev().take_while(|f| float::parse(f).is_some()).count();
            if header_allowed && numeric == 0 && fields.len() > 1 {
                continue;
            }
            (self.dim, self.named) = match tabs {
                true if numeric == fields.len() => (numeric, false),
                true if numeric == fields.len() - 1 => (numeric, true),
                false => (numeric.min(fields.len() - 1), true),
                true => (0, false),
            };
            if self.dim == 0 {
                return Err(self.bad(if tabs {
                    "expected numbers between tabs, or a name and numbers"
                } else {
                    "expected a name and numbers"
                }));
            }
            self.first = Some(line);
            return Ok(());
        }
        Ok(())
    }

    fn parse(&self, line: &[u8], batch: &mut Batch) -> Result<(), VectorError> {
        let (name, numbers) = self.parts(line)?;
        let separator = if self.format == Format::Tsv { b'\t' } else { b' ' };
        let start = batch.values.len();
        for field in numbers.split(|b| *b == separator || *b == b'\t').filter(|f| !f.is_empty()) {
            let value = float::parse(trim(field)).ok_or_else(|| {
                let column = batch.values.len() - start;
                self.bad(format!("value {column} is `{}`, expected a number", String::from_utf8_lossy(field)))
            })?;
            batch.values.push(value);
        }
        let found = batch.values.len() - start;
        if found != self.dim {
            return Err(self.bad(format!("{found} values, expected {}", self.dim)));
        }
        if self.named {
            batch.names.push(String::from_utf8_lossy(name).into_owned());
        }
        Ok(())
    }

    /// The name and the numbers of a line.
    fn parts<'a>(&self, line: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), VectorError> {
        if !self.named {
            return Ok((&[], line));
        }
        if self.format == Format::Tsv {
            let tab = line.iter().position(|b| *b == b'\t').ok_or_else(|| self.bad("no tab behind the name"))?;
            return Ok((&line[..tab], &line[tab + 1..]));
        }
        let line = trim_end(line);
        let mut at = line.len();
        for found in 0..self.dim {
            let blank = line[..at].iter().rposition(|b| is_blank(*b));
            let Some(blank) = blank else {
                return Err(self.bad(format!("{} values, expected {}", found, self.dim)));
            };
            at = blank;
            // Blanks in a row separate once.
            while at > 0 && is_blank(line[at - 1]) {
                at -= 1;
            }
        }
        Ok((&line[..at], &line[at..]))
    }

    fn end(&self) -> Result<usize, VectorError> {
        match self.rows {
            Some(rows) if rows != self.done => Err(form(
                &self.path,
                "end",
                format!("{} rows, but the first line says {rows}: the file is cut", self.done),
            )),
            _ => Ok(0),
        }
    }
}

impl RowReader for TextRows {
    fn dim(&self) -> usize {
        self.dim
    }

    fn rows(&self) -> Option<u64> {
        self.rows
    }

    fn has_names(&self) -> bool {
        self.named
    }

    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        batch.clear();
        let mut n = 0;
        while n < limit.min(batch_rows(self.dim)) {
            if let Some(line) = self.first.take() {
                self.parse(&line, batch)?;
            } else if self.lines.next_line()?.is_none() {
                break;
            } else if self.lines.last().is_empty() {
                continue;
            } else if self.rows == Some(self.done) {
                return Err(self.bad(format!("a row behind the {} rows that the first line says", self.done)));
            } else {
                self.parse(self.lines.last(), batch)?;
            }
            self.done += 1;
            n += 1;
        }
        if n == 0 { self.end() } else { Ok(n) }
    }
}

fn split(line: &[u8], tabs: bool) -> Vec<&[u8]> {
    if tabs {
        // A last column may be empty: some programs write a tab behind every number.
        let mut fields: Vec<&[u8]> = line.split(|b| *b == b'\t').map(trim).collect();
        if fields.len() > 1 && fields.last().is_some_and(|f| f.is_empty()) {
            fields.pop();
        }
        fields
    } else {
        let fields: Vec<&[u8]> = trim_end(line).split(|b| is_blank(*b)).collect();
        if fields.is_empty() { vec![line] } else { fields }
    }
}

fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t')
}

fn trim_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|b| !is_blank(*b)).map_or(0, |p| p + 1);
    &line[..end]
}

fn trim(field: &[u8]) -> &[u8] {
    field.trim_ascii()
}
