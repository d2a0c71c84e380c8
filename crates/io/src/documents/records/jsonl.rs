//! `.jsonl`, `.ndjson`: a JSON object a line. Objects need not have the same fields.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::documents::record::{Columns, Place, no_text};
use crate::documents::{Item, SkipReason, SourceError, SourceParams, decode};
use crate::stream::{LineError, Lines};

/// Documents of a stream of JSON objects.
pub struct Jsonl {
    lines: Lines,
    place: Place,
    params: Arc<SourceParams>,
    /// Columns found for records with these field names.
    known: HashMap<u64, Columns>,
    records: u64,
    pending: Option<Vec<u8>>,
    done: bool,
}

impl Jsonl {
    pub fn new(lines: Lines, place: Place, params: Arc<SourceParams>) -> Self {
        Self { lines, place, params, known: HashMap::new(), records: 0, pending: None, done: false }
    }

    /// The same with a first line that was read already.
    pub fn with_first(mut self, line: Vec<u8>) -> Self {
        self.pending = Some(line);
        self
    }

    fn step(&mut self) -> Option<Result<Item, SourceError>> {
        loop {
            let line = match self.pending.take() {
                Some(line) => std::borrow::Cow::Owned(line),
                None => match self.lines.next_line() {
                    Ok(Some(line)) => std::borrow::Cow::Borrowed(line),
                    Ok(None) => return None,
                    Err(e) => {
                        self.done = matches!(e, LineError::Io { .. });
                        return Some(Err(e.into()));
                    }
                },
            };
            if !line.iter().all(u8::is_ascii_whitespace) {
                self.records += 1;
                let stamp = vectory_core::hash::content(&line);
                let parsed = parse(&line);
                return Some(self.item(parsed, stamp));
            }
        }
    }

    fn item(&mut self, parsed: Result<(Map<String, Value>, u32), String>, stamp: String) -> Result<Item, SourceError> {
        let line = self.lines.line();
        let (fields, repaired) = parsed.map_err(|why| self.place.record_error(line, why))?;
        let first = self.records == 1;
        let columns = match columns(&mut self.known, &fields, &self.params, &self.place.file) {
            Ok(columns) => columns,
            // The first record speaks for the file: without a text in it, nothing else is read.
            Err(e) if first => {
                self.done = true;
                return Err(e);
            }
            Err(e) => return Err(self.place.record_error(line, reason(&e))),
        };
        let mut document = columns.document(fields, &self.place, self.records, stamp);
        document.repaired = repaired;
        if document.text.trim().is_empty() && document.title.trim().is_empty() {
            let what = format!("{}:{line}", self.place.file);
            return Ok(Item::skipped(what, SkipReason::Empty, "the record has no text"));
        }
        Ok(if self.params.has(&document.id, &document.stamp) {
            Item::Unchanged { id: document.id, stamp: document.stamp }
        } else {
            Item::Document(document)
        })
    }
}

/// The message without the file, which the place names already.
fn reason(e: &SourceError) -> String {
    match e {
        SourceError::Column { why, columns, .. } => format!("{why}; its fields are {columns}"),
        other => other.to_string(),
    }
}

fn columns<'a>(
    known: &'a mut HashMap<u64, Columns>,
    fields: &Map<String, Value>,
    params: &SourceParams,
    file: &str,
) -> Result<&'a Columns, SourceError> {
    let key = fields.keys().fold(0, |h, name| vectory_core::rng::mix(h ^ vectory_core::hash::fnv1a(name.as_bytes())));
    if known.len() > 1000 {
        known.clear();
    }
    Ok(match known.entry(key) {
        std::collections::hash_map::Entry::Occupied(e) => e.into_mut(),
        std::collections::hash_map::Entry::Vacant(e) => {
            let found = Columns::find(fields.keys().map(String::as_str), params, file)?;
            if !found.have_text() {
                return Err(no_text(file, fields.keys().map(String::as_str)));
            }
            e.insert(found)
        }
    })
}

fn parse(line: &[u8]) -> Result<(Map<String, Value>, u32), String> {
    let (text, repaired) = decode::lossy(line);
    match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) => Ok((fields, repaired)),
        Ok(other) => Err(format!("expected a JSON object, found {}", kind(&other))),
        Err(e) => Err(format!("not JSON: {e}")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

impl Iterator for Jsonl {
    type Item = Result<Item, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done { None } else { self.step() }
    }
}
