//! What every transform is: fitted on rows, applied to rows.

use serde_json::Value;
use vectory_core::{Context, Vectors, VectorsRef};

use crate::TransformError;

/// What is known of the fitted rows besides their values. Every list has one entry a row, but for the anchors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Side<'a> {
    /// How much each row counts: word frequencies.
    pub weights: Option<&'a [f64]>,
    /// The class of each row: the attribute to be erased.
    pub labels: Option<&'a [u32]>,
    /// A second class of each row, whose trace is to be kept.
    pub keep: Option<&'a [u32]>,
    /// The same items in another space, or tasks to be served: n × m.
    pub targets: Option<VectorsRef<'a>>,
    /// Rows to compare with: anchors, concepts, a vocabulary; of the dimension of the rows.
    pub anchors: Option<VectorsRef<'a>>,
}

impl<'a> Side<'a> {
    /// Refuses lists of another length than there are rows.
    ///
    /// # Errors
    /// [`TransformError::Pairs`] naming the list, [`TransformError::Dim`] for anchors of another dimension.
    pub fn check(&self, rows: VectorsRef<'_>) -> Result<(), TransformError> {
        let lists = [
            ("weights", self.weights.map(<[f64]>::len)),
            ("labels", self.labels.map(<[u32]>::len)),
            ("labels to keep", self.keep.map(<[u32]>::len)),
            ("target rows", self.targets.map(|t| t.rows())),
        ];
        for (what, found) in lists {
            if let Some(found) = found.filter(|f| *f != rows.rows()) {
                return Err(TransformError::Pairs { what, found, rows: rows.rows() });
            }
        }
        match self.anchors {
            Some(a) if a.dim() != rows.dim() => Err(TransformError::Dim { found: a.dim(), expected: rows.dim() }),
            _ => Ok(()),
        }
    }

    pub(crate) fn need_weights(&self) -> Result<&'a [f64], TransformError> {
        self.weights.ok_or(TransformError::Needs { what: "weights (word frequencies)", option: "--weights" })
    }

    pub(crate) fn need_labels(&self) -> Result<&'a [u32], TransformError> {
        self.labels.ok_or(TransformError::Needs { what: "class labels", option: "--labels" })
    }

    pub(crate) fn need_targets(&self) -> Result<VectorsRef<'a>, TransformError> {
        self.targets.ok_or(TransformError::Needs { what: "target rows", option: "--targets" })
    }

    pub(crate) fn need_anchors(&self) -> Result<VectorsRef<'a>, TransformError> {
        self.anchors.ok_or(TransformError::Needs { what: "anchor rows", option: "--anchors" })
    }
}

/// Parameters that can be fitted to rows.
pub trait FitTransform: Send + Sync {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`TransformError::Param`] naming the field and its legal range.
    fn check(&self) -> Result<(), TransformError>;

    /// Fits to rows (n × d) that are finite. The same seed gives the same result for any number of threads.
    ///
    /// # Errors
    /// [`TransformError`] when the rows or what is known of them do not suffice.
    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError>;
}

/// A fitted transform of rows.
pub trait Transform: Send + Sync {
    /// What it is in a file: `affine`, `normalize`, …
    fn kind(&self) -> &'static str;

    /// Values of a row that goes in; `None`: any number.
    fn dim_in(&self) -> Option<usize>;

    /// Values of a row that comes out, of one of `dim` that goes in.
    fn dim_out(&self, dim: usize) -> usize;

    /// Transforms rows, one by one independently: batches give what all rows at once give.
    ///
    /// # Errors
    /// [`TransformError::Dim`] for rows of another dimension, [`TransformError::Cancelled`].
    fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError>;

    /// Takes rows back: exactly where the transform loses nothing, else to the nearest of the rows that could have been.
    ///
    /// # Errors
    /// [`TransformError::NoInverse`] where there is no way back.
    fn inverse(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError>;

    /// What has to be kept of it.
    fn parts(&self) -> Parts;
}

/// A fitted transform taken apart for a file.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Numbers and words.
    pub params: Value,
    /// Tables of f32 by name.
    pub tensors: Vec<(&'static str, Vectors)>,
}
