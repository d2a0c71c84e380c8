//! `vectory evaluate ann-order`: what the order of insertion does to a graph over one's own vectors.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Global;
use super::evaluate_ann::finite;
use super::output::{self, Failure};
use crate::core::Metric;
use crate::evaluate::ann_order::{self, Order, OrderParams, OrderedGraph};
use crate::index::graph::GraphParams;

#[derive(Args)]
pub(super) struct OrderArgs {
    /// Rows that are inserted
    #[arg(long, value_name = "FILE")]
    base: PathBuf,
    /// Queries
    #[arg(long, value_name = "FILE")]
    query: PathBuf,
    /// Which graph: HNSW as it was published, our own, or both
    #[arg(long, value_enum, default_value_t = Graphs::Both)]
    graph: Graphs,
    /// How rows compare: l2, cosine, dot
    #[arg(long, default_value = "l2")]
    metric: String,
    /// At most so many rows (they are inserted one by one, once for each order)
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    rows: usize,
    /// Neighbours that the local dimension is estimated from
    #[arg(long, value_name = "N", default_value_t = 100)]
    neighbors: usize,
    /// Half of the links a row may have
    #[arg(long, default_value_t = 16)]
    m: usize,
    /// Width of the search while building
    #[arg(long, default_value_t = 128)]
    ef_construct: usize,
    /// Width of the search
    #[arg(long, default_value_t = 32)]
    ef: usize,
    /// Hits a query
    #[arg(short, long, default_value_t = 10)]
    k: usize,
}

#[derive(Clone, Copy, ValueEnum)]
enum Graphs {
    Hnsw,
    Ours,
    Both,
}

impl Graphs {
    fn list(self) -> &'static [OrderedGraph] {
        match self {
            Self::Hnsw => &[OrderedGraph::Hnsw],
            Self::Ours => &[OrderedGraph::Ours],
            Self::Both => &OrderedGraph::ALL,
        }
    }
}

pub(super) fn run(args: &OrderArgs, g: &Global) -> Result<(), Failure> {
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    let graph = GraphParams { m: args.m, ef_construct: args.ef_construct, ..GraphParams::default() };
    graph.check().map_err(Failure::usage)?;
    if args.k == 0 || args.ef == 0 || args.neighbors < 2 {
        return Err(Failure::usage("-k and --ef take 1 or more, --neighbors 2 or more"));
    }
    let ctx = g.context()?;
    let (base, queries) = (finite(&args.base)?, finite(&args.query)?);
    if base.dim() != queries.dim() {
        return Err(Failure::failed(format!(
            "the base has rows of {} values, the queries of {}",
            base.dim(),
            queries.dim()
        )));
    }
    let base = base.view().slice(0, base.rows().min(args.rows));
    let lid = ann_order::lid(base, args.neighbors, &ctx)?;
    let mean = lid.iter().sum::<f64>().max(0.0) / lid.len().max(1) as f64;
    let params = OrderParams { metric, k: args.k, ef: args.ef, graph };
    let graphs = args.graph.list();
    let found = ann_order::study((base, queries.view()), &lid, graphs, &Order::ALL, &params, &ctx)?;
    if g.json {
        return output::json(
            &serde_json::json!({ "rows": base.rows(), "dim": base.dim(), "mean_lid": mean, "k": args.k, "ef": args.ef, "orders": found }),
        );
    }
    let mut table = vec![vec!["order".to_owned()]];
    table[0].extend(graphs.iter().map(|graph| format!("recall@{}, {}", args.k, graph.name())));
    for order in Order::ALL {
        let of_order = found.iter().filter(|f| f.order == order).map(|f| format!("{:.4}", f.recall));
        table.push(std::iter::once(order.name().to_owned()).chain(of_order).collect());
    }
    output::print(&format!(
        "{} rows × {}, mean local dimension {mean:.1}, ef {}",
        output::grouped(base.rows() as u64),
        base.dim(),
        args.ef
    ))?;
    output::print(output::table(&table, &[1, 2]).trim_end())
}
