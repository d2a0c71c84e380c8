//! A file that holds sparse vectors and what finds them: what `vectory index` writes for them.

use std::path::Path;

use rayon::prelude::*;
use thiserror::Error;
use vectory_core::repr::SparseSet;
use vectory_core::{Cancelled, Context, Hit};

use super::seismic::Seismic;
use super::{SparseFactory, exact};
use crate::file::{FileError, IndexFile, Verify};
use crate::inverted::{BuildError, InvertedIndex, SearchOptions};

/// Why sparse vectors could not be indexed or searched.
#[derive(Debug, Error)]
pub enum SparseError {
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
    /// A weight that the index does not take.
    #[error(
        "item {item}: dimension {dim} weighs {weight}; the approximate index takes finite weights that are not negative (`Sparse,F32` takes any)"
    )]
    Weight {
        /// Which item.
        item: usize,
        /// Which dimension.
        dim: u32,
        /// What it weighs.
        weight: f32,
    },
    /// The inverted index refused an item.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The file could not be written or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// How to search sparse vectors.
#[derive(Clone, Copy)]
pub struct SparseSearchParams<'a> {
    /// How many hits at most.
    pub k: usize,
    /// Seismic: how many of the query's heaviest dimensions are looked into.
    pub query_cut: usize,
    /// Seismic: a block is read when its summary reaches the k-th best score so far times this; 0 reads all, 1 few.
    pub heap_factor: f32,
    /// Which items may be found.
    pub filter: Option<&'a (dyn Fn(u32) -> bool + Sync)>,
}

impl Default for SparseSearchParams<'_> {
    fn default() -> Self {
        Self { k: 10, query_cut: 10, heap_factor: 0.9, filter: None }
    }
}

/// An index of sparse vectors; mapped when opened from a file.
pub enum SparseIndex {
    /// Exact.
    Exact(Box<InvertedIndex>),
    /// Approximate.
    Seismic(Box<Seismic>),
}

impl SparseIndex {
    /// Builds the named index.
    ///
    /// # Errors
    /// [`SparseError`] for weights that it does not take, or when interrupted.
    pub fn build(set: &SparseSet, factory: &SparseFactory, ctx: &Context) -> Result<Self, SparseError> {
        Ok(match factory {
            SparseFactory::Exact { bits } => Self::Exact(Box::new(exact::build(set, *bits)?)),
            SparseFactory::Seismic(params) => Self::Seismic(Box::new(Seismic::build(set, params, ctx)?)),
        })
    }

    /// Opens a saved index, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// [`SparseError::File`] when it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, SparseError> {
        let kind = IndexFile::open_any(path, Verify::Header)?.kind().to_owned();
        Ok(match kind.as_str() {
            super::seismic::KIND => Self::Seismic(Box::new(Seismic::open(path)?)),
            _ => Self::Exact(Box::new(InvertedIndex::open(path)?)),
        })
    }

    /// Whether a file of this kind holds sparse vectors.
    #[must_use]
    pub fn is_kind(kind: &str) -> bool {
        matches!(kind, "inverted" | super::seismic::KIND)
    }

    /// Writes it to a file: all or nothing, synced.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), SparseError> {
        match self {
            Self::Exact(index) => index.save(path)?,
            Self::Seismic(index) => index.save(path)?,
        }
        Ok(())
    }

    /// How many items.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Exact(index) => index.rows() as usize,
            Self::Seismic(index) => index.len(),
        }
    }

    /// Whether there is no item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Exact(index) => index.size(),
            Self::Seismic(index) => index.size(),
        }
    }

    /// The best items for each query by inner product, on all threads of the context. Items that share no dimension with the
    /// query are never found.
    ///
    /// # Errors
    /// When interrupted.
    pub fn search_all(
        &self,
        queries: &SparseSet,
        params: &SparseSearchParams<'_>,
        ctx: &Context,
    ) -> Result<Vec<Vec<Hit>>, SparseError> {
        let one = |q: usize| {
            ctx.check()?;
            let query = queries.item(q);
            Ok(match self {
                Self::Exact(index) => {
                    let filter = params.filter.map(|f| f as &dyn Fn(u32) -> bool);
                    exact::search(index, query, &SearchOptions { k: params.k, filter, ..SearchOptions::default() })
                }
                Self::Seismic(index) => index.search(query, params),
            })
        };
        ctx.pool().install(|| (0..queries.len()).into_par_iter().map(one).collect())
    }
}
