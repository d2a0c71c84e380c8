//! `vectory index` and `vectory search` over weighted sparse vectors.

use std::path::Path;
use std::time::Instant;

use super::Global;
use super::index::{Built, IndexArgs, built};
use super::output::Failure;
use super::search::SearchArgs;
use super::search_index::{Summary, report};
use crate::index::sparse::{SparseIndex, SparseSearchParams};
use crate::io::vectors::sparse;

pub(super) fn index(args: &IndexArgs, g: &Global) -> Result<(), Failure> {
    let factory = args.factory.parse().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let items = sparse::read(&args.vectors)?;
    let start = Instant::now();
    let index = SparseIndex::build(&items, &factory, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    index.save(&args.output)?;
    let dim = items.width() as usize;
    built(args, g, &Built { rows: items.len(), dim, metric: "dot", tokens: None, seconds, bytes: index.size() })
}

pub(super) fn search(args: &SearchArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let index = SparseIndex::open(&args.target)?;
    let queries = sparse::read(Path::new(&args.query))?;
    let params =
        SparseSearchParams { k: args.k, query_cut: args.query_cut, heap_factor: args.heap_factor, filter: None };
    let start = Instant::now();
    let found = index.search_all(&queries, &params, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    report(args, g, Summary { queries: found.len(), rows: index.len(), seconds, stats: None }, &found, |s| s)
}
