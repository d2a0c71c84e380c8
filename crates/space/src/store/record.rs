//! Documents and passages as the items table keeps them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::StoreError;

/// A document, without its text (which its passages hold).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct DocumentRecord {
    pub id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Which source it came from; empty when it was handed in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The source's cheap sign of change.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stamp: String,
    /// Hash of all that is indexed and shown.
    pub hash: String,
    /// Its first passage.
    pub first: u32,
    /// How many passages it has, from `first` on.
    pub count: u32,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub payload: Map<String, Value>,
}

impl DocumentRecord {
    pub fn to_bytes(&self) -> Vec<u8> {
        // A struct of strings, numbers and JSON always serialises.
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        serde_json::from_slice(bytes).map_err(|e| StoreError::damaged("items.redb", format!("a document record: {e}")))
    }

    /// The numbers of its passages.
    pub fn passages(&self) -> std::ops::Range<u32> {
        self.first..self.first + self.count
    }
}

/// A passage: the columns of its row in the items table.
pub(crate) type PassageRow = (u32, u64, u64, &'static str, &'static [u8]);

/// A passage read from the items table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PassageRecord {
    pub document: u32,
    /// Its place in the document's text, in bytes.
    pub range: std::ops::Range<u64>,
    pub heading: String,
    pub text: String,
}

/// How hard texts are compressed: reading them must not be felt.
const LEVEL: i32 = 1;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;

/// A text as stored: one byte that says how, then the text, compressed where that makes it smaller.
pub(crate) fn pack_text(text: &str) -> Vec<u8> {
    if text.len() > 64
        && let Ok(mut small) = zstd::bulk::compress(text.as_bytes(), LEVEL)
        && small.len() + 4 < text.len()
    {
        let mut out = vec![ZSTD];
        out.extend((text.len() as u32).to_le_bytes());
        out.append(&mut small);
        return out;
    }
    let mut out = vec![PLAIN];
    out.extend(text.as_bytes());
    out
}

impl PassageRecord {
    pub fn of_row(row: (u32, u64, u64, &str, &[u8])) -> Result<Self, StoreError> {
        let (document, start, end, heading, packed) = row;
        Ok(Self { document, range: start..end, heading: heading.to_owned(), text: unpack_text(packed)? })
    }
}

fn decompress(small: &[u8], len: usize) -> std::io::Result<Vec<u8>> {
    use zstd::bulk::Decompressor;
    // Making a decompressor takes longer than one passage does: each thread keeps its own.
    thread_local!(static KEPT: std::cell::RefCell<Option<Decompressor<'static>>> = const { std::cell::RefCell::new(None) });
    KEPT.with_borrow_mut(|kept| match kept {
        Some(d) => d.decompress(small, len),
        None => kept.insert(Decompressor::new()?).decompress(small, len),
    })
}

fn unpack_text(packed: &[u8]) -> Result<String, StoreError> {
    let bad = |why: String| StoreError::damaged("items.redb", format!("a passage's text: {why}"));
    let bytes = match packed {
        [PLAIN, text @ ..] => text.to_vec(),
        [ZSTD, a, b, c, d, small @ ..] => {
            let len = u32::from_le_bytes([*a, *b, *c, *d]) as usize;
            decompress(small, len).map_err(|e| bad(e.to_string()))?
        }
        _ => return Err(bad("is not one of ours".into())),
    };
    String::from_utf8(bytes).map_err(|e| bad(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_and_repetition_is_cheap() {
        for text in ["", "a", "é".repeat(40).as_str(), "the quick brown fox ".repeat(500).as_str()] {
            let packed = pack_text(text);
            assert_eq!(unpack_text(&packed).unwrap(), text);
            assert!(packed.len() <= text.len() + 1);
        }
        assert!(pack_text(&"the quick brown fox ".repeat(500)).len() < 200);
    }

    #[test]
    fn damaged_texts_are_errors() {
        let packed = pack_text(&"the quick brown fox ".repeat(500));
        for bad in [&packed[..20], &[], &[9, 1, 2], &[PLAIN, 0xff]] {
            assert!(unpack_text(bad).is_err());
        }
    }

    #[test]
    fn documents_come_back() {
        let record = DocumentRecord {
            id: "a".into(),
            hash: "00".into(),
            first: 3,
            count: 2,
            payload: serde_json::json!({"year": 2020}).as_object().cloned().unwrap(),
            ..DocumentRecord::default()
        };
        assert_eq!(DocumentRecord::from_bytes(&record.to_bytes()).unwrap(), record);
        assert_eq!(record.passages(), 3..5);
        assert!(DocumentRecord::from_bytes(b"{").is_err());
    }
}
