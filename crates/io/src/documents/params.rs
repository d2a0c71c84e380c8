//! Which sources, and how to read them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

/// A place where documents are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SourceSpec {
    /// A file or folder.
    Path(PathBuf),
    /// Standard input.
    Stdin,
}

impl From<&str> for SourceSpec {
    /// `-` is stdin, anything else a path.
    fn from(text: &str) -> Self {
        if text == "-" { Self::Stdin } else { Self::Path(text.into()) }
    }
}

impl From<PathBuf> for SourceSpec {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::Path(path) }
    }
}

/// What of a plain text is one document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// A file is one, a line of stdin is one.
    #[default]
    Auto,
    /// Every line of a given text file or of stdin; files found in folders stay whole.
    Line,
    /// The whole file, the whole of stdin.
    File,
}

/// Tells whether the caller has a document under this id and stamp already, so that its file need not be read.
#[derive(Clone)]
pub struct Seen(pub Arc<SeenFn>);

/// Given an id and a stamp.
pub type SeenFn = dyn Fn(&str, &str) -> bool + Send + Sync;

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seen(..)")
    }
}

/// How sources are read.
#[derive(Clone, Debug)]
pub struct SourceParams {
    /// The column of ids. None: `id`, `_id`, `docid`, …; without any, records are numbered.
    pub id: Option<String>,
    /// The columns of the text, joined by empty lines. Empty: `text`, `contents`, `body`, `content`, `abstract`, ….
    pub text: Vec<String>,
    /// The column of titles. None: `title`, `name`, `headline`, ….
    pub title: Option<String>,
    /// Whether the first row of `.csv` and `.tsv` files names the columns; otherwise they are named `1`, `2`, ….
    pub header: bool,
    /// Skip and count what cannot be read instead of stopping.
    pub skip_errors: bool,
    /// Larger text files are skipped (decompressed size).
    pub max_file_bytes: u64,
    /// Larger lines and records are errors.
    pub max_record_bytes: usize,
    /// Also files and folders whose name begins with a dot.
    pub hidden: bool,
    /// Respect `.gitignore` and `.ignore` files.
    pub respect_ignore: bool,
    /// Only files of folders that match one of these globs (`*.md`, `docs/**`); all when there is none.
    pub include: Vec<String>,
    /// Of source code, read the documentation comments only, as Markdown. Files without any are skipped as empty.
    pub code_docs: bool,
    /// What of a plain text is one document.
    pub unit: Unit,
    /// What the caller has already; asked for each document before it is read.
    pub seen: Option<Seen>,
}

impl Default for SourceParams {
    fn default() -> Self {
        Self {
            id: None,
            text: Vec::new(),
            title: None,
            header: true,
            skip_errors: false,
            max_file_bytes: 64 << 20,
            max_record_bytes: 16 << 20,
            hidden: false,
            respect_ignore: true,
            include: Vec::new(),
            code_docs: false,
            unit: Unit::Auto,
            seen: None,
        }
    }
}

/// A source parameter out of its range.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{name}` is {got}, expected {expected}")]
pub struct SourceParamsError {
    /// The parameter.
    pub name: &'static str,
    /// What was given.
    pub got: String,
    /// What would be right.
    pub expected: &'static str,
}

impl SourceParams {
    /// Checks every field.
    ///
    /// # Errors
    /// [`SourceParamsError`] naming the first field out of its range.
    pub fn check(&self) -> Result<(), SourceParamsError> {
        let bad = |name, got: String, expected| Err(SourceParamsError { name, got, expected });
        if self.max_file_bytes == 0 {
            return bad("max_file_bytes", "0".into(), "at least 1");
        }
        if !(16..=1 << 31).contains(&self.max_record_bytes) {
            return bad("max_record_bytes", self.max_record_bytes.to_string(), "16 to 2147483648");
        }
        if self.text.iter().chain(&self.id).chain(&self.title).any(String::is_empty) {
            return bad("text, id, title", "an empty name".into(), "a column's name");
        }
        Ok(())
    }

    /// Whether the caller has this document already.
    pub(crate) fn has(&self, id: &str, stamp: &str) -> bool {
        self.seen.as_ref().is_some_and(|s| (s.0)(id, stamp))
    }
}
