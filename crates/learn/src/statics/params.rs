//! What a static encoder says of itself beside its rows.

use serde::{Deserialize, Serialize};
use vectory_text::WordPieceParams;

/// Name and tokenizer of a static encoder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaticParams {
    /// The name to show.
    pub name: String,
    /// How text becomes tokens.
    pub tokenizer: WordPieceParams,
}
