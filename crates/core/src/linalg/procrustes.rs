//! Orthogonal Procrustes (Schönemann 1966): the rotation that brings one set of rows nearest to another.

use vectory_linalg::{Mat, matmul, svd_thin};

use super::LinalgError;
use super::moments::paired;
use crate::{Context, VectorsRef};

/// The best rotation from x to y.
#[derive(Clone, Debug, PartialEq)]
pub struct Procrustes {
    /// Orthogonal; as large as the larger of the two dimensions. `x · rotation ≈ y`.
    pub rotation: Mat,
    /// The sum of singular values of xᵀy: divided by |x|² it is the best scale.
    pub scale_sum: f64,
    /// min |scale · x · rotation − y|² / |y|², 0 for a perfect fit.
    pub disparity: f64,
}

/// Minimises |x · R − y| over orthogonal R for n pairs of rows; the narrower set is padded with zeros. `centre`: whether
/// both are first moved to mean zero. O(n (dx + dy)² + d³).
///
/// # Errors
/// [`LinalgError::Pairs`], [`LinalgError::TooFew`], [`LinalgError::NonFinite`], [`LinalgError::Cancelled`].
pub fn procrustes(
    x: VectorsRef<'_>,
    y: VectorsRef<'_>,
    centre: bool,
    ctx: &Context,
) -> Result<Procrustes, LinalgError> {
    let (dx, dy) = (x.dim(), y.dim());
    let d = dx.max(dy);
    let (_, gram) = paired(x, y, centre, ctx)?;
    let cross = Mat::from_fn(d, d, |i, j| if i < dx && j < dy { gram.at(i, dx + j) } else { 0.0 });
    let svd = svd_thin(&cross)?;
    let rotation = matmul(&svd.u, &svd.vt)?;
    let scale_sum: f64 = svd.s.iter().sum();
    let square = |range: std::ops::Range<usize>| range.map(|i| gram.at(i, i)).sum::<f64>();
    let squares = square(0..dx) * square(dx..dx + dy);
    let disparity = if squares > 0.0 { 1.0 - scale_sum * scale_sum / squares } else { 0.0 };
    Ok(Procrustes { rotation, scale_sum, disparity })
}
