//! Passages that are in the open transaction but in no segment yet.

use vectory_core::{Metric, Vectors};
use vectory_index::inverted::{BuildError, InvertedBuilder};

use super::WriteError;
use super::prepare::Terms;
use crate::engine::{Engine, EngineKind};
use crate::store::{Ids, Part, PartView, StoreError};

/// Collects passages of one future segment.
pub(crate) struct Pending {
    passages: Vec<u32>,
    documents: Vec<u32>,
    views: Vec<PendingView>,
    text_bytes: usize,
}

enum PendingView {
    Sparse(InvertedBuilder),
    Dense { values: Vec<f32>, dim: usize, metric: Metric },
}

/// What a view made of one passage.
pub(crate) enum Represented<'a> {
    Terms(&'a Terms),
    Row(&'a [f32]),
}

impl Pending {
    pub fn new(engines: &[Engine]) -> Self {
        let view = |e: &Engine| match &e.kind {
            EngineKind::Sparse { bm25, .. } => PendingView::Sparse(InvertedBuilder::new(*bm25)),
            EngineKind::Dense { encoder, .. } => {
                PendingView::Dense { values: Vec::new(), dim: encoder.dim(), metric: encoder.metric() }
            }
        };
        Self {
            passages: Vec::new(),
            documents: Vec::new(),
            views: engines.iter().map(view).collect(),
            text_bytes: 0,
        }
    }

    /// How many passages wait.
    pub fn len(&self) -> usize {
        self.passages.len()
    }

    /// Bytes of their texts.
    pub fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// Adds a passage; numbers ascend. `represented` is in the order of the views.
    pub fn push<'a>(
        &mut self,
        (passage, document): (u32, u32),
        text_bytes: usize,
        represented: impl Iterator<Item = Represented<'a>>,
    ) -> Result<(), WriteError> {
        let row = self.passages.len() as u32;
        for (view, made) in self.views.iter_mut().zip(represented) {
            match (view, made) {
                (PendingView::Sparse(builder), Represented::Terms(terms)) => builder.add(row, terms.iter())?,
                (PendingView::Dense { values, metric, .. }, Represented::Row(vector)) => {
                    let start = values.len();
                    values.extend_from_slice(vector);
                    if *metric == Metric::Cosine {
                        vectory_core::vectors::normalize(&mut values[start..]);
                    }
                }
                _ => {}
            }
        }
        self.passages.push(passage);
        self.documents.push(document);
        self.text_bytes += text_bytes;
        Ok(())
    }

    /// The part that they make, in memory.
    pub fn into_part(self) -> Result<Part, WriteError> {
        let finish = |view| {
            Ok(match view {
                PendingView::Sparse(builder) => PartView::Sparse(builder.finish()?),
                PendingView::Dense { values, dim, .. } => {
                    let rows = Vectors::from_slice(&values, dim)
                        .map_err(|e| StoreError::damaged("rows in memory", e.to_string()))?;
                    PartView::Dense { rows, graph: None }
                }
            })
        };
        let views = self.views.into_iter().map(finish).collect::<Result<_, BuildOrStore>>()?;
        let ids = Ids::new(&self.passages, &self.documents).map_err(StoreError::from)?;
        Ok(Part { ids, views })
    }
}

/// What finishing a view may fail with.
enum BuildOrStore {
    Build(BuildError),
    Store(StoreError),
}

impl From<BuildError> for BuildOrStore {
    fn from(e: BuildError) -> Self {
        Self::Build(e)
    }
}
impl From<StoreError> for BuildOrStore {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}
impl From<BuildOrStore> for WriteError {
    fn from(e: BuildOrStore) -> Self {
        match e {
            BuildOrStore::Build(e) => e.into(),
            BuildOrStore::Store(e) => e.into(),
        }
    }
}
