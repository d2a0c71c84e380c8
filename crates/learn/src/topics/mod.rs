//! Topics: what a collection is about, with no labels.
//!
//! [`topics`]: Top2Vec (Angelov 2020) on any encoder that represents texts and words in one space: a map of the texts (UMAP,
//! 5 dimensions), dense groups in it (HDBSCAN), a vector a group in the original space, the nearest words as its name. The
//! number of topics is found; [`Topics::reduce`] merges them to a wished number.
//!
//! [`label`](mod@label): the other way round, topics given by keywords: similarity to keywords (049), and Lbl2Vec (Schopf et
//! al. 2021; 197), which first learns each label's vector from the texts nearest to its keywords.
//!
//! Cost: the map, about a second for a thousand texts; the rest is small.

mod claims;
mod coherence;
mod gain;
pub mod label;
mod lda;
mod lof;
mod model;
pub mod news;
mod params;
#[cfg(test)]
mod tests;
mod vocabulary;

pub(crate) use claims::METHODS;
pub use coherence::npmi;
pub use gain::information_gain;
pub use label::{Label, LabelParams, Labelling, label};
pub use lda::{Lda, lda};
pub use lof::local_outlier_factor;
pub use model::{Topics, topics};
pub use params::{TopicError, TopicParams};
pub use vocabulary::{Vocabulary, vocabulary};
