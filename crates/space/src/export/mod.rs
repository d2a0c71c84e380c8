//! Spaces in open forms: Parquet, or JSON lines with NumPy arrays ([`vectory_io::items`]).
//!
//! [`export()`] writes one commit whole: every passage with its place and text, every payload, the vectors of every dense view and
//! of every view of given weights, the recipe. Views of words are left out: they are made from the texts again. [`import()`] makes a
//! space of it: vectors are taken as they are where the encoder that made them is still the same, and encoded again where not, so
//! that the answers are those of the space that was exported. What a later `build` needs to know what has not changed goes along.
//! [`import_table()`] takes a table and vectors that others made.

mod error;
mod merge;
mod read;
mod table;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use error::ExportError;
pub use merge::{Merge, merge};
pub use read::{Import, import};
pub use table::{TableImport, import_table};
pub use write::export;

use crate::recipe::Recipe;
use crate::store::{EncoderEntry, PayloadIndex};

/// Passages that are read or written together.
const BATCH: usize = 1024;

/// What was written or read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Moved {
    /// Items.
    pub documents: u64,
    /// Their passages.
    pub passages: u64,
    /// Passages of which a view was encoded again.
    pub encoded: u64,
    /// Seconds until all was committed; segments are merged after that.
    pub write_seconds: f64,
}

/// What an export says of the space.
#[derive(Serialize, Deserialize)]
struct About {
    recipe: Recipe,
    encoders: BTreeMap<String, EncoderEntry>,
    #[serde(default)]
    indexes: BTreeMap<String, PayloadIndex>,
    #[serde(default)]
    settings: serde_json::Map<String, serde_json::Value>,
    documents: u64,
    passages: u64,
}
