//! Principal components (Pearson 1901; Hotelling 1933), exactly by the covariance or by random projections (Halko,
//! Martinsson and Tropp 2011).
//!
//! Exact costs O(n d² + d³); randomized O(n d k) a pass over the rows, for dimensions whose square is too much.

use std::path::Path;

use rand::RngExt;
use rayon::prelude::*;
use vectory_linalg::{Mat, eigen_symmetric, matmul, matmul_tn, qr_thin, transpose};

use super::moments::{copy, covariance};
use super::{LinalgError, check_finite};
use crate::artifact::{self, Artifact, Card, TensorOut};
use crate::simd::{self, PackedB};
use crate::{Context, Vectors, VectorsRef, rng};

/// Rows read at a time.
const BLOCK: usize = 512;
/// Directions sampled beyond those that are kept.
const OVERSAMPLING: usize = 10;
/// From this dimension on, `Method::Auto` is randomized where few components are asked for.
const LARGE: usize = 2048;

/// How components are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Randomized for 2,048 dimensions and more when at most an eighth of them is kept, else exact.
    #[default]
    Auto,
    /// By the covariance matrix.
    Exact,
    /// By random projections and power iterations.
    Randomized,
}

/// What is fitted.
#[derive(Clone, Debug)]
pub struct PcaParams {
    /// Components kept: 1 to the dimension.
    pub dims: usize,
    /// Whether projections are scaled to unit variance.
    pub whiten: bool,
    /// How components are found.
    pub method: Method,
    /// Power iterations of the randomized method: more for a flat spectrum; 0 to 20.
    pub iterations: usize,
}

impl Default for PcaParams {
    fn default() -> Self {
        Self { dims: 64, whiten: false, method: Method::Auto, iterations: 6 }
    }
}

impl PcaParams {
    /// # Errors
    /// Names the field that is out of range for rows of `dim`.
    pub fn check(&self, dim: usize) -> Result<(), LinalgError> {
        let bad = |field, value: usize, legal| Err(LinalgError::Param { field, value: value.to_string(), legal });
        if self.dims == 0 || self.dims > dim {
            return bad("dims", self.dims, "between 1 and the dimension of the rows");
        }
        if self.iterations > 20 {
            return bad("iterations", self.iterations, "between 0 and 20");
        }
        Ok(())
    }

    fn randomized(&self, dim: usize) -> bool {
        self.method == Method::Randomized || (self.method == Method::Auto && dim >= LARGE && self.dims * 8 <= dim)
    }
}

/// Fitted components.
#[derive(Clone, Debug)]
pub struct Pca {
    /// What projections subtract; the dimension of the rows.
    pub mean: Vec<f32>,
    /// k × d, orthonormal rows; in each the entry of largest size is positive.
    pub components: Vectors,
    /// Variance along each component (divided by n), descending.
    pub variances: Vec<f64>,
    /// Variance of the rows over all dimensions.
    pub total_variance: f64,
    /// Whether projections are scaled to unit variance.
    pub whiten: bool,
}

impl Pca {
    /// Fits components to rows.
    ///
    /// # Errors
    /// [`LinalgError::Param`], [`LinalgError::TooFew`] below two rows, [`LinalgError::NonFinite`],
    /// [`LinalgError::Cancelled`].
    pub fn fit(rows: VectorsRef<'_>, params: &PcaParams, ctx: &Context) -> Result<Self, LinalgError> {
        params.check(rows.dim())?;
        if rows.rows() < 2 {
            return Err(LinalgError::TooFew { needed: 2, rows: rows.rows() });
        }
        if params.randomized(rows.dim()) { Self::randomized(rows, params, ctx) } else { Self::exact(rows, params, ctx) }
    }

    fn exact(rows: VectorsRef<'_>, params: &PcaParams, ctx: &Context) -> Result<Self, LinalgError> {
        let (mean, covariance) = covariance(rows, ctx)?;
        let total_variance = (0..covariance.rows).map(|i| covariance.at(i, i)).sum();
        let eigen = eigen_symmetric(&covariance)?;
        Ok(Self::new(mean, &eigen.vectors, eigen.values, total_variance, params))
    }

