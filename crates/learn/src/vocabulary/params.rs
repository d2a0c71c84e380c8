//! How text becomes words, and which words are kept.

use serde::{Deserialize, Serialize};

use super::CorpusError;

/// What counts as a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenKind {
    /// Runs of letters, marks and digits, with apostrophes inside: for plain text.
    #[default]
    Words,
    /// Whatever stands between blanks: for text that has been tokenised, as word2vec and fastText read it.
    Space,
}

/// How a text is cut into words; learned models keep it, so that what is encoded is cut as what was learned from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokenizer {
    /// What counts as a word.
    pub tokens: TokenKind,
    /// Whether words are lower-cased.
    pub lower: bool,
}

impl Default for Tokenizer {
    fn default() -> Self {
        Self { tokens: TokenKind::Words, lower: true }
    }
}

/// Which words a vocabulary keeps, and what reading may cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CorpusParams {
    /// How text becomes words.
    pub tokenizer: Tokenizer,
    /// Words that occur less often are left out (5).
    pub min_count: u64,
    /// Keep at most so many words, the most frequent ones.
    pub max_vocab: Option<usize>,
    /// Distinct words held while counting; when there are more, the rarest are forgotten (20 million, about 1 GB).
    pub max_distinct: usize,
    /// Bytes of word ids held in memory; what goes beyond lies in a temporary file (256 MiB: 67 million words).
    pub memory: usize,
}

impl Default for CorpusParams {
    fn default() -> Self {
        Self {
            tokenizer: Tokenizer::default(),
            min_count: 5,
            max_vocab: None,
            max_distinct: 20_000_000,
            memory: 256 << 20,
        }
    }
}

impl CorpusParams {
    /// # Errors
    /// [`CorpusError::Params`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), CorpusError> {
        let bad = |text: String| Err(CorpusError::Params(text));
        if self.min_count == 0 {
            return bad("min_count is 0, expected at least 1".into());
        }
        if self.max_vocab == Some(0) {
            return bad("max_vocab is 0, expected at least 1".into());
        }
        if self.max_distinct < 1000 {
            return bad(format!("max_distinct is {}, expected at least 1000", self.max_distinct));
        }
        Ok(())
    }
}
