//! A file that holds bags of tokens and what finds them: what `vectory index` writes for token vectors.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vectory_core::repr::MultiRef;
use vectory_core::{Context, Hit};

use super::muvera::Muvera;
use super::plaid::Plaid;
use super::screen::Screen;
use super::{MultiFactory, StoreError, TokenCodec, TokenStore};
use crate::file::{FileError, FileWriter, IndexFile, Verify};

/// The kind of its files.
pub const KIND: &str = "multivector";
const VERSION: u32 = 1;

/// How to search bags of tokens.
#[derive(Clone, Copy)]
pub struct MultiSearchParams<'a> {
    /// How many hits at most.
    pub k: usize,
    /// How many candidates are scored exactly (at least `k`): more find more and take longer. Exact scans score all.
    pub candidates: usize,
    /// MUVERA over a graph: the width of its search.
    pub ef: usize,
    /// PLAID: centroids that each query token looks into (0: 4); MUVERA over lists: how many are looked into (0: a sixteenth).
    pub nprobe: usize,
    /// Which documents may be found.
    pub filter: Option<&'a (dyn Fn(u32) -> bool + Sync)>,
}

impl Default for MultiSearchParams<'_> {
    fn default() -> Self {
        Self { k: 10, candidates: 256, ef: 64, nprobe: 0, filter: None }
    }
}

#[derive(Serialize, Deserialize)]
struct Described {
    what: What,
    inner: serde_json::Value,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    MaxSim,
    Muvera,
    Plaid,
}

/// An index of bags of tokens; mapped when opened from a file.
pub struct MultiIndex {
    file: Arc<IndexFile>,
    inner: Inner,
}

enum Inner {
    MaxSim(TokenStore, Option<Screen>),
    Muvera(Box<Muvera>),
    Plaid(Box<Plaid>),
}

impl MultiIndex {
    /// Stores the tokens of all documents and builds the named index over them.
    ///
    /// # Errors
    /// [`StoreError`]: a parameter out of range, a value that is not finite, interrupted.
    pub fn build(documents: MultiRef<'_>, factory: &MultiFactory, ctx: &Context) -> Result<Self, StoreError> {
        let mut file = FileWriter::new(KIND, VERSION, serde_json::Value::Null);
        let (what, inner) = match factory {
            MultiFactory::MaxSim(params) => {
                let inner = TokenStore::write(documents, params, &mut file, ctx)?;
                if params.codec == TokenCodec::F32 {
                    Screen::write(documents, &mut file, ctx)?;
                }
                (What::MaxSim, inner)
            }
            MultiFactory::Muvera(spec) => (What::Muvera, Muvera::write(documents, spec, &mut file, ctx)?),
            MultiFactory::Plaid(params) => (What::Plaid, Plaid::write(documents, params, &mut file, ctx)?),
        };
        file.describe(serde_json::json!(Described { what, inner }));
        Self::of(file.finish()?)
    }

    fn of(file: IndexFile) -> Result<Self, StoreError> {
        let described: Described = serde_json::from_value(file.params().clone())
            .map_err(|e| FileError::section(file.path(), "header", e.to_string()))?;
        let file = Arc::new(file);
        let inner = match described.what {
            What::MaxSim => {
                let store = TokenStore::of(Arc::clone(&file), Some(described.inner))?;
                let screen = Screen::of(&file, &store)?;
                Inner::MaxSim(store, screen)
            }
            What::Muvera => Inner::Muvera(Box::new(Muvera::of(&file, described.inner)?)),
            What::Plaid => Inner::Plaid(Box::new(Plaid::of(&file, described.inner)?)),
        };
        Ok(Self { file, inner })
    }

    /// Opens a saved index, mapped, and checks every byte of it.
    ///
    /// # Errors
    /// [`StoreError::File`] when it is missing, foreign, cut or corrupted; the corrupted block is named.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::of(IndexFile::open(path, KIND, VERSION, Verify::All)?)
    }

    /// Writes it to a file: all or nothing, synced.
    ///
    /// # Errors
    /// When the file cannot be written; what was at `path` stays.
    pub fn save(&self, path: &Path) -> Result<(), StoreError> {
        Ok(self.file.save(path)?)
    }

    /// Bytes of its file.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// The tokens.
    #[must_use]
    pub fn store(&self) -> &TokenStore {
        match &self.inner {
            Inner::MaxSim(store, _) => store,
            Inner::Muvera(m) => m.store(),
            Inner::Plaid(p) => p.store(),
        }
    }

    /// The best documents for each query, on all threads of the context.
    ///
    /// # Errors
    /// [`StoreError::Dim`] for tokens of another dimension, [`StoreError::Param`] for values that are not finite, or when
    /// interrupted.
    pub fn search_all(
        &self,
        queries: MultiRef<'_>,
        params: &MultiSearchParams<'_>,
        ctx: &Context,
    ) -> Result<Vec<Vec<Hit>>, StoreError> {
        match &self.inner {
            Inner::MaxSim(store, Some(screen)) if store.dim() > 0 => {
                return screen.search_all(store, queries, (params.k, params.filter), ctx);
            }
            Inner::MaxSim(store, _) => return store.search_all(queries, params.k, params.filter, ctx),
            _ => {}
        }
        let dense = match &self.inner {
            Inner::Muvera(m) => Some((m, m.searcher()?)),
            _ => None,
        };
        let one = |q: usize| {
            ctx.check()?;
            let item = queries.item(q);
            match (&self.inner, &dense) {
                (Inner::Plaid(p), _) => p.search(item, params),
                (_, Some((m, searcher))) => m.search(searcher, item, params),
                _ => self.store().search(item, params.k, params.filter, ctx),
            }
        };
        ctx.pool().install(|| (0..queries.len()).into_par_iter().map(one).collect())
    }
}
