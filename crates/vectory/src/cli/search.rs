//! `vectory search`: a question to a space, or query rows to a vector index.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use clap::Args;

use super::output::{self, Failure};
use super::{Global, encoders, search_index, search_remote};
use crate::core::Context;
use crate::space::filter::Filter;
use crate::space::{Answers, Query, SearchError, Snippet, Space};

#[derive(Args)]
#[command(after_help = "Examples:
  vectory search notes.space \"how do I renew my passport\"
  vectory search notes.space \"cache\" --filter 'ext = \"md\" and size > 1000' --explain
  vectory search vectors.idx queries.npy -k 10 -o ids.ivecs
  vectory search vectors.idx queries.npy --radius 0.8 --json")]
pub(super) struct SearchArgs {
    /// A space (folder), an index file made by `vectory index`, or a collection of a server: http://host:6333/notes
    #[arg(value_name = "X.space|INDEX")]
    pub(super) target: PathBuf,
    /// The question (`-`: one a line from stdin); for an index, a file of query rows
    #[arg(value_name = "QUERY")]
    pub(super) query: String,
    /// How many hits
    #[arg(short, long, default_value_t = 10, visible_alias = "top-k", visible_alias = "limit")]
    pub(super) k: usize,
    /// Ask one view alone
    #[arg(long, value_name = "words|meaning|…")]
    pub(super) view: Option<String>,
    /// Only items whose payload matches: year >= 2020 and lang = "en"
    #[arg(long, value_name = "EXPR")]
    pub(super) filter: Option<String>,
    /// Show each view's rank and score, and the matched words
    #[arg(long)]
    pub(super) explain: bool,
    /// Index files: width of a graph's search (default: what the index was tuned to, else 100)
    #[arg(long, visible_alias = "hnsw-ef")]
    pub(super) ef: Option<usize>,
    /// Index files: lists that are looked into (IVF and LoRANN: a sixteenth of them; PLAID: 4 of each token; ESPN: 32)
    #[arg(long, value_name = "N")]
    pub(super) nprobe: Option<usize>,
    /// Index files of token vectors: documents that are scored exactly
    #[arg(long, default_value_t = 256, value_name = "N")]
    pub(super) candidates: usize,
    /// Seismic: dimensions of the query that are looked into
    #[arg(long, default_value_t = 10, value_name = "N")]
    pub(super) query_cut: usize,
    /// Seismic: how near the best a block must come to be read, 0 (all) to 1
    #[arg(long, default_value_t = 0.9, value_name = "X")]
    pub(super) heap_factor: f32,
    /// Index files on disk: hit rate, bytes read, latency
    #[arg(long)]
    pub(super) stats: bool,
    /// Indexes over codes: candidates that are ranked again (0: ten times k, at least 100)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(super) rerank: usize,
    /// Index files: all items within this distance (l2, hamming) or at least this similar (cosine, dot, jaccard), not the best k
    #[arg(long, value_name = "R", conflicts_with = "k", allow_negative_numbers = true)]
    pub(super) radius: Option<f32>,
    /// Index files: where the found ids go (.ivecs; -1 where fewer exist)
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) remote: search_remote::RemoteArgs,
}

pub(super) fn run(args: &SearchArgs, g: &Global) -> Result<(), Failure> {
    if args.k == 0 {
        return Err(Failure::usage("-k 0 asks for nothing: give 1 or more"));
    }
    if args.radius.is_some() && !args.target.is_file() {
        return Err(Failure::usage("--radius is for index files made by `vectory index`"));
    }
    if let Some((url, name)) = args.target.to_str().and_then(search_remote::parts) {
        return search_remote::run(args, url, name, g);
    }
    if args.target.is_file() { search_index::run(args, g) } else { ask_space(args, g) }
}

fn ask_space(args: &SearchArgs, g: &Global) -> Result<(), Failure> {
    let filter = args
        .filter
        .as_deref()
        .map(str::parse::<Filter>)
        .transpose()
        .map_err(|e| Failure::usage(format!("--filter: {e}")))?;
    let ctx = g.context()?;
    let space = Space::open(&args.target, &*encoders())?;
    let query = Query {
        k: args.k,
        filter,
        explain: args.explain,
        views: args.view.iter().cloned().collect(),
        ..Query::new(args.query.as_str())
    };
    if args.query == "-" {
        return ask_lines(&space, &query, args, g, &ctx);
    }
    let answers = space.search(&query, &ctx).map_err(failure)?;
    if g.json {
        return output::json(&answers);
    }
    output::print(render(&answers, args.explain, std::io::stdout().is_terminal()).trim_end())
}

fn failure(e: SearchError) -> Failure {
    match e {
        SearchError::NoView { .. } | SearchError::Filter(_) => Failure::usage(e),
        _ => Failure::from(e),
    }
}

