//! Building in a given order.

use rand::RngExt;
use vectory_core::{Context, Metric, VectorsRef, rng};

use super::build::{GraphError, entries_of, prepare};
use super::link::insert_batch;
use super::model::{Graph, Parts};
use super::params::GraphParams;

impl Graph {
    /// Builds a graph by inserting one row after another in the given order, to see what the order does. Which rows walks
    /// start from is drawn by row, whatever the order. Slower than [`Graph::build`]; equal rows follow their first.
    ///
    /// # Errors
    /// As [`Graph::build`]; [`GraphError::Rows`] when `order` does not name every row once.
    pub fn build_in_order(
        rows: VectorsRef<'_>,
        metric: Metric,
        params: &GraphParams,
        order: &[u32],
        ctx: &Context,
    ) -> Result<Self, GraphError> {
        params.check()?;
        let mut named = order.to_vec();
        named.sort_unstable();
        if !named.iter().copied().eq(0..rows.rows() as u32) {
            return Err(GraphError::Rows {
                expected: format!("an order of {} rows", rows.rows()),
                found: format!("{} numbers", order.len()),
            });
        }
        let mut parts = Parts::empty(metric, *params, rows.dim());
        let nodes: rustc_hash::FxHashSet<u32> = prepare(&mut parts, rows, ctx)?.into_iter().collect();
        let order: Vec<u32> = order.iter().copied().filter(|id| nodes.contains(id)).collect();
        let wanted = entries_of(order.len());
        parts.know_scores();
        ctx.pool().install(|| {
            for id in &order {
                ctx.check()?;
                if parts.entries.is_empty() {
                    parts.entries.push(*id);
                    continue;
                }
                insert_batch(&mut parts, rows, &[*id]);
                if rng::item(ctx.seed, "graph entry", u64::from(*id)).random_range(0..order.len()) < wanted {
                    parts.entries.push(*id);
                }
            }
            parts.scores = Vec::new();
            super::check::connect(&mut parts, rows);
            Ok::<(), GraphError>(())
        })?;
        Ok(Self::of_parts(parts)?)
    }
}
