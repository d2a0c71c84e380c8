//! Any learned model as an encoder of texts.

use std::path::Path;
use std::sync::Arc;

use vectory_core::Encode;
use vectory_core::artifact::Artifact;
use vectory_io::fasttext::is_fasttext;

use crate::documents::{binary, classifier, lda2vec, paragraph};
use crate::embedding::{Embedding, EmbeddingError};

/// Opens any model that `learn` makes, or word vectors of another program, as an encoder of texts.
///
/// # Errors
/// [`EmbeddingError`] when it is missing, damaged or of another kind; the message names the file.
pub fn open_encoder(path: &Path) -> Result<Arc<dyn Encode>, EmbeddingError> {
    if is_fasttext(path) {
        // A classifier's texts are cut otherwise than those of a model of words.
        return match classifier::Classifier::open(path) {
            Ok(model) => Ok(Arc::new(model)),
            Err(_) => Ok(Arc::new(Embedding::open(path)?)),
        };
    }
    match Artifact::open(path) {
        Ok(a) if a.card().kind == paragraph::KIND => Ok(Arc::new(paragraph::ParagraphVectors::from_artifact(a)?)),
        Ok(a) if a.card().kind == binary::KIND => Ok(Arc::new(binary::BinaryParagraphs::from_artifact(a)?)),
        Ok(a) if a.card().kind == lda2vec::KIND => Ok(Arc::new(lda2vec::Lda2Vec::from_artifact(a)?)),
        Ok(a) if a.card().kind == classifier::KIND => Ok(Arc::new(classifier::Classifier::from_artifact(a)?)),
        _ => Ok(Arc::new(Embedding::open(path)?)),
    }
}
