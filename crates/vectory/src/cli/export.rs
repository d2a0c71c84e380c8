//! `vectory export` and `vectory import`: spaces in open forms.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::core::Metric;
use crate::space::{self, Import, Moved, Recipe, Space, TableImport};

#[derive(Args)]
#[command(after_help = "Examples:
  vectory export notes.space -o notes.parquet      # a row a passage: id, text, payload, a column a view
  vectory export notes.space -o notes/             # items.jsonl, a .npy for each dense view, export.json")]
pub(super) struct ExportArgs {
    /// The space; it may be in use
    #[arg(value_name = "X.space")]
    space: PathBuf,
    /// A `.parquet` file, or a folder that is not there
    #[arg(short, long, value_name = "F.parquet|DIR")]
    output: PathBuf,
}

#[derive(Args)]
#[command(after_help = "Examples:
  vectory import notes.parquet -o notes.space
  vectory import rows.jsonl --vectors rows.npy --metric cosine -o rows.space
  vectory import embedded.parquet --vectors embedded.parquet --array embedding -o e.space
Vectors of an export are taken as they are where their encoder is still the same, else encoded again.")]
pub(super) struct ImportArgs {
    /// What `export` wrote; with --vectors, a table: .parquet or .jsonl, a record an item
    #[arg(value_name = "F|DIR")]
    from: PathBuf,
    /// Where the space goes; must not be there
    #[arg(short, long, value_name = "X.space")]
    output: PathBuf,
    /// Of an export: another pipeline than its own
    #[arg(long, value_name = "R.toml", conflicts_with = "vectors")]
    recipe: Option<PathBuf>,
    /// The vectors of a table, a row a record (.npy, .fvecs, .safetensors, …, or the table itself)
    #[arg(long, value_name = "V")]
    vectors: Option<PathBuf>,
    /// Which array, tensor or column of --vectors
    #[arg(long, value_name = "NAME", requires = "vectors")]
    array: Option<String>,
    /// Column of ids (default: id, _id, …; without any, records are numbered)
    #[arg(long, value_name = "FIELD", requires = "vectors")]
    id: Option<String>,
    /// Column of texts, for search by words (default: text, if there is one)
    #[arg(long, value_name = "FIELD", requires = "vectors")]
    text: Option<String>,
    /// Name of the view
    #[arg(long, value_name = "NAME", default_value = "", requires = "vectors")]
    view: String,
    /// Most memory that it takes for itself, in megabytes (files that are mapped are not counted)
    #[arg(long, value_name = "MB")]
    max_memory: Option<u64>,
    /// How the vectors compare: cosine, dot, l2 or l1
    #[arg(long, default_value = "cosine", requires = "vectors")]
    metric: String,
}

pub(super) fn export(args: &ExportArgs, g: &Global) -> Result<(), Failure> {
    let space = Space::open(&args.space, &*encoders())?;
    let moved = space::export(&space, &args.output, &g.context()?)?;
    say(&args.output, &moved, g)
}

pub(super) fn import(args: &ImportArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, encoders) = (g.context()?, encoders());
    let writer = super::build::writer_params(args.max_memory, 1)?;
    let moved = match &args.vectors {
        None => {
            let recipe = args.recipe.as_deref().map(Recipe::read).transpose().map_err(Failure::usage)?;
            let (from, to) = (args.from.as_path(), args.output.as_path());
            space::import(&Import { from, to, recipe: recipe.as_ref(), encoders: &*encoders, writer }, &ctx)?
        }
        Some(vectors) => {
            let metric: Metric = args.metric.parse().map_err(Failure::usage)?;
            let request = TableImport {
                table: &args.from,
                vectors,
                array: args.array.clone(),
                to: &args.output,
                id: args.id.clone(),
                text: args.text.clone(),
                view: args.view.clone(),
                metric,
                encoders: &*encoders,
                writer,
            };
            space::import_table(&request, &ctx)?
        }
    };
    say(&args.output, &moved, g)
}

fn say(to: &std::path::Path, moved: &Moved, g: &Global) -> Result<(), Failure> {
    if g.json {
        return output::json(&json!({
            "output": to, "documents": moved.documents, "passages": moved.passages, "encoded": moved.encoded,
            "write_seconds": moved.write_seconds
        }));
    }
    if g.quiet {
        return Ok(());
    }
    let n = output::grouped;
    let again = if moved.encoded > 0 { format!(", {} encoded again", n(moved.encoded)) } else { String::new() };
    output::print(&format!("{}: {} documents, {} passages{again}", to.display(), n(moved.documents), n(moved.passages)))
}
