//! Reading a tokenizer: Hugging Face's `tokenizer.json`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::WordPieceParams;

/// Why a tokenizer could not be made.
#[derive(Debug, Error)]
pub enum WordPieceError {
    /// The file could not be read; the text names it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The file is not what `tokenizers` writes.
    #[error("{path}: not a tokenizer.json ({why})")]
    Format {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        why: String,
    },
    /// A tokenizer of another family, or with parts that are not built here.
    #[error("{path}: {what} is not supported; expected a WordPiece model with BertNormalizer and BertPreTokenizer")]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What was met.
        what: String,
    },
    /// The vocabulary lacks its unknown token.
    #[error("the vocabulary has no `{token}`, its token for unknown words")]
    NoUnknown {
        /// The token looked for.
        token: String,
    },
}

/// More tokens than any vocabulary has: a damaged file must not take all memory.
const MAX_TOKENS: usize = 1 << 24;

#[derive(Deserialize)]
struct Parts {
    normalizer: Option<Typed>,
    pre_tokenizer: Option<Typed>,
    model: Option<Typed>,
}

#[derive(Deserialize)]
struct Typed {
    r#type: Option<String>,
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<Added>,
    normalizer: Normalizer,
    model: Model,
}

#[derive(Deserialize)]
struct Added {
    id: u32,
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    normalized: bool,
}

#[derive(Deserialize)]
struct Normalizer {
    #[serde(default)]
    clean_text: bool,
    #[serde(default)]
    handle_chinese_chars: bool,
    strip_accents: Option<bool>,
    #[serde(default)]
    lowercase: bool,
}

#[derive(Deserialize)]
struct Model {
    #[serde(default = "bert_unk")]
    unk_token: String,
    #[serde(default = "bert_prefix")]
    continuing_subword_prefix: String,
    #[serde(default = "bert_max")]
    max_input_chars_per_word: usize,
    vocab: HashMap<String, u32>,
}

fn bert_unk() -> String {
    WordPieceParams::default().unk_token
}

fn bert_prefix() -> String {
    WordPieceParams::default().continuing_subword_prefix
}

fn bert_max() -> usize {
    WordPieceParams::default().max_input_chars_per_word
}

/// What a file holds.
pub(super) struct Loaded {
    pub tokens: Vec<String>,
    /// How many of the tokens are pieces of the model.
    pub model: usize,
    /// Tokens that are taken out of the text before anything else.
    pub added: Vec<(String, u32)>,
    /// Tokens that are taken out of the normalized text; to be normalized themselves.
    pub added_normal: Vec<(String, u32)>,
    pub params: WordPieceParams,
}

pub(super) fn read(path: &Path) -> Result<Loaded, WordPieceError> {
    let format = |why: String| WordPieceError::Format { path: path.to_owned(), why };
    let bytes = fs_err::read(path)?;
    // Another family's file may have another form: look at the names of its parts first.
    let parts: Parts = serde_json::from_slice(&bytes).map_err(|e| format(e.to_string()))?;
    parts.check().map_err(|what| WordPieceError::Unsupported { path: path.to_owned(), what })?;
    let file: File = serde_json::from_slice(&bytes).map_err(|e| format(e.to_string()))?;
    if let Some(a) = file.added_tokens.iter().find(|a| a.single_word) {
        let what = format!("added token `{}` (single_word)", a.content);
        return Err(WordPieceError::Unsupported { path: path.to_owned(), what });
    }
    let (tokens, model) = file.tokens().map_err(format)?;
    let File { added_tokens, normalizer, model: pieces } = file;
    let params = WordPieceParams {
        clean_text: normalizer.clean_text,
        handle_chinese_chars: normalizer.handle_chinese_chars,
        strip_accents: normalizer.strip_accents,
        lowercase: normalizer.lowercase,
        max_input_chars_per_word: pieces.max_input_chars_per_word,
        unk_token: pieces.unk_token,
        continuing_subword_prefix: pieces.continuing_subword_prefix,
    };
    let added = |normalized: bool| {
        added_tokens.iter().filter(|a| a.normalized == normalized).map(|a| (a.content.clone(), a.id)).collect()
    };
    Ok(Loaded { tokens, model, added: added(false), added_normal: added(true), params })
}

impl Parts {
    /// Says what is not BERT's.
    fn check(&self) -> Result<(), String> {
        let name = |part: &Option<Typed>| part.as_ref().and_then(|p| p.r#type.clone()).unwrap_or_else(|| "none".into());
        let (normalizer, splitter, model) = (name(&self.normalizer), name(&self.pre_tokenizer), name(&self.model));
        // Files of older versions do not name the model.
        if !matches!(model.as_str(), "WordPiece" | "none") {
            return Err(format!("model {model}"));
        }
        if normalizer != "BertNormalizer" {
            return Err(format!("normalizer {normalizer}"));
        }
        if splitter != "BertPreTokenizer" {
            return Err(format!("pre-tokenizer {splitter}"));
        }
        Ok(())
    }
}

impl File {
    /// Every token by id, and how many of them are the model's.
    fn tokens(&self) -> Result<(Vec<String>, usize), String> {
        let vocab = &self.model.vocab;
        let model = vocab.values().max().map_or(0, |m| *m as usize + 1);
        let len = self.added_tokens.iter().map(|a| a.id as usize + 1).max().unwrap_or(0).max(model);
        if len > MAX_TOKENS {
            return Err(format!("token id {}; expected at most {MAX_TOKENS} tokens", len - 1));
        }
        let mut tokens = vec![String::new(); len];
        for (token, id) in vocab.iter().chain(self.added_tokens.iter().map(|a| (&a.content, &a.id))) {
            tokens[*id as usize].clone_from(token);
        }
        Ok((tokens, model))
    }
}
