//! Claim 077, the part about which corpus to learn from.

use std::io::Read;

use vectory_core::linear::{LogisticParams, folds, logistic};
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_core::{Encode, Vectors};
use vectory_io::stream;
use vectory_learn::checkpoint::Checkpoint;
use vectory_learn::vocabulary::{Corpus, CorpusBuilder, CorpusParams, Tokenizer};
use vectory_learn::word2vec::{WordParams, train};

use super::{WIKI, corpus, unmet};
use crate::claim_data::movie_reviews;

pub(crate) const STUDY: Method = Method {
    id: "077",
    name: "Lai thesis: embedding study guidelines, char+word joint training, RCNN",
    home: "documents",
    kind: "system",
    command: "vectory reproduce 077",
    claim: Some(Claim {
        statement: "Word vectors learned from 5 MB of movie reviews are better features for the sentiment of reviews than those from 50 MB of \
                    Wikipedia (the part about the study; the RCNN is not built)",
        threshold: "accuracy of mean vectors with logistic regression: in-domain above out-of-domain (direction)",
        data: "classification/movie_reviews (5 MB), words/corpus/wiki-en.txt.zst (50 MB); judged on classification/MR",
        run,
    }),
};

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let inside = reviews(c, 5_000_000)?;
    let outside = corpus(&c.data(WIKI)?, 50_000_000, usize::MAX, 5)?;
    let (texts, labels) = judged(c)?;
    let inside_words = inside.summary.kept;
    // Equal numbers of words seen: the small corpus is read as many times as the large one is larger, half each for time.
    let (large, small) = (1, ((outside.summary.kept / inside_words.max(1)) as usize).max(1));
    let domestic = accuracy(&inside, small, &texts, &labels, c)?;
    let foreign = accuracy(&outside, large, &texts, &labels, c)?;
    let (holds, missed) = unmet(&[("in-domain above out-of-domain", domestic > foreign)]);
    Ok(Outcome {
        measured: format!(
            "accuracy {:.1} % from 5 MB of reviews ({} words, {small} passes), {:.1} % from Wikipedia ({} words, {large} pass)",
            100.0 * domestic,
            inside_words,
            100.0 * foreign,
            outside.summary.kept
        ),
        holds,
        note: format!(
            "{missed}skip-gram, 50 d, equal numbers of words seen; 5 folds over 10,662 sentences; the RCNN and the joint training of characters and \
             words are not built"
        ),
    })
}

/// The texts of the archive of movie reviews, up to so many bytes.
fn reviews(c: &ClaimContext, bytes: usize) -> Result<Corpus, ClaimError> {
    let mut builder = CorpusBuilder::new(&CorpusParams::default()).map_err(ClaimError::failed)?;
    for text in movie_reviews(c, bytes)? {
        text.lines().try_for_each(|l| builder.add(l)).map_err(ClaimError::failed)?;
    }
    builder.finish("movie reviews").map_err(ClaimError::failed)
}

/// Sentences and whether they are kind.
fn judged(c: &ClaimContext) -> Result<(Vec<String>, Vec<u32>), ClaimError> {
    let folder = c.data("classification/MR")?;
    let (mut texts, mut labels) = (Vec::new(), Vec::new());
    for (name, label) in [("rt-polarity.neg.gz", 0), ("rt-polarity.pos.gz", 1)] {
        let mut bytes = Vec::new();
        let mut input = stream::open(&folder.join(name), None).map_err(ClaimError::failed)?;
        input.read_to_end(&mut bytes).map_err(ClaimError::failed)?;
        for line in String::from_utf8_lossy(&bytes).lines().filter(|l| !l.trim().is_empty()) {
            texts.push(line.to_owned());
            labels.push(label);
        }
    }
    Ok((texts, labels))
}

/// Accuracy over 5 folds of a logistic regression on mean vectors.
fn accuracy(
    text: &Corpus,
    epochs: usize,
    texts: &[String],
    labels: &[u32],
    c: &ClaimContext,
) -> Result<f64, ClaimError> {
    let ctx = &c.context;
    let params = WordParams { dim: 50, epochs, deterministic: true, ..WordParams::default() };
    let model = train(text, Tokenizer::default(), &params, &Checkpoint::none(), ctx).map_err(ClaimError::failed)?.0;
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let rows = model.encode(&borrowed, ctx).map_err(ClaimError::failed)?;
    let pick = |ids: &[usize]| Vectors::from_rows(ids.iter().map(|i| rows.row(*i))).map_err(ClaimError::failed);
    let of = |ids: &[usize]| ids.iter().map(|i| labels[*i]).collect::<Vec<u32>>();
    let (mut right, mut all) = (0, 0);
    for fold in folds(texts.len(), 5, ctx.seed) {
        let params = LogisticParams { standardize: true, tolerance: 1e-4, ..LogisticParams::default() };
        let model = logistic(pick(&fold.train)?.view(), &of(&fold.train), &params, ctx).map_err(ClaimError::failed)?;
        let said = model.predict(pick(&fold.test)?.view(), ctx).map_err(ClaimError::failed)?;
        right += said.iter().zip(of(&fold.test)).filter(|(a, b)| **a == *b).count();
        all += said.len();
    }
    Ok(right as f64 / f64::from(all as u32).max(1.0))
}
