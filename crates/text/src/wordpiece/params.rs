//! What a word-piece tokenizer is told.

use serde::{Deserialize, Serialize};

/// The switches of BERT's tokenizer, under Hugging Face's names and with BERT-uncased's values as defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WordPieceParams {
    /// Drop control characters, turn white space into spaces.
    pub clean_text: bool,
    /// Make every Han character a word.
    pub handle_chinese_chars: bool,
    /// Drop accents; `None`: as `lowercase`.
    pub strip_accents: Option<bool>,
    /// Lower-case.
    pub lowercase: bool,
    /// Longer words (in characters) become the unknown token.
    pub max_input_chars_per_word: usize,
    /// The token of words that cannot be put together from pieces.
    pub unk_token: String,
    /// What marks a piece inside a word.
    pub continuing_subword_prefix: String,
}

impl Default for WordPieceParams {
    fn default() -> Self {
        Self {
            clean_text: true,
            handle_chinese_chars: true,
            strip_accents: None,
            lowercase: true,
            max_input_chars_per_word: 100,
            unk_token: "[UNK]".into(),
            continuing_subword_prefix: "##".into(),
        }
    }
}
