//! The rows of a training.

use vectory_core::{Context, Vectors};

use super::{TrainError, Units};
use crate::sampling::SharedRows;

/// Everything that changes while it is learned.
pub(crate) struct Tables {
    pub input: Units,
    pub output: SharedRows,
    /// A row a place in the window, for position weights.
    pub positions: Option<SharedRows>,
    /// A row a document.
    pub documents: Option<SharedRows>,
}

impl Tables {
    /// All tables with their names, in the order of a checkpoint.
    pub fn all(&self) -> Vec<(&'static str, &SharedRows)> {
        let mut all = vec![("input", &self.input.rows), ("output", &self.output)];
        all.extend(self.positions.as_ref().map(|p| ("positions", p)));
        all.extend(self.documents.as_ref().map(|d| ("documents", d)));
        all
    }

    /// Ones: every place of a window counts alike at the start.
    pub fn places(window: usize, dim: usize) -> SharedRows {
        let mut ones = Vectors::zeros(2 * window, dim);
        ones.as_mut_slice().fill(1.0);
        SharedRows::from_vectors(&ones)
    }

    /// The usual start: inputs uniform in ±1 / dim, as in fastText and gensim, outputs zero. (The word2vec program starts from half of
    /// that. Outputs grow out of the inputs, so that it learns more slowly at first, which tells on a short text.)
    pub fn input(rows: usize, dim: usize, ctx: &Context) -> SharedRows {
        SharedRows::uniform(rows, dim, 1.0 / dim as f32, "input", ctx)
    }

    /// The rows of a table, checked.
    pub fn finished(rows: &SharedRows, rate: f32) -> Result<Vectors, TrainError> {
        let out = rows.to_vectors();
        if out.view().first_non_finite().is_some() { Err(TrainError::Diverged(rate)) } else { Ok(out) }
    }
}