    /// The range of the covariance from its products with a few random directions, then its exact components in there.
    fn randomized(rows: VectorsRef<'_>, params: &PcaParams, ctx: &Context) -> Result<Self, LinalgError> {
        check_finite(rows)?;
        let (mean, total_variance) = mean_and_variance(rows);
        let width = (params.dims + OVERSAMPLING).min(rows.dim());
        let mut r = rng::stream(ctx.seed, "pca");
        let mut basis = Mat::from_fn(rows.dim(), width, |_, _| r.random_range(-1.0..1.0));
        for _ in 0..=params.iterations {
            basis = qr_thin(&times_covariance(rows, &mean, &basis, ctx)?)?.q;
        }
        let mut inner = matmul_tn(&basis, &times_covariance(rows, &mean, &basis, ctx)?)?;
        // Symmetric but for rounding.
        inner = Mat::from_fn(width, width, |i, j| 0.5 * (inner.at(i, j) + inner.at(j, i)));
        let eigen = eigen_symmetric(&inner)?;
        let vectors = matmul(&eigen.vectors, &transpose(&basis))?;
        Ok(Self::new(mean, &vectors, eigen.values, total_variance, params))
    }

    fn new(mean: Vec<f64>, vectors: &Mat, mut variances: Vec<f64>, total_variance: f64, params: &PcaParams) -> Self {
        let mut components = Vectors::zeros(params.dims, mean.len());
        for i in 0..params.dims {
            let row = vectors.row(i);
            // The eigenvectors of a projection lose their sign convention on the way back.
            let top = row.iter().fold(0.0f64, |m, v| if v.abs() > m.abs() + 1e-12 { *v } else { m });
            let sign = if top < 0.0 { -1.0 } else { 1.0 };
            components.row_mut(i).iter_mut().zip(row).for_each(|(c, v)| *c = (sign * v) as f32);
        }
        variances.truncate(params.dims);
        variances.iter_mut().for_each(|v| *v = v.max(0.0));
        let mean = mean.iter().map(|v| *v as f32).collect();
        Self { mean, components, variances, total_variance, whiten: params.whiten }
    }

    /// The share of the variance that each component carries.
    #[must_use]
    pub fn explained(&self) -> Vec<f64> {
        let total = if self.total_variance > 0.0 { self.total_variance } else { 1.0 };
        self.variances.iter().map(|v| v / total).collect()
    }

    /// Projects rows, on the calling thread. Panics when they have another dimension than was fitted.
    #[must_use]
    pub fn apply(&self, rows: VectorsRef<'_>) -> Vectors {
        let mut out = Vectors::zeros(rows.rows(), self.components.rows());
        let (packed, k) = (self.packed(), self.components.rows());
        for (i, out) in out.as_mut_slice().chunks_mut(BLOCK * k).enumerate() {
            self.project(rows.slice(i * BLOCK, rows.rows().min((i + 1) * BLOCK)), &packed, out);
        }
        out
    }

    /// Projects rows on the pool.
    ///
    /// # Errors
    /// [`LinalgError::Dim`] for rows of another dimension, [`LinalgError::Cancelled`].
    pub fn apply_with(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vectors, LinalgError> {
        if rows.dim() != self.mean.len() {
            return Err(LinalgError::Dim { found: rows.dim(), expected: self.mean.len() });
        }
        let mut out = Vectors::zeros(rows.rows(), self.components.rows());
        let (packed, k) = (self.packed(), self.components.rows());
        ctx.pool().install(|| {
            out.as_mut_slice().par_chunks_mut(BLOCK * k).enumerate().try_for_each(|(i, out)| {
                ctx.check()?;
                self.project(rows.slice(i * BLOCK, rows.rows().min((i + 1) * BLOCK)), &packed, out);
                Ok::<_, LinalgError>(())
            })
        })?;
        Ok(out)
    }

    /// The components as they multiply: scaled to unit variance where that is wanted (a direction without variance to 0).
    fn packed(&self) -> PackedB {
        let mut c = self.components.clone();
        if self.whiten {
            let floor = self.variances.first().copied().unwrap_or(0.0) * 1e-12;
            for (i, v) in self.variances.iter().enumerate() {
                let scale = if *v > floor { (1.0 / v.sqrt()) as f32 } else { 0.0 };
                c.row_mut(i).iter_mut().for_each(|x| *x *= scale);
            }
        }
        PackedB::new(c.as_slice(), c.rows(), c.dim())
    }

    fn project(&self, rows: VectorsRef<'_>, packed: &PackedB, out: &mut [f32]) {
        let mut centred = rows.as_slice().to_vec();
        centred.chunks_exact_mut(self.mean.len()).for_each(|r| simd::axpy(-1.0, &self.mean, r));
        simd::gemm_packed(&centred, packed, out);
    }

    /// Writes the components as an artifact of kind `pca`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self, path: &Path, provenance: serde_json::Value) -> Result<(), LinalgError> {
        let params = serde_json::json!({
            "dims": self.components.rows(), "whiten": self.whiten,
            "variances": self.variances, "total_variance": self.total_variance,
        });
        let card = Card { kind: "pca".into(), version: 1, params, provenance };
        let shape = vec![self.components.rows(), self.components.dim()];
        let tensors = [
            TensorOut::f32("mean", vec![1, self.mean.len()], &self.mean),
            TensorOut::f32("components", shape, self.components.as_slice()),
        ];
        Ok(artifact::save(path, &card, &tensors)?)
    }

