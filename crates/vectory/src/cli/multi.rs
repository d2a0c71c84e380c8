//! `vectory index` and `vectory search` over token vectors (late interaction).

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;

use super::Global;
use super::index::{Built, IndexArgs, built};
use super::output::Failure;
use super::search::SearchArgs;
use super::search_index::{Summary, report};
use crate::compress::pooling::{self, PoolingParams};
use crate::core::Context;
use crate::core::repr::Multi;
use crate::index::multivector::disk::{DiskIndex, DiskParams, DiskSearch, DiskStats};
use crate::index::multivector::{MultiIndex, MultiSearchParams};
use crate::io::vectors::multi;

/// Threads that read from disk.
const READERS: usize = 8;

pub(super) fn index(args: &IndexArgs, g: &Global) -> Result<(), Failure> {
    let factory = args.factory.parse().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let documents = read(args, &ctx)?;
    let start = Instant::now();
    let index = MultiIndex::build(documents.view(), &factory, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    index.save(&args.output)?;
    built(args, g, &of(&documents, seconds, index.size()))
}

/// `ESPN`, `ESPN64`, `ESPN,R2`: lists of the inverted file, the form of the tokens.
pub(super) fn index_on_disk(args: &IndexArgs, g: &Global) -> Result<(), Failure> {
    let params = args.factory.parse::<DiskParams>().map_err(Failure::usage)?;
    let ctx = g.context()?;
    let documents = read(args, &ctx)?;
    let start = Instant::now();
    let file = DiskIndex::build(documents.view(), &params, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    file.save(&args.output)?;
    built(args, g, &of(&documents, seconds, file.size()))
}

/// The bags, pooled where that is asked.
fn read(args: &IndexArgs, ctx: &Context) -> Result<Multi, Failure> {
    let method = args.pool_method.parse().map_err(Failure::usage)?;
    if args.pool_factor == 0 {
        return Err(Failure::usage("--pool-factor 0 leaves nothing: give 1 (no pooling) or more"));
    }
    let documents = multi::read(&args.vectors)?;
    if args.pool_factor == 1 {
        return Ok(documents);
    }
    Ok(pooling::pool(
        documents.view(),
        &PoolingParams { factor: args.pool_factor, protected: args.protect, method },
        ctx,
    )?)
}

fn of(documents: &Multi, seconds: f64, bytes: u64) -> Built {
    Built {
        rows: documents.len(),
        dim: documents.rows().dim(),
        metric: "maxsim",
        tokens: Some(documents.rows().rows()),
        seconds,
        bytes,
    }
}

pub(super) fn search(args: &SearchArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let index = MultiIndex::open(&args.target)?;
    let queries = multi::read(Path::new(&args.query))?;
    let params = MultiSearchParams {
        k: args.k,
        candidates: args.candidates.max(args.k),
        ef: args.ef.unwrap_or(100).max(args.k),
        nprobe: args.nprobe.unwrap_or(0),
        filter: None,
    };
    let start = Instant::now();
    let found = index.search_all(queries.view(), &params, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    let summary = Summary { queries: found.len(), rows: index.store().len(), seconds, stats: None };
    report(args, g, summary, &found, |s| s)
}

pub(super) fn search_on_disk(args: &SearchArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let index = DiskIndex::open(&args.target, READERS, true)?;
    let queries = multi::read(Path::new(&args.query))?;
    let params = DiskSearch {
        k: args.k,
        nprobe: args.nprobe.unwrap_or(32),
        rerank: args.candidates.max(args.k),
        ..DiskSearch::default()
    };
    let start = Instant::now();
    let one = |q: usize| {
        ctx.check()?;
        Ok::<_, Failure>(index.search(queries.view().item(q), &params)?)
    };
    let found = ctx.pool().install(|| (0..queries.len()).into_par_iter().map(one).collect::<Result<Vec<_>, _>>())?;
    let seconds = start.elapsed().as_secs_f64();
    let mut all = DiskStats::default();
    found.iter().for_each(|f| all.add(&f.stats));
    let per_query = |v: f64| v / all.queries.max(1) as f64;
    let stats = args.stats.then(|| {
        serde_json::json!({
            "hit_rate": all.hit_rate(), "reads_per_query": per_query(all.reads as f64), "bytes_per_query": per_query(all.bytes as f64),
            "milliseconds_per_query": 1e3 * per_query(all.seconds), "of_it_waiting": 1e3 * per_query(all.waited),
            "past_the_page_cache": index.is_direct(), "memory_bytes": index.memory_bytes(), "disk_bytes": index.disk_bytes()
        })
    });
    let hits: Vec<_> = found.into_iter().map(|f| f.hits).collect();
    report(args, g, Summary { queries: hits.len(), rows: index.len(), seconds, stats }, &hits, |s| s)
}
