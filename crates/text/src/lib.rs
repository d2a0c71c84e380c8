//! From text to what is indexed and encoded: words and stems, word pieces, sentences, passages, languages.
//!
//! | need | go to |
//! |---|---|
//! | terms of a text for an inverted index, with places for highlighting | [`Analyzer`] |
//! | token ids of a BERT-family model | [`WordPiece`] |
//! | sentences, passages of a long document | [`sentences`], [`passages`] |
//! | which language a text is in | [`detect_language`] |
//! | what kind of text a file holds | [`TextFormat`] |
//! | hashed n-grams of characters and words | [`subwords`] |
//!
//! All places are byte ranges in the text that was given.
#![forbid(unsafe_code)]

mod analyze;
mod format;
mod language;
mod memo;
mod passages;
mod pool;
mod sentences;
mod stopwords;
pub mod subwords;
mod wordpiece;

pub use analyze::{Analyzer, AnalyzerParams};
pub use format::TextFormat;
pub use language::{Language, ParseLanguageError, detect_language};
pub use passages::{Passage, PassageParams, PassageParamsError, passages};
pub use sentences::sentences;
pub use wordpiece::{PhraseTable, WordPiece, WordPieceError, WordPieceParams};
