//! `vectory evaluate words`: word vectors against people's judgements.

use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{self, Failure};
use super::{Global, data_folder, words};
use crate::evaluate::words::geometry::{Geometry, geometry};
use crate::evaluate::words::{Analogies, Pairs, Questions, Section, Similarity, analogies, similarity};
use crate::learn::words::{Unknown, WordSpace};

#[derive(Args)]
pub(super) struct WordsArgs {
    /// A model: our artifact, word2vec text or binary, GloVe, fastText, …
    model: PathBuf,
    /// Folder with `similarity/*.txt` (word word score) and `analogy/*.txt` (default: `words` of the data folder)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Words without a row: skip, parts (n-grams), spelling (words spelled alike)
    #[arg(long, default_value = "parts", value_name = "POLICY")]
    oov: Unknown,
    /// Answers to analogies are sought among the most frequent words
    #[arg(long, default_value_t = 30_000, value_name = "N")]
    restrict: usize,
    /// Also: are the pairs of a relation parallel?
    #[arg(long)]
    geometry: bool,
}

pub(super) fn run(args: &WordsArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, model) = (g.context()?, words::open(&args.model)?);
    let space = WordSpace::of(&model);
    let folder = args.data.clone().unwrap_or_else(|| data_folder().join("words"));
    let (mut scores, mut solved) = (Vec::<Similarity>::new(), Vec::<(String, Analogies, Option<Geometry>)>::new());
    for path in files(&folder.join("similarity"))? {
        scores.push(similarity(&space, &stem(&path), &Pairs::read(&path)?, args.oov, g.seed));
    }
    for path in files(&folder.join("analogy"))? {
        let set = Questions::read(&path)?;
        let parallel = if args.geometry { geometry(&space, &set, g.seed) } else { None };
        solved.push((stem(&path), analogies(&space, &set, args.restrict, &ctx)?, parallel));
    }
    if scores.is_empty() && solved.is_empty() {
        return Err(Failure::failed(format!(
            "no sets in {} (expected similarity/*.txt or analogy/*.txt; --data names the folder, VECTORY_DATA the one above it)",
            folder.display()
        )));
    }
    if g.json {
        let solved: Vec<_> =
            solved.iter().map(|(name, a, p)| serde_json::json!({"name": name, "result": a, "geometry": p})).collect();
        return output::json(&serde_json::json!({
            "model": args.model, "words": space.vocabulary().len(), "dim": model.dim(), "oov": format!("{:?}", args.oov).to_lowercase(),
            "similarity": scores, "analogy": solved,
        }));
    }
    say(args, &scores, &solved)
}

fn say(
    args: &WordsArgs,
    scores: &[Similarity],
    solved: &[(String, Analogies, Option<Geometry>)],
) -> Result<(), Failure> {
    let head = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let mut rows = vec![head(&["similarity", "Spearman", "95 %", "pairs", "scored", "made"])];
    for s in scores {
        let interval = s.interval.map_or_else(String::new, |(l, h)| format!("{l:.3} – {h:.3}"));
        let value = s.spearman.map_or_else(|| "none".into(), |v| format!("{v:.4}"));
        rows.push(vec![s.name.clone(), value, interval, s.pairs.to_string(), s.scored.to_string(), s.made.to_string()]);
    }
    output::print(output::table(&rows, &[1, 3, 4, 5]).trim_end())?;
    for (name, a, parallel) in solved {
        let mut rows = vec![head(&[name, "3CosAdd", "95 %", "3CosMul", "asked", "of"])];
        rows.extend(a.sections.iter().chain([&a.semantic, &a.syntactic, &a.all]).map(section));
        output::print(&format!("\n{}", output::table(&rows, &[1, 3, 4, 5]).trim_end()))?;
        if let Some(p) = parallel {
            output::print(&format!(
                "parallel: mean cosine of offsets {:.3}, shuffled {:.3}, AUC {:.3}",
                p.parallel, p.shuffled, p.auc
            ))?;
        }
    }
    let policy = match args.oov {
        Unknown::Skip => "pairs with an unknown word are left out",
        Unknown::Parts => {
            "unknown words get the vector of their n-grams where the model has such, else their pairs are left out"
        }
        Unknown::Spelling => "unknown words get a vector from words spelled alike",
    };
    output::print(&format!(
        "\n{policy}; analogies are sought among the {} most frequent words, questions with an unknown word are left out",
        output::grouped(args.restrict as u64)
    ))
}

fn section(s: &Section) -> Vec<String> {
    let share = |v: f64| if s.asked == 0 { "none".to_owned() } else { format!("{:.1} %", 100.0 * v) };
    let interval = if s.asked == 0 {
        String::new()
    } else {
        format!("{:.1} – {:.1}", 100.0 * s.interval.0, 100.0 * s.interval.1)
    };
    vec![s.name.clone(), share(s.share()), interval, share(s.share_mul()), s.asked.to_string(), s.questions.to_string()]
}

/// The `.txt` files of a folder, in order; none where there is no folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.is_dir() {
        return Ok(vec![]);
    }
    let all = fs_err::read_dir(folder)?.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>()?;
    let mut all: Vec<PathBuf> = all.into_iter().filter(|p| p.extension().is_some_and(|e| e == "txt")).collect();
    all.sort();
    Ok(all)
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned())
}
