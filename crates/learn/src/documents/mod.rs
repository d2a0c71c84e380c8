//! Vectors and labels of texts, learned from texts alone.
//!
//! | method | module | use it for |
//! |---|---|---|
//! | paragraph vectors, PV-DBOW and PV-DM (doc2vec) | [`paragraph`] | a vector a document, inferred for new ones |
//! | binary paragraph vectors | [`binary`] | a code of bits a document |
//! | lda2vec | [`lda2vec`] | a mixture of readable topics a document |
//! | sent2vec: words and runs of words, averaged | [`sent2vec`] | sentences, at the speed of a mean |
//! | text classification (fastText) | [`classifier`] | labels, from labelled lines |

pub mod binary;
pub mod classifier;
pub mod lda2vec;
pub mod paragraph;
pub mod sent2vec;
