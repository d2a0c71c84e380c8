//! Products of row-major tables, on all threads where that pays.

use rayon::prelude::*;
use vectory_core::simd::{PackedB, gemm_packed};
use vectory_core::{Context, Vectors};

/// Rows that a task multiplies.
const ROWS: usize = 128;
/// Multiplications below which handing work to threads costs more than it saves.
const FEW: usize = 1 << 21;
/// Side of the squares in which a table is turned.
const SIDE: usize = 32;

/// `a · bᵀ`: (m × k) by (n × k).
///
/// # Panics
/// When the rows of `a` and `b` differ in length.
#[must_use]
pub fn product(a: &Vectors, b: &Vectors, ctx: &Context) -> Vectors {
    multiplied(a, b, Some(ctx))
}

/// [`product`]; on the calling thread where there is no context.
pub(super) fn multiplied(a: &Vectors, b: &Vectors, ctx: Option<&Context>) -> Vectors {
    assert_eq!(a.dim(), b.dim(), "rows of one length are multiplied");
    let mut out = Vectors::zeros(a.rows(), b.rows());
    if a.as_slice().is_empty() || b.as_slice().is_empty() {
        return out;
    }
    let (packed, k, n) = (PackedB::new(b.as_slice(), b.rows(), b.dim()), a.dim(), b.rows());
    match ctx.filter(|c| c.threads() > 1 && a.rows() * k * n >= FEW) {
        Some(ctx) => ctx.pool().install(|| {
            let parts = out.as_mut_slice().par_chunks_mut(ROWS * n).zip(a.as_slice().par_chunks(ROWS * k));
            parts.for_each(|(out, a)| gemm_packed(a, &packed, out));
        }),
        None => {
            let parts = out.as_mut_slice().chunks_mut(ROWS * n).zip(a.as_slice().chunks(ROWS * k));
            parts.for_each(|(out, a)| gemm_packed(a, &packed, out));
        }
    }
    out
}

/// Columns as rows.
#[must_use]
pub fn transposed(a: &Vectors) -> Vectors {
    let (rows, dim) = (a.rows(), a.dim());
    let mut out = Vectors::zeros(dim, rows);
    let (from, to) = (a.as_slice(), out.as_mut_slice());
    for top in (0..rows).step_by(SIDE) {
        for left in (0..dim).step_by(SIDE) {
            for i in top..rows.min(top + SIDE) {
                for j in left..dim.min(left + SIDE) {
                    to[j * rows + i] = from[i * dim + j];
                }
            }
        }
    }
    out
}
