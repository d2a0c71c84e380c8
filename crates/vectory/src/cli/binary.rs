//! `vectory index` and `vectory search` over rows of bits.

use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;

use super::Global;
use super::index::{Built, IndexArgs, built};
use super::output::Failure;
use super::search::SearchArgs;
use super::search_index::{Summary, floor, report, settings};
use crate::core::{Hit, Metric};
use crate::index::binary::{BinaryFactory, BinaryIndex};
use crate::io::vectors::bits;

pub(super) fn index(args: &IndexArgs, metric: Metric, g: &Global) -> Result<(), Failure> {
    let mut factory: BinaryFactory = args.factory.parse().map_err(Failure::usage)?;
    if !matches!(metric, Metric::Hamming | Metric::Jaccard) {
        return Err(Failure::usage(format!("--metric {metric} is not for rows of bits (give hamming or jaccard)")));
    }
    if let BinaryFactory::Graph(params) = &mut factory {
        params.ef_construct = args.ef_construct.max(params.m);
    }
    let ctx = g.context()?;
    let rows = bits::read(&args.vectors)?;
    let start = Instant::now();
    let index = BinaryIndex::build(rows.view(), metric, &factory, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    index.save(&args.output)?;
    let (rows, dim) = (index.len(), rows.view().bits());
    built(args, g, &Built { rows, dim, metric: metric.name(), tokens: None, seconds, bytes: index.size() })
}

pub(super) fn search(args: &SearchArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let index = BinaryIndex::open(&args.target)?;
    let queries = bits::read(Path::new(&args.query))?;
    let (queries, rows) = (queries.view(), index.rows());
    if queries.bits() != rows.bits() {
        return Err(Failure::failed(format!(
            "{}: rows of {} bits, but {} has rows of {}",
            args.query,
            queries.bits(),
            args.target.display(),
            rows.bits()
        )));
    }
    let (params, metric) = (settings(args, None), index.metric());
    let floor = args.radius.map(|r| floor(metric, r)).transpose()?;
    let answer = |q: usize| match floor {
        Some(floor) => index.range(queries.row(q), floor, &params),
        None => index.search(queries.row(q), &params),
    };
    let start = Instant::now();
    let found: Vec<Vec<Hit>> = ctx.pool().install(|| (0..queries.rows()).into_par_iter().map(answer).collect());
    let seconds = start.elapsed().as_secs_f64();
    let summary = Summary { queries: queries.rows(), rows: index.len(), seconds, stats: None };
    report(args, g, summary, &found, |score| metric.shown(score))
}
