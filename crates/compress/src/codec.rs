//! The two traits: what fits a codec, and what a fitted codec does.

use std::ops::Range;

use thiserror::Error;
use vectory_core::artifact::ArtifactError;
use vectory_core::{Cancelled, Context, Metric, VectorsRef, simd};

use crate::{Codes, CodesRef, Layout};

/// A parameter outside its range.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("codec `{field}` is {value}, must be {legal}")]
pub struct ParamsError {
    /// Which.
    pub field: &'static str,
    /// What it is.
    pub value: String,
    /// What is legal.
    pub legal: String,
}

impl ParamsError {
    pub(crate) fn new(field: &'static str, value: impl ToString, legal: impl ToString) -> Self {
        Self { field, value: value.to_string(), legal: legal.to_string() }
    }
}

/// Why a codec could not be fitted, or rows not be coded.
#[derive(Debug, Error)]
pub enum CodecError {
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A parameter outside its range.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// A metric that codes of dense rows do not serve.
    #[error("metric `{0}` does not compare coded rows (use dot, cosine or l2)")]
    Metric(Metric),
    /// A value is NaN or infinite.
    #[error("row {row} has a value that is not finite at dimension {dim}")]
    NonFinite {
        /// Which row.
        row: usize,
        /// Which dimension.
        dim: usize,
    },
    /// Rows of another dimension than the codec was fitted on.
    #[error("rows have {rows} dimensions, the codec {codec}")]
    Dim {
        /// Of the rows.
        rows: usize,
        /// Of the codec.
        codec: usize,
    },
    /// Too few rows to learn from.
    #[error("{what} needs at least {needed} rows to be fitted on, there are {rows}")]
    TooFew {
        /// What is learnt.
        what: &'static str,
        /// Rows needed.
        needed: usize,
        /// Rows there are.
        rows: usize,
    },
    /// Bytes that are not so many coded rows.
    #[error("codes of {rows} rows have {} + {} bytes, expected {} + {}", found.0, found.1, expected.0, expected.1)]
    Codes {
        /// Bytes of the primary and secondary block.
        found: (usize, usize),
        /// Bytes they must have.
        expected: (usize, usize),
        /// How many rows.
        rows: usize,
    },
    /// The saved form could not be written or read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// Clustering failed.
    #[error(transparent)]
    Cluster(#[from] vectory_core::cluster::ClusterError),
    /// A decomposition failed.
    #[error(transparent)]
    Linalg(#[from] vectory_core::linalg::LinalgError),
}

/// Parameters that can be fitted to rows.
pub trait FitCodec {
    /// What comes out.
    type Codec: Codec;

    /// Whether every parameter is in its range for rows of this dimension.
    ///
    /// # Errors
    /// [`ParamsError`] names the first that is not.
    fn check(&self, dim: usize) -> Result<(), ParamsError>;

    /// Learns what the codec needs of `rows` (a sample is enough) for scores under `metric`. Same rows and seed, same codec,
    /// for any number of threads.
    ///
    /// # Errors
    /// [`CodecError`]: a parameter, the metric, values that are not finite, too few rows, interrupted.
    fn fit(&self, rows: VectorsRef<'_>, metric: Metric, ctx: &Context) -> Result<Self::Codec, CodecError>;
}

/// A fitted codec: rows to bytes and back, and scores of a query against the bytes.
///
/// A query must have [`Codec::dim`] values and each id must be below the number of rows: both panic otherwise, as slices do;
/// check the input where it comes in. A query that is not finite gives scores without meaning.
pub trait Codec: Send + Sync {
    /// A vector made ready to be scored against codes. Reuse it: its buffers are kept.
    type Query: Clone + Default + Send + Sync;

    /// Its name, as [`Spec`](crate::Spec) reads it: `LVQ8`.
    fn name(&self) -> String;

    /// Values a row has.
    fn dim(&self) -> usize;

    /// How rows compare.
    fn metric(&self) -> Metric;

    /// Where a row's bytes lie.
    fn layout(&self) -> Layout;

    /// Codes a run of rows into the groups that start at row `start` of a larger set. `primary` and `secondary` are exactly
    /// the bytes of these rows. Under cosine the rows come as they are. Use [`Codec::encode`].
    fn encode_into(&self, rows: VectorsRef<'_>, primary: &mut [u8], secondary: &mut [u8]);

    /// The approximate row of a code: both levels where there are two.
    fn decode(&self, codes: CodesRef<'_>, id: u32, out: &mut [f32]);

    /// Makes a vector ready.
    fn query_into(&self, values: &[f32], query: &mut Self::Query);

    /// Makes a coded row ready, from its primary record: for building on codes.
    fn row_query_into(&self, codes: CodesRef<'_>, id: u32, query: &mut Self::Query);

    /// The scores of the rows `ids`, from their primary records.
    fn scores(&self, query: &Self::Query, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]);

    /// The scores of the rows from `start` on, as many as `out` has places, from their primary records: faster than by ids.
    /// `start` must be a multiple of [`Layout::group`].
    fn block(&self, query: &Self::Query, codes: CodesRef<'_>, start: usize, out: &mut [f32]);

    /// Gives `take` each of `rows` whose score by its primary record is at least `floor`, ascending, with the score; `take` says the floor
    /// from there on. The scan for the best: most rows are refused before they are a score. NaN and −∞ never come.
    /// `rows` must start at a multiple of [`Layout::group`].
    fn above(&self, query: &Self::Query, codes: CodesRef<'_>, rows: Range<usize>, floor: f32, take: &mut Above<'_>) {
        scored_above(self, query, codes, (rows, floor), take);
    }

    /// The scores of the rows `ids` from both levels; [`Codec::scores`] where there is one.
    fn rerank(&self, query: &Self::Query, codes: CodesRef<'_>, ids: &[u32], out: &mut [f32]) {
        self.scores(query, codes, ids, out);
    }

    /// A ready query of its own.
    fn query(&self, values: &[f32]) -> Self::Query {
        let mut query = Self::Query::default();
        self.query_into(values, &mut query);
        query
    }

    /// Codes rows, on all threads.
    ///
    /// # Errors
    /// [`CodecError::Dim`], [`CodecError::NonFinite`], [`CodecError::Cancelled`].
    fn encode(&self, rows: VectorsRef<'_>, ctx: &Context) -> Result<Codes, CodecError> {
        let mut codes = Codes::zeros(self.layout(), 0);
        self.append(rows, &mut codes, ctx)?;
        Ok(codes)
    }

    /// Codes more rows behind those that are there.
    ///
    /// # Errors
    /// As [`Codec::encode`]; then nothing was appended.
    fn append(&self, rows: VectorsRef<'_>, codes: &mut Codes, ctx: &Context) -> Result<(), CodecError> {
        check_rows(rows, self.dim())?;
        let (layout, before) = (self.layout(), codes.rows());
        assert!(before.is_multiple_of(layout.group), "rows are appended to whole groups of {}", layout.group);
        codes.resize(before + rows.rows());
        let chunk = CHUNK.next_multiple_of(layout.group);
        let done = codes.fill_from(before, chunk, ctx, |at, primary, secondary| {
            self.encode_into(rows.slice(at, rows.rows().min(at + chunk)), primary, secondary);
        });
        if done.is_err() {
            codes.resize(before);
        }
        done
    }

    /// Whether decoded rows make unbiased products but are not the nearest points (RaBitQ): their own lengths then say nothing.
    fn unbiased(&self) -> bool {
        false
    }
}

/// Takes a row and its score; says which score matters from there on.
pub type Above<'a> = dyn FnMut(u32, f32) -> f32 + 'a;

/// Rows that are scored together: their scores stay in the first cache.
const SCORED: usize = 512;

/// [`Codec::above`] by scores of blocks.
pub(crate) fn scored_above<C: Codec + ?Sized>(
    codec: &C,
    query: &C::Query,
    codes: CodesRef<'_>,
    (rows, mut floor): (Range<usize>, f32),
    take: &mut Above<'_>,
) {
    let mut scores = [0.0; SCORED];
    for start in rows.clone().step_by(SCORED) {
        let scores = &mut scores[..SCORED.min(rows.end - start)];
        codec.block(query, codes, start, scores);
        let mut at = 0;
        // The least finite value stands for −∞, which marks places without a row.
        while let Some(i) = simd::position_ge(scores, at, floor.max(f32::MIN)) {
            floor = take((start + i) as u32, scores[i]);
            at = i + 1;
        }
    }
}

/// Rows coded in one task.
const CHUNK: usize = 1024;

/// A codec, codes and a ready query: a [`core::scorer::Scorer`](vectory_core::scorer::Scorer) over coded rows.
#[derive(Clone, Debug)]
pub struct Scorer<'a, C: Codec> {
    codec: &'a C,
    codes: CodesRef<'a>,
    query: C::Query,
}

impl<'a, C: Codec> Scorer<'a, C> {
    /// A query from outside.
    pub fn new(codec: &'a C, codes: CodesRef<'a>, values: &[f32]) -> Self {
        Self { codec, codes, query: codec.query(values) }
    }

    /// The scores from both levels.
    pub fn rerank(&self, ids: &[u32], out: &mut [f32]) {
        self.codec.rerank(&self.query, self.codes, ids, out);
    }
}

impl<C: Codec> vectory_core::scorer::Scorer for Scorer<'_, C> {
    fn len(&self) -> usize {
        self.codes.rows()
    }

    fn score(&self, ids: &[u32], out: &mut [f32]) {
        self.codec.scores(&self.query, self.codes, ids, out);
    }
}

pub(crate) fn check_rows(rows: VectorsRef<'_>, dim: usize) -> Result<(), CodecError> {
    if rows.dim() != dim && rows.rows() > 0 {
        return Err(CodecError::Dim { rows: rows.dim(), codec: dim });
    }
    check_finite(rows)
}

pub(crate) fn check_finite(rows: VectorsRef<'_>) -> Result<(), CodecError> {
    match rows.first_non_finite() {
        Some((row, dim)) => Err(CodecError::NonFinite { row, dim }),
        None => Ok(()),
    }
}

/// What every fit asks first: dot, cosine or l2, at least one row and one dimension, finite values.
pub(crate) fn check_fit(rows: VectorsRef<'_>, metric: Metric) -> Result<(), CodecError> {
    if !matches!(metric, Metric::Dot | Metric::Cosine | Metric::L2) {
        return Err(CodecError::Metric(metric));
    }
    if rows.dim() == 0 {
        return Err(ParamsError::new("dimension of the rows", 0, "1 or more").into());
    }
    if rows.rows() == 0 {
        return Err(CodecError::TooFew { what: "a codec", needed: 1, rows: 0 });
    }
    check_finite(rows)
}
