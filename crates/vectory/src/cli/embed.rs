//! `vectory embed`: texts become rows.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::merge::PartCard;
use super::output::{self, Failure};
use super::{Global, encoder};
use crate::core::repr::Multi;
use crate::core::vectors::normalize;
use crate::core::{Context, Encode, Vectors};
use crate::io::documents::{self, Item, SourceParams, SourceSpec, Unit};
use crate::io::vectors::{self, RowWriter, WriteOptions, multi};
use crate::space::Shard;

#[derive(Args)]
pub(super) struct EmbedArgs {
    /// Texts: any source that `build` reads; `-` for stdin, one text a line
    #[arg(required = true, value_name = "IN")]
    sources: Vec<String>,
    /// Where the rows go: .npy, .fvecs, .safetensors, .parquet, .tsv, …
    #[arg(short, long, value_name = "OUT.npy")]
    output: PathBuf,
    /// A static model or a Hugging Face folder (default: the built-in English one). `FOLDER#cls`, `FOLDER#mean:1+12`, `#mean:last2`, `#mean:all`:
    /// other pooling and layers than the folder says
    #[arg(long, value_name = "MODEL", default_value = "default")]
    model: String,
    /// Text files: one text a line instead of one a file
    #[arg(long)]
    lines: bool,
    /// A fitted chain that the vectors pass through (`vectory transform … --save`)
    #[arg(long, value_name = "T.safetensors")]
    transform: Option<PathBuf>,
    /// Embed one part of the texts only, as in 2/4: every fourth from the second on; `vectory merge` puts the parts together
    #[arg(long, value_name = "I/N", conflicts_with = "tokens")]
    shard: Option<Shard>,
    /// Keep the first N values, unit length again
    #[arg(long, value_name = "N")]
    truncate: Option<usize>,
    /// A row a token instead of one a text, for late interaction: .npz (tokens, lengths), or .npy with .lengths.npy
    #[arg(long)]
    tokens: bool,
    /// With --tokens: as queries (rows keep the weights of the tokens)
    #[arg(long, requires = "tokens")]
    queries: bool,
}

/// Texts that are encoded together.
const BATCH: usize = 4096;

pub(super) fn run(args: &EmbedArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let encoder = encoder(&args.model, args.transform.as_deref())?;
    let dim = args.truncate.unwrap_or(encoder.dim());
    if dim == 0 || dim > encoder.dim() {
        return Err(Failure::usage(format!("--truncate {dim} is not from 1 to the model's {}", encoder.dim())));
    }
    let source = SourceParams { unit: if args.lines { Unit::Line } else { Unit::Auto }, ..SourceParams::default() };
    let specs: Vec<SourceSpec> = args.sources.iter().map(|s| SourceSpec::from(s.as_str())).collect();
    if args.tokens {
        return tokens(args, g, &ctx, &*encoder, &specs, &source);
    }
    let mut job = Job {
        encoder: &*encoder,
        ctx: &ctx,
        writer: vectors::create(&args.output, dim, &WriteOptions::default())?,
        dim,
    };
    let start = Instant::now();
    ctx.progress().begin("embed", None, "texts");
    let (mut texts, mut names) = (Vec::new(), Vec::new());
    let mut number = 0u64;
    for item in documents::open(&specs, &source)? {
        if let Item::Document(d) = item? {
            if args.shard.is_none_or(|s| number % u64::from(s.of) == u64::from(s.index - 1)) {
                names.push(d.id);
                texts.push(d.text);
            }
            number += 1;
        }
        if texts.len() == BATCH {
            job.encode(&mut texts, &mut names)?;
        }
    }
    job.encode(&mut texts, &mut names)?;
    ctx.progress().end();
    let done = job.writer.finish()?;
    if done.rows == 0 {
        return Err(Failure::failed(format!("no text in {}", args.sources.join(", "))));
    }
    if let Some(shard) = args.shard {
        PartCard::new(shard, done.rows, done.dim, &encoder.fingerprint(), &args.output)?.write(&args.output)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    if g.json {
        return output::json(&serde_json::json!({
            "rows": done.rows, "dim": done.dim, "model": encoder.name(), "seconds": seconds, "output": args.output
        }));
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!(
        "{}: {} rows × {} by {}, {:.0} texts/s",
        args.output.display(),
        output::grouped(done.rows),
        done.dim,
        encoder.name(),
        done.rows as f64 / seconds.max(1e-9)
    ))
}

/// All texts as bags of token rows, gathered in memory.
fn tokens(
    args: &EmbedArgs,
    g: &Global,
    ctx: &Context,
    encoder: &dyn Encode,
    specs: &[SourceSpec],
    source: &SourceParams,
) -> Result<(), Failure> {
    let dim = args.truncate.unwrap_or(encoder.dim());
    let (start, mut rows, mut lengths, mut texts) = (Instant::now(), Vec::new(), Vec::new(), Vec::new());
    ctx.progress().begin("embed", None, "texts");
    let mut encode = |texts: &mut Vec<String>| {
        ctx.check()?;
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        let bags = if args.queries {
            encoder.encode_query_tokens(&borrowed, ctx)
        } else {
            encoder.encode_tokens(&borrowed, ctx)
        }?;
        lengths.extend(bags.lengths());
        for row in bags.rows().iter() {
            rows.extend_from_slice(&row[..dim]);
            if dim < row.len() && !args.queries {
                let at = rows.len() - dim;
                normalize(&mut rows[at..]);
            }
        }
        ctx.progress().advance(texts.len() as u64);
        texts.clear();
        Ok::<_, Failure>(())
    };
    for item in documents::open(specs, source)? {
        if let Item::Document(d) = item? {
            texts.push(d.text);
        }
        if texts.len() == BATCH {
            encode(&mut texts)?;
        }
    }
    encode(&mut texts)?;
    ctx.progress().end();
    if lengths.is_empty() {
        return Err(Failure::failed(format!("no text in {}", args.sources.join(", "))));
    }
    let rows = Vectors::from_slice(&rows, dim)?;
    let bags = Multi::new(&lengths, rows).ok_or_else(|| Failure::failed("tokens were lost"))?;
    multi::write(&args.output, bags.view())?;
    let (texts, rows, seconds) = (bags.len(), bags.rows().rows(), start.elapsed().as_secs_f64());
    if g.json {
        return output::json(&serde_json::json!({
            "rows": texts, "tokens": rows, "dim": dim, "model": encoder.name(), "seconds": seconds, "output": args.output
        }));
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!(
        "{}: {} texts, {} tokens × {dim} by {}, {:.0} texts/s",
        args.output.display(),
        output::grouped(texts as u64),
        output::grouped(rows as u64),
        encoder.name(),
        texts as f64 / seconds.max(1e-9)
    ))
}

struct Job<'a> {
    encoder: &'a dyn Encode,
    ctx: &'a Context,
    writer: Box<dyn RowWriter>,
    dim: usize,
}

impl Job<'_> {
    /// Encodes and writes what is gathered, and empties it.
    fn encode(&mut self, texts: &mut Vec<String>, names: &mut Vec<String>) -> Result<(), Failure> {
        self.ctx.check()?;
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        let rows = self.encoder.encode(&borrowed, self.ctx)?;
        let mut cut: Vec<f32> = rows.iter().flat_map(|r| &r[..self.dim]).copied().collect();
        if self.dim < rows.dim() {
            cut.chunks_exact_mut(self.dim).for_each(normalize);
        }
        self.writer.write(&cut, names)?;
        self.ctx.progress().advance(texts.len() as u64);
        texts.clear();
        names.clear();
        Ok(())
    }
}
