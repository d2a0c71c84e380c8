//! Items of a space in open forms, whole: what each is, its text, its payload, its vectors.
//!
//! | form | what is there | for |
//! |---|---|---|
//! | `NAME.parquet` | a row a passage: `id`, `part`, `title`, `path`, `heading`, `start`, `end`, `text`, `payload` (JSON), `source`, `stamp`, `hash`, a column a view | DuckDB, pandas, Spark, Ray |
//! | a folder | `items.jsonl`, a `.npy` for each dense view, `export.json` | NumPy, line tools |
//!
//! Both hold the same and both say at their head which views there are. A dense view is a column (an array) of f32, a view of
//! several vectors a list of them, a sparse one indices and values. An item of several passages is several rows in turn, `part`
//! counts them. What is written is there whole or not at all: the Parquet file is renamed into its place, `export.json` comes last.
//!
//! [`records`] reads tables that others made, to be imported with vectors of their own.

mod error;
mod folder;
mod foreign;
mod lines;
mod table;

use std::ops::Range;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use error::ItemError;
pub use foreign::{Records, records};

/// The newest form that is read, and the one that is written.
const FORMAT: u32 = 1;

/// A passage of an item, or a whole item of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Item {
    /// The item's id.
    pub id: String,
    /// Which of its passages this is, from 0.
    pub part: u32,
    /// The item's title; may be empty.
    pub title: String,
    /// The file it came from.
    pub path: Option<String>,
    /// The headings above the passage.
    pub heading: String,
    /// The passage's place in the item's text, in bytes.
    pub range: Range<u64>,
    /// The passage; may be empty.
    pub text: String,
    /// Which source it was built from, the source's sign of change, and the hash of what was indexed: with them a later build knows
    /// what has not changed. Empty for what was handed in.
    pub origin: [String; 3],
    /// The item's payload.
    pub payload: Map<String, Value>,
    /// What each view holds, in the order of the head.
    pub vectors: Vec<Cell>,
}

/// What a view holds of a passage.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Nothing,
    /// A vector, or several end to end.
    Rows(Vec<f32>),
    /// Dimensions and their weights.
    Weights(Vec<u32>, Vec<f32>),
}

/// What the vectors of a view look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Shape {
    /// One vector a passage, or none.
    Dense {
        /// Values of a vector.
        dim: usize,
    },
    /// Any number of vectors a passage.
    Multi {
        /// Values of a vector.
        dim: usize,
    },
    /// Dimensions with weights.
    Sparse,
}

/// A view, as the head describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewHead {
    /// Its name.
    pub name: String,
    /// Its vectors.
    #[serde(flatten)]
    pub shape: Shape,
}

/// What stands at the head of an export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    format: u32,
    /// The views whose vectors are there.
    pub views: Vec<ViewHead>,
    /// What else the writer wants to be remembered.
    pub about: Value,
}

impl Head {
    /// A head of the newest form.
    #[must_use]
    pub fn new(views: Vec<ViewHead>, about: Value) -> Self {
        Self { format: FORMAT, views, about }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, ItemError> {
        let bad = |why: String| error::form(path, "head", why);
        let head: Self = serde_json::from_str(text).map_err(|e| bad(format!("is no head of an export: {e}")))?;
        if head.format > FORMAT {
            return Err(bad(format!("is of form {}, this program reads up to {FORMAT}: use a newer one", head.format)));
        }
        Ok(head)
    }
}

/// Writes items.
pub trait ItemWriter: Send {
    /// Appends items; each has as many cells as there are views.
    ///
    /// # Errors
    /// [`ItemError`].
    fn write(&mut self, items: &[Item]) -> Result<(), ItemError>;

    /// Completes the export and puts it in its place; says how many rows it has.
    ///
    /// # Errors
    /// [`ItemError`].
    fn finish(self: Box<Self>) -> Result<u64, ItemError>;
}

/// Reads items, in the order in which they were written.
pub trait ItemReader: Send {
    /// What stands at the head.
    fn head(&self) -> &Head;

    /// The next `limit` items; fewer at the end, none after it.
    ///
    /// # Errors
    /// [`ItemError`] with the place of what is wrong.
    fn read(&mut self, limit: usize) -> Result<Vec<Item>, ItemError>;
}

/// Begins an export: a Parquet file where the name says so, else a folder, which must not be there.
///
/// # Errors
/// [`ItemError`].
pub fn create(path: &Path, head: Head) -> Result<Box<dyn ItemWriter>, ItemError> {
    Ok(if is_table(path) {
        Box::new(table::TableWriter::create(path, head)?)
    } else {
        Box::new(folder::FolderWriter::create(path, head)?)
    })
}

/// Opens an export.
///
/// # Errors
/// [`ItemError`]; [`ItemError::Foreign`] when it is a table that is none.
pub fn open(path: &Path) -> Result<Box<dyn ItemReader>, ItemError> {
    if path.is_dir() {
        return Ok(Box::new(folder::FolderReader::open(path)?));
    }
    if path.exists() && !is_table(path) {
        return Err(ItemError::Foreign { path: path.to_owned() });
    }
    Ok(Box::new(table::TableReader::open(path)?))
}

/// Whether the name is that of a Parquet file.
fn is_table(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet") || e.eq_ignore_ascii_case("pq"))
}

/// A view's name as a part of file names: other characters than letters, digits, `-` and `_` as `%` and hexadecimal.
#[must_use]
pub fn stem(view: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let escaped = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02x}") };
    if view.is_empty() { "%".into() } else { view.bytes().map(escaped).collect() }
}

#[cfg(test)]
mod tests;
