//! The map, and the model that places new rows in it.

use std::path::Path;

use vectory_core::artifact::{self, Artifact, ArtifactError, Card, TensorOut};
use vectory_core::neighbors::{exact, near_self};
use vectory_core::{Context, Hit, Vectors, VectorsRef};

use super::curve::Curve;
use super::forces::Forces;
use super::{UmapError, UmapParams, graph, init, layout, settle};

/// New rows are laid out with this share of the epochs.
const SHARE: usize = 3;

/// Places of rows in few dimensions: n × `dims`.
///
/// ```
/// use vectory_core::{Context, Vectors};
/// use vectory_transform::umap::{UmapParams, umap};
/// let rows: Vec<f32> = (0..120).map(|i| (i % 3) as f32 * 9.0 + (i * i % 11) as f32 * 0.1).collect();
/// let rows = Vectors::from_slice(&rows, 3)?;
/// let map = umap(rows.view(), &UmapParams { n_neighbors: 5, ..Default::default() }, &Context::new(1, 2)?)?;
/// assert_eq!((map.rows(), map.dim()), (40, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`UmapError`]: a parameter out of range, rows that are not finite, interrupted.
pub fn umap(rows: VectorsRef<'_>, params: &UmapParams, ctx: &Context) -> Result<Vectors, UmapError> {
    params.check(rows)?;
    if rows.rows() < 2 {
        return Ok(Vectors::zeros(rows.rows(), params.dims));
    }
    let near = near_self(rows, params.metric, params.n_neighbors - 1, ctx)?;
    umap_of(rows, &near, params, ctx)
}

/// [`umap`] of rows whose nearest others are known, best first, with the metric's scores.
///
/// # Errors
/// As [`umap`].
pub fn umap_of(
    rows: VectorsRef<'_>,
    near: &[Vec<Hit>],
    params: &UmapParams,
    ctx: &Context,
) -> Result<Vectors, UmapError> {
    params.check(rows)?;
    ctx.pool().install(|| {
        let edges = graph::memberships(near, params.metric);
        let mut map = init::places(rows, &edges, params, ctx)?;
        layout::lay_out(&mut map, &edges, params, Curve::fit(params.min_dist, params.spread), ctx)?;
        Ok(map)
    })
}

/// A map with the rows that it was made of.
#[derive(Clone, Debug)]
pub struct Umap {
    params: UmapParams,
    rows: Vectors,
    map: Vectors,
}

impl Umap {
    /// Maps `rows` and keeps them.
    ///
    /// # Errors
    /// As [`umap`].
    pub fn fit(rows: VectorsRef<'_>, params: &UmapParams, ctx: &Context) -> Result<Self, UmapError> {
        let map = umap(rows, params, ctx)?;
        let mut kept = Vectors::zeros(rows.rows(), rows.dim());
        kept.as_mut_slice().copy_from_slice(rows.as_slice());
        Ok(Self { params: params.clone(), rows: kept, map })
    }

    /// The places of the rows that were fitted.
    #[must_use]
    pub fn map(&self) -> &Vectors {
        &self.map
    }

    /// What it was fitted with.
    #[must_use]
    pub fn params(&self) -> &UmapParams {
        &self.params
    }

    /// Places for new rows among the fitted ones, which stay: each starts at the mean of its neighbours. O(n · new · d).
    ///
    /// # Errors
    /// [`UmapError`]: rows of another dimension or not finite, interrupted.
    pub fn apply(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, UmapError> {
        if rows.rows() > 0 && rows.dim() != self.rows.dim() {
            return Err(UmapError::Dim { found: rows.dim(), expected: self.rows.dim() });
        }
        self.params.check(rows)?;
        let mut places = Vectors::zeros(rows.rows(), self.params.dims);
        if rows.rows() == 0 || self.rows.is_empty() {
            return Ok(places);
        }
        let near = exact(self.rows.view(), rows, self.params.metric, self.params.n_neighbors, ctx)?;
        let mean = graph::mean_distance(&near, self.params.metric);
        let edges: Vec<Vec<(u32, f64)>> = near.iter().map(|hits| self.edges(hits, mean)).collect();
        for (i, edges) in edges.iter().enumerate() {
            start(places.row_mut(i), edges, &self.map);
        }
        let epochs = self.params.rounds(self.rows.rows()).div_ceil(SHARE);
        let mut forces = Forces::new(Curve::fit(self.params.min_dist, self.params.spread), self.params.negatives);
        forces.alpha = self.params.learning_rate as f32;
        ctx.check()?;
        ctx.pool().install(|| settle::settle(&mut places, &edges, self.map.view(), (forces, epochs), ctx.seed));
        Ok(places)
    }

    /// A new row's memberships: its nearest row is not a full member, unlike among the fitted.
    fn edges(&self, hits: &[Hit], mean: f64) -> Vec<(u32, f64)> {
        let distances: Vec<f64> = hits.iter().map(|h| graph::distance(self.params.metric, h.score)).collect();
        let weights = graph::local(&distances, 0.0, mean);
        hits.iter().map(|h| h.id).zip(weights).filter(|e| e.1 > 0.0).collect()
    }

    /// Saves the map with its rows, as kind `umap` version 1.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path, provenance: serde_json::Value) -> Result<(), UmapError> {
        let bad = |e: serde_json::Error| ArtifactError::Format { path: path.to_owned(), why: e.to_string() };
        let params = serde_json::to_value(&self.params).map_err(bad)?;
        let card = Card { kind: "umap".into(), version: 1, params, provenance };
        let shape = |v: &Vectors| vec![v.rows(), v.dim()];
        let tensors = [
            TensorOut::f32("rows", shape(&self.rows), self.rows.as_slice()),
            TensorOut::f32("map", shape(&self.map), self.map.as_slice()),
        ];
        Ok(artifact::save(path, &card, &tensors)?)
    }

    /// Reads what [`Umap::save`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged or holds something else.
    pub fn open(path: &Path) -> Result<Self, UmapError> {
        let a = Artifact::open_kind(path, "umap", 1)?;
        let bad = |why: String| ArtifactError::Format { path: path.to_owned(), why };
        let params: UmapParams =
            serde_json::from_value(a.card().params.clone()).map_err(|e| bad(format!("parameters: {e}")))?;
        let (rows, map) = (a.rows("rows")?, a.rows("map")?);
        if rows.rows() != map.rows() || map.dim() != params.dims {
            return Err(bad("the map does not fit the rows or the parameters".to_owned()).into());
        }
        Ok(Self { params, rows, map })
    }
}

/// The mean of the neighbours' places, weighted by membership.
fn start(place: &mut [f32], edges: &[(u32, f64)], map: &Vectors) {
    let total: f64 = edges.iter().map(|e| e.1).sum();
    for (other, weight) in edges {
        let share = (weight / total) as f32;
        place.iter_mut().zip(map.row(*other as usize)).for_each(|(p, v)| *p += share * v);
    }
}
