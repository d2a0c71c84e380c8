//! Claim 073: the longer the text, the less one word moves it, and never beyond the bound.

use std::collections::HashMap;

use vectory_core::Vectors;
use vectory_core::registry::{Claim, ClaimContext, ClaimError, Method, Outcome};
use vectory_evaluate::claim_data::movie_reviews;
use vectory_transform::claim_data::{each_token, glove};

use super::{Lexicon, Robustness, RobustnessParams, Vectorizer, robustness};

pub(crate) const ROBUSTNESS: Method = Method {
    id: "073",
    name: "Robustness of text vectorizers (Holder/Lipschitz under Hamming)",
    home: "inspect",
    kind: "theory",
    command: "vectory inspect robustness TEXTS",
    claim: Some(Claim {
        statement: "On film reviews of 16 to 1,024 words the displacement by one replaced word falls as 1 / length for relative tf-idf, means and paragraph \
                    vectors, between 1 / √length and 1 / length for tf-idf of unit length; no bound is exceeded",
        threshold: "log-log slope in -1.3 … -0.7 (relative tf-idf, mean, paragraph vector) and -1 … -0.5 (unit tf-idf); measured <= bound",
        data: "classification/movie_reviews; ann/glove100-50k (the 3,000 most frequent words of the reviews)",
        run,
    }),
};

const WORDS: usize = 3000;

fn run(c: &ClaimContext) -> Result<Outcome, ClaimError> {
    let reviews = movie_reviews(c, 3_000_000)?;
    let (lexicon, texts) = known(c, &reviews)?;
    let found = robustness(&texts, &lexicon, &RobustnessParams::default(), &c.context).map_err(ClaimError::failed)?;
    let of = |v: Vectorizer| found.iter().find(|r| r.vectorizer == v).and_then(|r| r.slope).unwrap_or(f64::NAN);
    let falls = |v| (-1.3..=-0.7).contains(&of(v));
    let bounded = found.iter().flat_map(|r| &r.moved).all(|m| m.share <= 1.0 + 1e-9);
    let unit = (-1.0..=-0.5).contains(&of(Vectorizer::UnitTfIdf));
    let said = |r: &Robustness| {
        let share = r.moved.iter().map(|m| m.share).fold(0.0, f64::max);
        format!("{} {:.2} ({:.0} % of its bound)", r.vectorizer.name(), r.slope.unwrap_or(f64::NAN), 100.0 * share)
    };
    let longest = found[0].moved.last().map_or(0, |m| m.length);
    Ok(Outcome {
        measured: format!("slopes: {}", found.iter().map(said).collect::<Vec<_>>().join(", ")),
        holds: bounded && unit && falls(Vectorizer::TfIdf) && falls(Vectorizer::Mean) && falls(Vectorizer::Paragraph),
        note: format!("texts up to {longest} known words; paragraph vectors over GloVe as output vectors, ridge 0.1"),
    })
}

/// The most frequent known words with their idf (smoothed, above 0), and the texts as their numbers.
fn known(c: &ClaimContext, reviews: &[String]) -> Result<(Lexicon, Vec<Vec<u32>>), ClaimError> {
    let words = glove(c)?;
    let mut counts = vec![(0usize, 0usize); words.names.len()];
    let mut read = Vec::with_capacity(reviews.len());
    for text in reviews {
        let mut ids = Vec::new();
        each_token(text, |t| ids.extend(words.get(t)));
        ids.iter().for_each(|i| counts[*i].0 += 1);
        let mut once = ids.clone();
        once.sort_unstable();
        once.dedup();
        once.iter().for_each(|i| counts[*i].1 += 1);
        read.push(ids);
    }
    let mut order: Vec<usize> = (0..counts.len()).collect();
    order.sort_by_key(|i| (std::cmp::Reverse(counts[*i].0), *i));
    order.truncate(WORDS);
    let place: HashMap<usize, u32> = order.iter().copied().zip(0..).collect();
    let idf = order.iter().map(|i| ((1.0 + reviews.len() as f64) / (1.0 + counts[*i].1 as f64)).ln() + 1.0).collect();
    let vectors = Vectors::from_rows(order.iter().map(|i| words.rows.row(*i))).map_err(ClaimError::failed)?;
    let texts = read.iter().map(|t| t.iter().filter_map(|i| place.get(i).copied()).collect()).collect();
    Ok((Lexicon { vectors, idf }, texts))
}
