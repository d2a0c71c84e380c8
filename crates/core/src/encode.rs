//! The trait of everything that turns texts into dense vectors.

use thiserror::Error;

use crate::repr::Multi;
use crate::{Cancelled, Context, Metric, Vectors};

/// Why texts could not be encoded.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// The model computed a value that is not a number.
    #[error("text {index} was encoded to a vector that is not finite")]
    NonFinite {
        /// Which text of the call.
        index: usize,
    },
    /// The model failed for another reason, said in full.
    #[error("{0}")]
    Model(String),
}

/// A model that represents texts as dense rows.
pub trait Encode: Send + Sync {
    /// The name to show: `static-en`, `all-MiniLM-L6-v2`, …
    fn name(&self) -> &str;

    /// Values a row has.
    fn dim(&self) -> usize;

    /// How its vectors are meant to be compared.
    fn metric(&self) -> Metric;

    /// Names the model and its weights: equal fingerprints give equal vectors. Decides what must be re-encoded.
    fn fingerprint(&self) -> String;

    /// One row a text, in order. A text without any known token gives a zero row. Runs on `ctx`'s pool, reports no
    /// progress (callers batch and report).
    ///
    /// # Errors
    /// [`EncodeError`] when interrupted or when the model fails.
    fn encode(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError>;

    /// Queries, for models that treat them apart (a prefix, another tower).
    ///
    /// # Errors
    /// As [`Encode::encode`].
    fn encode_queries(&self, texts: &[&str], ctx: &Context) -> Result<Vectors, EncodeError> {
        self.encode(texts, ctx)
    }

    /// One row a token of each text (late interaction), of unit length, without marks of beginning and end. A text without
    /// any known token has no row.
    ///
    /// # Errors
    /// [`EncodeError::Model`] for models without token vectors; else as [`Encode::encode`].
    fn encode_tokens(&self, texts: &[&str], ctx: &Context) -> Result<Multi, EncodeError> {
        let _ = (texts, ctx);
        Err(EncodeError::Model(format!("`{}` has no token vectors", self.name())))
    }

    /// As [`Encode::encode_tokens`], for queries: rows may have lengths, which weigh the tokens.
    ///
    /// # Errors
    /// As [`Encode::encode_tokens`].
    fn encode_query_tokens(&self, texts: &[&str], ctx: &Context) -> Result<Multi, EncodeError> {
        self.encode_tokens(texts, ctx)
    }

    /// How many tokens of a text the model reads; what is beyond is cut, and callers must say so. `None`: all.
    fn max_tokens(&self) -> Option<usize> {
        None
    }
}
