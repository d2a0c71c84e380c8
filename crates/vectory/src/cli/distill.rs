//! `vectory distill`: a static encoder that imitates a sentence encoder.

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::io::stream;
use crate::neural::distill::{self, DistillParams};

#[derive(Args)]
#[command(after_help = "The text is plain: a paragraph a line, `= Title =` begins an article, an empty line ends it.
The teacher's pass over it takes nearly all of the time; --cache keeps its vectors, so that an interrupted run goes on.")]
pub(super) struct DistillArgs {
    /// The teacher: a Hugging Face folder
    #[arg(long, value_name = "HF_DIR")]
    from: PathBuf,
    /// Where the model goes
    #[arg(short, long, value_name = "model.safetensors", value_parser = output::in_a_folder)]
    output: PathBuf,
    /// Plain text to fit the rows on (plain, .gz or .zst)
    #[arg(long, value_name = "FILE", num_args = 1.., required = true)]
    text: Vec<PathBuf>,
    /// Values a row has (256)
    #[arg(long)]
    dim: Option<usize>,
    /// How many texts the teacher reads at most (700,000)
    #[arg(long, value_name = "N")]
    texts: Option<usize>,
    /// Rows of the vocabulary at most: the teacher's word pieces that the text uses, then frequent whole words
    #[arg(long, value_name = "N")]
    vocab: Option<usize>,
    /// Passes over the texts while the rows are fitted (8)
    #[arg(long, value_name = "N")]
    epochs: Option<usize>,
    /// Keep the teacher's vectors here: an interrupted run goes on from them
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,
    /// The name that the model carries
    #[arg(long, default_value = "static-en")]
    name: String,
}

pub(super) fn run(args: &DistillArgs, g: &Global) -> Result<(), Failure> {
    let mut params = DistillParams { cache: args.cache.clone(), ..DistillParams::default() };
    params.dim = args.dim.unwrap_or(params.dim);
    params.max_texts = args.texts.unwrap_or(params.max_texts);
    params.train.epochs = args.epochs.unwrap_or(params.train.epochs);
    params.vocabulary.max_rows = args.vocab.unwrap_or(params.vocabulary.max_rows);
    let ctx = g.context()?;
    let mut articles = Vec::new();
    for path in &args.text {
        articles.extend(distill::source::articles(stream::open(path, None)?));
    }
    let student = distill::distill_folder(&args.from, articles.into_iter(), &params, &ctx)?;
    let teacher = args.from.file_name().map(|n| n.to_string_lossy().into_owned());
    let provenance = serde_json::json!({
        "command": "vectory distill", "teacher": teacher, "params": params, "seed": g.seed, "measured": student.summary
    });
    student.encoder(&args.name)?.save(&args.output, provenance)?;
    if g.json {
        return output::json(&student.summary);
    }
    if g.quiet {
        return Ok(());
    }
    let s = &student.summary;
    let size = fs_err::metadata(&args.output)?.len();
    output::print(&format!(
        "{}: {} tokens × {}, {}; mean cosine with the teacher on held-out texts: {}",
        args.output.display(),
        output::grouped(s.tokens as u64),
        params.dim,
        output::bytes(size),
        s.cosines.last().map_or_else(|| "not measured".into(), |c| format!("{c:.4}"))
    ))
}
