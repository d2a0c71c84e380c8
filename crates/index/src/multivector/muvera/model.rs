//! Encodings in a dense index, tokens beside them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use vectory_core::repr::MultiRef;
use vectory_core::{Context, Hit, Metric, TopK, VectorsRef};

use super::{Encoder, MuveraParams};
use crate::factory::Factory;
use crate::file::{FileError, FileWriter, IndexFile};
use crate::multivector::{MultiSearchParams, Scratch, StoreError, StoreParams, TokenStore};
use crate::{Filter, Index, Search, SearchParams, Searcher};

/// A searchable set: candidates by encodings, exact scores by tokens.
pub struct Muvera {
    encoder: Encoder,
    candidates: Index,
    store: TokenStore,
    described: Described,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::multivector) struct Described {
    params: MuveraParams,
    seed: u64,
    store: serde_json::Value,
}

impl Muvera {
    /// Writes the sections of an index into a file; returns what [`Muvera::of`] needs to read them.
    pub(in crate::multivector) fn write(
        documents: MultiRef<'_>,
        spec: &Spec,
        file: &mut FileWriter,
        ctx: &Context,
    ) -> Result<serde_json::Value, StoreError> {
        let store = TokenStore::write(documents, &spec.store, file, ctx)?;
        let encoder = Encoder::new(spec.params, documents.rows.dim(), ctx.seed)?;
        let rows = encoder.documents(documents, ctx)?;
        let index = Index::build(rows.view(), Metric::Dot, &spec.candidates, ctx)?;
        file.section("candidates", index.as_bytes());
        Ok(serde_json::json!(Described { params: spec.params, seed: ctx.seed, store }))
    }

    /// Reads the sections of a file.
    pub(in crate::multivector) fn of(file: &Arc<IndexFile>, header: serde_json::Value) -> Result<Self, StoreError> {
        let bad = |section: &str, why: String| FileError::section(file.path(), section, why);
        let described: Described = serde_json::from_value(header).map_err(|e| bad("header", e.to_string()))?;
        let store = TokenStore::of(Arc::clone(file), Some(described.store.clone()))?;
        let encoder = Encoder::new(described.params, store.dim(), described.seed)?;
        let candidates = Index::nested(Arc::clone(file), file.region("candidates")?)?;
        let (rows, dim) = (candidates.len(), candidates.searcher()?.dim());
        if rows != store.len() || (rows > 0 && dim != encoder.len()) {
            let why = format!("has {rows} encodings of {dim} values, expected {} of {}", store.len(), encoder.len());
            return Err(bad("candidates", why).into());
        }
        Ok(Self { encoder, candidates, store, described })
    }

    /// The shape of the encodings.
    #[must_use]
    pub fn params(&self) -> &MuveraParams {
        &self.described.params
    }

    /// The tokens.
    #[must_use]
    pub fn store(&self) -> &TokenStore {
        &self.store
    }

    /// The index of the encodings.
    #[must_use]
    pub fn candidates(&self) -> &Index {
        &self.candidates
    }

    /// What encodes queries.
    #[must_use]
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// What finds candidates. Keep it: it reuses its buffers.
    ///
    /// # Errors
    /// None for an index that was opened: its parts were compared then.
    pub fn searcher(&self) -> Result<Searcher<'_>, StoreError> {
        Ok(self.candidates.searcher()?)
    }

    /// The best documents among `params.candidates` that the encodings find, by exact scores.
    ///
    /// # Errors
    /// [`StoreError::Dim`] for tokens of another dimension, [`StoreError::Param`] for values that are not finite.
    pub fn search(
        &self,
        searcher: &Searcher<'_>,
        query: VectorsRef<'_>,
        params: &MultiSearchParams<'_>,
    ) -> Result<Vec<Hit>, StoreError> {
        let ready = self.store.query(query)?;
        if query.rows() == 0 || self.store.is_empty() {
            return Ok(Vec::new());
        }
        let many = params.candidates.max(params.k);
        let dense = SearchParams {
            k: many,
            ef: params.ef.max(many),
            nprobe: params.nprobe,
            filter: params.filter.map(Filter::Test),
            ..SearchParams::default()
        };
        let found = searcher.search(&self.encoder.query(query), &dense);
        let (mut top, mut scratch) = (TopK::new(params.k), Scratch::default());
        for hit in found.iter().filter(|h| self.store.length(h.id as usize) > 0) {
            top.push(hit.id, self.store.score(&ready, hit.id as usize, &mut scratch));
        }
        Ok(top.into_sorted())
    }
}

/// What a set is built as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spec {
    /// The encodings.
    pub params: MuveraParams,
    /// The index over them.
    pub candidates: Factory,
    /// The tokens.
    pub store: StoreParams,
}
