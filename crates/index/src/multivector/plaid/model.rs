//! An index, opened.

use std::sync::Arc;

use vectory_core::simd::PackedB;

use super::search::Buffers;
use crate::file::{FileError, IndexFile, Region};
use crate::kept::Kept;
use crate::multivector::{StoreError, TokenStore};

/// A searchable set of residual codes with lists of their centroids.
pub struct Plaid {
    file: Arc<IndexFile>,
    store: TokenStore,
    pub(super) packed: PackedB,
    own: Lists,
    lists: Lists,
    pub(super) buffers: Kept<Buffers>,
}

/// Ragged numbers: where each list ends.
struct Lists {
    values: Region<u32>,
    ends: Region<u64>,
}

impl Plaid {
    /// Reads the sections of a file.
    pub(in crate::multivector) fn of(file: &Arc<IndexFile>, header: serde_json::Value) -> Result<Self, StoreError> {
        let store = TokenStore::of(Arc::clone(file), Some(header))?;
        let centroids = store.centroids();
        let packed = PackedB::new(centroids.as_slice(), centroids.rows(), centroids.dim());
        let lists =
            |name: &str, ends: &str| Ok::<_, FileError>(Lists { values: file.region(name)?, ends: file.region(ends)? });
        let (own, lists) = (lists("own", "own ends")?, lists("lists", "list ends")?);
        for (name, l, count, limit) in
            [("own", &own, store.len(), centroids.rows()), ("lists", &lists, centroids.rows(), store.len())]
        {
            let (values, ends) = (file.get(l.values), file.get(l.ends));
            let ascend =
                ends.windows(2).all(|w| w[0] <= w[1]) && ends.last().copied().unwrap_or(0) == values.len() as u64;
            if ends.len() != count || !ascend || values.iter().any(|v| *v as usize >= limit) {
                let why = format!("are not {count} lists of numbers below {limit}");
                return Err(FileError::section(file.path(), name, why).into());
            }
        }
        Ok(Self { file: Arc::clone(file), store, packed, own, lists, buffers: Kept::default() })
    }

    /// The tokens.
    #[must_use]
    pub fn store(&self) -> &TokenStore {
        &self.store
    }

    /// How many centroids there are.
    #[must_use]
    pub fn centroids(&self) -> usize {
        self.packed.n()
    }

    /// The centroids of document `d`, each once.
    pub(super) fn own(&self, d: usize) -> &[u32] {
        self.list(&self.own, d)
    }

    /// The documents with a token of centroid `c`, ascending.
    pub(super) fn documents(&self, c: usize) -> &[u32] {
        self.list(&self.lists, c)
    }

    fn list(&self, l: &Lists, i: usize) -> &[u32] {
        let ends = self.file.get(l.ends);
        let start = if i == 0 { 0 } else { ends[i - 1] };
        &self.file.get(l.values)[start as usize..ends[i] as usize]
    }
}
