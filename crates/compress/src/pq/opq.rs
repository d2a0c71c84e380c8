//! The rotation of OPQ: codebooks and rotation take turns (the paper's non-parametric solution), begun from principal
//! directions dealt out to the parts so that each has the same product of variances (its parametric solution).

use vectory_core::linalg::{Mat, covariance, eigen_symmetric, procrustes};
use vectory_core::{Context, Metric, Vectors, VectorsRef};

use super::fit::{codebooks, ends};
use super::{Pq, PqParams};
use crate::CodecError;
use crate::rotate::Dense;

/// Turns that rotation and codebooks take.
const TURNS: usize = 12;
/// Rows that the rotation is learnt from.
const ROWS: usize = 16_384;

pub(super) fn fit(p: PqParams, rows: VectorsRef<'_>, metric: Metric, ctx: &Context) -> Result<Pq, CodecError> {
    let few = rows.slice(0, rows.rows().min(ROWS));
    let mut rotation = principal(few, p.m, ctx)?;
    let mut turned = rotation.apply(few);
    let mut book = codebooks(&PqParams { iterations: 5, ..p }, turned.view(), None, ctx)?;
    for _ in 0..TURNS {
        ctx.check()?;
        let pq = Pq::new(p, Metric::L2, rows.dim(), book.clone(), None);
        let coded = pq.nearest(turned.view(), ctx);
        let found = procrustes(few, coded.view(), false, ctx)?;
        rotation = Dense::of_columns(&found.rotation);
        turned = rotation.apply(few);
        book = codebooks(&p, turned.view(), Some(&book), ctx)?;
    }
    let all = rotation.apply(rows);
    let book = codebooks(&p, all.view(), None, ctx)?;
    Ok(Pq::new(p, metric, rows.dim(), book, Some(rotation)))
}

/// Principal directions, dealt out one by one to the part with the least product of variances that has room.
fn principal(rows: VectorsRef<'_>, m: usize, ctx: &Context) -> Result<Dense, CodecError> {
    let dim = rows.dim();
    let (_, spread) = covariance(rows, ctx)?;
    let eigen = eigen_symmetric(&spread).map_err(vectory_core::linalg::LinalgError::from)?;
    let ends = ends(dim, m);
    let starts: Vec<usize> = (0..m).map(|i| if i == 0 { 0 } else { ends[i - 1] }).collect();
    let (mut filled, mut weight) = (starts.clone(), vec![0.0f64; m]);
    let mut directions = Vectors::zeros(dim, dim);
    let floor = eigen.values.first().copied().unwrap_or(0.0).max(1e-300) * 1e-9;
    for (i, value) in eigen.values.iter().enumerate() {
        let open = (0..m).filter(|b| filled[*b] < ends[*b]);
        let Some(b) = open.min_by(|a, b| weight[*a].total_cmp(&weight[*b])) else { break };
        let row = directions.row_mut(filled[b]);
        row.iter_mut().enumerate().for_each(|(j, v)| *v = eigen.vectors.at(i, j) as f32);
        weight[b] += value.max(floor).ln();
        filled[b] += 1;
    }
    Ok(Dense::of_rows(directions))
}

impl Dense {
    /// `x · rotation`: the columns of a square matrix are the new directions.
    fn of_columns(rotation: &Mat) -> Self {
        let mut rows = Vectors::zeros(rotation.cols, rotation.rows);
        for i in 0..rotation.cols {
            rows.row_mut(i).iter_mut().enumerate().for_each(|(j, v)| *v = rotation.at(j, i) as f32);
        }
        Self::of_rows(rows)
    }
}
