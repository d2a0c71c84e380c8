//! `vectory build`: folders and files become a space.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::core::Context;
use crate::io::documents::{SourceParams, SourceSpec};
use crate::space::{self, Build, BuildParams, BuildSummary, Recipe, Shard, WriterParams};

#[derive(Args)]
#[command(after_help = "Examples:
  vectory build ~/notes -o notes.space
  vectory build papers.jsonl.gz --id doi --text abstract -o papers.space
  zcat log.jsonl.gz | vectory build - -o log.space
Run it again on a changed folder: only what changed is encoded again, what vanished is removed.
Interrupt it at any time: run the same command again and it goes on.")]
pub(super) struct BuildArgs {
    /// Folders, .jsonl, .csv, .tsv, .parquet, BEIR folders, text files; plain, .gz or .zst; `-` for stdin
    #[arg(required = true, value_name = "SRC")]
    sources: Vec<String>,
    /// Where the space goes
    #[arg(short, long, value_name = "X.space")]
    output: PathBuf,
    /// The pipeline as TOML (default: words + meaning)
    #[arg(long, value_name = "R.toml")]
    recipe: Option<PathBuf>,
    /// The encoder of the meaning view: a static model or a Hugging Face folder (default: the built-in English one)
    #[arg(long, value_name = "MODEL")]
    encoder: Option<String>,
    /// Which column or field is the id
    #[arg(long, value_name = "FIELD")]
    id: Option<String>,
    /// Which column or field is the text
    #[arg(long, value_name = "FIELD")]
    text: Option<String>,
    /// Which column or field is the title
    #[arg(long, value_name = "FIELD")]
    title: Option<String>,
    /// Only files of a folder that match (comma-separated globs: `*.md,*.rs`)
    #[arg(long, value_name = "GLOBS", value_delimiter = ',')]
    include: Vec<String>,
    /// What of source code is read: all of it, or its documentation comments
    #[arg(long, value_enum, default_value = "all")]
    code: CodePart,
    /// Count and skip what cannot be read instead of stopping
    #[arg(long)]
    skip_errors: bool,
    /// Take one part of the documents only, as in 2/4; `vectory merge` puts the parts together
    #[arg(long, value_name = "I/N")]
    shard: Option<Shard>,
    /// Most memory that the build takes for itself, in megabytes (files that are mapped are not counted)
    #[arg(long, value_name = "MB")]
    max_memory: Option<u64>,
    /// Go on with an interrupted build (the default; kept for scripts that say it)
    #[arg(long)]
    resume: bool,
}

/// What of source code is indexed.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum CodePart {
    /// The whole file.
    All,
    /// Documentation comments only.
    Docs,
}

pub(super) fn run(args: &BuildArgs, g: &Global) -> Result<(), Failure> {
    let recipe = match (&args.recipe, &args.encoder) {
        (None, None) => None,
        _ => Some(recipe(args.recipe.as_deref(), args.encoder.as_deref())?),
    };
    let source = SourceParams {
        id: args.id.clone(),
        text: args.text.iter().cloned().collect(),
        title: args.title.clone(),
        skip_errors: args.skip_errors,
        include: args.include.clone(),
        code_docs: args.code == CodePart::Docs,
        ..SourceParams::default()
    };
    let ctx = g.context()?;
    let writer = writer_params(args.max_memory, 1)?;
    let params = BuildParams { source, writer, shard: args.shard, ..BuildParams::default() };
    let summary = build(&args.output, &args.sources, recipe.as_ref(), params, &ctx)?;
    if g.json {
        return output::json(&summary);
    }
    if g.quiet { Ok(()) } else { output::print(&shown(&summary, &args.output)) }
}

/// How a writer works within a limit on memory.
pub(super) fn writer_params(megabytes: Option<u64>, collections: usize) -> Result<WriterParams, Failure> {
    let within = megabytes.map(|mb| WriterParams::within(mb.saturating_mul(1 << 20), collections)).transpose();
    Ok(within.map_err(|e| Failure::usage(format!("--max-memory: {e}")))?.unwrap_or_default())
}

