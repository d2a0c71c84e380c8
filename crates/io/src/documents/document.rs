//! What comes out of a source.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vectory_text::TextFormat;

/// One text with what is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its id: from the record, or the file's path under its source, or the record's number behind the file's name.
    pub id: String,
    /// Its title; may be empty.
    pub title: String,
    /// Its text, cleaned of markup that nobody reads.
    pub text: String,
    /// The form of the text: decides where its headings are. HTML comes as Markdown-like text and says so.
    pub format: TextFormat,
    /// Everything else, for filters and display.
    pub payload: Map<String, Value>,
    /// The file it is or lies in; none for stdin.
    pub path: Option<PathBuf>,
    /// Changes when the document does: size and time of a file, content hash of a record.
    pub stamp: String,
    /// How many byte sequences were not UTF-8 and were read as Windows-1252 or replaced.
    pub repaired: u32,
}

/// What a source gives.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A document.
    Document(Document),
    /// Something that is not one, and why.
    Skipped(Skipped),
    /// A document that the caller already has under the same stamp (see [`super::SourceParams::seen`]); it was not read.
    Unchanged {
        /// Its id.
        id: String,
        /// Its stamp.
        stamp: String,
    },
}

/// A file or record that gives no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file, or file and record.
    pub what: String,
    /// The kind of reason, to be counted.
    pub why: SkipReason,
    /// The reason in full.
    pub detail: String,
}

/// Why something gives no document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipReason {
    /// It is not text.
    Binary,
    /// There is no text in it.
    Empty,
    /// It is larger than the limit.
    TooLarge,
    /// A table in which no column looks like text.
    NoText,
    /// It cannot be read (only where errors are to be skipped).
    Unreadable,
    /// A record that is not as it should be (only where errors are to be skipped).
    BadRecord,
}

impl SkipReason {
    /// In words, as a summary shows it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Binary => "not text",
            Self::Empty => "empty",
            Self::TooLarge => "too large",
            Self::NoText => "no text column",
            Self::Unreadable => "unreadable",
            Self::BadRecord => "bad record",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl Item {
    pub(crate) fn skipped(what: impl Into<String>, why: SkipReason, detail: impl Into<String>) -> Self {
        Self::Skipped(Skipped { what: what.into(), why, detail: detail.into() })
    }
}
