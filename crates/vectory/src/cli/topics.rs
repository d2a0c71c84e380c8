//! `vectory topics`: what a space or a file of texts is about.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Failure};
use super::{Global, encoders};
use crate::core::{Context, Encode, Hit, Vectors};
use crate::io::documents::{self, Item, SourceParams, SourceSpec, Unit};
use crate::learn::topics::{Label, LabelParams, TopicParams, Topics, label, topics, vocabulary};
use crate::space::{EncoderProvider, Space};

#[derive(Args)]
pub(super) struct TopicsArgs {
    /// A space, or texts: any source that `build` reads
    #[arg(value_name = "X.space|FILE")]
    target: PathBuf,
    /// A static model or a Hugging Face folder (default: the built-in English one)
    #[arg(long, value_name = "MODEL", default_value = "default")]
    model: String,
    /// Text files: one text a line instead of one a file
    #[arg(long)]
    lines: bool,
    /// Merge down to this many topics
    #[arg(short = 'n', long, value_name = "N")]
    topics: Option<usize>,
    /// Fewest texts of a topic
    #[arg(long, default_value_t = 15, value_name = "N")]
    min_size: usize,
    /// Words and texts shown with a topic
    #[arg(short, long, default_value_t = 8, value_name = "N")]
    top: usize,
    /// Fewest texts that have a word which names topics
    #[arg(long, default_value_t = 5, value_name = "N")]
    min_count: usize,
    /// A topic given by keywords, NAME=word,word,…; repeat for more: texts are labelled instead
    #[arg(long, value_name = "NAME=WORDS")]
    label: Vec<String>,
    /// Write the topic (or label) of each text, one a line
    #[arg(short, long, value_name = "F.txt")]
    output: Option<PathBuf>,
}

/// Most words that can name topics.
const WORDS: usize = 30_000;
/// Texts shown with a topic, and their characters.
const TEXTS: usize = 3;
const SHOWN: usize = 100;

struct Corpus {
    ids: Vec<String>,
    texts: Vec<String>,
}

pub(super) fn run(args: &TopicsArgs, g: &Global) -> Result<(), Failure> {
    let ctx = g.context()?;
    let corpus = read(args)?;
    let encoder = encoders().open(&args.model, Path::new(".")).map_err(Failure::failed)?;
    let rows = encode(&*encoder, &corpus.texts, &ctx)?;
    if args.label.is_empty() {
        find(args, g, &corpus, (&*encoder, &rows), &ctx)
    } else {
        given(args, g, &corpus, (&*encoder, &rows), &ctx)
    }
}

fn read(args: &TopicsArgs) -> Result<Corpus, Failure> {
    let mut corpus = Corpus { ids: vec![], texts: vec![] };
    if args.target.extension().is_some_and(|e| e == "space") {
        Space::open(&args.target, &*encoders())?.each_document(|d| {
            corpus.texts.push(if d.title.is_empty() { d.text } else { format!("{}. {}", d.title, d.text) });
            corpus.ids.push(d.id);
        })?;
    } else {
        let source = SourceParams { unit: if args.lines { Unit::Line } else { Unit::Auto }, ..SourceParams::default() };
        for item in documents::open(&[SourceSpec::from(args.target.to_string_lossy().as_ref())], &source)? {
            if let Item::Document(d) = item? {
                corpus.ids.push(d.id);
                corpus.texts.push(d.text);
            }
        }
    }
    if corpus.texts.is_empty() {
        return Err(Failure::failed(format!("no text in {}", args.target.display())));
    }
    Ok(corpus)
}

fn encode(encoder: &dyn Encode, texts: &[String], ctx: &Context) -> Result<Vectors, Failure> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    Ok(encoder.encode(&texts, ctx)?)
}

fn find(
    args: &TopicsArgs,
    g: &Global,
    corpus: &Corpus,
    (encoder, rows): (&dyn Encode, &Vectors),
    ctx: &Context,
) -> Result<(), Failure> {
    let borrowed: Vec<&str> = corpus.texts.iter().map(String::as_str).collect();
    let words = vocabulary(&borrowed, args.min_count, WORDS).words;
    let named = encode(encoder, &words, ctx)?;
    let params = TopicParams { min_cluster_size: args.min_size, top: args.top.max(TEXTS), ..TopicParams::default() };
    let mut found = topics(rows.view(), named.view(), &params, ctx)?;
    if let Some(wanted) = args.topics {
        found = found.reduce(wanted, rows.view(), named.view(), ctx)?;
    }
    write(args, found.of.iter().map(|t| t.to_string()))?;
    if g.json {
        return output::json(&as_json(args, &found, corpus, &words));
    }
    for t in 0..found.len() {
        let names: Vec<&str> = top(&found.words[t], args.top).map(|h| words[h.id as usize].as_str()).collect();
        output::print(&format!("{t:>3}  {:>7} texts  {}", output::grouped(found.sizes[t] as u64), names.join(" ")))?;
        for h in top(&found.texts[t], TEXTS) {
            output::print(&format!("                    {:.2}  {}", h.score, cut(&corpus.texts[h.id as usize])))?;
        }
    }
    if g.quiet {
        return Ok(());
    }
    let total = output::grouped(corpus.texts.len() as u64);
    output::print(&format!(
        "{} topics of {total} texts by {}; {} texts lay between topics",
        found.len(),
        encoder.name(),
        output::grouped(found.noise as u64)
    ))
}

