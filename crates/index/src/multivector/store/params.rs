//! What a store is told, and why it may not come about.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use vectory_core::Cancelled;
use vectory_core::cluster::ClusterError;

use super::TokenCodec;
use crate::file::FileError;

/// Why token matrices could not be stored or searched.
#[derive(Debug, Error)]
pub enum StoreError {
    /// A parameter outside its range.
    #[error("`{field}` is {value}, must be {range}")]
    Param {
        /// Which.
        field: &'static str,
        /// What it is.
        value: String,
        /// What is legal.
        range: &'static str,
    },
    /// Rows that cannot be compared.
    #[error("document {document}: {why}")]
    Document {
        /// Which one.
        document: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Query tokens of another dimension.
    #[error("query tokens have {query} values, the documents' {documents}")]
    Dim {
        /// Of the query.
        query: usize,
        /// Of the documents.
        documents: usize,
    },
    /// Centroids could not be found.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The dense index over encodings could not be made.
    #[error(transparent)]
    Index(#[from] Box<crate::IndexError>),
    /// The file could not be written or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<crate::IndexError> for StoreError {
    fn from(e: crate::IndexError) -> Self {
        Self::Index(Box::new(e))
    }
}

/// How residual codes are trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResidualParams {
    /// Centroids; 0: the power of two below 16·√tokens, as PLAID takes.
    pub centroids: usize,
    /// Iterations of k-means.
    pub iterations: usize,
    /// Tokens that k-means sees, for each centroid.
    pub sample: usize,
}

impl Default for ResidualParams {
    fn default() -> Self {
        Self { centroids: 0, iterations: 6, sample: 32 }
    }
}

/// How token matrices are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreParams {
    /// The form of a token.
    pub codec: TokenCodec,
    /// Records start at multiples of so many bytes: a power of two from 64; 4096 for reads that go past the page cache.
    pub align: usize,
    /// For [`TokenCodec::Residual`].
    pub residual: ResidualParams,
}

impl Default for StoreParams {
    fn default() -> Self {
        Self { codec: TokenCodec::F32, align: 64, residual: ResidualParams::default() }
    }
}

impl StoreParams {
    /// Whether every field is in its range.
    ///
    /// # Errors
    /// [`StoreError::Param`] names the first that is not.
    pub fn check(&self) -> Result<(), StoreError> {
        let bad = |field, value: usize, range| Err(StoreError::Param { field, value: value.to_string(), range });
        if let TokenCodec::Residual { bits } = self.codec
            && !matches!(bits, 1 | 2 | 4)
        {
            return bad("bits", bits as usize, "1, 2 or 4");
        }
        if !self.align.is_power_of_two() || self.align < 64 || self.align > 1 << 20 {
            return bad("align", self.align, "a power of two from 64 to 1048576");
        }
        if self.residual.iterations == 0 {
            return bad("iterations", 0, "1 or more");
        }
        if self.residual.sample == 0 {
            return bad("sample", 0, "1 or more");
        }
        Ok(())
    }
}
