//! `vectory evaluate ann`: recall against queries a second of indexes over one's own vectors.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::core::{Metric, Vectors, VectorsRef, artifact};
use crate::evaluate::ann::{self, AnnParams, Study, Truth};
use crate::inspect::render;
use crate::io::vectors::{self, hdf5::Hdf5};

#[derive(Args)]
pub(super) struct AnnArgs {
    /// Rows that are searched: .npy, .fvecs, .safetensors, … (ann-benchmarks' files: --hdf5)
    #[arg(long, value_name = "FILE", required_unless_present = "hdf5")]
    base: Option<PathBuf>,
    /// Queries
    #[arg(long, value_name = "FILE", required_unless_present = "hdf5")]
    query: Option<PathBuf>,
    /// An ann-benchmarks file: `train`, `test`, `neighbors` (else searched for), and the metric by its attribute `distance`
    #[arg(long, value_name = "F", conflicts_with_all = ["base", "query"])]
    hdf5: Option<PathBuf>,
    /// What to build, as FAISS spells it; give it again for each index to compare
    #[arg(long, value_name = "STRING", default_values_t = ["Flat".to_owned(), "HNSW16".to_owned()])]
    factory: Vec<String>,
    /// How rows compare: l2, cosine, dot [default: what the HDF5 file says, else l2]
    #[arg(long)]
    metric: Option<String>,
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
    let asked: Option<Metric> = args.metric.as_deref().map(str::parse::<Metric>).transpose().map_err(Failure::usage)?;
    let said = args.hdf5.as_deref().map(distance).transpose()?.flatten();
    let metric = asked.or(said).unwrap_or(Metric::L2);
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
    let truth = match args.hdf5.as_deref().filter(|_| said.is_none_or(|s| s == metric)) {
        Some(file) => of_file(file, base.view(), queries, (metric, args.k))?,
        None => None,
    };
    let truth = match truth {
        Some(truth) => truth,
        None => ann::truth(base.view(), queries, (metric, args.k), Some(&base_file), &ctx)?,
    };
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
        return Ok((file.clone(), part(file, "train")?, part(file, "test")?));
    }
    let (Some(base), Some(query)) = (&args.base, &args.query) else {
        return Err(Failure::usage("give --base and --query"));
    };
    Ok((base.clone(), finite(base)?, finite(query)?))
}

/// The rows of a file; none at all and values that are not finite are refused.
pub(super) fn finite(path: &Path) -> Result<Vectors, Failure> {
    let options = vectors::ReadOptions { non_finite: vectors::NonFinite::Refuse, ..vectors::ReadOptions::default() };
    let rows = vectors::read_all_with(path, &options)?.rows;
    if rows.rows() == 0 {
        return Err(Failure::failed(format!("{}: has no rows", path.display())));
    }
    Ok(rows)
}

/// A dataset of an HDF5 file.
fn part(file: &Path, name: &str) -> Result<Vectors, Failure> {
    let options = vectors::ReadOptions {
        format: Some(vectors::Format::Hdf5),
        array: Some(name.to_owned()),
        non_finite: vectors::NonFinite::Refuse,
        ..vectors::ReadOptions::default()
    };
    Ok(vectors::read_all_with(file, &options)?.rows)
}

/// The metric that an ann-benchmarks file names.
fn distance(file: &Path) -> Result<Option<Metric>, Failure> {
    let Some(name) = Hdf5::open(file)?.attribute("distance")? else { return Ok(None) };
    let metric = name
        .parse::<Metric>()
        .map_err(|e| Failure::failed(format!("{}: attribute `distance`: {e}", file.display())))?;
    match metric {
        Metric::L2 | Metric::Cosine | Metric::Dot => Ok(Some(metric)),
        _ => Err(Failure::failed(format!(
            "{}: its distance is {metric}, and this compares dense rows (l2, cosine, dot); for rows of bits see `vectory index --factory BFlat`",
            file.display()
        ))),
    }
}

/// The exact answers that an ann-benchmarks file has, where it has enough of them.
fn of_file(
    file: &Path,
    base: VectorsRef<'_>,
    queries: VectorsRef<'_>,
    (metric, k): (Metric, usize),
) -> Result<Option<Truth>, Failure> {
    if !Hdf5::open(file)?.names()?.iter().any(|n| n == "neighbors") {
        return Ok(None);
    }
    let ids = part(file, "neighbors")?;
    if ids.rows() < queries.rows() || ids.dim() < k.min(base.rows()) {
        return Ok(None);
    }
    let truth = ann::known(base, queries, ids.view(), (metric, k));
    let wrong = |row: usize| {
        Failure::failed(format!("{}: `neighbors`, row {row}: names a row that is not in `train`", file.display()))
    };
    truth.map(Some).map_err(wrong)
}