/// Answers a question a line; as JSON, one line each. Says at the end how long they took.
fn ask_lines(space: &Space, query: &Query, args: &SearchArgs, g: &Global, ctx: &Context) -> Result<(), Failure> {
    let mut times = Vec::new();
    for line in std::io::stdin().lock().lines() {
        ctx.check()?;
        let text = line.map_err(|e| Failure::failed(format!("stdin: {e}")))?;
        let answers = space.search(&Query { text: text.clone(), ..query.clone() }, ctx).map_err(failure)?;
        times.push(answers.milliseconds);
        if g.json {
            let row = serde_json::json!({"query": text, "hits": answers.hits, "milliseconds": answers.milliseconds});
            output::print(&row.to_string())?;
        } else {
            output::print(&format!("# {text}\n{}", render(&answers, args.explain, false)))?;
        }
    }
    times.sort_by(f64::total_cmp);
    let Some(last) = times.len().checked_sub(1) else { return Err(Failure::failed("no question on stdin")) };
    let at = |share: f64| times[(last as f64 * share).round() as usize];
    if !g.quiet {
        eprintln!(
            "{} questions: p50 {:.2} ms, p99 {:.2} ms, slowest {:.2} ms",
            times.len(),
            at(0.5),
            at(0.99),
            times[last]
        );
    }
    Ok(())
}

/// The answers as a person reads them: place, score, title, path; the snippet with matched words bright.
fn render(answers: &Answers, explain: bool, color: bool) -> String {
    let paint = |code: &str, text: &str| if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    let mut out = String::new();
    for (i, hit) in answers.hits.iter().enumerate() {
        let title = if hit.title.is_empty() { &hit.id } else { &hit.title };
        let (heading, score) = (below(title, &hit.heading), paint("2", &format!("{:.3}", hit.score)));
        out.push_str(&format!("{:>2}. {}{heading}  {score}\n", i + 1, paint("1", title)));
        let more =
            if hit.more > 0 { format!("  (+{})", output::counted(hit.more, "more passage")) } else { String::new() };
        out.push_str(&format!("    {}{more}\n", paint("36", hit.path.as_deref().unwrap_or(&hit.id))));
        for line in wrap(&highlighted(&hit.snippet, color)) {
            out.push_str(&format!("    {line}\n"));
        }
        for e in hit.explain.iter().filter(|_| explain) {
            let rank = e.rank.map_or_else(|| "-".to_owned(), |r| r.to_string());
            let matched =
                if e.matched.is_empty() { String::new() } else { format!("  matched: {}", e.matched.join(", ")) };
            out.push_str(&format!(
                "    {:<10} rank {rank:>4}  score {:>8.3}  adds {:+.3}{matched}\n",
                e.view, e.score, e.part
            ));
        }
        out.push('\n');
    }
    let found = if answers.hits.is_empty() { "no hits".to_owned() } else { output::counted(answers.hits.len(), "hit") };
    out.push_str(&paint("2", &format!("{found}, {:.2} ms", answers.milliseconds)));
    out
}

/// The headings above a passage that the title does not say already, each behind its arrow.
fn below(title: &str, heading: &str) -> String {
    let parts = heading.split(" > ").filter(|h| !h.is_empty());
    parts.enumerate().filter(|(i, h)| *i > 0 || *h != title).map(|(_, h)| format!(" › {h}")).collect()
}

/// The snippet on one line, its matched words bold where the terminal can.
fn highlighted(snippet: &Snippet, color: bool) -> String {
    let mut out = String::new();
    let mut at = 0;
    for range in snippet.highlights.iter().filter(|_| color) {
        let (Some(before), Some(word)) = (snippet.text.get(at..range.start), snippet.text.get(range.clone())) else {
            continue;
        };
        out.push_str(before);
        out.push_str(&format!("\x1b[1;33m{word}\x1b[0m"));
        at = range.end;
    }
    out.push_str(snippet.text.get(at..).unwrap_or_default());
    // The marks of Markdown's headings are no words of the text.
    out.split_whitespace().filter(|w| !w.bytes().all(|b| b == b'#')).collect::<Vec<_>>().join(" ")
}

/// Lines of at most about a hundred characters, broken at spaces. Escapes count as characters; the lines are a little shorter.
fn wrap(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < 100 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matched_words_are_marked_and_damaged_ranges_are_left_out() {
        let s = Snippet { text: "the red fox".into(), highlights: vec![4..7, 90..99] };
        assert_eq!(highlighted(&s, true), "the \u{1b}[1;33mred\u{1b}[0m fox");
        assert_eq!(highlighted(&s, false), "the red fox");
    }

    #[test]
    fn headings_are_not_said_twice() {
        assert_eq!(below("Title", "Title > Second"), " › Second");
        assert_eq!(below("lib.rs", "matrices > svd"), " › matrices › svd");
        assert_eq!(below("Title", ""), "");
    }

    #[test]
    fn long_lines_break_at_spaces() {
        let lines = wrap(&"word ".repeat(50));
        assert!(lines.len() > 1 && lines.iter().all(|l| l.len() <= 100));
    }
}
