//! `vectory nn`, `analogy`, `odd-one-out`, `similar`: questions to a model of words.

use std::path::{Path, PathBuf};

use clap::Args;

use super::Global;
use super::output::{self, Failure};
use crate::core::{Hit, simd};
use crate::learn::embedding::Embedding;
use crate::learn::words::cooccurrence::Cooccurrences;
use crate::learn::words::glove::Glove;
use crate::learn::words::glove::certainty::{self, GloveCertainty, WordCertainty};
use crate::learn::words::{Analogy, Origin, Unknown, WordSpace};

/// What every question takes.
#[derive(Args)]
struct Asked {
    /// A model: our artifact, word2vec text or binary, GloVe, fastText, .magnitude, …
    model: PathBuf,
    /// Words without a row: skip (none), parts (their n-grams, where the model has such), spelling (words spelled alike)
    #[arg(long, default_value = "parts", value_name = "POLICY")]
    oov: Unknown,
}

#[derive(Args)]
pub(super) struct NearestArgs {
    #[command(flatten)]
    asked: Asked,
    /// Words; several are added
    #[arg(required = true)]
    words: Vec<String>,
    /// How many answers
    #[arg(short, default_value_t = 10)]
    k: usize,
}

#[derive(Args)]
#[command(after_help = "vectory analogy M.safetensors man woman king: man is to woman as king is to …")]
pub(super) struct AnalogyArgs {
    #[command(flatten)]
    asked: Asked,
    /// Three words: a is to b as c is to …
    #[arg(num_args = 3, value_names = ["A", "B", "C"])]
    words: Vec<String>,
    /// How many answers
    #[arg(short, default_value_t = 5)]
    k: usize,
    /// Multiply cosines (3CosMul) instead of adding them (3CosAdd)
    #[arg(long)]
    mul: bool,
}

#[derive(Args)]
pub(super) struct OddArgs {
    #[command(flatten)]
    asked: Asked,
    /// Three words or more
    #[arg(required = true, num_args = 3..)]
    words: Vec<String>,
}

#[derive(Args)]
#[command(
    after_help = "With --glove and --counts (from `learn glove --full` and `learn counts`) the cosine comes with its error (GloVe-V), and a
third word is compared with: is A nearer to B than to C?"
)]
pub(super) struct SimilarArgs {
    #[command(flatten)]
    asked: Asked,
    /// Two words; three with --glove
    #[arg(required = true, num_args = 2..=3, value_names = ["A", "B", "C"])]
    words: Vec<String>,
    /// Contexts and biases of a GloVe model (`learn glove --full`)
    #[arg(long, value_name = "FULL.safetensors", requires = "counts")]
    glove: Option<PathBuf>,
    /// The counts that it was learned from (`learn counts`)
    #[arg(long, value_name = "COUNTS.safetensors", requires = "glove")]
    counts: Option<PathBuf>,
}

pub(super) fn open(path: &Path) -> Result<Embedding, Failure> {
    Ok(Embedding::open(path)?)
}

pub(super) fn nearest(args: &NearestArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, model) = (g.context()?, open(&args.asked.model)?);
    let space = WordSpace::of(&model);
    let (mut sum, mut without, mut notes) = (vec![0.0; space.rows().dim()], Vec::new(), Vec::new());
    for word in &args.words {
        let (v, origin) = space.vector(word, args.asked.oov)?;
        simd::axpy(1.0, &v, &mut sum);
        notes.extend(note(word, &origin, &space));
        if let Origin::Row(id) | Origin::OtherCase(id) = origin {
            without.push(id);
        }
    }
    say(&space.nearest(&sum, args.k, &without, &ctx), &space, &notes, g)
}

pub(super) fn analogy(args: &AnalogyArgs, g: &Global) -> Result<(), Failure> {
    let (ctx, model) = (g.context()?, open(&args.asked.model)?);
    let space = WordSpace::of(&model);
    let [a, b, c] = args.words.as_slice() else { return Err(Failure::usage("an analogy takes three words")) };
    let how = if args.mul { Analogy::Mul } else { Analogy::Add };
    let hits = space.analogy([a, b, c], (how, args.k), args.asked.oov, &ctx)?;
    say(&hits, &space, &[], g)
}

pub(super) fn odd(args: &OddArgs, g: &Global) -> Result<(), Failure> {
    let model = open(&args.asked.model)?;
    let space = WordSpace::of(&model);
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    let (odd, cosines) = space.odd_one_out(&words, args.asked.oov)?;
    if g.json {
        let all: serde_json::Map<_, _> = args.words.iter().cloned().zip(cosines.iter().map(|c| (*c).into())).collect();
        return output::json(&serde_json::json!({"odd": args.words[odd], "cosine_with_mean": all}));
    }
    output::print(&args.words[odd])
}