fn as_json(args: &TopicsArgs, found: &Topics, corpus: &Corpus, words: &[String]) -> serde_json::Value {
    let topic = |t: usize| {
        let names: Vec<_> = top(&found.words[t], args.top)
            .map(|h| serde_json::json!({"word": words[h.id as usize], "similarity": h.score}))
            .collect();
        let texts: Vec<_> = top(&found.texts[t], TEXTS)
            .map(|h| serde_json::json!({"id": corpus.ids[h.id as usize], "similarity": h.score, "text": cut(&corpus.texts[h.id as usize])}))
            .collect();
        serde_json::json!({"topic": t, "size": found.sizes[t], "words": names, "texts": texts})
    };
    let all: Vec<_> = (0..found.len()).map(topic).collect();
    serde_json::json!({"texts": corpus.texts.len(), "between": found.noise, "topics": all})
}

fn given(
    args: &TopicsArgs,
    g: &Global,
    corpus: &Corpus,
    (encoder, rows): (&dyn Encode, &Vectors),
    ctx: &Context,
) -> Result<(), Failure> {
    let one = |l: &String| {
        let (name, words) = l
            .split_once('=')
            .filter(|p| !p.1.trim().is_empty())
            .ok_or_else(|| Failure::usage(format!("`{l}` is not NAME=word,word")))?;
        let words: Vec<String> = words.split(',').map(|w| w.trim().to_owned()).collect();
        Ok(Label { name: name.to_owned(), keywords: encode(encoder, &words, ctx)? })
    };
    let labels = args.label.iter().map(one).collect::<Result<Vec<_>, Failure>>()?;
    let most = (corpus.texts.len() / labels.len() / 2).max(10);
    let found = label(rows.view(), &labels, &LabelParams { candidates: (10, most), ..LabelParams::default() }, ctx)?;
    let best = found.best();
    write(args, best.iter().map(|l| labels[*l as usize].name.clone()))?;
    let ranked = |l: usize| {
        let mut order: Vec<usize> = (0..best.len()).collect();
        order.sort_by(|a, b| found.scores[*b][l].total_cmp(&found.scores[*a][l]).then(a.cmp(b)));
        order.truncate(args.top);
        order
    };
    let size = |l: usize| best.iter().filter(|b| **b as usize == l).count();
    if g.json {
        let one = |l: usize| {
            let texts: Vec<_> = ranked(l).iter().map(|i| serde_json::json!({"id": corpus.ids[*i], "similarity": found.scores[*i][l], "text": cut(&corpus.texts[*i])})).collect();
            serde_json::json!({"label": labels[l].name, "size": size(l), "learned_from": found.used[l], "texts": texts})
        };
        return output::json(
            &serde_json::json!({"texts": best.len(), "labels": (0..labels.len()).map(one).collect::<Vec<_>>()}),
        );
    }
    for (l, of) in labels.iter().enumerate() {
        output::print(&format!(
            "{}  {} texts (learned from {})",
            of.name,
            output::grouped(size(l) as u64),
            found.used[l]
        ))?;
        for i in ranked(l) {
            output::print(&format!("    {:.2}  {}", found.scores[i][l], cut(&corpus.texts[i])))?;
        }
    }
    Ok(())
}

fn top(hits: &[Hit], n: usize) -> impl Iterator<Item = &Hit> {
    hits.iter().take(n)
}

fn write(args: &TopicsArgs, lines: impl Iterator<Item = String>) -> Result<(), Failure> {
    let Some(path) = &args.output else { return Ok(()) };
    let text: String = lines.map(|l| l + "\n").collect();
    Ok(crate::core::artifact::write_atomic(path, text.as_bytes())?)
}

/// The start of a text, on one line.
fn cut(text: &str) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match flat.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &flat[..at]),
        None => flat,
    }
}
