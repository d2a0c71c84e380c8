//! Training from labelled texts.

use std::collections::HashMap;

use rand::seq::SliceRandom;
use vectory_core::{Context, rng};
use vectory_io::fasttext::Loss;
use vectory_text::subwords::END_OF_SENTENCE;

use super::bytes::ByteCode;
use super::features::Features;
use super::job::{ClassifierJob, Examples, PIECE};
use super::{Classifier, ClassifierParams, Labelled};
use crate::checkpoint::{Checkpoint, Training};
use crate::embedding::Table;
use crate::sampling::{Plan, SharedRows};
use crate::vocabulary::{Tokenizer, Vocabulary};
use crate::word2vec::{Tables, TrainError};

/// Entries by descending count; of equal counts the one that sorts first comes first.
fn ranked<'a>(all: impl Iterator<Item = &'a str>, min_count: u64) -> Vec<(&'a str, u64)> {
    let mut counts: HashMap<&str, u64> = HashMap::new();
    all.for_each(|w| *counts.entry(w).or_insert(0) += 1);
    let mut out: Vec<_> = counts.into_iter().filter(|(_, n)| *n >= min_count).collect();
    out.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    out
}

/// Learns a classifier.
///
/// # Errors
/// [`TrainError`]: a setting out of range, fewer than two labels, no text, values that ran away, an interrupt.
pub fn train(
    data: &[Labelled],
    tokenizer: Tokenizer,
    p: &ClassifierParams,
    checkpoint: &Checkpoint,
    ctx: &Context,
) -> Result<Classifier, TrainError> {
    p.check()?;
    let labels = ranked(data.iter().flat_map(|d| d.labels.iter().map(String::as_str)), 1);
    if labels.len() < 2 {
        let (value, legal) = (labels.len().to_string(), "at least 2 (a line begins with `__label__NAME`)".to_owned());
        return Err(TrainError::Param { field: "number of distinct labels", value, legal });
    }
    // Each text ends with a sentence end, which is a word like others, as in the program.
    let words = data.iter().flat_map(|d| d.text.split_ascii_whitespace().chain([END_OF_SENTENCE]));
    let words = if p.bytes.is_empty() { Vocabulary::new(ranked(words, p.min_count)) } else { Vocabulary::default() };
    let code = p.huffman.then(|| ByteCode::learn(data.iter().map(|d| d.text.as_str())));
    let features = Features {
        words,
        grams: p.grams(),
        word_ngrams: p.word_ngrams,
        buckets: p.rows(),
        hashes: p.hashes,
        bytes: (!p.bytes.is_empty()).then(|| (p.bytes.clone(), code)),
        kept: None,
    };
    let labels = Vocabulary::new(labels);
    let examples = examples(data, &features, &labels, ctx);
    let rows = features.words.len() + p.rows();
    let input = SharedRows::uniform(rows, p.dim, 1.0 / p.dim as f32, "input", ctx);
    let output = SharedRows::zeros(labels.len(), p.dim);
    let job = ClassifierJob {
        examples: &examples,
        input: &input,
        output: &output,
        deterministic: p.deterministic,
        seed: ctx.seed,
    };
    let plan = Plan {
        pieces: examples.order.len().div_ceil(PIECE) as u64,
        epochs: p.epochs as u64,
        words: examples.rows.len() as u64,
        rate: p.rate,
        last_rate: 0.0,
        deterministic: p.deterministic,
    };
    let tables = [("input", &input), ("output", &output)];
    let done =
        checkpoint.run(&job, &plan, &Training { tables: &tables, of: &[&features.words, &labels], params: p }, ctx)?;
    let output = Tables::finished(&output, p.rate)?;
    let input = Tables::finished(&input, p.rate)?;
    let provenance = serde_json::json!({ "params": p, "seed": ctx.seed, "texts": data.len(), "loss": done.loss, "seconds": done.seconds });
    Ok(Classifier {
        features,
        labels,
        input: Table::Rows(input),
        output: Table::Rows(output),
        loss: Loss::Softmax,
        tokenizer,
        params: p.clone(),
        provenance,
    })
}

fn examples(data: &[Labelled], features: &Features, labels: &Vocabulary, ctx: &Context) -> Examples {
    let n = data.len();
    let mut out =
        Examples { rows: Vec::new(), ends: Vec::with_capacity(n), labels: Vec::with_capacity(n), order: Vec::new() };
    let mut rows = Vec::new();
    for d in data {
        features.rows(&d.text, &mut rows);
        out.rows.extend_from_slice(&rows);
        out.ends.push(out.rows.len());
        out.labels.push(d.labels.iter().filter_map(|l| labels.id(l)).collect());
    }
    out.order = (0..n as u32).collect();
    // Files are often sorted by label.
    out.order.shuffle(&mut rng::stream(ctx.seed, "order"));
    out
}
