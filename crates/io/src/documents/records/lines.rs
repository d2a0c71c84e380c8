//! Plain text, one document a line.

use std::sync::Arc;

use serde_json::Map;
use vectory_text::TextFormat;

use crate::documents::record::Place;
use crate::documents::{Document, Item, SkipReason, SourceError, SourceParams, decode};
use crate::stream::{LineError, Lines};

/// Documents of a stream of lines; empty lines are skipped and counted.
pub struct TextLines {
    lines: Lines,
    place: Place,
    params: Arc<SourceParams>,
    pending: Option<Vec<u8>>,
    done: bool,
}

impl TextLines {
    pub fn new(lines: Lines, place: Place, params: Arc<SourceParams>) -> Self {
        Self { lines, place, params, pending: None, done: false }
    }

    /// The same with a first line that was read already.
    pub fn with_first(mut self, line: Vec<u8>) -> Self {
        self.pending = Some(line);
        self
    }

    fn item(&self, line: &[u8]) -> Item {
        let number = self.lines.line();
        let (text, repaired) = decode::lossy(line);
        if text.trim().is_empty() {
            return Item::skipped(format!("{}:{number}", self.place.file), SkipReason::Empty, "an empty line");
        }
        let (id, stamp) = (format!("{}#{number}", self.place.prefix), vectory_core::hash::content(line));
        if self.params.has(&id, &stamp) {
            return Item::Unchanged { id, stamp };
        }
        Item::Document(Document {
            id,
            title: String::new(),
            text: text.into_owned(),
            format: TextFormat::Plain,
            payload: Map::new(),
            path: self.place.path.clone(),
            stamp,
            repaired,
        })
    }
}

impl Iterator for TextLines {
    type Item = Result<Item, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        if let Some(line) = self.pending.take() {
            return Some(Ok(self.item(&line)));
        }
        match self.lines.next_line() {
            Ok(Some(_)) => Some(Ok(self.item(self.lines.last()))),
            Ok(None) => None,
            Err(e) => {
                self.done = matches!(e, LineError::Io { .. });
                Some(Err(e.into()))
            }
        }
    }
}
