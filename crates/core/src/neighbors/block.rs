//! One task: a block of queries against a part of the base.

use super::Task;
use super::plan::{Bulk, Plan};
use crate::simd::{self, Op, PackedA, PackedB};
use crate::{Cancelled, Context, TopK, VectorsRef};

/// Base rows in a tile; with [`QUERY_ROWS`] queries the scores take 135 kB.
const BASE_ROWS: usize = 480;
/// Queries in a tile.
const QUERY_ROWS: usize = 72;

pub(super) struct Block<'a> {
    plan: &'a Plan<'a>,
    queries: VectorsRef<'a>,
    rows: (usize, usize),
    tops: Vec<TopK>,
}

impl<'a> Block<'a> {
    pub fn new(plan: &'a Plan<'a>, queries: VectorsRef<'a>, task: &Task) -> Self {
        let queries = queries.slice(task.queries.0, task.queries.1);
        Self { plan, queries, rows: task.rows, tops: vec![TopK::new(plan.kept()); queries.rows()] }
    }

    /// The collectors of the block's queries.
    pub fn run(mut self, ctx: &Context) -> Result<Vec<TopK>, Cancelled> {
        match &self.plan.bulk {
            Bulk::Products => self.products(ctx, None)?,
            Bulk::Centred(origin) => self.products(ctx, Some(origin))?,
            Bulk::Rows(op) => self.by_rows(ctx, *op)?,
        }
        Ok(self.tops)
    }

    fn products(&mut self, ctx: &Context, origin: Option<&[f32]>) -> Result<(), Cancelled> {
        let (dim, plan) = (self.queries.dim(), self.plan);
        let (mut shifted, mut packed) = (Vec::new(), PackedB::default());
        let mut tiles = Vec::with_capacity(self.queries.rows().div_ceil(QUERY_ROWS));
        for q in self.queries.as_slice().chunks(QUERY_ROWS * dim) {
            tiles.push(PackedA::new(around(origin, q, &mut shifted), dim));
        }
        let mut scores = vec![0.0; QUERY_ROWS * BASE_ROWS];
        for r in (self.rows.0..self.rows.1).step_by(BASE_ROWS) {
            ctx.check()?;
            let n = BASE_ROWS.min(self.rows.1 - r);
            packed.repack(around(origin, plan.base.slice(r, r + n).as_slice(), &mut shifted), n, dim);
            for (tile, tops) in tiles.iter().zip(self.tops.chunks_mut(QUERY_ROWS)) {
                let scores = &mut scores[..tile.m() * n];
                simd::gemm_both_packed(tile, &packed, scores);
                for (row, top) in scores.chunks_exact_mut(n).zip(tops) {
                    plan.adjust.apply(row, r);
                    offer(top, row, r);
                }
            }
        }
        Ok(())
    }

    fn by_rows(&mut self, ctx: &Context, op: Op) -> Result<(), Cancelled> {
        let mut scores = vec![0.0; BASE_ROWS];
        for r in (self.rows.0..self.rows.1).step_by(BASE_ROWS) {
            ctx.check()?;
            let rows = self.plan.base.slice(r, self.rows.1.min(r + BASE_ROWS));
            let scores = &mut scores[..rows.rows()];
            for (q, top) in self.queries.iter().zip(&mut self.tops) {
                simd::rows(op, q, rows.as_slice(), scores);
                self.plan.adjust.apply(scores, r);
                offer(top, scores, r);
            }
        }
        Ok(())
    }
}

/// The rows as seen from `origin`.
fn around<'a>(origin: Option<&[f32]>, rows: &'a [f32], shifted: &'a mut Vec<f32>) -> &'a [f32] {
    let Some(origin) = origin else { return rows };
    shifted.clear();
    shifted.extend_from_slice(rows);
    shifted.chunks_exact_mut(origin.len()).for_each(|r| simd::axpy(-1.0, origin, r));
    shifted
}

/// Offers a run of scores whose first row is `first`; once the collector is full, only those that reach its worst.
pub(crate) fn offer(top: &mut TopK, scores: &[f32], first: usize) {
    let mut i = 0;
    while i < scores.len() && top.threshold() == f32::NEG_INFINITY {
        top.push((first + i) as u32, scores[i]);
        i += 1;
    }
    while let Some(at) = simd::position_ge(scores, i, top.threshold()) {
        top.push((first + at) as u32, scores[at]);
        i = at + 1;
    }
}
