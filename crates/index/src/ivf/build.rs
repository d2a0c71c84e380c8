//! Building: centroids, assignment, codes in the order of the lists.

use rayon::prelude::*;
use thiserror::Error;
use vectory_compress::{AnyCodec, Codec, CodecError, Codes, Spec};
use vectory_core::cluster::{self, ClusterError, KMeansParams};
use vectory_core::{Cancelled, Context, Metric, Vectors, VectorsRef, rng, simd, vectors};

use super::model::Header;
use super::{IvfParams, IvfParamsError};
use crate::coded::CodedRows;
use crate::file::{FileError, FileWriter};

/// Rows a centroid is learnt from.
const PER_LIST: usize = 64;
/// Rows that the codec is fitted on.
const FIT: usize = 65_536;
/// Places coded in one task; a multiple of every codec's group.
const CHUNK: usize = 1024;

/// Why an inverted file could not be built.
#[derive(Debug, Error)]
pub enum IvfError {
    /// A metric that it does not serve.
    #[error("metric `{0}` is not served by an inverted file (use cosine, dot or l2)")]
    Metric(Metric),
    /// A parameter.
    #[error(transparent)]
    Params(#[from] IvfParamsError),
    /// Clustering.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Coding.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The file could not be written or read.
    #[error(transparent)]
    File(#[from] FileError),
    /// Interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// More rows than places can count.
    #[error("{0} rows are more than places of 32 bits can name")]
    TooMany(usize),
}

/// The places of rows: list after list, each list padded to whole groups.
pub(crate) struct Places {
    /// Where each list starts, and the end.
    pub starts: Vec<u32>,
    /// The row at each place; `u32::MAX` where there is none.
    pub ids: Vec<u32>,
    /// The list of each place.
    pub lists: Vec<u32>,
}

impl Places {
    pub fn new(assignment: &[u32], lists: usize, group: usize) -> Self {
        let mut sizes = vec![0usize; lists];
        assignment.iter().for_each(|l| sizes[*l as usize] += 1);
        let mut starts = vec![0u32; lists + 1];
        for l in 0..lists {
            starts[l + 1] = starts[l] + sizes[l].next_multiple_of(group) as u32;
        }
        let total = starts[lists] as usize;
        let (mut ids, mut of, mut at) = (vec![u32::MAX; total], vec![0; total], starts.clone());
        for l in 0..lists {
            of[starts[l] as usize..starts[l + 1] as usize].fill(l as u32);
        }
        for (id, l) in assignment.iter().enumerate() {
            ids[at[*l as usize] as usize] = id as u32;
            at[*l as usize] += 1;
        }
        Self { starts, ids, lists: of }
    }
}

pub(super) fn build(
    file: &mut FileWriter,
    rows: VectorsRef<'_>,
    metric: Metric,
    params: &IvfParams,
    ctx: &Context,
) -> Result<serde_json::Value, IvfError> {
    params.check()?;
    if !matches!(metric, Metric::Cosine | Metric::Dot | Metric::L2) {
        return Err(IvfError::Metric(metric));
    }
    if rows.rows() > (u32::MAX - 1) as usize / 2 {
        return Err(IvfError::TooMany(rows.rows()));
    }
    let unit = unit(rows, metric);
    let rows = unit.as_ref().map_or(rows, Vectors::view);
    if let Some((row, dim)) = rows.first_non_finite() {
        return Err(CodecError::NonFinite { row, dim }.into());
    }
    let lists = params.lists_for(rows.rows());
    let (centroids, assignment) = group(rows, lists, params.iterations, ctx)?;
    file.section("centroids", centroids.as_slice());
    let (places, codes) = match &params.codec {
        None => {
            let places = Places::new(&assignment, lists, 1);
            file.section("rows", in_order(rows, &places).as_slice());
            (places, serde_json::Value::Null)
        }
        Some(spec) => code(file, (rows, metric, spec), &centroids, &assignment, ctx)?,
    };
    file.section("starts", &places.starts).section("ids", &places.ids);
    let header = Header { rows: rows.rows(), dim: rows.dim(), metric, lists, codes };
    Ok(serde_json::json!(header))
}

/// Rows of unit length under cosine.
pub(crate) fn unit(rows: VectorsRef<'_>, metric: Metric) -> Option<Vectors> {
    (metric == Metric::Cosine).then(|| {
        let mut unit = Vectors::zeros(rows.rows(), rows.dim());
        unit.as_mut_slice().copy_from_slice(rows.as_slice());
        unit.normalize();
        unit
    })
}

/// Centroids from a sample, and the list of every row.
pub(crate) fn group(
    rows: VectorsRef<'_>,
    lists: usize,
    iterations: usize,
    ctx: &Context,
) -> Result<(Vectors, Vec<u32>), ClusterError> {
    if rows.rows() == 0 {
        return Ok((Vectors::zeros(1, rows.dim()), vec![]));
    }
    let most = (lists * PER_LIST).max(16_384);
    let sample = sample(rows, most, ctx.seed);
    let k = lists.min(sample.rows());
    let params = KMeansParams { k, max_iterations: iterations, ..KMeansParams::default() };
    let centroids = cluster::kmeans(sample.view(), &params, ctx)?.centroids;
    let (assignment, _) = cluster::nearest(centroids.view(), rows, ctx)?;
    Ok((centroids, assignment))
}

/// At most so many rows, in their order.
pub(crate) fn sample(rows: VectorsRef<'_>, most: usize, seed: u64) -> Vectors {
    let mut ids: Vec<usize> = if rows.rows() <= most {
        (0..rows.rows()).collect()
    } else {
        rand::seq::index::sample(&mut rng::stream(seed, "ivf sample"), rows.rows(), most).into_vec()
    };
    ids.sort_unstable();
    let mut out = Vectors::zeros(ids.len(), rows.dim());
    ids.iter().enumerate().for_each(|(i, id)| out.row_mut(i).copy_from_slice(rows.row(*id)));
    out
}

/// Full rows, place by place.
fn in_order(rows: VectorsRef<'_>, places: &Places) -> Vectors {
    let mut out = Vectors::zeros(places.ids.len(), rows.dim());
    places.ids.iter().enumerate().for_each(|(p, id)| out.row_mut(p).copy_from_slice(rows.row(*id as usize)));
    out
}

/// Codes of what the rows have beside their centroids, and their biases.
fn code(
    file: &mut FileWriter,
    (rows, metric, spec): (VectorsRef<'_>, Metric, &Spec),
    centroids: &Vectors,
    assignment: &[u32],
    ctx: &Context,
) -> Result<(Places, serde_json::Value), IvfError> {
    let beside = |ids: &mut dyn Iterator<Item = usize>, n: usize| {
        let mut out = Vectors::zeros(n, rows.dim());
        for (i, id) in ids.enumerate() {
            let centroid = centroids.row(assignment[id] as usize);
            out.row_mut(i).iter_mut().zip(rows.row(id)).zip(centroid).for_each(|((o, v), c)| *o = v - c);
        }
        out
    };
    let step = rows.rows().div_ceil(FIT).max(1);
    let fitted = beside(&mut (0..rows.rows()).step_by(step), rows.rows().div_ceil(step));
    // Without rows the codec is fitted on a zero row: it has its dimension, and nothing is coded.
    let fitted = if fitted.is_empty() { Vectors::zeros(1, rows.dim()) } else { fitted };
    let codec = spec.fit(fitted.view(), Metric::Dot, ctx)?;
    let places = Places::new(assignment, centroids.rows(), codec.layout().group);
    let mut codes = Codes::zeros(codec.layout(), places.ids.len());
    let mut biases = vec![f32::NEG_INFINITY; places.ids.len()];
    let row_of = Residuals { rows, centroids, metric, codec: &codec, places: &places };
    codes.fill(CHUNK, ctx, |at, primary, secondary| {
        row_of.encode(at, CHUNK.min(places.ids.len() - at), primary, secondary);
    })?;
    ctx.pool().install(|| {
        biases.par_chunks_mut(CHUNK).enumerate().for_each(|(c, out)| row_of.biases(c * CHUNK, codes.view(), out));
    });
    file.section("biases", &biases);
    let header = CodedRows::write(file, &codec, codes.view());
    Ok((places, header))
}

struct Residuals<'a> {
    rows: VectorsRef<'a>,
    centroids: &'a Vectors,
    metric: Metric,
    codec: &'a AnyCodec,
    places: &'a Places,
}

impl Residuals<'_> {
    fn encode(&self, at: usize, n: usize, primary: &mut [u8], secondary: &mut [u8]) {
        let mut beside = Vectors::zeros(n, self.rows.dim());
        for i in 0..n {
            self.beside(at + i, beside.row_mut(i));
        }
        self.codec.encode_into(beside.view(), primary, secondary);
    }

    /// What the row at a place has beside its centroid; zeros where there is no row.
    fn beside(&self, place: usize, out: &mut [f32]) -> bool {
        let id = self.places.ids[place];
        if id == u32::MAX {
            return false;
        }
        let centroid = self.centroids.row(self.places.lists[place] as usize);
        out.iter_mut().zip(self.rows.row(id as usize)).zip(centroid).for_each(|((o, v), c)| *o = v - c);
        true
    }

    fn biases(&self, at: usize, codes: vectory_compress::CodesRef<'_>, out: &mut [f32]) {
        let (mut r, mut coded) = (vec![0.0; self.rows.dim()], vec![0.0; self.rows.dim()]);
        for (i, bias) in out.iter_mut().enumerate() {
            if !self.beside(at + i, &mut r) {
                continue;
            }
            self.codec.decode(codes, (at + i) as u32, &mut coded);
            let centroid = self.centroids.row(self.places.lists[at + i] as usize);
            *bias = if self.metric == Metric::L2 {
                // An unbiased estimate of the product goes with the true length; a nearest point with its own.
                let square = if self.codec.unbiased() { simd::dot(&r, &r) } else { simd::dot(&coded, &coded) };
                -square - 2.0 * simd::dot(centroid, &coded)
            } else {
                simd::dot(centroid, &r) - simd::dot(centroid, &coded)
            };
        }
    }
}

/// A query as the lists see it.
pub(super) fn ready(query: &[f32], metric: Metric) -> Vec<f32> {
    let mut out = query.to_vec();
    if metric == Metric::Cosine {
        vectors::normalize(&mut out);
    }
    out
}