    /// Reads what [`Pca::save`] wrote.
    ///
    /// # Errors
    /// When the file is missing, damaged or holds something else.
    pub fn open(path: &Path) -> Result<Self, LinalgError> {
        let a = Artifact::open_kind(path, "pca", 1)?;
        let (mean, components, params) = (a.rows("mean")?, a.rows("components")?, &a.card().params);
        let variances: Vec<f64> =
            params["variances"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect();
        if mean.as_slice().len() != components.dim() || variances.len() != components.rows() {
            let (path, name) = (path.to_owned(), "components".to_owned());
            let why = "does not fit the mean or the variances".to_owned();
            return Err(artifact::ArtifactError::Tensor { path, name, why }.into());
        }
        Ok(Self {
            mean: mean.as_slice().to_vec(),
            components,
            variances,
            total_variance: params["total_variance"].as_f64().unwrap_or(0.0),
            whiten: params["whiten"].as_bool().unwrap_or(false),
        })
    }
}

/// The mean of the rows, and their variance over all dimensions.
fn mean_and_variance(rows: VectorsRef<'_>) -> (Vec<f64>, f64) {
    let (n, mut mean) = (rows.rows() as f64, vec![0.0; rows.dim()]);
    rows.iter().for_each(|r| mean.iter_mut().zip(r).for_each(|(m, v)| *m += f64::from(*v) / n));
    let off = |r: &[f32]| r.iter().zip(&mean).map(|(v, m)| (f64::from(*v) - m).powi(2)).sum::<f64>();
    let variance = rows.iter().map(off).sum::<f64>() / n;
    (mean, variance)
}

/// covariance · basis without the covariance: Σ (x − mean) ((x − mean)ᵀ basis) / n, block by block, added in order.
fn times_covariance(rows: VectorsRef<'_>, mean: &[f64], basis: &Mat, ctx: &Context) -> Result<Mat, LinalgError> {
    let mut sum = Mat::zeros(basis.rows, basis.cols);
    let wave = BLOCK * 8;
    for start in (0..rows.rows()).step_by(wave) {
        ctx.check()?;
        let ends: Vec<usize> = (start..rows.rows().min(start + wave)).step_by(BLOCK).collect();
        let product = |from: &usize| {
            let part = rows.slice(*from, rows.rows().min(from + BLOCK));
            let mut x = Mat::zeros(part.rows(), part.dim());
            for i in 0..x.rows {
                copy(part.row(i), x.row_mut(i));
                x.row_mut(i).iter_mut().zip(mean).for_each(|(v, m)| *v -= m);
            }
            Ok::<_, LinalgError>(matmul_tn(&x, &matmul(&x, basis)?)?)
        };
        let parts: Vec<Mat> = ctx.pool().install(|| ends.par_iter().map(product).collect::<Result<_, _>>())?;
        for p in parts {
            sum.data.iter_mut().zip(&p.data).for_each(|(s, v)| *s += v / rows.rows() as f64);
        }
    }
    Ok(sum)
}
