//! `vectory search INDEX QUERIES`: the nearest items of an index file for each item of a query file.

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use serde::Serialize;

use super::output::{self, Failure};
use super::search::SearchArgs;
use super::{Global, multi, sparse};
use crate::core::{Hit, Metric};
use crate::index::file::{IndexFile, Verify};
use crate::index::sparse::SparseIndex;
use crate::index::{Index, Search, SearchParams, Tuned, binary, multivector};
use crate::io::vectors;

/// What was searched, how fast.
pub(super) struct Summary {
    pub queries: usize,
    pub rows: usize,
    pub seconds: f64,
    pub stats: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct Shown {
    queries: usize,
    rows: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    radius: Option<f32>,
    found: usize,
    seconds: f64,
    queries_per_second: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hits: Vec<Vec<ShownHit>>,
}

#[derive(Serialize)]
struct ShownHit {
    id: u32,
    score: f32,
}

pub(super) fn run(args: &SearchArgs, g: &Global) -> Result<(), Failure> {
    // Damage is found when the index itself is opened.
    match IndexFile::open_any(&args.target, Verify::Header).as_ref().map(IndexFile::kind) {
        Ok(kind)
            if args.radius.is_some()
                && (kind == multivector::KIND || kind == multivector::disk::KIND || SparseIndex::is_kind(kind)) =>
        {
            return Err(Failure::usage(format!(
                "--radius is for dense and binary vectors; {} is a {kind} index",
                args.target.display()
            )));
        }
        Ok(multivector::KIND) => return multi::search(args, g),
        Ok(multivector::disk::KIND) => return multi::search_on_disk(args, g),
        Ok(kind) if SparseIndex::is_kind(kind) => return sparse::search(args, g),
        Ok(binary::KIND) => return super::binary::search(args, g),
        _ => {}
    }
    let ctx = g.context()?;
    let opened = Index::open(&args.target)?;
    let index = opened.searcher()?;
    let queries = vectors::read_all(Path::new(&args.query))?.rows;
    if queries.dim() != index.dim() {
        return Err(Failure::failed(format!(
            "{}: rows of {} values, but {} has rows of {}",
            args.query,
            queries.dim(),
            args.target.display(),
            index.dim()
        )));
    }
    if let Some((row, column)) = queries.view().first_non_finite() {
        return Err(Failure::failed(format!("{}: row {row}, column {column} is not a finite number", args.query)));
    }
    let params = settings(args, opened.tuned());
    let metric = opened.metric();
    let floor = args.radius.map(|r| floor(metric, r)).transpose()?;
    let answer = |q: &[f32]| match floor {
        Some(floor) => index.range(q, floor, &params),
        None => index.search(q, &params),
    };
    let start = Instant::now();
    let found: Vec<Vec<Hit>> =
        ctx.pool().install(|| (0..queries.rows()).into_par_iter().map(|q| answer(queries.row(q))).collect());
    let seconds = start.elapsed().as_secs_f64();
    let summary = Summary { queries: queries.rows(), rows: index.len(), seconds, stats: None };
    report(args, g, summary, &found, |score| metric.shown(score))
}

/// The least score within a radius that a person gave.
pub(super) fn floor(metric: Metric, radius: f32) -> Result<f32, Failure> {
    if radius.is_nan() || (radius < 0.0 && !metric.is_similarity()) {
        return Err(Failure::usage(format!("--radius {radius} is no {metric} distance (give 0 or more)")));
    }
    Ok(metric.score_of(radius))
}

/// What was asked for, else what the index was tuned to, else the usual.
pub(super) fn settings(args: &SearchArgs, tuned: Option<Tuned>) -> SearchParams<'static> {
    let usual = SearchParams {
        k: args.k,
        ef: args.ef.unwrap_or(100),
        nprobe: args.nprobe.unwrap_or(0),
        rerank: args.rerank,
        ..SearchParams::default()
    };
    match (args.ef, args.nprobe, tuned) {
        (None, None, Some(t)) if args.k <= t.k && args.rerank == 0 => {
            SearchParams { ef: t.ef, nprobe: t.nprobe, rerank: t.rerank, ..usual }
        }
        _ => usual,
    }
}

/// Writes the ids where that is asked, shows the hits where it is not, and how fast it went.
pub(super) fn report(
    args: &SearchArgs,
    g: &Global,
    s: Summary,
    found: &[Vec<Hit>],
    shown: impl Fn(f32) -> f32,
) -> Result<(), Failure> {
    if let Some(path) = &args.output {
        // In a range search a query has as many ids as there are; the longest row gives the width.
        let width = if args.radius.is_some() { found.iter().map(Vec::len).max().unwrap_or(0).max(1) } else { args.k };
        write_ids(path, found, width)?;
    }
    let hits = |hits: &Vec<Hit>| hits.iter().map(|h| ShownHit { id: h.id, score: shown(h.score) }).collect();
    let all = Shown {
        queries: s.queries,
        rows: s.rows,
        k: args.radius.is_none().then_some(args.k),
        radius: args.radius,
        found: found.iter().map(Vec::len).sum(),
        seconds: s.seconds,
        queries_per_second: s.queries as f64 / s.seconds.max(1e-9),
        stats: s.stats,
        output: args.output.as_ref().map(|p| p.display().to_string()),
        hits: if args.output.is_none() { found.iter().map(hits).collect() } else { Vec::new() },
    };
    if g.json { output::json(&all) } else { print(&all, g) }
}

fn print(s: &Shown, g: &Global) -> Result<(), Failure> {
    for (q, hits) in s.hits.iter().enumerate() {
        let list: Vec<_> = hits.iter().map(|h| format!("{}:{:.4}", h.id, h.score)).collect();
        output::print(&format!("{q}\t{}", list.join(" ")))?;
    }
    if g.quiet {
        return Ok(());
    }
    if let Some(serde_json::Value::Object(stats)) = &s.stats {
        stats.iter().try_for_each(|(name, value)| output::print(&format!("{}: {value}", name.replace('_', " "))))?;
    }
    let wrote = s.output.as_ref().map_or_else(String::new, |p| format!("; ids in {p}"));
    output::print(&format!(
        "{} queries over {} rows, {} hits, {:.0} queries/s{wrote}",
        output::grouped(s.queries as u64),
        output::grouped(s.rows as u64),
        output::grouped(s.found as u64),
        s.queries_per_second
    ))
}

/// One row of ids a query; where fewer than k exist, the rest is -1.
fn write_ids(path: &Path, found: &[Vec<Hit>], k: usize) -> Result<(), Failure> {
    let rows: Vec<Vec<u32>> = found.iter().map(|hits| hits.iter().map(|h| h.id).collect()).collect();
    Ok(vectors::write_ids(path, rows.iter().map(Vec::as_slice), k)?)
}
