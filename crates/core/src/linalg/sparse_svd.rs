//! The largest singular values of a sparse matrix, by random projection (Halko, Martinsson and Tropp 2011).

use rand::RngExt;
use vectory_linalg::{Mat, eigen_symmetric, matmul, matmul_tn, qr_thin};

use super::LinalgError;
use super::moments::copy;
use crate::sparse::CsrRef;
use crate::{Context, Vectors, VectorsRef, rng};

/// How a sparse matrix is factored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SparseSvdParams {
    /// Singular values to be found (1 to the matrix's smaller side).
    pub dims: usize,
    /// Directions sampled beyond those.
    pub oversampling: usize,
    /// Power iterations: more for a flat spectrum.
    pub iterations: usize,
}

impl Default for SparseSvdParams {
    fn default() -> Self {
        Self { dims: 100, oversampling: 10, iterations: 3 }
    }
}

/// `a ≈ u · diag(s) · vᵀ`.
#[derive(Clone, Debug)]
pub struct SparseSvd {
    /// Rows × dims, orthonormal columns.
    pub u: Vectors,
    /// Descending.
    pub s: Vec<f64>,
    /// Columns × dims, orthonormal columns.
    pub v: Vectors,
}

/// Factors `a`, given with its transpose (for a symmetric matrix: itself twice).
///
/// O(entries · (dims + oversampling) · iterations + (rows + columns) · (dims + oversampling)²); the two dense sides are held.
///
/// # Errors
/// [`LinalgError::Param`] for dims of 0 or beyond the smaller side, [`LinalgError::Cancelled`], [`LinalgError::Decomposition`]
/// for values that are not finite.
pub fn sparse_svd(
    a: CsrRef<'_>,
    transposed: CsrRef<'_>,
    params: &SparseSvdParams,
    ctx: &Context,
) -> Result<SparseSvd, LinalgError> {
    let side = a.rows().min(a.cols);
    if params.dims == 0 || params.dims > side {
        let value = params.dims.to_string();
        return Err(LinalgError::Param { field: "dims", value, legal: "from 1 to the matrix's smaller side" });
    }
    let width = (params.dims + params.oversampling).min(side);
    let mut r = rng::stream(ctx.seed, "sparse-svd");
    let mut start = Vectors::zeros(a.cols, width);
    start.as_mut_slice().iter_mut().for_each(|v| *v = r.random_range(-1.0..1.0));
    let mut q = orthonormal(a.times(start.view(), ctx)?.view())?;
    for _ in 0..params.iterations {
        q = orthonormal(a.times(orthonormal(transposed.times(q.view(), ctx)?.view())?.view(), ctx)?.view())?;
    }
    // a ≈ q · bᵀ with b = aᵀ q: its singular values come from the small square bᵀ b.
    let b = wide(transposed.times(q.view(), ctx)?.view());
    let eigen = eigen_symmetric(&matmul_tn(&b, &b)?)?;
    let s: Vec<f64> = eigen.values[..params.dims].iter().map(|v| v.max(0.0).sqrt()).collect();
    // Rows of `eigen.vectors` are the directions.
    let inner = Mat::from_fn(width, params.dims, |i, j| eigen.vectors.at(j, i));
    let u = narrow(&matmul(&wide(q.view()), &inner)?);
    let mut v = matmul(&b, &inner)?;
    for i in 0..v.rows {
        v.row_mut(i).iter_mut().zip(&s).for_each(|(x, s)| *x = if *s > 0.0 { *x / s } else { 0.0 });
    }
    Ok(SparseSvd { u, s, v: narrow(&v) })
}

fn orthonormal(x: VectorsRef<'_>) -> Result<Vectors, LinalgError> {
    Ok(narrow(&qr_thin(&wide(x))?.q))
}

fn wide(x: VectorsRef<'_>) -> Mat {
    let mut out = Mat::zeros(x.rows(), x.dim());
    (0..x.rows()).for_each(|i| copy(x.row(i), out.row_mut(i)));
    out
}

fn narrow(x: &Mat) -> Vectors {
    let mut out = Vectors::zeros(x.rows, x.cols);
    out.as_mut_slice().iter_mut().zip(&x.data).for_each(|(o, v)| *o = *v as f32);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sparse::Csr;
    use vectory_linalg::svd_thin;

    #[test]
    fn the_largest_singular_values_are_those_of_the_dense_matrix() {
        let (rows, cols, ctx) = (60, 40, Context::new(3, 2).unwrap());
        let mut r = rng::stream(9, "test");
        let mut m = Csr::new(cols);
        let mut dense = Mat::zeros(rows, cols);
        for i in 0..rows {
            let mut row: Vec<(u32, f32)> = Vec::new();
            for j in 0..cols as u32 {
                if r.random_range(0..3) == 0 {
                    row.push((j, r.random_range(0.0..1.0) + (i % 5) as f32));
                }
            }
            row.iter().for_each(|(j, v)| dense.row_mut(i)[*j as usize] = f64::from(*v));
            m.push_row(row);
        }
        let t = m.view().transposed();
        let params = SparseSvdParams { dims: 6, oversampling: 20, iterations: 6 };
        let got = sparse_svd(m.view(), t.view(), &params, &ctx).unwrap();
        let want = svd_thin(&dense).unwrap();
        for (k, s) in got.s.iter().enumerate() {
            assert!((s - want.s[k]).abs() < 1e-3 * want.s[0], "{k}: {s} {}", want.s[k]);
        }
        // A projection of the first direction: |uᵀ u_true| = 1.
        let overlap: f64 = (0..rows).map(|i| f64::from(got.u.row(i)[0]) * want.u.at(i, 0)).sum();
        assert!((overlap.abs() - 1.0).abs() < 1e-3, "{overlap}");
        assert!(sparse_svd(m.view(), t.view(), &SparseSvdParams { dims: 41, ..params }, &ctx).is_err());
    }
}
