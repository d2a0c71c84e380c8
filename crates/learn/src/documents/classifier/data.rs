//! Labelled lines.

use std::path::PathBuf;

use vectory_io::stream::{self, Lines};

use crate::vocabulary::{CorpusError, Tokenizer};

/// What labels begin with.
pub const LABEL: &str = "__label__";
/// Longer lines are cut into errors by the reader of lines.
const LONGEST: usize = 1 << 26;

/// A text and its labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labelled {
    /// Its labels, without [`LABEL`]; none in a text that is to be labelled.
    pub labels: Vec<String>,
    /// Its words, between blanks.
    pub text: String,
}

impl Labelled {
    /// Takes a line apart: tokens that begin with [`LABEL`] are labels, wherever they stand.
    #[must_use]
    pub fn parse(line: &str, tokenizer: &Tokenizer) -> Self {
        let mut out = Self::default();
        let mut rest = String::with_capacity(line.len());
        for token in line.split_ascii_whitespace() {
            match token.strip_prefix(LABEL) {
                Some(label) => out.labels.push(label.to_owned()),
                None => {
                    rest.push_str(token);
                    rest.push(' ');
                }
            }
        }
        tokenizer.words(&rest, &mut |w| {
            out.text.push_str(w);
            out.text.push(' ');
        });
        out.text.truncate(out.text.trim_end().len());
        out
    }
}

/// Reads files of labelled lines (plain, `.gz`, `.zst`; `-` is stdin).
///
/// # Errors
/// [`CorpusError::Io`] when one cannot be read or holds a line of more than 64 MiB.
pub fn read(inputs: &[PathBuf], tokenizer: &Tokenizer) -> Result<Vec<Labelled>, CorpusError> {
    let mut out = Vec::new();
    for path in inputs {
        let input = if path.to_str() == Some("-") { stream::stdin()? } else { stream::open(path, None)? };
        let mut lines = Lines::new(input, LONGEST);
        let broken = |e: vectory_io::stream::LineError| CorpusError::Io(std::io::Error::other(e.to_string()));
        while let Some(line) = lines.next_line().map_err(broken)? {
            out.push(Labelled::parse(&String::from_utf8_lossy(line), tokenizer));
        }
    }
    Ok(out)
}
