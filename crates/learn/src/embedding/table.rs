//! Where rows lie: in memory, in a mapped artifact, in a mapped fastText model.

use vectory_core::{Vectors, simd};
use vectory_io::fasttext::Matrix;

/// Rows of f32 that can be added up.
#[derive(Clone, Debug)]
pub enum Table {
    /// In memory or mapped.
    Rows(Vectors),
    /// Of a fastText model: mapped, not aligned, perhaps quantised.
    FastText(Matrix),
}

impl Table {
    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        match self {
            Self::Rows(v) => v.rows(),
            Self::FastText(m) => m.rows(),
        }
    }

    /// Values a row has.
    #[must_use]
    pub fn dim(&self) -> usize {
        match self {
            Self::Rows(v) => v.dim(),
            Self::FastText(m) => m.dim(),
        }
    }

    /// `out += scale · row i`. Panics when there is no such row, as slices do.
    pub fn add(&self, i: usize, scale: f32, out: &mut [f32]) {
        match self {
            Self::Rows(v) => simd::axpy(scale, v.row(i), out),
            Self::FastText(m) => m.add(i, scale, out),
        }
    }
}
