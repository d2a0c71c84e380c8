//! `vectory compress`: rows to few bytes, with what that keeps; and back.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::compress::measure::{Measured, measure};
use crate::compress::{Codec, Spec, file};
use crate::core::{Metric, Vectors};
use crate::io::vectors;

#[derive(Args)]
pub(super) struct CompressArgs {
    /// Rows: .npy, .fvecs, .safetensors, …; with --decode a file of codes
    #[arg(value_name = "V")]
    vectors: PathBuf,
    /// The codec: LVQ8, LVQ4x8, SQ8, PQ16x4fs, OPQ16,PQ16, RQ8x8, RaBitQ4, LeanVec128, …
    #[arg(long, value_name = "STRING", default_value = "LVQ8")]
    codec: String,
    /// How rows will be compared: l2, cosine, dot
    #[arg(long, default_value = "l2")]
    metric: String,
    /// Queries to measure on, and for LeanVec to learn from; without them some rows stand for them
    #[arg(long, value_name = "Q")]
    queries: Option<PathBuf>,
    /// Turn a file of codes back into rows
    #[arg(long, conflicts_with_all = ["codec", "metric", "queries"])]
    decode: bool,
    /// Where the codes go (.safetensors), or with --decode the rows
    #[arg(short, long, value_name = "C")]
    output: PathBuf,
}

pub(super) fn run(args: &CompressArgs, g: &Global) -> Result<(), Failure> {
    if args.decode {
        return decode(args, g);
    }
    let spec: Spec = args.codec.parse().map_err(Failure::usage)?;
    let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
    if !matches!(metric, Metric::L2 | Metric::Cosine | Metric::Dot) {
        return Err(Failure::usage(format!("--metric {metric} is not for codes (give l2, cosine or dot)")));
    }
    let ctx = g.context()?;
    let rows = finite(&args.vectors)?;
    let queries = args.queries.as_deref().map(finite).transpose()?;
    if let Some(q) = queries.as_ref().filter(|q| q.dim() != rows.dim()) {
        return Err(Failure::failed(format!(
            "{}: rows of {} values, but {} has rows of {}",
            args.queries.as_deref().unwrap_or(Path::new("")).display(),
            q.dim(),
            args.vectors.display(),
            rows.dim()
        )));
    }
    let start = Instant::now();
    let codec = match &queries {
        Some(q) if q.rows() > 0 => spec.fit_for(rows.view(), q.view(), metric, &ctx)?,
        _ => spec.fit(rows.view(), metric, &ctx)?,
    };
    let fitted = start.elapsed().as_secs_f64();
    let codes = codec.encode(rows.view(), &ctx)?;
    let encoded = start.elapsed().as_secs_f64() - fitted;
    let provenance = serde_json::json!({ "source": args.vectors, "seed": ctx.seed });
    file::save(&args.output, &codec, codes.view(), provenance)?;
    let measured = measure(&codec, codes.view(), rows.view(), queries.as_ref().map(Vectors::view), &ctx)?;
    if g.json {
        let mut json = serde_json::json!(measured);
        json["codec"] = codec.name().into();
        json["metric"] = metric.name().into();
        json["fit_seconds"] = fitted.into();
        json["encode_seconds"] = encoded.into();
        json["output"] = args.output.display().to_string().into();
        return output::json(&json);
    }
    if g.quiet {
        return Ok(());
    }
    print(args, &codec.name(), &measured, (fitted, encoded))
}

fn print(args: &CompressArgs, codec: &str, m: &Measured, (fitted, encoded): (f64, f64)) -> Result<(), Failure> {
    let full = 4.0 * m.dim as f64;
    let two = m.recall_at_10_reranked.map_or_else(String::new, |r| format!(", {r:.4} by both levels"));
    output::print(&format!(
        "{}: {} rows × {}, {codec}\n\
         bytes a row     {:.1} of {full:.0} ({:.1} times fewer), {:.1} in the primary record\n\
         squared error   {:.6} a row, {:.4} % of the variance\n\
         recall@10       {:.4} by the codes alone{two} ({} queries)\n\
         seconds         {fitted:.2} to fit, {encoded:.2} to encode",
        args.output.display(),
        output::grouped(m.rows as u64),
        m.dim,
        m.bytes_per_row,
        full / m.bytes_per_row,
        m.primary_bytes,
        m.squared_error,
        100.0 * m.relative_error,
        m.recall_at_10,
        m.queries
    ))
}

fn finite(path: &Path) -> Result<Vectors, Failure> {
    let rows = vectors::read_all(path)?.rows;
    match rows.view().first_non_finite() {
        None => Ok(rows),
        Some((row, column)) => Err(Failure::failed(format!(
            "{}: row {row}, column {column} is not a finite number (remove such rows first)",
            path.display()
        ))),
    }
}

fn decode(args: &CompressArgs, g: &Global) -> Result<(), Failure> {
    let (codec, codes) = file::open(&args.vectors)?;
    let mut rows = Vectors::zeros(codes.rows(), codec.dim());
    (0..codes.rows()).for_each(|i| codec.decode(codes.view(), i as u32, rows.row_mut(i)));
    vectors::write_all(&args.output, rows.view(), None, &vectors::WriteOptions::default())?;
    if g.quiet || g.json {
        return Ok(());
    }
    output::print(&format!("{}: {} rows × {}", args.output.display(), output::grouped(rows.rows() as u64), rows.dim()))
}
