//! The model: tokens and their rows.

use serde::{Deserialize, Serialize};
use vectory_core::{Vectors, hash};
use vectory_text::{WordPiece, WordPieceParams};

use super::{Rows, StaticError};

/// What a static encoder says of itself, beside its rows and tokens.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StaticParams {
    /// The name to show.
    pub name: String,
    /// How text becomes tokens.
    pub tokenizer: WordPieceParams,
}

/// A static sentence encoder.
pub struct StaticEncoder {
    pub(super) params: StaticParams,
    pub(super) words: WordPiece,
    pub(super) rows: Rows,
    pub(super) unknown: u32,
    fingerprint: String,
}

impl StaticEncoder {
    /// An encoder of f32 rows, one a token, rounded to int8. A row's length is its token's weight.
    ///
    /// # Errors
    /// [`StaticError::Parts`] when rows and tokens differ in number, a value is not finite, or the tokens lack the
    /// unknown token.
    pub fn from_rows(tokens: Vec<String>, rows: &Vectors, params: StaticParams) -> Result<Self, StaticError> {
        if let Some((row, column)) = rows.view().first_non_finite() {
            return Err(StaticError::parts("static encoder", format!("row {row}, column {column} is not a finite number")));
        }
        Self::new(tokens, Rows::quantize(rows.view()), params).map_err(|why| StaticError::parts("static encoder", why))
    }

    pub(super) fn new(tokens: Vec<String>, rows: Rows, params: StaticParams) -> Result<Self, String> {
        if tokens.len() != rows.len() {
            return Err(format!("{} tokens for {} rows", tokens.len(), rows.len()));
        }
        let mut bytes = serde_json::to_vec(&params).unwrap_or_default();
        tokens.iter().for_each(|t| bytes.extend_from_slice(t.as_bytes()));
        bytes.extend_from_slice(bytemuck::cast_slice(&rows.values));
        bytes.extend_from_slice(bytemuck::cast_slice(&rows.scales));
        let fingerprint = format!("static:{}", hash::content(&bytes));
        let words = WordPiece::from_vocab(tokens, params.tokenizer.clone()).map_err(|e| e.to_string())?;
        let unknown = words.unknown();
        Ok(Self { params, words, rows, unknown, fingerprint })
    }

    /// Its parameters.
    #[must_use]
    pub fn params(&self) -> &StaticParams {
        &self.params
    }

    /// Its tokens, in the order of the rows.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        self.words.vocab()
    }

    /// Its tokenizer.
    #[must_use]
    pub fn tokenizer(&self) -> &WordPiece {
        &self.words
    }

    /// Its rows.
    #[must_use]
    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    pub(super) fn print(&self) -> &str {
        &self.fingerprint
    }
}

impl std::fmt::Debug for StaticEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StaticEncoder({}, {} tokens × {})", self.params.name, self.rows.len(), self.rows.dim())
    }
}
