//! The manifest: what belongs to a commit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Everything that a commit consists of but the items themselves.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Grows by one with every commit.
    pub generation: u64,
    /// The number of the next new document.
    pub next_document: u32,
    /// The number of the next new passage; numbers are never used twice.
    pub next_passage: u32,
    /// The number of the next segment.
    pub next_segment: u32,
    /// Documents that can be found.
    pub documents: u64,
    /// Passages that can be found.
    pub passages: u64,
    /// The segments, by ascending passage numbers.
    pub segments: Vec<SegmentEntry>,
    /// Which encoder made the rows of each dense view.
    pub encoders: BTreeMap<String, EncoderEntry>,
    /// Payload fields that are kept ready for filters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<String, PayloadIndex>,
    /// The recipe, once it is another than that of the beginning (`space.toml` follows it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<crate::recipe::Recipe>,
    /// What a client asked to be remembered about the collection.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    pub settings: serde_json::Map<String, serde_json::Value>,
}

/// An index over a payload field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PayloadIndex {
    /// What its values are.
    pub kind: IndexKind,
    /// As the client described it.
    pub described: serde_json::Value,
}

/// What the values of an indexed payload field are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IndexKind {
    /// Exact texts.
    Keyword,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Float,
    /// true and false.
    Bool,
    /// Points in time.
    Datetime,
    /// Places.
    Geo,
    /// Words of texts.
    Text,
    /// UUIDs.
    Uuid,
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SegmentEntry {
    /// Names its folder.
    pub number: u32,
    /// Passages in it, dead ones counted.
    pub rows: u32,
    /// Its first passage number.
    pub first: u32,
    /// Its last passage number; those in between that it lacks are gone.
    pub last: u32,
    /// Bytes of its files.
    pub bytes: u64,
    /// Whether it has the graphs that its size calls for; a fresh segment is searched exactly until it is merged.
    pub settled: bool,
    /// crc32c of its `segment.json`.
    pub sum: u32,
}

/// An encoder, as far as its rows depend on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderEntry {
    /// Its name.
    pub name: String,
    /// Its weights.
    pub fingerprint: String,
    /// Values of a row.
    pub dim: usize,
    /// How its rows compare.
    pub metric: vectory_core::Metric,
}
