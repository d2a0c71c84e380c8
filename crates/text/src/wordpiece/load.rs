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

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    added_tokens: Vec<Added>,
    normalizer: Option<Normalizer>,
    pre_tokenizer: Option<Typed>,
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
    r#type: String,
    #[serde(default)]
    clean_text: bool,
    #[serde(default)]
    handle_chinese_chars: bool,
    strip_accents: Option<bool>,
    #[serde(default)]
    lowercase: bool,
}

#[derive(Deserialize)]
struct Typed {
    r#type: String,
}

#[derive(Deserialize)]
struct Model {
    r#type: Option<String>,
    #[serde(default = "bert_unk")]
    unk_token: String,
    #[serde(default = "bert_prefix")]
    continuing_subword_prefix: String,
    #[serde(default = "bert_max")]
    max_input_chars_per_word: usize,
    vocab: serde_json::Value,
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
    pub params: WordPieceParams,
}

pub(super) fn read(path: &Path) -> Result<Loaded, WordPieceError> {
    let format = |why: String| WordPieceError::Format { path: path.to_owned(), why };
    let bad = |what: String| WordPieceError::Unsupported { path: path.to_owned(), what };
    let file: File = serde_json::from_slice(&fs_err::read(path)?).map_err(|e| format(e.to_string()))?;
    if file.model.r#type.as_deref().is_some_and(|t| t != "WordPiece") {
        return Err(bad(format!("model {}", file.model.r#type.unwrap_or_default())));
    }
    let normalizer = file.normalizer.ok_or_else(|| bad("no normalizer".into()))?;
    if normalizer.r#type != "BertNormalizer" {
        return Err(bad(format!("normalizer {}", normalizer.r#type)));
    }
    match file.pre_tokenizer {
        Some(p) if p.r#type == "BertPreTokenizer" => {}
        p => return Err(bad(format!("pre-tokenizer {}", p.map_or("none".into(), |p| p.r#type)))),
    }
    let vocab: HashMap<String, u32> = serde_json::from_value(file.model.vocab).map_err(|e| format(e.to_string()))?;
    if let Some(a) = file.added_tokens.iter().find(|a| a.single_word || a.normalized && !vocab.contains_key(&a.content))
    {
        return Err(bad(format!("added token `{}` (single_word or normalized)", a.content)));
    }
    let params = WordPieceParams {
        clean_text: normalizer.clean_text,
        handle_chinese_chars: normalizer.handle_chinese_chars,
        strip_accents: normalizer.strip_accents,
        lowercase: normalizer.lowercase,
        max_input_chars_per_word: file.model.max_input_chars_per_word,
        unk_token: file.model.unk_token,
        continuing_subword_prefix: file.model.continuing_subword_prefix,
    };
    let model = vocab.values().max().map_or(0, |m| *m as usize + 1);
    let len = file.added_tokens.iter().map(|a| a.id as usize + 1).max().unwrap_or(0).max(model);
    if len > 1 << 26 {
        return Err(format(format!("token id {} is out of any reason", len - 1)));
    }
    let mut tokens = vec![String::new(); len];
    let added: Vec<(String, u32)> = file.added_tokens.into_iter().map(|a| (a.content, a.id)).collect();
    for (token, id) in vocab.into_iter().chain(added.iter().cloned()) {
        tokens[id as usize] = token;
    }
    Ok(Loaded { tokens, model, added, params })
}
