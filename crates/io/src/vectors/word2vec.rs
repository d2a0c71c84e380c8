//! word2vec binary (Mikolov et al. 2013): a text line with row count and row length, then for each row its name, a blank and
//! f32 numbers; writers disagree on a line end behind each row, so one before a name is passed over.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use super::error::{fill, form};
use super::rows::batch_rows;
use super::{Batch, Element, MAX_DIM, Names, RowReader, RowWriter, VectorError, Written};
use crate::stream::{self, Compression, Input, Output};

/// Longer names are taken for a damaged file.
const NAME: usize = 1 << 16;
/// The width of a row count that is filled in at the end.
const COUNT: usize = 20;

/// Reads such a file.
pub struct Word2Vec {
    input: Input,
    path: PathBuf,
    rows: u64,
    dim: usize,
    done: u64,
    raw: Vec<u8>,
}

impl Word2Vec {
    pub fn open(path: &Path) -> Result<Self, VectorError> {
        let mut input = stream::open(path, None)?;
        let plain = input.compression() == Compression::None;
        let head = line(&mut input)?;
        let numbers: Vec<&str> = head.split_whitespace().collect();
        let parsed: Option<(u64, usize)> = match numbers[..] {
            [rows, dim] => rows.parse().ok().zip(dim.parse().ok()),
            _ => None,
        };
        let Some((rows, dim)) = parsed else {
            let why = "expected a line with the number of rows and of values a row, as word2vec writes it; name the form if this is another (such as fbin)";
            return Err(form(path, "header", why));
        };
        if dim > MAX_DIM || (dim == 0 && rows > 0) {
            return Err(form(path, "header", format!("rows of {dim} values, expected 1 to {MAX_DIM}")));
        }
        let (least, size) = (u128::from(rows) * (dim as u128 * 4 + 1), u128::from(fs_err::metadata(path)?.len()));
        if plain && least > size {
            let why = format!(
                "{rows} rows of {dim} values are at least {least} bytes, but the file has {size}: it is cut, or the header is wrong"
            );
            return Err(form(path, "header", why));
        }
        Ok(Self { input, path: path.to_owned(), rows, dim, done: 0, raw: Vec::new() })
    }

    fn bad(&self, why: impl Into<String>) -> VectorError {
        form(&self.path, format!("row {}", self.done), why)
    }

    fn name(&mut self) -> Result<String, VectorError> {
        let mut name = Vec::new();
        loop {
            let chunk = self.input.fill_buf()?;
            if chunk.is_empty() {
                return Err(self.bad(format!("the file ends here; its header says {} rows", self.rows)));
            }
            let skip = usize::from(name.is_empty() && chunk[0] == b'\n');
            let end = chunk[skip..].iter().position(|b| *b == b' ').map(|p| p + skip);
            name.extend_from_slice(&chunk[skip..end.unwrap_or(chunk.len())]);
            let used = end.map_or(chunk.len(), |p| p + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(String::from_utf8_lossy(&name).into_owned());
            }
            if name.len() > NAME {
                return Err(self.bad(format!("no blank ends its name within {NAME} bytes")));
            }
        }
    }
}

impl RowReader for Word2Vec {
    fn dim(&self) -> usize {
        self.dim
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn has_names(&self) -> bool {
        true
    }

    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        batch.clear();
        let mut n = 0;
        while n < limit.min(batch_rows(self.dim)) && self.done < self.rows {
            batch.names.push(self.name()?);
            self.raw.resize(self.dim * 4, 0);
            let place = || format!("row {}", self.done);
            fill(&mut self.input, &mut self.raw, &self.path, place, "the file ends within its values")?;
            // f32 to f32 cannot fail.
            let _ = Element::F32.decode(&self.raw, &mut batch.values);
            self.done += 1;
            n += 1;
        }
        if n == 0 && self.input.fill_buf()?.iter().any(|b| *b != b'\n') {
            return Err(form(&self.path, "end", format!("bytes follow the {} rows of the header", self.rows)));
        }
        Ok(n)
    }
}

/// The first line, at most 100 bytes.
fn line(input: &mut Input) -> Result<String, VectorError> {
    let mut head = Vec::new();
    while head.len() < 100 {
        let Some(byte) = input.fill_buf()?.first().copied() else { break };
        input.consume(1);
        if byte == b'\n' {
            break;
        }
        head.push(byte);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Writes such a file, with a line end behind each row as the original program does.
pub struct Word2VecWriter {
    out: Output,
    dim: usize,
    promised: Option<u64>,
    rows: u64,
    named: bool,
    raw: Vec<u8>,
}

impl Word2VecWriter {
    pub fn create(path: &Path, dim: usize, rows: Option<u64>) -> Result<Self, VectorError> {
        let mut out = if rows.is_some() { Output::create(path)? } else { Output::create_patched(path)? };
        match rows {
            Some(rows) => writeln!(out, "{rows} {dim}")?,
            None => writeln!(out, "{:COUNT$} {dim}", 0)?,
        }
        Ok(Self { out, dim, promised: rows, rows: 0, named: false, raw: Vec::new() })
    }
}

impl RowWriter for Word2VecWriter {
    fn write(&mut self, values: &[f32], names: &[String]) -> Result<(), VectorError> {
        self.named |= !names.is_empty();
        for (i, row) in values.chunks_exact(self.dim).enumerate() {
            self.raw.clear();
            match names.get(i) {
                Some(name) if name.contains([' ', '\n']) || name.len() > NAME => {
                    let why = format!(
                        "the name `{name}` holds a blank, which word2vec binary cannot hold; replace it (by `_`) or write another form"
                    );
                    return Err(form(self.out.target(), format!("row {}", self.rows), why));
                }
                Some(name) => self.raw.extend_from_slice(name.as_bytes()),
                None => write!(self.raw, "{}", self.rows)?,
            }
            self.raw.push(b' ');
            // f32 to f32 cannot fail.
            let _ = Element::F32.encode(row, &mut self.raw);
            self.raw.push(b'\n');
            self.out.write_all(&self.raw)?;
            self.rows += 1;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Written, VectorError> {
        match self.promised {
            Some(rows) if rows != self.rows => {
                let why = format!("{} rows were written, but {rows} were announced", self.rows);
                return Err(form(self.out.target(), "end", why));
            }
            Some(_) => {}
            None => {
                let count = format!("{:COUNT$}", self.rows);
                self.out.patch(0, count.as_bytes())?;
            }
        }
        self.out.commit()?;
        let names = if self.named { Names::Kept } else { Names::None };
        Ok(Written { rows: self.rows, dim: self.dim, names })
    }
}
