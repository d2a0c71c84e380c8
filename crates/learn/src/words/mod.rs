//! Word vectors from counts.
//!
//! [`cooccurrence`] counts once; the learners read its matrix:
//!
//! | method | module | cost an epoch |
//! |---|---|---|
//! | GloVe: weighted least squares on log counts | [`glove`] | O(pairs · d) |
//! | how sure GloVe is of each vector (GloVe-V) | [`glove::certainty`] | O(pairs · d²) once |
//! | PPMI and its SVD | [`ppmi`] | O(pairs · d), a few passes |
//! | Swivel: every cell counts, those that are zero too | [`swivel`] | O(words² · d) |
//! | SN: squared norms (RAND-WALK) | [`squared_norm`] | O(pairs · d) |
//! | PU: PPMI with weighted zeros | [`pu`] | O((pairs + words · d) · d) |
//!
//! [`WordSpace`] asks any of them: nearest words, analogies, the odd one out; [`spelling`] guesses vectors of words never seen.
//!
//! All give the same vectors for the same seed, for any number of threads: work is cut into blocks of words, and blocks that share no word
//! are trained side by side. All but PPMI go in passes and can go on from a [`Checkpoint`](crate::checkpoint::Checkpoint).

pub mod cooccurrence;
mod error;
pub mod glove;
mod learner;
mod passes;
pub mod ppmi;
pub mod pu;
mod space;
pub mod spelling;
mod spelling_claim;
pub mod squared_norm;
pub mod swivel;
mod table;
mod tiles;

pub use error::WordsError;
pub use learner::{Learned, Learner, LearnerKind};
pub use space::{Analogy, Origin, Parts, Unknown, UnknownWord, WordSpace};

pub(crate) use spelling_claim::MAGNITUDE;

use vectory_core::Vectors;

/// What a learner of words gives: row `i` is word `i` of the vocabulary.
#[derive(Clone, Debug)]
pub struct WordVectors {
    /// The vectors.
    pub words: Vectors,
    /// The vectors of words as contexts, where the method has its own.
    pub contexts: Option<Vectors>,
    /// The mean loss of each epoch, where there are epochs.
    pub losses: Vec<f64>,
}

impl WordVectors {
    /// Word plus context vector, as GloVe and Swivel use them; the word vector where there is no context.
    #[must_use]
    pub fn sum(&self) -> Vectors {
        let mut out = self.words.clone();
        if let Some(contexts) = &self.contexts {
            out.as_mut_slice().iter_mut().zip(contexts.as_slice()).for_each(|(o, c)| *o += c);
        }
        out
    }
}
