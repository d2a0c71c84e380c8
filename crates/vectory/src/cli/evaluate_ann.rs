//! `vectory evaluate ann`: recall against queries a second of indexes over one's own vectors.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::core::{Metric, Vectors, artifact};
use crate::evaluate::ann::{self, AnnParams, Study};
use crate::inspect::render;
use crate::io::vectors;

#[derive(Args)]
pub(super) struct AnnArgs {
    /// Rows that are searched: .npy, .fvecs, .safetensors, … (ann-benchmarks' .hdf5: see --hdf5)
    #[arg(long, value_name = "FILE", required_unless_present = "hdf5")]
    base: Option<PathBuf>,
    /// Queries
    #[arg(long, value_name = "FILE", required_unless_present = "hdf5")]
    query: Option<PathBuf>,
    /// An ann-benchmarks file with `train` and `test`
    #[arg(long, value_name = "F", conflicts_with_all = ["base", "query"])]
    hdf5: Option<PathBuf>,
    /// What to build, as FAISS spells it; give it again for each index to compare
    #[arg(long, value_name = "STRING", default_values_t = ["Flat".to_owned(), "HNSW16".to_owned()])]
    factory: Vec<String>,
    /// How rows compare: l2, cosine, dot
    #[arg(long, default_value = "l2")]
    metric: String,
    /// Hits a query
    #[arg(short, long, default_value_t = 10)]
    k: usize,
    /// At most so many queries
    #[arg(long, value_name = "N", default_value_t = 1000)]
    queries: usize,
    /// Passes over the queries a setting; the quickest counts
    #[arg(long, value_name = "N", default_value_t = 3)]
    repeat: usize,
    /// Also write the picture
    #[arg(long, value_name = "F.svg")]
    svg: Option<PathBuf>,
}

pub(super) fn run(args: &AnnArgs, g: &Global) -> Result<(), Failure> {
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    let params = AnnParams { metric, k: args.k, repeat: args.repeat, ..AnnParams::default() };
    params.check().map_err(Failure::usage)?;
    for name in &args.factory {
        crate::index::factory::parse(name).map_err(Failure::usage)?;
    }
    let ctx = g.context()?;
    let (base_file, base, queries) = rows(args)?;
    let queries = queries.view().slice(0, queries.rows().min(args.queries));
    if base.dim() != queries.dim() {
        return Err(Failure::failed(format!(
            "the base has rows of {} values, the queries of {}",
            base.dim(),
            queries.dim()
        )));
    }
    let truth = ann::truth(base.view(), queries, (metric, args.k), Some(&base_file), &ctx)?;
    let mut curves = Vec::new();
    for name in &args.factory {
        curves.push(ann::measure(base.view(), queries, &truth, name, &params, &ctx)?);
    }
    let study = Study {
        base: base_file.display().to_string(),
        rows: base.rows(),
        dim: base.dim(),
        queries: queries.rows(),
        metric: metric.to_string(),
        k: truth.k,
        curves,
    };
    let report = ann::report(&study);
    if let (Some(path), Some(picture)) = (&args.svg, report.sections.iter().find_map(|s| s.pictures.first())) {
        artifact::write_atomic(path, picture.svg.as_bytes())?;
    }
    if g.json {
        return output::json(&study);
    }
    output::print(render::text(&report).trim_end())
}

/// The base's file, its rows and the queries; rows that are not finite are refused with their place.
fn rows(args: &AnnArgs) -> Result<(PathBuf, Vectors, Vectors), Failure> {
    if let Some(file) = &args.hdf5 {
        return Err(Failure::failed(format!(
            "{0}: HDF5 is not read here; convert it once: python -c \"import h5py, numpy as np; f = h5py.File('{0}'); \
             np.save('base.npy', f['train'][:]); np.save('query.npy', f['test'][:])\" and give --base base.npy --query query.npy",
            file.display()
        )));
    }
    let (Some(base), Some(query)) = (&args.base, &args.query) else {
        return Err(Failure::usage("give --base and --query"));
    };
    Ok((base.clone(), finite(base)?, finite(query)?))
}

pub(super) fn finite(path: &Path) -> Result<Vectors, Failure> {
    let options = vectors::ReadOptions { non_finite: vectors::NonFinite::Refuse, ..vectors::ReadOptions::default() };
    Ok(vectors::read_all_with(path, &options)?.rows)
}
