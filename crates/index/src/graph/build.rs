//! Inserting rows in batches.

use rand::seq::SliceRandom;
use thiserror::Error;
use vectory_core::{Cancelled, Context, Metric, VectorsRef, rng};

use super::beam::{ByRows, Links, NONE, Scratch, Start, Walk};
use super::code::Coder;
use super::link::insert_batch;
use super::model::{Graph, Parts};
use super::params::{GraphParams, GraphParamsError};
use super::space::{Rows, row_numbers};
use crate::file::FileError;

/// Why a graph could not be built or used.
#[derive(Debug, Error)]
pub enum GraphError {
    /// A parameter outside its range.
    #[error(transparent)]
    Params(#[from] GraphParamsError),
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// A metric that the graph does not know.
    #[error("graph indexes take cosine, dot and l2, not {0}")]
    Metric(Metric),
    /// A value that is NaN or infinite.
    #[error("row {row}, column {column}: value is not finite")]
    NonFinite {
        /// Which row.
        row: usize,
        /// Which value of it.
        column: usize,
    },
    /// The rows are not those of the graph.
    #[error("the graph is of {expected}, the given rows are {found}")]
    Rows {
        /// `rows × dim` of the graph.
        expected: String,
        /// `rows × dim` that were given.
        found: String,
    },
    /// Too many rows for 32-bit numbers.
    #[error("{0} rows are above 2,147,483,647, the most that one graph holds; split the collection")]
    TooLarge(usize),
    /// The walk codes could not be learnt.
    #[error(transparent)]
    Linalg(#[from] vectory_core::linalg::LinalgError),
    /// The file could not be written or read.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A batch never has more than this part of the rows that are in the graph by then.
const BATCH_PART: usize = 50;
/// A walk starts from the best of at most so many rows.
const MOST_ENTRIES: usize = 256;
/// From so many rows on codes are asked how far they can be believed, and again whenever there are four times as many.
const JUDGED: usize = 1000;

impl Graph {
    /// Builds a graph of all rows. The same seed gives the same graph on any number of threads.
    ///
    /// # Errors
    /// [`GraphError`] for parameters, metrics or values that are not allowed, or when interrupted.
    pub fn build(
        rows: VectorsRef<'_>,
        metric: Metric,
        params: &GraphParams,
        ctx: &Context,
    ) -> Result<Self, GraphError> {
        params.check()?;
        if !matches!(metric, Metric::Cosine | Metric::Dot | Metric::L2) {
            return Err(GraphError::Metric(metric));
        }
        let mut parts = Parts::empty(metric, *params, rows.dim());
        grow(&mut parts, rows, ctx)?;
        Ok(Self::of_parts(parts)?)
    }

    /// Inserts the rows after those it has: `rows` are the old ones and the new ones together. A mapped graph is copied
    /// into memory first.
    ///
    /// # Errors
    /// As [`Graph::build`]; [`GraphError::Rows`] when there are fewer rows than before, or of another dimension.
    pub fn insert(&mut self, rows: VectorsRef<'_>, ctx: &Context) -> Result<(), GraphError> {
        let mut parts = self.to_parts();
        if rows.rows() < parts.rows || (rows.dim() != parts.dim && parts.rows > 0) {
            return Err(differ(&parts, rows, " or more"));
        }
        parts.dim = rows.dim();
        grow(&mut parts, rows, ctx)?;
        *self = Self::of_parts(parts)?;
        Ok(())
    }
}

/// Whether these are rows of the graph's shape, and finite.
pub(super) fn check_rows(parts: &Parts, rows: VectorsRef<'_>) -> Result<(), GraphError> {
    if rows.rows() != parts.rows || rows.dim() != parts.dim {
        return Err(differ(parts, rows, ""));
    }
    match rows.first_non_finite() {
        Some((row, column)) => Err(GraphError::NonFinite { row, column }),
        None => Ok(()),
    }
}

fn differ(parts: &Parts, rows: VectorsRef<'_>, more: &str) -> GraphError {
    GraphError::Rows {
        expected: format!("{} × {}{more}", parts.rows, parts.dim),
        found: format!("{} × {}", rows.rows(), rows.dim()),
    }
}

fn grow(parts: &mut Parts, rows: VectorsRef<'_>, ctx: &Context) -> Result<(), GraphError> {
    let nodes = prepare(parts, rows, ctx)?;
    insert_nodes(parts, rows, nodes, ctx)
}

/// Makes room for the rows behind those that are there, and codes them; gives those that are to become nodes.
pub(super) fn prepare(parts: &mut Parts, rows: VectorsRef<'_>, ctx: &Context) -> Result<Vec<u32>, GraphError> {
    if rows.rows() > i32::MAX as usize {
        return Err(GraphError::TooLarge(rows.rows()));
    }
    let old = parts.rows as u32;
    parts.rows = rows.rows();
    check_rows(parts, rows)?;
    parts.links.resize(rows.rows() * parts.params.degree(), NONE);
    parts.gone.resize(rows.rows(), false);
    parts.twins.next.resize(rows.rows(), NONE);
    parts.twins.is_twin.resize(rows.rows(), false);
    let new: Vec<u32> = (old..rows.rows() as u32).collect();
    encode(parts, rows, &new, ctx)?;
    Ok(parts.twins_of(rows, &new))
}

/// Inserts rows that equal no other, in a shuffled order, in batches that grow with the graph.
pub(super) fn insert_nodes(
    parts: &mut Parts,
    rows: VectorsRef<'_>,
    mut order: Vec<u32>,
    ctx: &Context,
) -> Result<(), GraphError> {
    order.shuffle(&mut rng::stream(ctx.seed, "graph order"));
    let mut inserted = parts.nodes() - order.len();
    let mut rest = order.as_slice();
    if let (true, Some((first, others))) = (parts.entries.is_empty(), rest.split_first()) {
        parts.entries.push(*first);
        (inserted, rest) = (1, others);
    }
    let (wanted, mut judged) = (entries_of(inserted + rest.len()), JUDGED);
    parts.know_scores();
    ctx.progress().begin("linking", Some(order.len() as u64), "rows");
    let result = ctx.pool().install(|| {
        while !rest.is_empty() {
            ctx.check()?;
            if inserted >= judged {
                parts.measure_doubt(rows);
                judged = 4 * inserted;
            }
            let size = (inserted / BATCH_PART).max(inserted.min(16)).min(rest.len());
            let (batch, after) = rest.split_at(size);
            insert_batch(parts, rows, batch);
            let missing = wanted.saturating_sub(parts.entries.len());
            parts.entries.extend(batch.iter().take(missing));
            ctx.progress().advance(size as u64);
            inserted += size;
            rest = after;
        }
        parts.scores = Vec::new();
        super::check::connect(parts, rows);
        Ok(())
    });
    ctx.progress().end();
    result
}

/// The rows' numbers and walk codes. The coder is learnt again once there are four times the rows it was learnt from; an
/// inner product needs all codes again when a row comes that is longer than all before.
pub(super) fn encode(parts: &mut Parts, rows: VectorsRef<'_>, new: &[u32], ctx: &Context) -> Result<(), GraphError> {
    let numbers = row_numbers(rows, parts.metric);
    let before = std::mem::replace(&mut parts.numbers, numbers);
    let mut changed: Vec<u32> = new.to_vec();
    if parts.metric == Metric::Dot {
        changed.extend((0..before.len() as u32).filter(|id| before[*id as usize] != parts.numbers[*id as usize]));
    }
    if rows.rows() == 0 || rows.dim() == 0 {
        return Ok(());
    }
    let seen = Rows { rows, metric: parts.metric, numbers: &parts.numbers };
    let known = parts.coder.take().filter(|c| rows.rows() < 4 * c.shape.learnt_from);
    let coder = match known {
        Some(coder) => coder,
        None => {
            changed = (0..rows.rows() as u32).collect();
            Coder::fit(&seen, ctx)?
        }
    };
    let bytes = coder.shape.bytes(rows.rows()).ok_or(GraphError::TooLarge(rows.rows()))?;
    parts.codes.resize(bytes, 0);
    changed.sort_unstable();
    changed.dedup();
    coder.encode(&seen, &changed, &mut parts.codes, ctx);
    parts.coder = Some(coder);
    Ok(())
}

/// How many rows a walk may start from.
pub(super) fn entries_of(nodes: usize) -> usize {
    (nodes.isqrt() / 2).clamp(1, MOST_ENTRIES)
}

impl Parts {
    pub(super) fn links(&self) -> Links<'_> {
        Links { links: &self.links, degree: self.params.degree() }
    }

    pub(super) fn start(&self) -> Start<'_> {
        Start { links: self.links(), entries: &self.entries }
    }

    /// Fills the pool with the rows nearest to row `id`, by their full scores.
    pub(super) fn walk(&self, seen: &Rows<'_>, id: u32, scratch: &mut Scratch) {
        let walk = Walk { ef: self.params.ef_construct, keep: 0 };
        let query = seen.row_query(id);
        let (Some(coder), Some(codes)) = (&self.coder, self.codes()) else {
            scratch.walk_rows(self.start(), &ByRows { rows: seen, query: &query }, walk, ());
            scratch.second.gather(&scratch.pool);
            return;
        };
        let mut lifted = vec![0.0; seen.lifted_dim()];
        seen.lifted(id, &mut lifted);
        coder.query(&lifted, &mut scratch.code);
        scratch.walk_codes(self.start(), codes, walk, ());
        scratch.second.rescore(&scratch.pool, walk.ef, |ids, out| {
            ids.iter().for_each(|id| seen.prefetch(*id));
            seen.scores(&query, ids, out);
        });
    }

    pub(super) fn seen<'a>(&'a self, rows: VectorsRef<'a>) -> Rows<'a> {
        Rows { rows, metric: self.metric, numbers: &self.numbers }
    }
}
