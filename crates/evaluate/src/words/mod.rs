//! How good are word vectors? Agreement with people's judgements of similarity, and analogies.
//!
//! [`similarity`](mod@similarity): Spearman's correlation of cosines with the mean judgements of each set, with a bootstrap interval over its
//! pairs. [`analogy`](mod@analogy): `a : b = c : ?`, the share answered exactly, by section. [`geometry`]: whether the pairs of a section are
//! parallel. Words that the model does not know are counted and reported: pairs with one are left out, or get a vector by the policy that is
//! asked for; a question with one is left out (and, under `all`, counts as wrong).
//!
//! Sources: Finkelstein et al. 2001 (WordSim-353), Hill et al. 2015 (SimLex-999), Bruni et al. 2014 (MEN), Luong et al. 2013 (rare words),
//! Mikolov et al. 2013 (analogies), Levy and Goldberg 2014 (3CosMul).

pub mod analogy;
pub(crate) mod claim;
pub mod geometry;
pub mod similarity;

pub use analogy::{Analogies, Questions, Section, analogies};
pub use similarity::{Pairs, Similarity, similarity};

/// Why words could not be scored.
#[derive(Debug, thiserror::Error)]
pub enum WordTaskError {
    /// The file could not be read; the text names it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line could not be read.
    #[error(transparent)]
    Line(#[from] vectory_io::stream::LineError),
    /// Nothing usable in it.
    #[error("{path}: {why}")]
    Empty {
        /// The file.
        path: String,
        /// What was expected.
        why: &'static str,
    },
    /// Interrupted.
    #[error(transparent)]
    Cancelled(#[from] vectory_core::Cancelled),
}

#[cfg(test)]
mod tests;
