//! Opening a model file.

use std::collections::HashMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::cursor::Cursor;
use super::{Architecture, Args, Loss, Matrix};
use crate::vectors::mapped;

pub(super) const MAGIC: i32 = 793_712_314;
pub(super) const VERSION: i32 = 12;

/// Why a model could not be read or written.
#[derive(Debug, Error)]
pub enum FastTextError {
    /// Reading or writing failed; the text names the file.
    #[error("{0}")]
    Io(String),
    /// The content is not that of a model.
    #[error("{path}: not a readable fastText model (byte {at}: {why})")]
    Format {
        /// The file.
        path: PathBuf,
        /// Where in it.
        at: usize,
        /// What is wrong.
        why: String,
    },
    /// The parts of a model to be written do not fit.
    #[error("{0}")]
    Parts(String),
}

impl From<std::io::Error> for FastTextError {
    fn from(e: std::io::Error) -> Self {
        Self::Io(e.to_string())
    }
}

/// A word or label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// As it stands in the text.
    pub text: String,
    /// How often.
    pub count: u64,
}

/// A model of the fastText program.
#[derive(Debug)]
pub struct FastText {
    /// What it was trained with.
    pub args: Args,
    /// Words, most frequent first: rows `0..words.len()` of the input matrix.
    pub words: Vec<Entry>,
    /// Labels, most frequent first; none but for classifiers.
    pub labels: Vec<Entry>,
    /// Words of the training text.
    pub tokens: u64,
    /// In pruned models: the row (after the words) of each bucket that was kept.
    pub kept_buckets: Option<HashMap<u32, u32>>,
    /// Rows of words and buckets.
    pub input: Matrix,
    /// Rows of words, labels or inner nodes.
    pub output: Matrix,
}

/// Whether a file begins as models do.
#[must_use]
pub fn is_fasttext(path: &Path) -> bool {
    let mut head = [0; 4];
    let read = fs_err::File::open(path).and_then(|mut f| f.read_exact(&mut head));
    read.is_ok() && i32::from_le_bytes(head) == MAGIC
}

impl FastText {
    /// Opens a `.bin` or `.ftz` file, mapped.
    ///
    /// # Errors
    /// [`FastTextError`] naming the file and the byte where it is damaged.
    pub fn open(path: &Path) -> Result<Self, FastTextError> {
        let map = Arc::new(mapped::map(path).map_err(|e| FastTextError::Io(e.to_string()))?);
        let mut c = Cursor { path, bytes: &map, at: 0 };
        if c.i32()? != MAGIC {
            return Err(c.bad("it does not begin with fastText's number"));
        }
        let version = c.i32()?;
        if !(11..=VERSION).contains(&version) {
            return Err(c.bad(format!("version {version}, expected 11 or 12")));
        }
        let mut args = read_args(&mut c)?;
        if version == 11 && args.model == Architecture::Supervised {
            // Classifiers of that version have no character n-grams, whatever the file says.
            args.max_n = 0;
        }
        let entries = c.small("entries")? as usize;
        let (words, labels) = (c.small("words")? as usize, c.small("labels")? as usize);
        let (tokens, pruned) = (c.i64()?, c.i64()?);
        if words.checked_add(labels) != Some(entries) {
            return Err(c.bad(format!("{words} words and {labels} labels in {entries} entries")));
        }
        let (words, labels) = read_entries(&mut c, words, labels)?;
        let kept_buckets = match usize::try_from(pruned) {
            Ok(n) => Some(read_kept(&mut c, n)?),
            Err(_) => None,
        };
        let quantized = c.byte()? != 0;
        let input = if quantized { Matrix::read_quantized(&mut c)? } else { Matrix::read_dense(&mut c, &map)? };
        let output_quantized = c.byte()? != 0 && quantized;
        let output = if output_quantized { Matrix::read_quantized(&mut c)? } else { Matrix::read_dense(&mut c, &map)? };
        let model = Self { args, words, labels, tokens: tokens.max(0) as u64, kept_buckets, input, output };
        model.check(&c)?;
        Ok(model)
    }

    fn check(&self, c: &Cursor<'_>) -> Result<(), FastTextError> {
        let buckets = self.kept_buckets.as_ref().map_or(self.args.buckets as usize, HashMap::len);
        let dim = self.args.dim as usize;
        let hashed = self.args.max_n > 0 || self.args.word_ngrams > 1;
        let least = self.words.len() + if hashed { buckets } else { 0 };
        if self.input.dim() != dim || self.output.dim() != dim || self.input.rows() < least {
            let shape = format!("{:?} and {:?}", self.input, self.output);
            return Err(c.bad(format!("{shape} for {} words, {buckets} buckets and rows of {dim}", self.words.len())));
        }
        Ok(())
    }
}

fn read_args(c: &mut Cursor<'_>) -> Result<Args, FastTextError> {
    let dim = c.small("values a row")?;
    let (window, epochs, min_count) = (c.small("window")?, c.small("epochs")?, c.small("min_count")?);
    let (negative, word_ngrams) = (c.small("negatives")?, c.small("word n-grams")?);
    let loss = match c.i32()? {
        1 => Loss::Hierarchical,
        2 => Loss::Negative,
        3 => Loss::Softmax,
        4 => Loss::OneVsAll,
        other => return Err(c.bad(format!("loss {other}, expected 1 to 4"))),
    };
    let model = match c.i32()? {
        1 => Architecture::Cbow,
        2 => Architecture::SkipGram,
        3 => Architecture::Supervised,
        other => return Err(c.bad(format!("model {other}, expected 1 to 3"))),
    };
    let (buckets, min_n, max_n) = (c.small("buckets")?, c.small("min_n")?, c.small("max_n")?);
    let (update_rate, sample) = (c.small("update rate")?, c.f64()?);
    if dim == 0 || dim as usize > crate::vectors::MAX_DIM {
        return Err(c.bad(format!("rows of {dim} values")));
    }
    Ok(Args {
        dim,
        window,
        epochs,
        min_count,
        negative,
        word_ngrams,
        loss,
        model,
        buckets,
        min_n,
        max_n,
        update_rate,
        sample,
    })
}

fn read_entries(c: &mut Cursor<'_>, words: usize, labels: usize) -> Result<(Vec<Entry>, Vec<Entry>), FastTextError> {
    // Each takes ten bytes at least, which bounds what a damaged count can ask for.
    let fits = |n: usize| n.min(c.bytes.len() / 10);
    let (mut w, mut l) = (Vec::with_capacity(fits(words)), Vec::with_capacity(fits(labels)));
    for i in 0..words + labels {
        let text = c.text()?;
        let count = c.i64()?.max(0) as u64;
        let label = c.byte()? != 0;
        if label != (i >= words) {
            return Err(c.bad(format!("`{text}` stands among the {}", if label { "words" } else { "labels" })));
        }
        if label { l.push(Entry { text, count }) } else { w.push(Entry { text, count }) }
    }
    Ok((w, l))
}

fn read_kept(c: &mut Cursor<'_>, n: usize) -> Result<HashMap<u32, u32>, FastTextError> {
    let mut kept = HashMap::with_capacity(n.min(c.bytes.len() / 8));
    for _ in 0..n {
        let (bucket, row) = (c.small("bucket")?, c.small("row")?);
        if row as usize >= n {
            return Err(c.bad(format!("bucket {bucket} has row {row} of {n}")));
        }
        kept.insert(bucket, row);
    }
    Ok(kept)
}
