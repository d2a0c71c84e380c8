//! `.csv` and `.tsv`: cells are typed ([`typed`]), so that `year >= 2020` means what it says.
//!
//! Comma-separated files follow RFC 4180 (quotes, line ends within quotes). Tab-separated files have no quotes: a quote in them
//! is a letter.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use csv::ByteRecord;
use serde_json::{Map, Value};

use crate::documents::record::{Columns, Place, no_text, typed};
use crate::documents::{Item, SkipReason, SourceError, SourceParams, decode};
use crate::stream::Input;

/// Bytes that the table's reader holds ahead.
const BUFFER: usize = 1 << 16;

/// Documents of a table.
pub struct Delimited {
    reader: csv::Reader<Fuse>,
    record: ByteRecord,
    names: Vec<String>,
    columns: Columns,
    place: Place,
    params: Arc<SourceParams>,
    records: u64,
    since: Arc<AtomicUsize>,
    done: bool,
}

impl Delimited {
    /// Opens a table and finds its columns.
    pub fn new(input: Input, delimiter: u8, place: Place, params: Arc<SourceParams>) -> Result<Self, SourceError> {
        let since = Arc::new(AtomicUsize::new(0));
        let input = Fuse { input, limit: params.max_record_bytes, since: Arc::clone(&since) };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .quoting(delimiter == b',')
            .has_headers(params.header)
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(input);
        let first = reader.byte_headers().map_err(|e| explain(&place, 1, &e))?;
        let cell = |(i, c): (usize, &[u8])| {
            let c = c.strip_prefix(b"\xef\xbb\xbf").unwrap_or(c);
            if params.header { decode::lossy(c).0.trim().to_owned() } else { (i + 1).to_string() }
        };
        let names: Vec<String> = distinct(first.iter().enumerate().map(cell));
        let columns = Columns::find(names.iter().map(String::as_str), &params, &place.file)?;
        // A file without even a first row has no columns and no records: nothing is wrong with it.
        if !columns.have_text() && !names.is_empty() {
            return Err(no_text(&place.file, names.iter().map(String::as_str)));
        }
        Ok(Self { reader, record: ByteRecord::new(), names, columns, place, params, records: 0, since, done: false })
    }

    fn item(&mut self) -> Result<Item, SourceError> {
        self.records += 1;
        let line = self.record.position().map_or(self.records, csv::Position::line);
        if self.record.len() != self.names.len() {
            let why = format!("{} cells, expected {} as in the first row", self.record.len(), self.names.len());
            return Err(self.place.record_error(line, why));
        }
        let (mut fields, mut repaired) = (Map::new(), 0);
        for (name, cell) in self.names.iter().zip(&self.record) {
            let (cell, bad) = decode::lossy(cell);
            repaired += bad;
            let text = self.columns.text.contains(name)
                || Some(name) == self.columns.title.as_ref()
                || Some(name) == self.columns.id.as_ref();
            fields.insert(name.clone(), if text { Value::String(cell.into_owned()) } else { typed(&cell) });
        }
        let stamp = stamp(&self.record);
        let mut document = self.columns.document(fields, &self.place, self.records, stamp);
        document.repaired = repaired;
        if document.text.trim().is_empty() && document.title.trim().is_empty() {
            return Ok(Item::skipped(
                format!("{}:{line}", self.place.file),
                SkipReason::Empty,
                "the record has no text",
            ));
        }
        Ok(if self.params.has(&document.id, &document.stamp) {
            Item::Unchanged { id: document.id, stamp: document.stamp }
        } else {
            Item::Document(document)
        })
    }
}

impl Iterator for Delimited {
    type Item = Result<Item, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {
                self.since.store(0, Ordering::Relaxed);
                Some(self.item())
            }
            Ok(false) => None,
            Err(e) => {
                self.done = true;
                let line = self.reader.position().line();
                Some(Err(explain(&self.place, line, &e)))
            }
        }
    }
}

/// Column names, the nameless called by their number and the repeated marked by it, so that no column hides another.
fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for (i, name) in names.enumerate() {
        let number = i + 1;
        out.push(match name {
            name if name.is_empty() => number.to_string(),
            name if out.contains(&name) => format!("{name}.{number}"),
            name => name,
        });
    }
    out
}

/// The content hash of a record: its cells, their ends kept apart.
fn stamp(record: &ByteRecord) -> String {
    let mut bytes = Vec::with_capacity(record.as_slice().len() + 4 * record.len());
    for cell in record {
        bytes.extend_from_slice(&(cell.len() as u32).to_le_bytes());
        bytes.extend_from_slice(cell);
    }
    vectory_core::hash::content(&bytes)
}

fn explain(place: &Place, line: u64, e: &csv::Error) -> SourceError {
    match e.kind() {
        // The stream's own errors name the file already.
        csv::ErrorKind::Io(io) => SourceError::Io(std::io::Error::new(io.kind(), format!("{io} (after line {line})"))),
        _ => place.record_error(line, e.to_string()),
    }
}

/// Stops a stream of which too much is read for one record: an unclosed quote or one endless line would otherwise be collected
/// in memory to the end of the file.
struct Fuse {
    input: Input,
    limit: usize,
    /// Bytes given since the last whole record.
    since: Arc<AtomicUsize>,
}

impl Read for Fuse {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.input.read(out)?;
        if self.since.fetch_add(n, Ordering::Relaxed) > self.limit.saturating_add(BUFFER) {
            let (path, limit) = (self.input.path().display(), self.limit);
            let text = format!("{path}: a record is longer than {limit} bytes (an unclosed quote?)");
            return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, text));
        }
        Ok(n)
    }
}
