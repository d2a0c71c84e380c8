//! `vectory convert`: between vector files.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::core::artifact::Artifact;
use crate::io::fasttext::is_fasttext;
use crate::io::vectors::{self, ConvertOptions, Format, Names, NonFinite, ReadOptions, WriteOptions};
use crate::learn::embedding::Embedding;

#[derive(Args)]
#[command(
    after_help = "Forms, by ending: .npy .npz .fvecs .ivecs .bvecs .fbin .u8bin .i8bin .ibin .safetensors .parquet .vec/.w2v/.txt (word2vec text)
.bin (word2vec binary) .glove (GloVe text, no header) .tsv (rows + metadata). Text forms and .npy also as .gz and .zst.
Models of words (ours, or fastText's .bin and .ftz) are read too; `--to fasttext` writes a model that fastText and gensim load."
)]
pub(super) struct ConvertArgs {
    /// From
    input: PathBuf,
    /// To
    output: PathBuf,
    /// The form of the input, when its ending does not say
    #[arg(long, value_name = "FORM")]
    from: Option<String>,
    /// The form of the output, when its ending does not say
    #[arg(long, value_name = "FORM")]
    to: Option<String>,
    /// Which array or tensor or column of the input
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Refuse NaN and infinite values
    #[arg(long)]
    finite: bool,
    /// Names of the rows, one a line: read from here
    #[arg(long, value_name = "FILE")]
    names: Option<PathBuf>,
    /// Write the names of the rows here, one a line
    #[arg(long, value_name = "FILE")]
    names_out: Option<PathBuf>,
}

fn is_model(path: &Path) -> bool {
    is_fasttext(path) || Artifact::open(path).is_ok_and(|a| a.card().kind == "word-vectors")
}

/// Word vectors that were learned: to a model of fastText (`--to fasttext`), or a row a word in any form.
fn model(args: &ConvertArgs, g: &Global) -> Result<(), Failure> {
    let model = Embedding::open(&args.input)?;
    let words = model.vocabulary().len();
    if args.to.as_deref() == Some("fasttext") {
        model.write_fasttext(&args.output)?;
    } else {
        let format = args.to.as_deref().map(str::parse::<Format>).transpose().map_err(Failure::usage)?;
        let options = WriteOptions { format, names: args.names_out.clone(), ..WriteOptions::default() };
        let names: Vec<String> = model.vocabulary().words().map(str::to_owned).collect();
        vectors::write_all(&args.output, model.word_vectors().view(), Some(&names), &options)?;
    }
    if g.json {
        return output::json(&serde_json::json!({ "rows": words, "dim": model.dim(), "output": args.output }));
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!("{}: {} words × {}", args.output.display(), output::grouped(words as u64), model.dim()))
}

pub(super) fn run(args: &ConvertArgs, g: &Global) -> Result<(), Failure> {
    let form = |name: &Option<String>| name.as_deref().map(str::parse::<Format>).transpose().map_err(Failure::usage);
    if args.to.as_deref() == Some("fasttext") && !is_model(&args.input) {
        return Err(Failure::usage(format!("--to fasttext: {} is no model of words", args.input.display())));
    }
    if is_model(&args.input) {
        return model(args, g);
    }
    let options = ConvertOptions {
        read: ReadOptions {
            format: form(&args.from)?,
            array: args.name.clone(),
            names: args.names.clone(),
            non_finite: if args.finite { NonFinite::Refuse } else { NonFinite::Keep },
            ..ReadOptions::default()
        },
        write: WriteOptions { format: form(&args.to)?, names: args.names_out.clone(), ..WriteOptions::default() },
    };
    let ctx = g.context()?;
    let start = Instant::now();
    let done = vectors::convert(&args.input, &args.output, &options, &ctx)?;
    let seconds = start.elapsed().as_secs_f64();
    let dropped = done.names == Names::Dropped;
    if g.json {
        return output::json(&serde_json::json!({
            "rows": done.rows, "dim": done.dim, "names_dropped": dropped, "seconds": seconds, "output": args.output
        }));
    }
    if g.quiet {
        return Ok(());
    }
    let names = if dropped { "; the names have no place in this form (--names-out FILE keeps them)" } else { "" };
    output::print(&format!(
        "{}: {} rows × {} in {seconds:.2} s{names}",
        args.output.display(),
        output::grouped(done.rows),
        done.dim
    ))
}
