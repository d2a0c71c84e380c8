//! Distances rescaled against hubs: local scaling, mutual proximity, CSLS, NICDM.
//!
//! A hub is near to very many rows; each rescaling measures a distance against what is usual around both of its ends. Rows are
//! fitted once ([`Rescaler::fit`]); a query is compared with the fitted rows in any number of candidates
//! ([`Rescaler::search`]). Costs k or `sample` distances a row at the fit and at a query.
//!
//! Sources: local scaling (Zelnik-Manor and Perona 2004), NICDM (Jégou and others 2007), mutual proximity (Schnitzer and others
//! 2012, its form with independent normal distributions), CSLS (Conneau and others 2018); compared by Feldbauer and Flexer
//! 2019 and, for sentence vectors, by Nielsen and Hansen 2024.

use rand::seq::index;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use vectory_core::stats::normal_tail;
use vectory_core::{Context, Hit, Metric, VectorsRef, neighbors, rng, simd};

use crate::TransformError;

/// How a distance is rescaled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rescaling {
    /// 1 − exp(−d² / (s_x s_y)), s the distance to the k-th neighbour.
    LocalScaling,
    /// d / √(m_x m_y), m the mean distance to the k neighbours.
    Nicdm,
    /// 2 cos(x, y) − r_x − r_y, r the mean cosine with the k neighbours. A similarity.
    Csls,
    /// 1 − P(D_x > d) P(D_y > d), D normal with the moments of the distances to other rows.
    MutualProximity,
}

/// What is fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HubnessParams {
    /// How a distance is rescaled.
    pub rescaling: Rescaling,
    /// Neighbours that say what is usual around a row.
    pub k: usize,
    /// Of mutual proximity: rows drawn to estimate the moments (at least 2; 500 or more are wanted). Fewer rows: all.
    pub sample: usize,
}

impl Default for HubnessParams {
    fn default() -> Self {
        Self { rescaling: Rescaling::MutualProximity, k: 10, sample: 1000 }
    }
}

/// Rows with what is usual around each.
pub struct Rescaler<'a> {
    rows: VectorsRef<'a>,
    metric: Metric,
    params: HubnessParams,
    around: Vec<Around>,
    drawn: Vec<usize>,
}

/// What is usual around a row: a scale, or mean and deviation of distances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Around {
    level: f64,
    spread: f64,
}

impl<'a> Rescaler<'a> {
    /// Measures what is usual around each row. `metric`: cosine (distances between unit vectors) or l2.
    ///
    /// # Errors
    /// [`TransformError::Param`], [`TransformError::TooFew`], [`TransformError::NonFinite`].
    pub fn fit(
        rows: VectorsRef<'a>,
        metric: Metric,
        params: &HubnessParams,
        ctx: &Context,
    ) -> Result<Self, TransformError> {
        if !matches!(metric, Metric::Cosine | Metric::L2) {
            return Err(TransformError::param("metric", metric, "cosine or l2"));
        }
        if params.k == 0 || params.sample < 2 {
            return Err(TransformError::param("k", params.k, "1 or more, with a sample of 2 or more"));
        }
        if rows.rows() < 3 {
            return Err(TransformError::TooFew { needed: 3, rows: rows.rows() });
        }
        if let Some((row, dim)) = rows.first_non_finite() {
            return Err(TransformError::NonFinite { row, dim });
        }
        let mut drawn: Vec<usize> = (0..rows.rows()).collect();
        if rows.rows() > params.sample {
            drawn =
                index::sample(&mut rng::stream(ctx.seed, "transform.hubness"), rows.rows(), params.sample).into_vec();
            drawn.sort_unstable();
        }
        let mut out = Self { rows, metric, params: params.clone(), around: Vec::new(), drawn };
        let ids: Vec<Option<usize>> = (0..rows.rows()).map(Some).collect();
        out.around = out.measure(rows, &ids, ctx)?;
        Ok(out)
    }

    /// What is usual around queries, seen from the fitted rows.
    ///
    /// # Errors
    /// [`TransformError::Neighbors`] for another dimension.
    pub fn around(&self, queries: VectorsRef<'_>, ctx: &Context) -> Result<Vec<Around>, TransformError> {
        self.measure(queries, &vec![None; queries.rows()], ctx)
    }

    /// What is usual around a fitted row.
    #[must_use]
    pub fn of_row(&self, id: usize) -> Around {
        self.around[id]
    }

    /// `own`: the fitted row that a query is, to be left out.
    fn measure(
        &self,
        queries: VectorsRef<'_>,
        own: &[Option<usize>],
        ctx: &Context,
    ) -> Result<Vec<Around>, TransformError> {
        if queries.dim() != self.rows.dim() {
            return Err(TransformError::Dim { found: queries.dim(), expected: self.rows.dim() });
        }
        if self.params.rescaling == Rescaling::MutualProximity {
            let one = |i: usize| self.moments(queries.row(i), own[i]);
            return Ok(ctx.pool().install(|| (0..queries.rows()).into_par_iter().map(one).collect()));
        }
        let k = self.params.k.min(self.rows.rows() - 1);
        let hits = neighbors::exact(self.rows, queries, self.metric, k + 1, ctx)?;
        let one = |(i, hits): (usize, &Vec<Hit>)| {
            let near: Vec<f64> = hits
                .iter()
                .filter(|h| Some(h.id as usize) != own[i])
                .take(k)
                .map(|h| self.raw(queries.row(i), self.rows.row(h.id as usize)))
                .collect();
            let level = match self.params.rescaling {
                Rescaling::LocalScaling => near.last().copied().unwrap_or(0.0),
                _ => near.iter().sum::<f64>() / near.len().max(1) as f64,
            };
            Around { level, spread: 0.0 }
        };
        Ok(hits.iter().enumerate().map(one).collect())
    }

