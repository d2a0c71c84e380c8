//! The steps a chain is made of: parameters that are fitted.

mod abtt;
pub mod align;
mod center;
mod clip;
pub mod decompose;
pub mod erase;
mod fnorm;
pub mod harmonize;
mod isotropy;
pub mod minimax;
mod pca;
mod relative;
mod shape;
pub mod tldr;
mod whiten;

pub use abtt::Abtt;
pub use align::Align;
pub use center::Center;
pub use clip::Clip;
pub use decompose::Decompose;
pub use erase::Erase;
pub use fnorm::Fnorm;
pub use harmonize::Harmonize;
pub use isotropy::Isotropy;
pub use minimax::Minimax;
pub use pca::PcaStep;
pub use relative::{Concepts, Relative, Select};
pub use shape::{NormalizeStep, TruncateStep};
pub use tldr::Tldr;
pub use whiten::{Kind, Shrink, Whiten};

use serde::{Deserialize, Serialize};
use vectory_core::linalg::{covariance, weighted_covariance};
use vectory_core::{Context, VectorsRef};
use vectory_linalg::{Eigen, Mat, matmul, transpose};

use crate::{Side, TransformError};

/// How much each row counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Weighting {
    /// All the same.
    #[default]
    Uniform,
    /// By the given weights: of words, their frequencies.
    Zipf,
}

/// Mean and covariance under a weighting.
fn moments(
    rows: VectorsRef<'_>,
    weighting: Weighting,
    side: &Side<'_>,
    ctx: &Context,
) -> Result<(Vec<f64>, Mat), TransformError> {
    Ok(match weighting {
        Weighting::Uniform => covariance(rows, ctx)?,
        Weighting::Zipf => weighted_covariance(rows, side.need_weights()?, ctx)?,
    })
}

/// Directions whose deviation is at most this share of the largest are taken for rounding.
const NULL: f64 = 1e-6;

/// Σ^power over the directions that have variance (the others count as 0).
fn power(eigen: &Eigen, power: f64, floor: f64) -> Result<Mat, TransformError> {
    let top = eigen.values.first().copied().unwrap_or(0.0).max(0.0);
    let factor = |v: f64| if v > top * floor * floor { v.powf(power) } else { 0.0 };
    let scaled = Mat::from_fn(eigen.vectors.rows, eigen.vectors.cols, |i, j| {
        factor(eigen.values[i].max(0.0)) * eigen.vectors.at(i, j)
    });
    Ok(matmul(&transpose(&eigen.vectors), &scaled)?)
}

/// The symmetric root of a positive semi-definite matrix.
pub(crate) fn root(m: &Mat) -> Result<Mat, TransformError> {
    power(&vectory_linalg::eigen_symmetric(m)?, 0.5, 0.0)
}

/// I − Σ u uᵀ for orthonormal rows.
fn complement(directions: &Mat) -> Result<Mat, TransformError> {
    let mut p = matmul(&transpose(directions), directions)?;
    for i in 0..p.rows {
        for j in 0..p.cols {
            p.row_mut(i)[j] = f64::from(u8::from(i == j)) - p.at(i, j);
        }
    }
    Ok(p)
}

/// The first rows of a matrix.
fn first_rows(m: &Mat, rows: usize) -> Mat {
    Mat::from_fn(rows.min(m.rows), m.cols, |i, j| m.at(i, j))
}

fn at_most(field: &'static str, value: usize, most: usize, of: &str) -> Result<(), TransformError> {
    if most == 0 {
        return Err(TransformError::param("rows", "all the same, or too large to square", "rows that differ"));
    }
    if value == 0 || value > most {
        return Err(TransformError::param(field, value, format!("1 to {most}, {of}")));
    }
    Ok(())
}
