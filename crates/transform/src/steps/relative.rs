//! Rows in terms of other rows: relative representations, and named concepts.
//!
//! Moschella and others, *Relative representations enable zero-shot latent space communication*, 2023: cosines with a fixed
//! list of anchors do not change when a space is rotated or scaled, so two models whose anchors are the same items can be
//! compared, and a classifier of one serves the other. Simhi and Markovitch, *Interpreting Embedding Spaces by
//! Conceptualization*, 2023: with the vectors of named concepts as anchors, the values say what a vector means.

use rand::seq::index;
use serde::{Deserialize, Serialize};
use vectory_core::cluster::{KMeansParams, kmeans};
use vectory_core::linalg::covariance;
use vectory_core::{Context, Metric, Vectors, VectorsRef, neighbors, rng, simd};
use vectory_linalg::{Mat, svd_thin};

use super::{NULL, at_most};
use crate::models::{Cosines, narrow};
use crate::{FitTransform, Side, Transform, TransformError};

/// Which rows become anchors when none are given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Select {
    /// Drawn without replacement.
    #[default]
    Random,
    /// The first ones: of word vectors the most frequent.
    First,
    /// The rows nearest to the centroids of k-means.
    Kmeans,
    /// Each the farthest from those before.
    Farthest,
}

/// `relative:300`, `relative:300,select=kmeans`. Two spaces agree only when their anchors are the same items in the same order: fit
/// both on the same items with the same seed, or give the anchors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Relative {
    /// How many, when none are given.
    pub anchors: usize,
    /// Which, when none are given.
    pub select: Select,
    /// Whether the mean of the rows is subtracted first: a strong mean makes all cosines alike.
    pub center: bool,
}

impl Default for Relative {
    fn default() -> Self {
        Self { anchors: 300, select: Select::Random, center: true }
    }
}

impl FitTransform for Relative {
    fn check(&self) -> Result<(), TransformError> {
        if self.anchors == 0 {
            return Err(TransformError::param("anchors", 0, "1 or more"));
        }
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        let mean = if self.center { narrow(&covariance(rows, ctx)?.0) } else { vec![0.0; rows.dim()] };
        let mut model = match side.anchors {
            Some(a) => Cosines::new(mean, a),
            None => Cosines::new(mean, self.choose(rows, ctx)?.view()),
        };
        model.back = Some(pseudo_inverse(&model.anchors)?);
        Ok(Box::new(model))
    }
}

impl Relative {
    fn choose(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, TransformError> {
        let (n, m) = (rows.rows(), self.anchors);
        at_most("anchors", m, n, "the number of rows")?;
        let ids: Vec<usize> = match self.select {
            Select::First => (0..m).collect(),
            Select::Random => index::sample(&mut rng::stream(ctx.seed, "transform.relative"), n, m).into_vec(),
            Select::Farthest => farthest(rows, m, ctx),
            Select::Kmeans => {
                let groups = kmeans(rows, &KMeansParams { k: m, spherical: true, ..KMeansParams::default() }, ctx)?;
                let near = neighbors::exact(rows, groups.centroids.view(), Metric::Cosine, 1, ctx)?;
                near.iter().filter_map(|hits| hits.first()).map(|h| h.id as usize).collect()
            }
        };
        let mut out = Vectors::zeros(ids.len(), rows.dim());
        ids.iter().enumerate().for_each(|(to, from)| out.row_mut(to).copy_from_slice(rows.row(*from)));
        Ok(out)
    }
}

/// Each next row is the one whose largest cosine with those before is smallest. O(n m d).
fn farthest(rows: VectorsRef<'_>, m: usize, ctx: &Context) -> Vec<usize> {
    use rand::RngExt;
    let mut chosen = vec![rng::stream(ctx.seed, "transform.relative").random_range(0..rows.rows())];
    let mut nearest = vec![f32::NEG_INFINITY; rows.rows()];
    while chosen.len() < m {
        let last = rows.row(chosen[chosen.len() - 1]);
        for (n, r) in nearest.iter_mut().zip(rows.iter()) {
            *n = n.max(simd::cosine(last, r));
        }
        chosen.iter().for_each(|c| nearest[*c] = f32::INFINITY);
        let next = (0..nearest.len()).fold(0, |b, i| if nearest[i] < nearest[b] { i } else { b });
        chosen.push(next);
    }
    chosen
}

/// d × m of m × d.
fn pseudo_inverse(anchors: &Vectors) -> Result<Vectors, TransformError> {
    let (m, d) = (anchors.rows(), anchors.dim());
    let svd = svd_thin(&Mat::from_fn(m, d, |i, j| f64::from(anchors.row(i)[j])))?;
    let top = svd.s.first().copied().unwrap_or(0.0);
    let inverse: Vec<f64> = svd.s.iter().map(|s| if *s > top * NULL { 1.0 / s } else { 0.0 }).collect();
    let scaled = Mat::from_fn(m, inverse.len(), |i, r| svd.u.at(i, r) * inverse[r]);
    let back = vectory_linalg::matmul(&vectory_linalg::transpose(&svd.vt), &vectory_linalg::transpose(&scaled))?;
    Ok(crate::models::rows_of(&back))
}

/// `concepts`, `concepts:zscore`: cosines with given concepts, raw or standardised over the fitted rows (which takes from concepts
/// that are near to everything what they have by that).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Concepts {
    /// Whether each concept is brought to mean 0 and deviation 1 over the fitted rows.
    pub zscore: bool,
    /// Whether the mean of the rows is subtracted from rows and concepts first.
    pub center: bool,
}

impl FitTransform for Concepts {
    fn check(&self) -> Result<(), TransformError> {
        Ok(())
    }

    fn fit(&self, rows: VectorsRef<'_>, side: &Side<'_>, ctx: &Context) -> Result<Box<dyn Transform>, TransformError> {
        let mean = if self.center { narrow(&covariance(rows, ctx)?.0) } else { vec![0.0; rows.dim()] };
        let mut model = Cosines::new(mean, side.need_anchors()?);
        if self.zscore {
            let (mean, spread) = columns(model.apply(rows, ctx)?.view());
            model.offset = narrow(&mean);
            model.scale = spread.iter().map(|s| if *s > 0.0 { (1.0 / s) as f32 } else { 0.0 }).collect();
        }
        Ok(Box::new(model))
    }
}

/// Mean and deviation of each column.
fn columns(x: VectorsRef<'_>) -> (Vec<f64>, Vec<f64>) {
    let n = x.rows().max(1) as f64;
    let mut mean = vec![0.0; x.dim()];
    x.iter().for_each(|r| mean.iter_mut().zip(r).for_each(|(m, v)| *m += f64::from(*v) / n));
    let mut spread = vec![0.0; x.dim()];
    for r in x.iter() {
        spread.iter_mut().zip(r).zip(&mean).for_each(|((s, v), m)| *s += (f64::from(*v) - m).powi(2) / n);
    }
    (mean, spread.iter().map(|s| s.sqrt()).collect())
}