    fn moments(&self, query: &[f32], own: Option<usize>) -> Around {
        let others = self.drawn.iter().filter(|j| Some(**j) != own);
        let distances: Vec<f64> = others.map(|j| self.raw(query, self.rows.row(*j))).collect();
        let n = distances.len() as f64;
        let level = distances.iter().sum::<f64>() / n;
        let variance = distances.iter().map(|d| (d - level).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
        Around { level, spread: variance.sqrt() }
    }

    /// The distance as it is (for CSLS the cosine).
    fn raw(&self, a: &[f32], b: &[f32]) -> f64 {
        let cosine = || f64::from(simd::cosine(a, b));
        match (self.params.rescaling, self.metric) {
            (Rescaling::Csls, _) => cosine(),
            (_, Metric::Cosine) => (2.0 - 2.0 * cosine()).max(0.0).sqrt(),
            _ => f64::from(simd::l2_sq(a, b)).sqrt(),
        }
    }

    /// The rescaled distance of a query and a fitted row (for CSLS a similarity).
    #[must_use]
    pub fn rescaled(&self, query: &[f32], around: Around, id: usize) -> f64 {
        let (raw, own) = (self.raw(query, self.rows.row(id)), self.around[id]);
        let above = |a: Around| match a.spread {
            s if s > 0.0 => normal_tail((raw - a.level) / s),
            _ => f64::from(u8::from(raw < a.level)),
        };
        let over = |v: f64, scale: f64| if scale > 0.0 { v / scale } else { f64::from(u8::from(v > 0.0)) * f64::MAX };
        match self.params.rescaling {
            Rescaling::LocalScaling => 1.0 - (-over(raw * raw, around.level * own.level)).exp(),
            Rescaling::Nicdm => over(raw, (around.level * own.level).sqrt()),
            Rescaling::Csls => 2.0 * raw - around.level - own.level,
            Rescaling::MutualProximity => 1.0 - above(around) * above(own),
        }
    }

    /// The best `k` fitted rows for each query by the rescaled distance, out of the `depth` nearest by the plain one. Scores are
    /// larger for nearer: minus the distance, or CSLS itself.
    ///
    /// # Errors
    /// As [`Rescaler::around`].
    pub fn search(
        &self,
        queries: VectorsRef<'_>,
        k: usize,
        depth: usize,
        ctx: &Context,
    ) -> Result<Vec<Vec<Hit>>, TransformError> {
        let around = self.around(queries, ctx)?;
        let hits = neighbors::exact(self.rows, queries, self.metric, depth.max(k), ctx)?;
        Ok(self.rerank(queries, &around, hits, k, ctx))
    }

    /// [`Rescaler::search`] of the fitted rows among themselves, each without itself.
    ///
    /// # Errors
    /// As [`Rescaler::around`].
    pub fn search_self(&self, k: usize, depth: usize, ctx: &Context) -> Result<Vec<Vec<Hit>>, TransformError> {
        let hits = neighbors::exact_self(self.rows, self.metric, depth.max(k), ctx)?;
        Ok(self.rerank(self.rows, &self.around, hits, k, ctx))
    }

    fn rerank(
        &self,
        queries: VectorsRef<'_>,
        around: &[Around],
        hits: Vec<Vec<Hit>>,
        k: usize,
        ctx: &Context,
    ) -> Vec<Vec<Hit>> {
        let sign = if self.params.rescaling == Rescaling::Csls { 1.0 } else { -1.0 };
        let one = |(q, hits): (usize, Vec<Hit>)| {
            // Ordered in f64: probabilities near 1 are told apart late.
            let mut scored: Vec<(f64, u32)> =
                hits.iter().map(|h| (sign * self.rescaled(queries.row(q), around[q], h.id as usize), h.id)).collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            scored.iter().take(k).map(|(score, id)| Hit { id: *id, score: *score as f32 }).collect()
        };
        ctx.pool().install(|| hits.into_par_iter().enumerate().map(one).collect())
    }
}

/// How often each of `base` rows is in the lists, and the skewness of that (third standardised moment).
#[must_use]
pub fn k_occurrence(lists: &[Vec<Hit>], base: usize) -> (Vec<u32>, f64) {
    let mut counts = vec![0u32; base];
    lists.iter().flatten().for_each(|h| counts[h.id as usize] += 1);
    let n = base.max(1) as f64;
    let mean = counts.iter().map(|c| f64::from(*c)).sum::<f64>() / n;
    let moment = |p: i32| counts.iter().map(|c| (f64::from(*c) - mean).powi(p)).sum::<f64>() / n;
    let variance = moment(2);
    let skewness = if variance > 0.0 { moment(3) / variance.powf(1.5) } else { 0.0 };
    (counts, skewness)
}
