//! Claim 019: encoders see the same movement in novels.

use std::collections::HashMap;

use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Context, Encode, Vectors, simd};
use vectory_io::{stream, vectors};

use super::{agreement, series};

pub(crate) const SEMANTIC_VARIATION: Method = Method {
    id: "019",
    name: "Semantic-variation profile of long texts (sentence-similarity series and matrices)",
    home: "inspect",
    kind: "benchmark",
    command: "vectory flow BOOK.txt",
    claim: Some(Claim {
        statement: "On novels, the series of different encoders (shipped encoder, word-vector means, means by rarity) correlate, and not by chance",
        threshold: "mean pairwise correlation > 0.4 and every p < 0.01 by circular shifts, on >= 3 novels",
        data: "words/corpus/novels-en.txt.zst; words/vectors/glove-wink-100d-top10k.txt.zst (the comparison with doc2vec is not run)",
        run,
    }),
};

/// Sentences of a part of the corpus, fewest words of a sentence, parts.
const SENTENCES: usize = 1500;
const WORDS: usize = 6;
const PARTS: usize = 4;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let corpus = c.data("words/corpus/novels-en.txt.zst")?;
    let glove = c.data("words/vectors/glove-wink-100d-top10k.txt.zst")?;
    let encoder = c.encoder.as_deref().ok_or_else(|| ClaimError::failed("needs an encoder"))?;
    let sentences = sentences(&corpus)?;
    let words = Words::open(&glove, &sentences)?;
    let step = sentences.len() / PARTS;
    let (mut values, mut worst) = (Vec::new(), 0.0f64);
    for part in 0..PARTS {
        let text = &sentences[part * step..(part * step + SENTENCES).min(sentences.len())];
        let sets = [encode(text, encoder, &c.context)?, words.means(text, false), words.means(text, true)];
        let all: Vec<Vec<f64>> = sets.iter().map(|s| series(s.view(), 1)).collect();
        for i in 0..all.len() {
            for j in 0..i {
                let found = agreement(&all[i], &all[j], c.context.seed)
                    .ok_or_else(|| ClaimError::failed("a constant series"))?;
                values.push(found.pearson);
                worst = worst.max(found.p);
            }
        }
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let least = values.iter().copied().fold(f64::MAX, f64::min);
    Ok(Outcome {
        measured: format!(
            "mean correlation {mean:.3} (least {least:.3}) over {} pairs in {PARTS} novels; largest p {worst:.3}",
            values.len()
        ),
        holds: mean > 0.4 && worst < 0.01,
        note: "one stretch of 1,500 sentences from each of four places of the corpus; doc2vec was not compared".into(),
    })
}

fn sentences(path: &std::path::Path) -> Result<Vec<String>, ClaimError> {
    let mut lines = stream::Lines::new(stream::open(path, None).map_err(ClaimError::failed)?, 1 << 26);
    let mut out = Vec::new();
    while let Some(line) = lines.next_line().map_err(ClaimError::failed)? {
        let line = String::from_utf8_lossy(line);
        let long = line.split(['.', '!', '?']).map(str::trim).filter(|s| s.split_whitespace().count() >= WORDS);
        out.extend(long.map(str::to_owned));
    }
    if out.len() < PARTS * SENTENCES { Err(ClaimError::failed("the corpus is too short")) } else { Ok(out) }
}

fn encode(texts: &[String], encoder: &dyn Encode, ctx: &Context) -> Result<Vectors, ClaimError> {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    encoder.encode(&texts, ctx).map_err(ClaimError::failed)
}

/// Word vectors with the words' frequencies.
struct Words {
    rows: Vectors,
    place: HashMap<String, usize>,
    share: Vec<f64>,
}

impl Words {
    fn open(path: &std::path::Path, sentences: &[String]) -> Result<Self, ClaimError> {
        let set = vectors::read_all(path).map_err(ClaimError::failed)?;
        let names = set.names.ok_or_else(|| ClaimError::failed("word vectors without words"))?;
        let place: HashMap<String, usize> = names.into_iter().enumerate().map(|(i, n)| (n, i)).collect();
        let mut share = vec![0.0; place.len()];
        for w in sentences.iter().flat_map(|s| tokens(s)) {
            if let Some(i) = place.get(&w) {
                share[*i] += 1.0;
            }
        }
        let total: f64 = share.iter().sum();
        share.iter_mut().for_each(|s| *s /= total);
        Ok(Self { rows: set.rows, place, share })
    }

    /// Means of word vectors, plain or by rarity.
    fn means(&self, texts: &[String], rare: bool) -> Vectors {
        let mut out = Vectors::zeros(texts.len(), self.rows.dim());
        for (i, text) in texts.iter().enumerate() {
            for w in tokens(text).iter().filter_map(|w| self.place.get(w)) {
                let weight = if rare { 1e-3 / (1e-3 + self.share[*w]) } else { 1.0 };
                simd::axpy(weight as f32, self.rows.row(*w), out.row_mut(i));
            }
        }
        out
    }
}

fn tokens(text: &str) -> Vec<String> {
    text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
}
