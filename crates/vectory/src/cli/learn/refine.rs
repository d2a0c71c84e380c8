//! `vectory learn events|retrofit|induce`: from tables of events, lexicons, a few sentences.

use std::path::PathBuf;

use clap::Args;

use super::super::output::{self, Failure};
use super::super::{Global, words};
use super::counts;
use crate::core::Vectors;
use crate::io::stream::{self, Lines};
use crate::learn::embedding::{Embedding, EmbeddingParams};
use crate::learn::events::{self, Events, VisitParams};
use crate::learn::induce::{Carte, CarteParams, ContextParams, Contexts};
use crate::learn::refine::{self, Lexicon, RetrofitParams};
use crate::learn::vocabulary::{TokenKind, Tokenizer};
use crate::learn::words::WordSpace;
use crate::learn::words::cooccurrence::Cooccurrences;
use crate::learn::words::ppmi::{PpmiParams, ppmi_svd};

/// Longest line of a file of sentences.
const LINE: usize = 1 << 24;

#[derive(Args)]
pub(in super::super) struct EventArgs {
    /// Events: who, day, what, between commas or tabs
    input: PathBuf,
    /// The model (.safetensors), or vectors for other programs
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Values a vector has
    #[arg(long, default_value_t = 100, value_name = "N")]
    dim: usize,
    /// Visits to each side that count as near
    #[arg(long, default_value_t = 2, value_name = "N")]
    window: usize,
    /// Most days between two visits that count as near
    #[arg(long, value_name = "N")]
    days: Option<i64>,
    /// Leave out codes with fewer events
    #[arg(long, default_value_t = 5, value_name = "N")]
    min_count: u64,
}

pub(super) fn events(args: &EventArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, table) = (g.context()?, Events::read(&args.input, args.min_count)?);
    let visits = VisitParams { window: args.window, days: args.days, ..VisitParams::default() };
    let counted = events::count_visits(&table.events, table.vocabulary.len(), &visits)?;
    let params = PpmiParams { dim: args.dim.min(table.vocabulary.len()), ..PpmiParams::default() };
    let rows = ppmi_svd(counted.view(), &params, &ctx)?.words;
    let (codes, people, n) = (table.vocabulary.len(), table.people.len(), table.events.len());
    let provenance =
        serde_json::json!({"learner": "events", "visits": visits, "params": params, "events": n, "seed": g.seed});
    let tokenizer = Tokenizer { tokens: TokenKind::Space, lower: false };
    let model = EmbeddingParams { name: "events".into(), tokenizer, ..EmbeddingParams::default() };
    counts::save(&args.output, &Embedding::new(table.vocabulary, rows, model, provenance)?)?;
    if g.json {
        return output::json(
            &serde_json::json!({"output": args.output, "codes": codes, "people": people, "events": n, "dim": params.dim}),
        );
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!(
        "{}: {codes} codes × {} from {} events of {} people",
        args.output.display(),
        params.dim,
        output::grouped(n as u64),
        output::grouped(people as u64)
    ))
}

#[derive(Args)]
pub(in super::super) struct RetrofitArgs {
    /// Any model of words
    model: PathBuf,
    /// Lines `word neighbour neighbour …` (plain, .gz, .zst)
    #[arg(long, value_name = "FILE")]
    lexicon: PathBuf,
    /// The model (.safetensors), or vectors for other programs
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Weight of where a vector was
    #[arg(long, default_value_t = 1.0)]
    alpha: f32,
    /// Weight of its neighbours
    #[arg(long, default_value_t = 1.0)]
    beta: f32,
    /// Most sweeps
    #[arg(long, default_value_t = 10, value_name = "N")]
    epochs: usize,
}

pub(super) fn retrofit(args: &RetrofitArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, model) = (g.context()?, words::open(&args.model)?);
    let lexicon = Lexicon::read(&args.lexicon, model.vocabulary())?;
    let params =
        RetrofitParams { alpha: args.alpha, beta: args.beta, sweeps: args.epochs, ..RetrofitParams::default() };
    params.check().map_err(Failure::usage)?;
    let done = refine::retrofit(&model.word_vectors(), &lexicon, &params, &ctx)?;
    let provenance = serde_json::json!({
        "refined": "retrofit", "lexicon": args.lexicon, "params": params, "from": model.provenance(),
    });
    let kept = EmbeddingParams { subwords: None, word_ngrams: 1, word_buckets: 0, ..model.params().clone() };
    counts::save(&args.output, &Embedding::new(model.vocabulary().clone(), done.rows, kept, provenance)?)?;
    if g.json {
        return output::json(&serde_json::json!({
            "output": args.output, "moved": done.moved, "edges": lexicon.edges(), "unknown_neighbours": lexicon.unknown,
            "lines_of_one_word": lexicon.alone, "moves": done.moves,
        }));
    }
    if g.quiet {
        return Ok(());
    }
    output::print(&format!(
        "{}: {} words moved along {} edges in {} sweeps (farthest last move {:.4}); {} neighbours in the lexicon are unknown, {} lines hold one \
         word alone",
        args.output.display(),
        output::grouped(done.moved as u64),
        output::grouped(lexicon.edges() as u64),
        done.moves.len(),
        done.moves.last().copied().unwrap_or(0.0),
        output::grouped(lexicon.unknown as u64),
        lexicon.alone
    ))
}

