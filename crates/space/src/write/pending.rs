//! Passages that are in the open transaction but in no segment yet.

use vectory_core::{Metric, Vectors};
use vectory_index::inverted::{BuildError, InvertedBuilder};

use super::WriteError;
use super::prepare::Terms;
use crate::engine::{Engine, EngineKind, Shape};
use crate::point::Given;
use crate::store::{DenseRows, Ids, Part, PartView, Starts, StoreError, WeightsBuilder};

/// Collects passages of one future segment.
pub(crate) struct Pending {
    passages: Vec<u32>,
    documents: Vec<u32>,
    views: Vec<PendingView>,
    text_bytes: usize,
}

enum PendingView {
    Sparse(InvertedBuilder),
    Weights(WeightsBuilder),
    /// Vectors end to end, and where each passage's begin.
    Dense {
        values: Vec<f32>,
        starts: Vec<u32>,
        shape: Shape,
    },
}

/// What a view made of one passage.
pub(crate) enum Represented<'a> {
    Terms(&'a Terms),
    /// One vector, or several end to end.
    Rows(&'a [f32]),
    /// The same, as a segment had it: of unit length already, where that matters.
    Kept(&'a [f32]),
    /// Ascending dimensions and their values.
    Weights(&'a [u32], &'a [f32]),
    /// The view holds nothing of it.
    Nothing,
}

impl Pending {
    pub fn new(engines: &[Engine]) -> Self {
        let view = |e: &Engine| match &e.kind {
            EngineKind::Sparse { bm25, .. } => PendingView::Sparse(InvertedBuilder::new(*bm25)),
            EngineKind::Weights { .. } => PendingView::Weights(WeightsBuilder::default()),
            EngineKind::Dense { shape, .. } => {
                PendingView::Dense { values: Vec::new(), starts: Vec::new(), shape: *shape }
            }
        };
        Self { passages: Vec::new(), documents: Vec::new(), views: engines.iter().map(view).collect(), text_bytes: 0 }
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
                (PendingView::Sparse(builder), _) => builder.add(row, std::iter::empty::<&str>())?,
                (PendingView::Weights(builder), Represented::Weights(dims, values)) => builder.push(dims, values),
                (PendingView::Weights(builder), _) => builder.push(&[], &[]),
                (PendingView::Dense { values, starts, shape }, made) => {
                    let start = values.len();
                    starts.push((start / shape.dim.max(1)) as u32);
                    if let Represented::Rows(rows) | Represented::Kept(rows) = &made {
                        values.extend_from_slice(rows);
                    }
                    if shape.metric == Metric::Cosine && !matches!(made, Represented::Kept(_)) {
                        values[start..].chunks_mut(shape.dim.max(1)).for_each(vectory_core::vectors::normalize);
                    }
                }
            }
        }
        self.passages.push(passage);
        self.documents.push(document);
        self.text_bytes += text_bytes;
        Ok(())
    }

    /// What a view of given vectors holds of a passage that waits here.
    pub fn given(&self, passage: u32, view: usize) -> Option<Given> {
        let row = self.passages.binary_search(&passage).ok()?;
        match &self.views[view] {
            PendingView::Sparse(_) => None,
            PendingView::Weights(builder) => Given::of_weights(builder.get(row)),
            PendingView::Dense { values, starts, shape } => {
                let end = starts.get(row + 1).map_or(values.len(), |s| *s as usize * shape.dim);
                Given::of_rows(&values[starts[row] as usize * shape.dim..end])
            }
        }
    }

    /// The part that they make, in memory.
    pub fn into_part(self) -> Result<Part, WriteError> {
        let finish = |view| {
            Ok(match view {
                PendingView::Sparse(builder) => PartView::Sparse(builder.finish()?),
                PendingView::Weights(builder) => PartView::Weights(builder.finish().map_err(StoreError::from)?),
                PendingView::Dense { values, mut starts, shape } => {
                    let rows = Vectors::from_slice(&values, shape.dim)
                        .map_err(|e| StoreError::damaged("rows in memory", e.to_string()))?;
                    starts.push(rows.rows() as u32);
                    let starts = Starts::new(&starts).map_err(StoreError::from)?;
                    PartView::Dense(DenseRows { rows, starts, graph: None })
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
