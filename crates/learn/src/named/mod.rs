//! Learners by name: what a recipe says (`learn = "sent2vec"`, `params = { dim = 100 }`) becomes an encoder of texts.
//!
//! | name | encodes a text as |
//! |---|---|
//! | `sgns`, `cbow`, `fasttext`, `cwm` | the mean of its words' vectors, frequent words weighing less ([`Pooling::Sif`](crate::embedding::Pooling)) |
//! | `glove`, `swivel`, `ppmi`, `sn`, `pu` | the same |
//! | `sent2vec` | the mean of its words and runs of words |
//! | `paragraphs` | the row inferred for it |
//!
//! Parameters are those of the learner, of its corpus (`min_count`, `max_vocab`), of pairs where it counts them (`window`, …) and, for
//! learners of words, `sif` (0.001; 0: a plain mean). Defaults fit a collection, not the web: words that occur twice are kept, n-grams and
//! runs share 100,000 buckets, and training is deterministic: the same texts and seed give the same encoder on any machine with the
//! same instruction set.

mod job;
mod settings;

pub use job::{Job, NamedError};
pub use settings::{SettingError, Settings};