pub(super) fn similar(args: &SimilarArgs, g: &Global) -> Result<(), Failure> {
    if let (Some(glove), Some(counts)) = (&args.glove, &args.counts) {
        return surely(args, glove, counts, g);
    }
    if args.words.len() != 2 {
        return Err(Failure::usage("`similar` takes two words; a third only with --glove and --counts"));
    }
    let model = open(&args.asked.model)?;
    let space = WordSpace::of(&model);
    let (a, from) = space.vector(&args.words[0], args.asked.oov)?;
    let (b, to) = space.vector(&args.words[1], args.asked.oov)?;
    let cosine = simd::dot(&a, &b);
    let notes: Vec<String> =
        [(0, &from), (1, &to)].iter().filter_map(|(i, o)| note(&args.words[*i], o, &space)).collect();
    if g.json {
        return output::json(&serde_json::json!({"cosine": cosine, "notes": notes}));
    }
    notes.iter().for_each(|n| eprintln!("{n}"));
    output::print(&format!("{cosine:.4}"))
}

/// The cosine with its error; with a third word, whether the first is nearer to the second.
fn surely(args: &SimilarArgs, glove: &Path, counts: &Path, g: &Global) -> Result<(), Failure> {
    let (model, params) = Glove::open(glove)?;
    let counted = Cooccurrences::open(counts)?;
    if counted.vocabulary.len() != model.biases.len() {
        return Err(Failure::failed(format!(
            "{} has {} words, {} counts {}: they are not of one corpus",
            glove.display(),
            model.biases.len(),
            counts.display(),
            counted.vocabulary.len()
        )));
    }
    let certainty = GloveCertainty::new(counted.matrix()?, &model, &params)
        .ok_or_else(|| Failure::failed(format!("{}: no context vectors", glove.display())))?;
    let word = |w: &String| -> Result<WordCertainty, Failure> {
        let id = counted.vocabulary.id(w).or_else(|| counted.vocabulary.id(&w.to_lowercase()));
        let id = id.ok_or_else(|| {
            Failure::failed(format!("`{w}` is not among the {} words counted", counted.vocabulary.len()))
        })?;
        let found = certainty.word(id as usize)?;
        found.ok_or_else(|| {
            Failure::failed(format!("`{w}`: no estimate, it has no more contexts than the {} dimensions", params.dim))
        })
    };
    let words = args.words.iter().map(word).collect::<Result<Vec<_>, _>>()?;
    let (estimate, what) = match words.as_slice() {
        [a, b, c] => (certainty::nearer(a, b, c), "difference of the cosines"),
        [a, b] => (certainty::cosine(a, b), "cosine"),
        _ => return Err(Failure::usage("two or three words are compared")),
    };
    let (low, high) = estimate.interval();
    if g.json {
        return output::json(&serde_json::json!({
            "what": what, "value": estimate.value, "deviation": estimate.deviation, "interval": [low, high], "p_value": estimate.p_value(),
        }));
    }
    output::print(&format!("{what} {:.4}, 95 % {low:.4} – {high:.4}, p {:.2e}", estimate.value, estimate.p_value()))
}

/// What to know of a vector that is not the word's own row.
fn note(word: &str, origin: &Origin, space: &WordSpace<'_>) -> Option<String> {
    match origin {
        Origin::Row(_) => None,
        Origin::OtherCase(id) => Some(format!("{word}: taken as `{}`", space.vocabulary().word(*id))),
        Origin::Parts => Some(format!("{word}: not in the vocabulary; its vector is made of its n-grams")),
        Origin::Alike(ids) => {
            let alike: Vec<&str> = ids.iter().map(|id| space.vocabulary().word(*id)).collect();
            Some(format!("{word}: not in the vocabulary; its vector is guessed from {}", alike.join(", ")))
        }
    }
}

fn say(hits: &[Hit], space: &WordSpace<'_>, notes: &[String], g: &Global) -> Result<(), Failure> {
    if g.json {
        let rows: Vec<_> =
            hits.iter().map(|h| serde_json::json!({"word": space.vocabulary().word(h.id), "score": h.score})).collect();
        return output::json(&serde_json::json!({"answers": rows, "notes": notes}));
    }
    notes.iter().for_each(|n| eprintln!("{n}"));
    let rows: Vec<Vec<String>> =
        hits.iter().map(|h| vec![space.vocabulary().word(h.id).to_owned(), format!("{:.4}", h.score)]).collect();
    output::print(output::table(&rows, &[1]).trim_end())
}
