//! Where rows start.

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::linalg::{Mat, Pca, PcaParams, eigen_symmetric};
use vectory_core::{Context, Vectors, VectorsRef, rng};

use super::graph::Edge;
use super::{Init, UmapError, UmapParams};

/// Rows that principal components are fitted to.
const SAMPLE: usize = 20_000;
/// Directions that are smoothed beyond those that are kept.
const EXTRA: usize = 3;
/// Steps over the graph, and after how many the directions are made orthogonal again.
const STEPS: usize = 48;
const EVERY: usize = 6;
/// Half the width of the start in every dimension. Small, so that rows unfold from one place: from a start as wide as the map
/// will be, rows on the wrong side do not get through (Kobak and Linderman, 2021, for both UMAP and t-SNE).
const HALF: f64 = 0.05;
const NOISE: f64 = 1e-4;

/// n × dims places within ±[`HALF`], with a little noise so that no two rows coincide.
pub(super) fn places(
    rows: VectorsRef<'_>,
    edges: &[Edge],
    params: &UmapParams,
    ctx: &Context,
) -> Result<Vectors, UmapError> {
    let (n, dims) = (rows.rows(), params.dims);
    let columns = match params.init {
        Init::Random => random(n, dims, ctx.seed),
        Init::Pca => components(rows, dims, ctx)?,
        Init::Spectral => smoothed(components(rows, dims + EXTRA, ctx)?, edges, dims, ctx)?,
    };
    let spans = spans(&columns);
    let mut r = rng::stream(ctx.seed, "umap noise");
    let mut out = Vectors::zeros(n, dims);
    for (o, row) in out.as_mut_slice().chunks_exact_mut(dims).zip(columns.data.chunks_exact(dims)) {
        for ((o, v), (middle, scale)) in o.iter_mut().zip(row).zip(&spans) {
            *o = ((v - middle) * scale + r.random_range(-NOISE..NOISE)) as f32;
        }
    }
    Ok(out)
}

/// The middle of each column, and what takes its ends to ±[`HALF`].
fn spans(columns: &Mat) -> Vec<(f64, f64)> {
    let ends = |d: usize| {
        (0..columns.rows).map(|i| columns.at(i, d)).fold([f64::MAX, f64::MIN], |[l, h], v| [l.min(v), h.max(v)])
    };
    let span = |[low, high]: [f64; 2]| {
        let width = high - low;
        ((low + high) / 2.0, if width > 0.0 && width.is_finite() { 2.0 * HALF / width } else { 0.0 })
    };
    (0..columns.cols).map(|d| span(ends(d))).collect()
}

fn random(n: usize, dims: usize, seed: u64) -> Mat {
    let mut r = rng::stream(seed, "umap start");
    Mat::from_fn(n, dims, |_, _| r.random_range(-1.0..1.0))
}

/// Principal components, and random columns where there are too few dimensions.
fn components(rows: VectorsRef<'_>, wanted: usize, ctx: &Context) -> Result<Mat, UmapError> {
    let mut out = random(rows.rows(), wanted, ctx.seed);
    let kept = wanted.min(rows.dim());
    let step = rows.rows().div_ceil(SAMPLE).max(1);
    let picked: Vec<f32> = (0..rows.rows()).step_by(step).flat_map(|i| rows.row(i).iter().copied()).collect();
    let sample = Vectors::from_slice(&picked, rows.dim()).unwrap_or_else(|_| Vectors::zeros(0, rows.dim()));
    let pca = Pca::fit(sample.view(), &PcaParams { dims: kept, ..PcaParams::default() }, ctx)?;
    let placed = pca.apply_with(rows, ctx)?;
    for i in 0..rows.rows() {
        out.row_mut(i).iter_mut().zip(placed.row(i)).for_each(|(o, v)| *o = f64::from(*v));
    }
    Ok(out)
}

/// Subspace iteration on the normalised adjacency, the trivial eigenvector left out; the best `dims` directions of the
/// subspace that comes of it.
fn smoothed(start: Mat, edges: &[Edge], dims: usize, ctx: &Context) -> Result<Mat, UmapError> {
    let graph = Adjacency::new(start.rows, edges);
    let mut x = start;
    orthogonal(&mut x, &graph.trivial)?;
    for step in 1..=STEPS {
        ctx.check()?;
        x = graph.times(&x);
        if step % EVERY == 0 {
            orthogonal(&mut x, &graph.trivial)?;
        }
    }
    let ritz = eigen_symmetric(&cross(&x, &graph.times(&x))).map_err(vectory_core::linalg::LinalgError::from)?;
    Ok(combined(&x, &transpose(&ritz.vectors), dims))
}