/// The recipe of a file, or the default, with the dense views' encoder replaced where one is given.
pub(super) fn recipe(file: Option<&Path>, encoder: Option<&str>) -> Result<Recipe, Failure> {
    let mut recipe = match file {
        Some(path) if !path.exists() => return Err(Failure::failed(format!("no recipe at {}", path.display()))),
        Some(path) => Recipe::read(path).map_err(Failure::usage)?,
        None => Recipe::default(),
    };
    if let Some(model) = encoder {
        let model = absolute(model);
        recipe.views.iter_mut().filter_map(|v| v.encode.as_mut()).for_each(|e| e.model.clone_from(&model));
    }
    Ok(recipe)
}

/// Recipes keep model paths relative to their file; one from the command line is relative to where we stand.
pub(super) fn absolute(model: &str) -> String {
    if model == "default" {
        return model.to_owned();
    }
    std::path::absolute(model).map_or_else(|_| model.to_owned(), |p| p.to_string_lossy().into_owned())
}

/// Builds a space with everything else as it is by default.
pub(super) fn into_space(
    path: &Path,
    sources: &[String],
    recipe: &Recipe,
    ctx: &Context,
) -> Result<BuildSummary, Failure> {
    build(path, sources, Some(recipe), BuildParams::default(), ctx)
}

fn build(
    path: &Path,
    sources: &[String],
    recipe: Option<&Recipe>,
    params: BuildParams,
    ctx: &Context,
) -> Result<BuildSummary, Failure> {
    let specs: Vec<SourceSpec> = sources.iter().map(|s| SourceSpec::from(s.as_str())).collect();
    let job = Build { path, sources: &specs, recipe, params, encoders: &*encoders() };
    let fresh = !path.exists();
    let done = space::build(&job, ctx).map_err(Failure::from);
    match &done {
        Err(e) if e.is_interrupt() && !fresh => Err(Failure::interrupted(format!(
            "interrupted; what was committed is kept: run the same command again to go on with {}",
            path.display()
        ))),
        _ => done,
    }
}

fn shown(s: &BuildSummary, path: &Path) -> String {
    let n = output::grouped;
    let mut rows = vec![
        [
            "documents".to_owned(),
            n(s.documents),
            format!(
                "{} added, {} changed, {} removed, {} unchanged",
                n(s.added),
                n(s.changed),
                n(s.removed),
                n(s.unchanged)
            ),
        ],
        ["files".to_owned(), n(s.files), String::new()],
        [
            "passages".to_owned(),
            n(s.passages),
            format!("{} encoded now, {:.0} passages/s", n(s.passages_encoded), s.passages_per_second),
        ],
        ["on disk".to_owned(), output::bytes(s.bytes_on_disk), output::counted(s.segments, "segment")],
        ["time".to_owned(), format!("{:.1} s", s.seconds), String::new()],
    ];
    if !s.learned.is_empty() {
        rows.push(["learned".to_owned(), s.learned.join(", "), "an encoder of its own".into()]);
    }
    for k in &s.skipped {
        let example = k.examples.first().map_or_else(String::new, |e| format!("e.g. {e}"));
        rows.push([format!("skipped, {}", k.reason), n(k.count), example]);
    }
    if s.repaired > 0 {
        rows.push(["repaired".into(), n(s.repaired), "documents with bytes that were not UTF-8".into()]);
    }
    if s.passages_cut > 0 {
        rows.push(["cut".into(), n(s.passages_cut), "passages longer than the encoder reads".into()]);
    }
    if s.duplicates > 0 {
        rows.push(["duplicate ids".into(), n(s.duplicates), "the last of each is kept".into()]);
    }
    let rows: Vec<Vec<String>> = rows.into_iter().map(|r| r.to_vec()).collect();
    format!("{}\n{}", path.display(), output::table(&rows, &[1]).trim_end())
}
