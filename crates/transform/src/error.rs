//! Why vectors could not be transformed.

use thiserror::Error;
use vectory_core::Cancelled;
use vectory_core::artifact::ArtifactError;
use vectory_core::cluster::ClusterError;
use vectory_core::linalg::LinalgError;
use vectory_core::neighbors::NeighborsError;
use vectory_io::vectors::VectorError;

/// Why vectors could not be transformed.
#[derive(Debug, Error)]
pub enum TransformError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A chain that cannot be read: which step, and what would be right.
    #[error("step {at} of the chain, `{step}`: {why}")]
    Parse {
        /// Which step, from 1.
        at: usize,
        /// As it was written.
        step: String,
        /// What is wrong with it.
        why: String,
    },
    /// A step failed.
    #[error("step {at}, `{step}`: {error}")]
    Step {
        /// Which step, from 1.
        at: usize,
        /// As it was written.
        step: String,
        /// What went wrong.
        error: Box<TransformError>,
    },
    /// A parameter outside its range.
    #[error("`{field}` is {value}, must be {legal}")]
    Param {
        /// Which one.
        field: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        legal: String,
    },
    /// The step needs more than the rows.
    #[error("needs {what} for the rows it is fitted on ({option})")]
    Needs {
        /// What is missing.
        what: &'static str,
        /// How the command line takes it.
        option: &'static str,
    },
    /// Rows of another dimension than was fitted.
    #[error("rows have {found} dimensions, the transform was fitted on {expected}")]
    Dim {
        /// Of the rows.
        found: usize,
        /// As fitted.
        expected: usize,
    },
    /// A number of weights, labels or targets that is not the number of rows.
    #[error("{found} {what} for {rows} rows")]
    Pairs {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// A value is NaN or infinite.
    #[error("row {row} has a value that is not finite at dimension {dim}")]
    NonFinite {
        /// Which row.
        row: usize,
        /// Which dimension.
        dim: usize,
    },
    /// Too few rows.
    #[error("{needed} rows are needed, there are {rows}")]
    TooFew {
        /// Fewest rows that it takes.
        needed: usize,
        /// How many there are.
        rows: usize,
    },
    /// The step cannot be undone.
    #[error("`{0}` has no inverse")]
    NoInverse(&'static str),
    /// A statistic failed.
    #[error(transparent)]
    Linalg(LinalgError),
    /// A decomposition failed.
    #[error(transparent)]
    Decomposition(#[from] vectory_linalg::Error),
    /// Neighbours could not be found.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
    /// Groups could not be found.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The saved form could not be written or read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// A file of vectors could not be read or written.
    #[error(transparent)]
    Vectors(#[from] VectorError),
}

impl From<LinalgError> for TransformError {
    fn from(e: LinalgError) -> Self {
        match e {
            LinalgError::Cancelled(c) => Self::Cancelled(c),
            LinalgError::NonFinite { row, dim } => Self::NonFinite { row, dim },
            LinalgError::TooFew { needed, rows } => Self::TooFew { needed, rows },
            other => Self::Linalg(other),
        }
    }
}

impl TransformError {
    /// The same error, said of a step; an interrupt stays an interrupt.
    pub(crate) fn at(self, at: usize, step: &str) -> Self {
        match self {
            Self::Cancelled(_) | Self::Step { .. } => self,
            other => Self::Step { at, step: step.to_owned(), error: Box::new(other) },
        }
    }

    pub(crate) fn param(field: &'static str, value: impl ToString, legal: impl Into<String>) -> Self {
        Self::Param { field, value: value.to_string(), legal: legal.into() }
    }
}