#[derive(Args)]
pub(in super::super) struct InduceArgs {
    /// A model of words that knows counts (ours)
    model: PathBuf,
    /// The new word
    #[arg(long)]
    word: String,
    /// Sentences, one a line, that hold it
    #[arg(long, value_name = "FILE")]
    contexts: PathBuf,
    /// Counts of the model's corpus (`vectory learn counts`): à la carte instead of the plain mean
    #[arg(long, value_name = "COUNTS.safetensors")]
    counts: Option<PathBuf>,
    /// The model with the new word (.safetensors), or vectors for other programs
    #[arg(short, long, value_name = "OUT")]
    output: Option<PathBuf>,
    /// Nearest words to show
    #[arg(short, default_value_t = 10)]
    k: usize,
}

pub(super) fn induce(args: &InduceArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, model) = (g.context()?, words::open(&args.model)?);
    let (rows, tokenizer) = (model.word_vectors(), model.params().tokenizer);
    let sentences = sentences(args)?;
    let contexts = Contexts::new(model.vocabulary(), &rows, ContextParams::default())?;
    let Some((mut vector, met)) = contexts.of_texts(&args.word, sentences.iter().map(String::as_str), &tokenizer)
    else {
        return Err(Failure::failed(format!(
            "{}: no line holds `{}` beside a word that the model knows",
            args.contexts.display(),
            args.word
        )));
    };
    if let Some(path) = &args.counts {
        let counted = Cooccurrences::open(path)?;
        if !counted.vocabulary.words().eq(model.vocabulary().words()) {
            return Err(Failure::failed(format!(
                "{}: counts of another vocabulary than {}: count with the settings that the model was learned with",
                path.display(),
                args.model.display()
            )));
        }
        let means = contexts.of_counts(counted.matrix()?, &ctx)?;
        let frequencies = counted.vocabulary.counts();
        let carte = Carte::fit(&rows, &means, frequencies, &|_| false, (&CarteParams::default(), &ctx))?;
        vector = carte.apply(&Vectors::from_slice(&vector, rows.dim())?).row(0).to_vec();
    }
    let near = WordSpace::of(&model).nearest(&vector, args.k, &[], &ctx);
    if let Some(path) = &args.output {
        counts::save(path, &with_word(&model, &rows, &args.word, &vector)?)?;
    }
    if g.json {
        let near: Vec<_> =
            near.iter().map(|h| serde_json::json!({"word": model.vocabulary().word(h.id), "score": h.score})).collect();
        return output::json(
            &serde_json::json!({"word": args.word, "context_words": met, "vector": vector, "nearest": near}),
        );
    }
    let rows: Vec<Vec<String>> =
        near.iter().map(|h| vec![model.vocabulary().word(h.id).to_owned(), format!("{:.4}", h.score)]).collect();
    output::print(output::table(&rows, &[1]).trim_end())?;
    output::print(&format!("{met} context words"))
}

fn sentences(args: &InduceArgs) -> Result<Vec<String>, Failure> {
    let (mut lines, mut out) = (Lines::new(stream::open(&args.contexts, None)?, LINE), Vec::new());
    while let Some(line) = lines.next_line()? {
        out.push(String::from_utf8_lossy(line).into_owned());
    }
    Ok(out)
}

/// The same words and the new one behind them.
fn with_word(model: &Embedding, rows: &Vectors, word: &str, vector: &[f32]) -> Result<Embedding, Failure> {
    let known = model.vocabulary();
    let words = known.words().zip(known.counts().iter().copied()).chain([(word, 0)]);
    let vocabulary = crate::learn::vocabulary::Vocabulary::new(words);
    let all = Vectors::from_rows(rows.iter().chain([vector]))?;
    let kept = EmbeddingParams { subwords: None, word_ngrams: 1, word_buckets: 0, ..model.params().clone() };
    let provenance = serde_json::json!({"induced": word, "from": model.provenance()});
    Ok(Embedding::new(vocabulary, all, kept, provenance)?)
}
