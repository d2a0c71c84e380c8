//! Groups to means.

use rayon::prelude::*;
use vectory_core::cluster::{self, KMeansParams};
use vectory_core::repr::{Multi, MultiRef};
use vectory_core::vectors::normalize;
use vectory_core::{Context, Vectors, VectorsRef, rng, simd};

use super::{PoolMethod, PoolingError, PoolingParams, ward};

/// How many tokens are left of a document of `n`.
#[must_use]
pub fn pooled_length(n: usize, params: &PoolingParams) -> usize {
    let kept = n.min(params.protected);
    let rest = n - kept;
    kept + if rest == 0 { 0 } else { (rest / params.factor.max(1)).max(1) }
}

/// Pools every bag. The result is the same for any number of threads.
///
/// ```
/// use vectory_compress::pooling::{PoolingParams, pool};
/// use vectory_core::{Context, Vectors, repr::Multi};
/// let tokens = Vectors::from_slice(&[1.0, 0.0, 0.0, 1.0, 0.9, 0.1, 0.1, 0.9], 2)?;
/// let bags = Multi::new(&[4], tokens).ok_or("lengths")?;
/// let pooled = pool(bags.view(), &PoolingParams::default(), &Context::new(0, 1)?)?;
/// assert_eq!(pooled.lengths(), [2]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`PoolingError`]: a factor of 0, a value that is not finite, or interrupted.
pub fn pool(bags: MultiRef<'_>, params: &PoolingParams, ctx: &Context) -> Result<Multi, PoolingError> {
    if params.factor == 0 {
        return Err(PoolingError::Factor);
    }
    if let Some((row, column)) = bags.rows.first_non_finite() {
        return Err(PoolingError::NonFinite { row, column });
    }
    let lengths: Vec<u32> = (0..bags.len()).map(|d| pooled_length(bags.item(d).rows(), params) as u32).collect();
    let dim = bags.rows.dim();
    let mut out = Vectors::zeros(lengths.iter().map(|l| *l as usize).sum(), dim);
    let (mut pieces, mut rest) = (Vec::with_capacity(bags.len()), out.as_mut_slice());
    for l in &lengths {
        let (own, tail) = rest.split_at_mut(*l as usize * dim);
        pieces.push(own);
        rest = tail;
    }
    ctx.pool().install(|| {
        pieces.into_par_iter().enumerate().try_for_each(|(d, piece)| {
            ctx.check()?;
            one(bags.item(d), params, d, ctx, piece)
        })
    })?;
    // The lengths were those of the rows that were made.
    Ok(Multi::new(&lengths, out).unwrap_or_else(|| unreachable!("the rows were made by these lengths")))
}

/// The cosine distances of each token to all of them.
fn profiles(rows: VectorsRef<'_>) -> Vectors {
    let (n, k) = (rows.rows(), rows.dim());
    let (mut unit, mut out) = (Vectors::zeros(n, k), Vectors::zeros(n, n));
    unit.as_mut_slice().copy_from_slice(rows.as_slice());
    unit.normalize();
    simd::gemm_nt(simd::GemmNt { a: unit.as_slice(), b: unit.as_slice(), c: out.as_mut_slice(), m: n, n, k });
    out.as_mut_slice().iter_mut().for_each(|v| *v = 1.0 - *v);
    out
}

/// Pools document `d` into `out`.
fn one(
    rows: VectorsRef<'_>,
    params: &PoolingParams,
    d: usize,
    ctx: &Context,
    out: &mut [f32],
) -> Result<(), PoolingError> {
    let dim = rows.dim();
    let kept = rows.rows().min(params.protected);
    let (first, pooled) = out.split_at_mut(kept * dim);
    first.copy_from_slice(rows.slice(0, kept).as_slice());
    let rest = rows.slice(kept, rows.rows());
    if dim == 0 || pooled.is_empty() {
        return Ok(());
    }
    let groups = pooled.len() / dim;
    if groups == rest.rows() {
        pooled.copy_from_slice(rest.as_slice());
        return Ok(());
    }
    let assignment = match params.method {
        PoolMethod::Hierarchical => ward(profiles(rest).view(), groups),
        PoolMethod::Sequential => (0..rest.rows()).map(|i| (i * groups / rest.rows()) as u32).collect(),
        PoolMethod::KMeans => {
            let k = KMeansParams { k: groups, spherical: true, max_iterations: 20, ..KMeansParams::default() };
            let seed = rng::mix(ctx.seed ^ rng::mix(d as u64));
            cluster::kmeans(rest, &k, &ctx.clone().with_seed(seed))?.assignment
        }
    };
    for (row, group) in rest.iter().zip(&assignment) {
        simd::axpy(1.0, row, &mut pooled[*group as usize * dim..][..dim]);
    }
    pooled.chunks_exact_mut(dim).for_each(normalize);
    Ok(())
}
