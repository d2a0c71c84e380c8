//! Writing vectors as text. Numbers are the shortest that are read back exactly.

use std::io::Write;
use std::path::Path;

use crate::stream::Output;
use crate::vectors::error::form;
use crate::vectors::{Format, Names, RowWriter, VectorError, WriteOptions, Written};

/// The width of a header's row count that is filled in at the end.
const COUNT: usize = 20;

/// Writes rows as lines.
pub struct TextWriter {
    out: Output,
    format: Format,
    dim: usize,
    /// Whether names go into the file itself.
    inline: bool,
    named: bool,
    promised: Option<u64>,
    rows: u64,
    line: Vec<u8>,
}

impl TextWriter {
    pub fn create(path: &Path, dim: usize, format: Format, options: &WriteOptions) -> Result<Self, VectorError> {
        let header = format == Format::Word2VecText;
        let mut out =
            if header && options.rows.is_none() { Output::create_patched(path)? } else { Output::create(path)? };
        match options.rows {
            _ if !header => {}
            Some(rows) => writeln!(out, "{rows} {dim}")?,
            None => writeln!(out, "{:COUNT$} {dim}", 0)?,
        }
        let inline = format != Format::Tsv || options.names.is_none();
        let promised = options.rows.filter(|_| header);
        Ok(Self { out, format, dim, inline, named: false, promised, rows: 0, line: Vec::new() })
    }

    fn name(&mut self, name: Option<&String>) -> Result<(), VectorError> {
        let tabs = self.format == Format::Tsv;
        match name {
            Some(name) if name.contains(['\n', '\r']) || (tabs && name.contains('\t')) => {
                let why = format!("the name `{name}` holds a line end or tab, which this form cannot hold");
                return Err(form(self.out.target(), format!("row {}", self.rows), why));
            }
            Some(name) if !tabs && name.ends_with([' ', '\t']) => {
                let why = format!("the name `{name}` ends with a blank, which this form cannot hold");
                return Err(form(self.out.target(), format!("row {}", self.rows), why));
            }
            Some(name) => self.line.extend_from_slice(name.as_bytes()),
            None if tabs => return Ok(()),
            None => write!(self.line, "{}", self.rows)?,
        }
        self.line.push(if tabs { b'\t' } else { b' ' });
        Ok(())
    }
}

impl RowWriter for TextWriter {
    fn write(&mut self, values: &[f32], names: &[String]) -> Result<(), VectorError> {
        self.named |= !names.is_empty();
        let separator = if self.format == Format::Tsv { b'\t' } else { b' ' };
        for (i, row) in values.chunks_exact(self.dim).enumerate() {
            self.line.clear();
            if self.inline {
                self.name(names.get(i))?;
            }
            for (column, value) in row.iter().enumerate() {
                if column > 0 {
                    self.line.push(separator);
                }
                write!(self.line, "{value}")?;
            }
            self.line.push(b'\n');
            self.out.write_all(&self.line)?;
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
            None if self.format == Format::Word2VecText => {
                let count = format!("{:COUNT$}", self.rows);
                self.out.patch(0, count.as_bytes())?;
            }
            _ => {}
        }
        self.out.commit()?;
        let names = match (self.named, self.inline) {
            (false, _) => Names::None,
            (true, true) => Names::Kept,
            (true, false) => Names::Dropped,
        };
        Ok(Written { rows: self.rows, dim: self.dim, names })
    }
}
