//! One graph for each order.

use rand::seq::SliceRandom;
use rayon::prelude::*;
use serde::Serialize;
use thiserror::Error;
use vectory_core::cluster::{ClusterError, KMeansParams, kmeans};
use vectory_core::neighbors::{self, NeighborsError};
use vectory_core::{Cancelled, Context, Hit, Metric, VectorsRef, rng};
use vectory_index::graph::{Graph, GraphError, GraphParams};
use vectory_index::{Search, SearchParams};

use super::Hnsw;

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

/// Which graph is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OrderedGraph {
    /// HNSW as it was published.
    Hnsw,
    /// Our own: one layer, walked on codes, from rows spread over the set.
    Ours,
}

impl OrderedGraph {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Hnsw, Self::Ours];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hnsw => "hnsw",
            Self::Ours => "ours",
        }
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
    /// The graph's options.
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
    /// The call was interrupted.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// One graph in one order and what came of it.
#[derive(Clone, Debug, Serialize)]
pub struct OrderResult {
    /// The graph.
    pub graph: OrderedGraph,
    /// The order.
    pub order: Order,
    /// Mean recall@k at the width.
    pub recall: f64,
}

/// Recall of each of `graphs` built in each of `orders`, graph by graph; `lid` has a value for each row. Same seed, same result,
/// for any number of threads: an insertion takes one, several graphs are built at once.
///
/// # Errors
/// [`OrderError`]: metric, parameters, values that are not finite, dimensions that differ, interrupted.
pub fn study(
    (base, queries): (VectorsRef<'_>, VectorsRef<'_>),
    lid: &[f64],
    graphs: &[OrderedGraph],
    orders: &[Order],
    params: &OrderParams,
    ctx: &Context,
) -> Result<Vec<OrderResult>, OrderError> {
    params.graph.check().map_err(GraphError::from)?;
    if !matches!(params.metric, Metric::L2 | Metric::Cosine | Metric::Dot) {
        return Err(GraphError::Metric(params.metric).into());
    }
    let truth = neighbors::exact(base, queries, params.metric, params.k, ctx)?;
    let rows: Vec<Vec<u32>> = orders.iter().map(|o| o.rows(base, lid, ctx)).collect::<Result<_, _>>()?;
    let all: Vec<(OrderedGraph, usize)> =
        graphs.iter().flat_map(|graph| (0..orders.len()).map(|order| (*graph, order))).collect();
    let one = |(graph, order): &(OrderedGraph, usize)| {
        let found = find((base, queries), *graph, &rows[*order], params, ctx)?;
        let recall = neighbors::recall(&found, &truth, params.k);
        Ok(OrderResult { graph: *graph, order: orders[*order], recall })
    };
    ctx.pool().install(|| all.par_iter().map(one).collect())
}

/// What a graph finds whose rows were inserted in this order.
fn find(
    (base, queries): (VectorsRef<'_>, VectorsRef<'_>),
    graph: OrderedGraph,
    order: &[u32],
    params: &OrderParams,
    ctx: &Context,
) -> Result<Vec<Vec<Hit>>, OrderError> {
    let OrderParams { metric, k, ef, graph: options } = *params;
    if graph == OrderedGraph::Hnsw {
        let graph = Hnsw::build(base, metric, options, order, ctx)?;
        return Ok(queries.iter().map(|q| graph.search(q, k, ef)).collect());
    }
    let graph = Graph::build_in_order(base, metric, &options, order, ctx)?;
    let (searcher, search) = (graph.on(base)?, SearchParams { k, ef, ..SearchParams::default() });
    Ok(queries.iter().map(|q| searcher.search(q, &search)).collect())
}
