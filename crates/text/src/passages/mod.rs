//! Long documents in pieces that can be found, read and encoded one by one.
//!
//! A text is cut at its headings, then at sentences (program source: at blocks, then lines), and packed up to a number of
//! words. A sentence that is too long is cut between words, a word that is too long between characters: nothing is left
//! out. Neighbours under one heading share their border sentences when an overlap is asked for.

mod headings;
mod pack;
mod sections;

use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::TextFormat;

/// How passages are cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PassageParams {
    /// The most words in a passage (a Han or kana character counts as a word, and so do twelve bytes without a space).
    pub max_words: usize,
    /// How many words of whole sentences at its end a passage shares with the next one under the same heading.
    pub overlap_words: usize,
    /// A section with fewer words joins the next one.
    pub min_words: usize,
}

impl Default for PassageParams {
    fn default() -> Self {
        Self { max_words: 256, overlap_words: 32, min_words: 24 }
    }
}

/// Parameters that cut nothing sensible.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PassageParamsError {
    /// No room for words.
    #[error("max_words is {0}, must be at least 8")]
    MaxWords(usize),
    /// More overlap than half a passage.
    #[error("overlap_words is {overlap}, must be at most half of max_words ({max})")]
    Overlap {
        /// What was asked for.
        overlap: usize,
        /// The passage's size.
        max: usize,
    },
    /// Sections would have to be longer than passages.
    #[error("min_words is {min}, must be below max_words ({max})")]
    MinWords {
        /// What was asked for.
        min: usize,
        /// The passage's size.
        max: usize,
    },
}

impl PassageParams {
    /// Checks the fields against each other.
    ///
    /// # Errors
    /// [`PassageParamsError`] names the field and what is legal.
    pub fn check(&self) -> Result<(), PassageParamsError> {
        let &Self { max_words: max, overlap_words: overlap, min_words: min } = self;
        match () {
            () if max < 8 => Err(PassageParamsError::MaxWords(max)),
            () if overlap > max / 2 => Err(PassageParamsError::Overlap { overlap, max }),
            () if min >= max => Err(PassageParamsError::MinWords { min, max }),
            () => Ok(()),
        }
    }
}

/// A piece of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Its bytes in the document.
    pub range: Range<usize>,
    /// The headings above it, outermost first, joined by ` > `; empty where there are none.
    pub heading: String,
}

/// Cuts a document into passages, in order. Every character that is not white space is in at least one; a blank text has
/// none. Parameters out of range are moved to the nearest legal ones. Linear in the text.
///
/// ```
/// use vectory_text::{PassageParams, TextFormat, passages};
/// let text = "# Install\n\n## Linux\n\nRun make.";
/// let found = passages(text, TextFormat::Markdown, &PassageParams::default());
/// assert_eq!(found[0].heading, "Install > Linux");
/// ```
#[must_use]
pub fn passages(text: &str, format: TextFormat, params: &PassageParams) -> Vec<Passage> {
    let max_words = params.max_words.max(8);
    let params = PassageParams {
        max_words,
        overlap_words: params.overlap_words.min(max_words / 2),
        min_words: params.min_words.min(max_words - 1),
    };
    let mut out = Vec::new();
    if format == TextFormat::Code {
        pack::code(text, &params, &mut out);
        return out;
    }
    for section in sections::sections(text, format, params.min_words) {
        pack::prose(text, &section, &params, &mut out);
    }
    out
}

#[cfg(test)]
mod tests;
