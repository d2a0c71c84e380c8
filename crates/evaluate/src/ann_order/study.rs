//! One graph for each order.

use rand::seq::SliceRandom;
use serde::Serialize;
use thiserror::Error;
use vectory_core::cluster::{ClusterError, KMeansParams, kmeans};
use vectory_core::neighbors::{self, NeighborsError};
use vectory_core::{Context, Hit, Metric, VectorsRef, rng};
use vectory_index::graph::{Graph, GraphError, GraphParams};
use vectory_index::{Search, SearchParams};

/// In which order rows are inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Highest local dimension first.
    LidDesc,
    /// Lowest local dimension first.
    LidAsc,
    /// Shuffled.
    Random,
    /// One k-means group after another.
    Cluster,
}

impl Order {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::LidDesc, Self::Random, Self::Cluster, Self::LidAsc];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LidDesc => "lid-desc",
            Self::LidAsc => "lid-asc",
            Self::Random => "random",
            Self::Cluster => "cluster",
        }
    }

    fn rows(self, rows: VectorsRef<'_>, lid: &[f64], ctx: &Context) -> Result<Vec<u32>, OrderError> {
        let mut order: Vec<u32> = (0..rows.rows() as u32).collect();
        let by_lid = |a: &u32, b: &u32| lid[*a as usize].total_cmp(&lid[*b as usize]);
        match self {
            Self::LidDesc => order.sort_by(|a, b| by_lid(b, a)),
            Self::LidAsc => order.sort_by(by_lid),
            Self::Random => order.shuffle(&mut rng::stream(ctx.seed, "insertion order")),
            Self::Cluster => {
                let k = rows.rows().isqrt().clamp(1, 100);
                let groups =
                    kmeans(rows, &KMeansParams { k, max_iterations: 10, ..KMeansParams::default() }, ctx)?.assignment;
                order.sort_by_key(|id| groups[*id as usize]);
            }
        }
        Ok(order)
    }
}

/// What the study is told.
#[derive(Clone, Copy, Debug)]
pub struct OrderParams {
    /// How rows compare.
    pub metric: Metric,
    /// Hits a query.
    pub k: usize,
    /// Width of the search.
    pub ef: usize,
    /// The graph.
    pub graph: GraphParams,
}

impl Default for OrderParams {
    fn default() -> Self {
        let graph = GraphParams { m: 16, ef_construct: 128, ..GraphParams::default() };
        Self { metric: Metric::L2, k: 10, ef: 32, graph }
    }
}

/// Why the study failed.
#[derive(Debug, Error)]
pub enum OrderError {
    /// No graph could be built.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// No exact neighbours could be found.
    #[error(transparent)]
    Neighbors(#[from] NeighborsError),
    /// No groups could be made.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
}

/// One order and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct OrderResult {
    /// The order.
    pub order: Order,
    /// Mean recall@k at the width.
    pub recall: f64,
}

/// Recall of a graph built in each of `orders`; `lid` has a value for each row. Same seed, same result.
///
/// # Errors
/// [`OrderError`]: metric, parameters, values that are not finite, dimensions that differ, interrupted.
pub fn study(
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    lid: &[f64],
    orders: &[Order],
    params: &OrderParams,
    ctx: &Context,
) -> Result<Vec<OrderResult>, OrderError> {
    let truth = neighbors::exact(base, queries, params.metric, params.k, ctx)?;
    let search = SearchParams { k: params.k, ef: params.ef, ..SearchParams::default() };
    let one = |order: &Order| {
        let rows = order.rows(base, lid, ctx)?;
        let graph = Graph::build_in_order(base, params.metric, &params.graph, &rows, ctx)?;
        let searcher = graph.on(base)?;
        let found: Vec<Vec<Hit>> = queries.iter().map(|q| searcher.search(q, &search)).collect();
        Ok(OrderResult { order: *order, recall: neighbors::recall(&found, &truth, params.k) })
    };
    orders.iter().map(one).collect()
}
