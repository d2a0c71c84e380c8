//! Paragraph vectors (doc2vec): a row a document, learned by predicting the document's words.
//!
//! PV-DBOW: the row alone predicts each word; fast, the usual choice; with `words` skip-gram vectors are learned in the same space.
//! PV-DM: the row and the mean of the words around predict the word between. A new text's row is inferred: the same steps with everything
//! else held still; the same text always gets the same row. As an encoder ([`Encode`](vectory_core::Encode)) that is what texts get.
//!
//! Cost: O(words · (negatives + 1) · dim) an epoch, and as much for each epoch of inference. Source: Le and Mikolov, *Distributed
//! Representations of Sentences and Documents*, 2014.

mod model;
mod params;
mod train;

pub use model::{KIND, ParagraphVectors};
pub(super) use model::{inference_rng, start};
pub use params::{Mode, ParagraphParams};
pub use train::train;

#[cfg(test)]
pub(super) mod tests;
