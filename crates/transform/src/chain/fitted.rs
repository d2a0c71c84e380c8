//! A fitted chain: applied, undone, saved and opened.

use std::path::Path;

use serde_json::{Value, json};
use vectory_core::artifact::{self, Artifact, ArtifactError, Card, TensorOut};
use vectory_core::{Context, Vectors, VectorsRef};

use crate::models::{self, Saved};
use crate::{Transform, TransformError};

/// The kind of the artifact.
pub const KIND: &str = "transform";
/// The newest version of its form.
pub const VERSION: u32 = 1;

/// Fitted steps.
pub struct Chain {
    text: String,
    dim: usize,
    steps: Vec<Box<dyn Transform>>,
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Chain({}: {} → {})", self.text, self.dim, self.dim_out())
    }
}

impl Chain {
    pub(super) fn new(text: String, dim: usize, steps: Vec<Box<dyn Transform>>) -> Self {
        Self { text, dim, steps }
    }

    /// As it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fitted steps.
    #[must_use]
    pub fn steps(&self) -> &[Box<dyn Transform>] {
        &self.steps
    }

    /// Values of a row that goes in.
    #[must_use]
    pub fn dim_in(&self) -> usize {
        self.dim
    }

    /// Values of a row that comes out.
    #[must_use]
    pub fn dim_out(&self) -> usize {
        self.steps.iter().fold(self.dim, |d, s| s.dim_out(d))
    }

    /// Transforms rows. Each row by itself: batches give what all rows at once give.
    ///
    /// # Errors
    /// [`TransformError::Dim`] for rows of another dimension, [`TransformError::NonFinite`] where a value is not finite or
    /// becomes so, [`TransformError::Cancelled`].
    pub fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        if rows.dim() != self.dim {
            return Err(TransformError::Dim { found: rows.dim(), expected: self.dim });
        }
        finite(rows)?;
        let mut now: Option<Vectors> = None;
        for step in &self.steps {
            now = Some(step.apply(now.as_ref().map_or(rows, Vectors::view), ctx)?);
        }
        let out = now.map_or_else(|| copy(rows), Ok)?;
        finite(out.view())?;
        Ok(out)
    }

    /// Takes rows back through the steps, last first.
    ///
    /// # Errors
    /// [`TransformError::NoInverse`] naming the step that cannot be undone.
    pub fn inverse(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        if rows.dim() != self.dim_out() {
            return Err(TransformError::Dim { found: rows.dim(), expected: self.dim_out() });
        }
        finite(rows)?;
        let mut now: Option<Vectors> = None;
        for step in self.steps.iter().rev() {
            now = Some(step.inverse(now.as_ref().map_or(rows, Vectors::view), ctx)?);
        }
        now.map_or_else(|| copy(rows), Ok)
    }

    /// Saves the chain as one file.
    ///
    /// # Errors
    /// [`TransformError::Artifact`] when it cannot be written; what was there stays.
    pub fn save(&self, path: &Path, provenance: Value) -> Result<(), TransformError> {
        let mut steps = Vec::with_capacity(self.steps.len());
        let mut tensors = Vec::new();
        for (i, step) in self.steps.iter().enumerate() {
            let mut parts = step.parts();
            parts.params["kind"] = step.kind().into();
            parts.params["tensors"] = parts.tensors.iter().map(|t| t.0).collect();
            steps.push(parts.params);
            tensors.extend(parts.tensors.into_iter().map(|(name, v)| (format!("{i}.{name}"), v)));
        }
        let params = json!({"chain": self.text, "dim": self.dim, "dim_out": self.dim_out(), "steps": steps});
        let card = Card { kind: KIND.into(), version: VERSION, params, provenance };
        let out: Vec<TensorOut<'_>> =
            tensors.iter().map(|(n, v)| TensorOut::f32(n, vec![v.rows(), v.dim()], v.as_slice())).collect();
        Ok(artifact::save(path, &card, &out)?)
    }

    /// Opens a saved chain.
    ///
    /// # Errors
    /// [`TransformError::Artifact`] for a file that is missing, damaged or of another kind.
    pub fn open(path: &Path) -> Result<Self, TransformError> {
        let artifact = Artifact::open_kind(path, KIND, VERSION)?;
        let params = &artifact.card().params;
        let bad = |why: &str| ArtifactError::Format { path: path.to_owned(), why: why.to_owned() };
        let dim = params["dim"].as_u64().and_then(|d| usize::try_from(d).ok()).ok_or_else(|| bad("no `dim`"))?;
        let saved = params["steps"].as_array().ok_or_else(|| bad("no `steps`"))?;
        let (mut steps, mut at_dim) = (Vec::with_capacity(saved.len()), dim);
        for (at, step) in saved.iter().enumerate() {
            let kind = step["kind"].as_str().unwrap_or_default();
            let model = models::open(kind, &Saved { artifact: &artifact, at, params: step })?;
            if model.dim_in().is_some_and(|d| d != at_dim) {
                return Err(bad(&format!("step {at} takes another dimension than {at_dim}")).into());
            }
            at_dim = model.dim_out(at_dim);
            steps.push(model);
        }
        Ok(Self { text: params["chain"].as_str().unwrap_or_default().to_owned(), dim, steps })
    }
}

fn finite(rows: VectorsRef<'_>) -> Result<(), TransformError> {
    match rows.first_non_finite() {
        Some((row, dim)) => Err(TransformError::NonFinite { row, dim }),
        None => Ok(()),
    }
}

fn copy(rows: VectorsRef<'_>) -> Result<Vectors, TransformError> {
    Vectors::from_slice(rows.as_slice(), rows.dim()).map_err(|e| TransformError::param("rows", e, "rows of one length"))
}