fn transpose(a: &Mat) -> Mat {
    Mat::from_fn(a.cols, a.rows, |i, j| a.at(j, i))
}

/// xᵀ y of two tall matrices.
fn cross(x: &Mat, y: &Mat) -> Mat {
    let mut out = Mat::zeros(x.cols, y.cols);
    for i in 0..x.rows {
        for (a, u) in x.row(i).iter().enumerate() {
            out.row_mut(a).iter_mut().zip(y.row(i)).for_each(|(o, v)| *o += u * v);
        }
    }
    // Rounding must not make it unsymmetric.
    Mat::from_fn(x.cols, y.cols, |i, j| if i < j { out.at(i, j) } else { out.at(j, i) })
}

/// x times the first `dims` columns of `by`.
fn combined(x: &Mat, by: &Mat, dims: usize) -> Mat {
    Mat::from_fn(x.rows, dims, |i, d| x.row(i).iter().enumerate().map(|(c, v)| v * by.at(c, d)).sum())
}

/// Columns of x of unit length, orthogonal to each other and to `trivial`; directions that are not there become 0.
fn orthogonal(x: &mut Mat, trivial: &[f64]) -> Result<(), UmapError> {
    let mut along = vec![0.0; x.cols];
    for (i, t) in trivial.iter().enumerate() {
        along.iter_mut().zip(x.row(i)).for_each(|(a, v)| *a += t * v);
    }
    for (i, t) in trivial.iter().enumerate() {
        x.row_mut(i).iter_mut().zip(&along).for_each(|(v, a)| *v -= t * a);
    }
    let e = eigen_symmetric(&cross(x, x)).map_err(vectory_core::linalg::LinalgError::from)?;
    let largest = e.values.first().copied().unwrap_or(0.0);
    let scale =
        |d: usize| if e.values[d] > largest * 1e-12 && largest > 0.0 { e.values[d].sqrt().recip() } else { 0.0 };
    let by = Mat::from_fn(x.cols, x.cols, |c, d| e.vectors.at(d, c) * scale(d));
    *x = combined(x, &by, x.cols);
    Ok(())
}

/// Both directions of all edges, row after row, divided by the roots of both ends' weights.
struct Adjacency {
    ends: Vec<usize>,
    others: Vec<(u32, f64)>,
    /// The eigenvector of eigenvalue 1: roots of the weights, of unit length.
    trivial: Vec<f64>,
}

impl Adjacency {
    fn new(n: usize, edges: &[Edge]) -> Self {
        let (mut degree, mut ends) = (vec![0.0f64; n], vec![0usize; n]);
        for (i, w) in edges.iter().flat_map(|e| [(e.a, e.weight), (e.b, e.weight)]) {
            degree[i as usize] += f64::from(w);
            ends[i as usize] += 1;
        }
        let mut total = 0;
        for e in &mut ends {
            (total, *e) = (total + *e, total);
        }
        let mut others = vec![(0, 0.0); total];
        for e in edges {
            let w = f64::from(e.weight) / (degree[e.a as usize] * degree[e.b as usize]).sqrt();
            for (i, j) in [(e.a, e.b), (e.b, e.a)] {
                others[ends[i as usize]] = (j, w);
                ends[i as usize] += 1;
            }
        }
        let norm = degree.iter().sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
        Self { ends, others, trivial: degree.iter().map(|d| d.sqrt() / norm).collect() }
    }

    fn times(&self, x: &Mat) -> Mat {
        let mut out = Mat::zeros(x.rows, x.cols);
        out.data.par_chunks_mut(x.cols.max(1)).enumerate().with_min_len(512).for_each(|(i, o)| {
            let from = if i == 0 { 0 } else { self.ends[i - 1] };
            for (j, w) in &self.others[from..self.ends[i]] {
                o.iter_mut().zip(x.row(*j as usize)).for_each(|(o, v)| *o += w * v);
            }
        });
        out
    }
}
