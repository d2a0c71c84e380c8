//! The two maps: principal directions, eigen-search, Frank–Wolfe.

use vectory_core::Context;
use vectory_core::linalg::{LinalgError, Mat, eigen_symmetric, svd_thin};
use vectory_linalg::{matmul, transpose};

use crate::CodecError;

/// Golden sections of the eigen-search, and most steps of Frank–Wolfe.
const SECTIONS: usize = 12;
const STEPS: usize = 60;
/// Steps shrink as 1 / t^ALPHA.
const ALPHA: f64 = 0.7;
/// A relative decrease below this ends the refinement.
const ENOUGH: f64 = 1e-4;

/// `d × D` matrices for queries and for rows: ⟨q, x⟩ ≈ ⟨A q, B x⟩.
#[derive(Clone, Debug, PartialEq)]
pub struct Maps {
    /// A.
    pub queries: Mat,
    /// B.
    pub rows: Mat,
}

/// The same principal directions for both.
///
/// # Errors
/// When the decomposition fails.
pub fn principal(of_rows: &Mat, dim: usize) -> Result<Maps, CodecError> {
    let p = top(of_rows, dim)?;
    Ok(Maps { queries: p.clone(), rows: p })
}

/// The top eigenvectors of (1 − β) K_Q + β K_X for both, with the β of least loss.
///
/// # Errors
/// When a decomposition fails, or when interrupted.
pub fn eigen_search(of_queries: &Mat, of_rows: &Mat, dim: usize, ctx: &Context) -> Result<Maps, CodecError> {
    // The two must weigh alike, or β says nothing.
    let (q, x) = (unit_trace(of_queries), unit_trace(of_rows));
    let at = |beta: f64| -> Result<(f64, Maps), CodecError> {
        ctx.check()?;
        let mix = Mat::from_fn(q.rows, q.cols, |i, j| (1.0 - beta) * q.at(i, j) + beta * x.at(i, j));
        let maps = principal(&mix, dim)?;
        Ok((loss(of_queries, of_rows, &maps)?, maps))
    };
    let mut best = at(1.0)?;
    let mut keep = |found: (f64, Maps)| -> f64 {
        let value = found.0;
        if value < best.0 {
            best = found;
        }
        value
    };
    keep(at(0.0)?);
    let ratio = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.0, 1.0);
    let (mut a, mut b) = (high - ratio * (high - low), low + ratio * (high - low));
    let (mut at_a, mut at_b) = (keep(at(a)?), keep(at(b)?));
    for _ in 0..SECTIONS {
        if at_a < at_b {
            (high, b, at_b) = (b, a, at_a);
            a = high - ratio * (high - low);
            at_a = keep(at(a)?);
        } else {
            (low, a, at_a) = (a, b, at_b);
            b = low + ratio * (high - low);
            at_b = keep(at(b)?);
        }
    }
    Ok(best.1)
}

/// Steps from `start` towards the vertex of the ball that the gradient points away from, for each map in turn. Never ends
/// worse than it started.
///
/// # Errors
/// When a decomposition fails, or when interrupted.
pub fn frank_wolfe(of_queries: &Mat, of_rows: &Mat, start: Maps, ctx: &Context) -> Result<Maps, CodecError> {
    let (q, x) = (unit_trace(of_queries), unit_trace(of_rows));
    let (mut maps, mut best) = (start.clone(), start);
    let mut least = loss(&q, &x, &best)?;
    let mut before = least;
    for t in 0..STEPS {
        ctx.check()?;
        let step = 1.0 / (t as f64 + 2.0).powf(ALPHA);
        // dA = 2 B K_X (M − I)ᵀ K_Q
        let gap = gap(&maps)?;
        let gradient = product(&product(&product(&maps.rows, &x)?, &transpose(&gap))?, &q)?;
        maps.queries = towards(&maps.queries, &gradient, step)?;
        // dB = 2 A K_Q (M − I) K_X
        let gap = self::gap(&maps)?;
        let gradient = product(&product(&product(&maps.queries, &q)?, &gap)?, &x)?;
        maps.rows = towards(&maps.rows, &gradient, step)?;
        let now = loss(&q, &x, &maps)?;
        if now < least {
            (least, best) = (now, maps.clone());
        }
        if (before - now).abs() < ENOUGH * before {
            break;
        }
        before = now;
    }
    Ok(best)
}

/// Tr(K_Q (M − I) K_X (M − I)ᵀ), M = Aᵀ B: the mean squared error of the products.
///
/// # Errors
/// When the shapes do not fit.
pub fn loss(of_queries: &Mat, of_rows: &Mat, maps: &Maps) -> Result<f64, CodecError> {
    let gap = gap(maps)?;
    let (left, right) = (product(of_queries, &gap)?, product(&gap, of_rows)?);
    Ok(left.data.iter().zip(&right.data).map(|(a, b)| a * b).sum())
}

/// M − I.
fn gap(maps: &Maps) -> Result<Mat, CodecError> {
    let mut m = product(&transpose(&maps.queries), &maps.rows)?;
    (0..m.rows).for_each(|i| m.data[i * m.cols + i] -= 1.0);
    Ok(m)
}

/// (1 − step) · a − step · U Vᵀ of the gradient.
fn towards(a: &Mat, gradient: &Mat, step: f64) -> Result<Mat, CodecError> {
    let svd = svd_thin(gradient).map_err(LinalgError::from)?;
    let vertex = product(&svd.u, &svd.vt)?;
    Ok(Mat::from_fn(a.rows, a.cols, |i, j| (1.0 - step) * a.at(i, j) - step * vertex.at(i, j)))
}

fn product(a: &Mat, b: &Mat) -> Result<Mat, CodecError> {
    Ok(matmul(a, b).map_err(LinalgError::from)?)
}

fn top(a: &Mat, dim: usize) -> Result<Mat, CodecError> {
    let vectors = eigen_symmetric(a).map_err(LinalgError::from)?.vectors;
    Ok(Mat::from_fn(dim, a.cols, |i, j| vectors.at(i, j)))
}

fn unit_trace(a: &Mat) -> Mat {
    let trace: f64 = (0..a.rows).map(|i| a.at(i, i)).sum();
    let scale = if trace > 0.0 { 1.0 / trace } else { 1.0 };
    Mat::from_fn(a.rows, a.cols, |i, j| scale * a.at(i, j))
}
