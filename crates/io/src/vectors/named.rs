//! Names of rows in a file of their own: a line a row, or the metadata file of the embedding projector.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::error::form;
use super::{Batch, Names, RowReader, RowWriter, VectorError, Written};
use crate::stream::{self, Lines, Output};

/// Columns of a metadata file that hold names.
const COLUMNS: [&str; 6] = ["name", "label", "word", "token", "title", "id"];
const LINE: usize = 1 << 20;

/// Gives another reader's rows the names in a file; there must be as many names as rows.
struct Named {
    inner: Box<dyn RowReader>,
    lines: Lines,
    vectors: PathBuf,
    file: PathBuf,
    column: usize,
    /// A first line that is a name already.
    first: Option<String>,
    done: u64,
}

pub fn attach(inner: Box<dyn RowReader>, vectors: &Path, file: &Path) -> Result<Box<dyn RowReader>, VectorError> {
    let mut lines = Lines::new(stream::open(file, None)?, LINE);
    let (mut column, mut first) = (0, lines.next_line()?.map(text));
    // The projector's rule: a metadata file of several columns begins with their names, one of a single column does not.
    if let Some(head) = first.take_if(|l| l.contains('\t')) {
        let names: Vec<&str> = head.split('\t').map(str::trim).collect();
        column = COLUMNS.iter().find_map(|c| names.iter().position(|n| n.eq_ignore_ascii_case(c))).unwrap_or(0);
    }
    let (vectors, file) = (vectors.to_owned(), file.to_owned());
    Ok(Box::new(Named { inner, lines, vectors, file, column, first, done: 0 }))
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).into_owned()
}

impl Named {
    fn next(&mut self) -> Result<Option<String>, VectorError> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        let (column, next) = (self.column, self.lines.next_line()?);
        Ok(next.map(|l| text(l.split(|b| *b == b'\t').nth(column).unwrap_or_default())))
    }
}

impl RowReader for Named {
    fn dim(&self) -> usize {
        self.inner.dim()
    }

    fn rows(&self) -> Option<u64> {
        self.inner.rows()
    }

    fn has_names(&self) -> bool {
        true
    }

    fn read(&mut self, batch: &mut Batch, limit: usize) -> Result<usize, VectorError> {
        let n = self.inner.read(batch, limit)?;
        batch.names.clear();
        for _ in 0..n {
            let Some(name) = self.next()? else {
                let why = format!("{} names, but {} has more rows", self.done, self.vectors.display());
                return Err(form(&self.file, "end", why));
            };
            batch.names.push(name);
            self.done += 1;
        }
        if n == 0 && self.next()?.is_some_and(|l| !l.is_empty()) {
            let why = format!("more names than the {} rows of {}", self.done, self.vectors.display());
            return Err(form(&self.file, format!("line {}", self.lines.line()), why));
        }
        Ok(n)
    }
}

/// Writes names beside another writer's rows.
pub struct NamesWriter {
    inner: Box<dyn RowWriter>,
    out: Output,
    named: bool,
}

impl NamesWriter {
    pub fn create(inner: Box<dyn RowWriter>, file: &Path) -> Result<Self, VectorError> {
        Ok(Self { inner, out: Output::create(file)?, named: false })
    }
}

impl RowWriter for NamesWriter {
    fn write(&mut self, values: &[f32], names: &[String]) -> Result<(), VectorError> {
        self.named |= !names.is_empty();
        for name in names {
            if name.contains(['\n', '\r', '\t']) {
                return Err(form(self.out.target(), format!("name `{name}`"), "a name cannot hold a line end or tab"));
            }
            self.out.write_all(name.as_bytes())?;
            self.out.write_all(b"\n")?;
        }
        self.inner.write(values, names)
    }

    fn finish(self: Box<Self>) -> Result<Written, VectorError> {
        let mut written = self.inner.finish()?;
        if self.named {
            self.out.commit()?;
            if written.names != Names::Kept {
                written.names = Names::Beside;
            }
        }
        Ok(written)
    }
}
