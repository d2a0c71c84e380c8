//! A document as the space keeps it.

use std::ops::Range;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::store::{DocumentRecord, PassageRecord, ReadTables, StoreError};

/// A document with its passages.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StoredDocument {
    /// Its id.
    pub id: String,
    /// Its title; may be empty.
    pub title: String,
    /// The file it came from.
    pub path: Option<String>,
    /// Its text, as far as passages cover it.
    pub text: String,
    /// Its payload.
    pub payload: Map<String, Value>,
    /// Its passages, in the text's order.
    pub passages: Vec<StoredPassage>,
}

/// A passage of a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StoredPassage {
    /// Its number in the space.
    pub number: u32,
    /// Its place in the document's text, in bytes.
    pub range: Range<u64>,
    /// The headings above it.
    pub heading: String,
    /// Its text.
    pub text: String,
}

impl StoredDocument {
    pub(crate) fn of(tables: &ReadTables, record: DocumentRecord) -> Result<Self, StoreError> {
        let mut passages = Vec::new();
        for number in record.passages() {
            let PassageRecord { range, heading, text, .. } = tables.passage(number)?;
            passages.push(StoredPassage { number, range, heading, text });
        }
        let text = join(&passages);
        Ok(Self { id: record.id, title: record.title, path: record.path, text, payload: record.payload, passages })
    }
}

/// Passages laid over each other at their places; what lies between them (white space, headings) becomes one space or line
/// break.
fn join(passages: &[StoredPassage]) -> String {
    let mut text = String::new();
    let mut end = 0;
    for p in passages {
        let known = end.max(p.range.start) - p.range.start;
        if p.range.start > end && !text.is_empty() {
            text.push(if p.range.start == end + 1 { ' ' } else { '\n' });
        }
        text.push_str(p.text.get(known as usize..).unwrap_or_default());
        end = end.max(p.range.end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_are_said_once_and_gaps_are_seen() {
        let passage = |start: u64, text: &str| StoredPassage {
            range: start..start + text.len() as u64,
            text: text.into(),
            ..StoredPassage::default()
        };
        assert_eq!(join(&[passage(0, "one two"), passage(4, "two three"), passage(20, "four")]), "one two three\nfour");
        assert_eq!(join(&[]), "");
        assert_eq!(join(&[passage(0, "whole"), passage(1, "hol")]), "whole");
    }
}
