//! The encoder's parts: a tokenizer, and a row a token.

use std::borrow::Cow;
use std::sync::OnceLock;

use vectory_core::{Vectors, VectorsRef};
use vectory_text::WordPiece;

use super::{StaticError, StaticParams};

/// A static sentence encoder. Shared by threads; implements [`Encode`](vectory_core::Encode).
pub struct StaticEncoder {
    pub(super) params: StaticParams,
    pub(super) words: WordPiece,
    /// n × dim; the row of the unknown token counts nothing.
    pub(super) rows: Cow<'static, [i8]>,
    /// One a row.
    pub(super) scales: Vec<f32>,
    pub(super) dim: usize,
    pub(super) fingerprint: OnceLock<String>,
}

impl StaticEncoder {
    /// An encoder from f32 rows, one a token in the order of the tokens; a row's length is the token's weight. Values are
    /// rounded to 127 steps of the row's largest. Of equal tokens the first counts.
    ///
    /// # Errors
    /// [`StaticError`] when rows and tokens do not fit, a value is not finite, or the unknown token is missing.
    pub fn from_rows(tokens: Vec<String>, rows: &Vectors, params: StaticParams) -> Result<Self, StaticError> {
        let words = WordPiece::from_vocab(tokens, params.tokenizer.clone())?;
        Self::from_parts(words, rows.view(), params)
    }

    pub(super) fn from_parts(
        words: WordPiece,
        rows: VectorsRef<'_>,
        params: StaticParams,
    ) -> Result<Self, StaticError> {
        let tokens = words.vocab().len();
        if rows.rows() != tokens {
            return Err(StaticError::Rows { rows: rows.rows(), tokens });
        }
        if rows.dim() == 0 {
            return Err(StaticError::NoDimension);
        }
        if let Some((row, _)) = rows.first_non_finite() {
            return Err(StaticError::NonFinite { row, token: words.vocab()[row].clone() });
        }
        let mut codes = Vec::with_capacity(tokens * rows.dim());
        let scales = rows.iter().map(|row| quantize(row, &mut codes)).collect();
        Ok(Self::new(params, words, codes.into(), scales, rows.dim()))
    }

    /// Puts checked parts together.
    pub(super) fn new(
        params: StaticParams,
        words: WordPiece,
        rows: Cow<'static, [i8]>,
        mut scales: Vec<f32>,
        dim: usize,
    ) -> Self {
        // Unknown words tell nothing: a scale of zero leaves them out of every sum.
        scales[words.unknown() as usize] = 0.0;
        Self { params, words, rows, scales, dim, fingerprint: OnceLock::new() }
    }

    /// Name and tokenizer.
    #[must_use]
    pub fn params(&self) -> &StaticParams {
        &self.params
    }

    /// The tokens, in the order of the rows.
    #[must_use]
    pub fn tokens(&self) -> &[String] {
        self.words.vocab()
    }

    /// The tokenizer.
    #[must_use]
    pub fn tokenizer(&self) -> &WordPiece {
        &self.words
    }

    /// Writes row `i` as stored (its length is the token's weight) to `out`. Panics when there is no such row or `out` has
    /// another length, as slices do.
    pub fn row(&self, i: usize, out: &mut [f32]) {
        let codes = &self.rows[i * self.dim..(i + 1) * self.dim];
        assert_eq!(out.len(), codes.len(), "a row has {} values", self.dim);
        out.iter_mut().zip(codes).for_each(|(o, c)| *o = self.scales[i] * f32::from(*c));
    }
}

/// Appends the codes of a row; returns its scale.
fn quantize(row: &[f32], codes: &mut Vec<i8>) -> f32 {
    let largest = row.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    let scale = largest / 127.0;
    let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    codes.extend(row.iter().map(|v| (v * inverse).round().clamp(-127.0, 127.0) as i8));
    scale
}

impl std::fmt::Debug for StaticEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StaticEncoder(`{}`, {} tokens × {})", self.params.name, self.scales.len(), self.dim)
    }
}
