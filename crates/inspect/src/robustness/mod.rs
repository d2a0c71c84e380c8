//! How far does a text's vector move when words are replaced? A certified bound and what is measured, by the length of the text
//! (Catellier, Vaiter and Garreau, *On the robustness of text vectorizers*, 2023).
//!
//! Two texts of one length T are as far apart as the number of their places that differ. For each vectorizer there is a bound on what
//! m replacements can do:
//!
//! | vectorizer | moves at most |
//! |---|---|
//! | word vectors in a row | R √m |
//! | mean of word vectors | R m / T |
//! | tf-idf of relative counts | √2 b m / T |
//! | tf-idf of unit length | 2 √2 (b/a) √D m / T, D the distinct words |
//! | paragraph vector (PV-DBOW, whole softmax, ridge mu) | R m / (mu T) |
//!
//! R is the diameter of the word vectors, a and b the least and the greatest idf. Paragraph vectors are inferred to the exact minimum
//! by Newton's method: what stochastic inference adds as noise is larger than what is measured here.

mod claim;
mod paragraph;
mod report;
#[cfg(test)]
mod tests;

use rand::RngExt;
use rayon::prelude::*;
use vectory_core::rng::Rng;
use vectory_core::{Context, Vectors, rng, simd};

use crate::InspectError;

pub use report::report;

pub(crate) use claim::ROBUSTNESS;

/// Turns a text of known words into a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum Vectorizer {
    /// All word vectors, one after the other.
    Concatenation,
    /// Their mean.
    Mean,
    /// Share of each word times its idf.
    TfIdf,
    /// The same at unit length.
    UnitTfIdf,
    /// The vector from which a softmax over all words gives the text's words best, with a ridge.
    Paragraph,
}

impl Vectorizer {
    /// All.
    pub const ALL: [Self; 5] = [Self::Concatenation, Self::Mean, Self::TfIdf, Self::UnitTfIdf, Self::Paragraph];

    /// As tables have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Concatenation => "word vectors in a row",
            Self::Mean => "mean of word vectors",
            Self::TfIdf => "tf-idf, relative counts",
            Self::UnitTfIdf => "tf-idf, unit length",
            Self::Paragraph => "paragraph vector",
        }
    }
}

/// Words that texts are made of.
#[derive(Clone, Debug)]
pub struct Lexicon {
    /// One row a word.
    pub vectors: Vectors,
    /// One a word, above 0: from the corpus, and kept.
    pub idf: Vec<f64>,
}

/// What is tried.
#[derive(Clone, Debug, PartialEq)]
pub struct RobustnessParams {
    /// Lengths of texts, each 2 or more.
    pub lengths: Vec<usize>,
    /// Words that are replaced (1 up to the least length).
    pub replaced: usize,
    /// Texts of each length (1 or more).
    pub texts: usize,
    /// Replacements of each text (1 or more).
    pub trials: usize,
    /// The paragraph vectors' ridge, above 0.
    pub ridge: f64,
}

impl Default for RobustnessParams {
    fn default() -> Self {
        Self { lengths: vec![16, 32, 64, 128, 256, 512, 1024], replaced: 1, texts: 20, trials: 5, ridge: 0.1 }
    }
}

impl RobustnessParams {
    /// # Errors
    /// [`InspectError::Param`] naming the field and its legal range.
    pub fn check(&self) -> Result<(), InspectError> {
        let bad = |field, legal, got: String| Err(InspectError::Param { field, legal, got });
        if self.lengths.is_empty() || self.lengths.iter().any(|t| *t < 2) {
            return bad("lengths", "each 2 or more", format!("{:?}", self.lengths));
        }
        if self.replaced == 0 || self.lengths.iter().any(|t| *t < self.replaced) {
            return bad("replaced", "1 up to the least length", self.replaced.to_string());
        }
        if self.texts == 0 || self.trials == 0 {
            return bad("texts and trials", "1 or more", format!("{} and {}", self.texts, self.trials));
        }
        if !(self.ridge > 0.0 && self.ridge.is_finite()) {
            return bad("ridge", "above 0, finite", self.ridge.to_string());
        }
        Ok(())
    }
}

/// What replacing words did to texts of one length.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Moved {
    /// Words of each text.
    pub length: usize,
    /// Mean displacement.
    pub mean: f64,
    /// Largest displacement.
    pub largest: f64,
    /// Mean of the certified bounds.
    pub bound: f64,
    /// Largest share of its bound that a displacement reached: at most 1.
    pub share: f64,
    /// Texts that were long enough.
    pub texts: usize,
}

/// A vectorizer by length.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Robustness {
    /// Which.
    pub vectorizer: Vectorizer,
    /// By length, ascending; lengths for which no text was long enough are left out.
    pub moved: Vec<Moved>,
    /// The slope of ln mean displacement against ln length; `None` with fewer than two lengths.
    pub slope: Option<f64>,
}

/// Replaces words of texts (lists of word numbers) at random and measures how far the vectors move.
///
/// # Errors
/// [`InspectError`] for parameters out of range, a lexicon of fewer than two words or with an idf that is not above 0, a word that it
/// lacks, no text long enough, or an interrupt.
pub fn robustness(
    texts: &[Vec<u32>],
    lexicon: &Lexicon,
    params: &RobustnessParams,
    ctx: &Context,
) -> Result<Vec<Robustness>, InspectError> {
    params.check()?;
    check(texts, lexicon)?;
    let study = Study { lexicon, params, bounds: Constants::of(lexicon) };
    let mut lengths = params.lengths.clone();
    lengths.sort_unstable();
    lengths.dedup();
    let mut out: Vec<Robustness> =
        Vectorizer::ALL.iter().map(|v| Robustness { vectorizer: *v, moved: vec![], slope: None }).collect();
    ctx.progress().begin("robustness", Some(lengths.len() as u64), "lengths");
    for length in lengths {
        let long: Vec<&[u32]> =
            texts.iter().filter(|t| t.len() >= length).map(|t| &t[..length]).take(params.texts).collect();
        if long.is_empty() {
            continue;
        }
        let one = |(i, text): (usize, &&[u32])| {
            ctx.check()?;
            study.trials(text, rng::item(ctx.seed, "robustness", (length * 1_000_003 + i) as u64))
        };
        let found: Vec<Vec<[f64; 10]>> =
            ctx.pool().install(|| long.par_iter().enumerate().map(one).collect::<Result<_, InspectError>>())?;
        let all: Vec<[f64; 10]> = found.into_iter().flatten().collect();
        for (v, r) in out.iter_mut().enumerate() {
            r.moved.push(summary(length, long.len(), all.iter().map(|t| (t[v], t[5 + v]))));
        }
        ctx.progress().advance(1);
    }
    ctx.progress().end();
    if out[0].moved.is_empty() {
        return Err(InspectError::Compute("no text is as long as the least length".into()));
    }
    for r in &mut out {
        r.slope = slope(&r.moved);
    }
    Ok(out)
}

fn check(texts: &[Vec<u32>], lexicon: &Lexicon) -> Result<(), InspectError> {
    let words = lexicon.vectors.rows();
    if words < 2 || lexicon.idf.len() != words {
        return Err(InspectError::Compute(format!(
            "{words} word vectors with {} idf: two words and more are needed",
            lexicon.idf.len()
        )));
    }
    if let Some(w) = lexicon.idf.iter().position(|v| !(*v > 0.0 && v.is_finite())) {
        return Err(InspectError::Compute(format!("word {w} has idf {}: it must be above 0", lexicon.idf[w])));
    }
    if let Some((row, dim)) = lexicon.vectors.view().first_non_finite() {
        return Err(InspectError::Compute(format!("word {row} has a value that is not finite at dimension {dim}")));
    }
    match texts.iter().position(|t| t.iter().any(|w| *w as usize >= words)) {
        Some(t) => Err(InspectError::Compute(format!("text {t} has a word beyond the {words} of the lexicon"))),
        None => Ok(()),
    }
}

/// What every text is tried with.
struct Study<'a> {
    lexicon: &'a Lexicon,
    params: &'a RobustnessParams,
    bounds: Constants,
}

impl Study<'_> {
    /// Displacements of the five vectorizers, then their bounds, for each trial.
    fn trials(&self, text: &[u32], mut r: Rng) -> Result<Vec<[f64; 10]>, InspectError> {
        let (lexicon, ridge) = (self.lexicon, self.params.ridge);
        let inferred = paragraph::infer(text, lexicon, ridge, None)?;
        let words = lexicon.vectors.rows() as u32;
        let mut out = Vec::with_capacity(self.params.trials);
        for _ in 0..self.params.trials {
            let mut other = text.to_vec();
            for place in rand::seq::index::sample(&mut r, text.len(), self.params.replaced) {
                // Another word, drawn evenly from all others.
                other[place] = (other[place] + r.random_range(1..words)) % words;
            }
            let moved = [
                in_a_row(text, &other, lexicon),
                of_means(text, &other, lexicon),
                of_counts(text, &other, lexicon, false),
                of_counts(text, &other, lexicon, true),
                paragraph::distance(&inferred, &paragraph::infer(&other, lexicon, ridge, Some(&inferred))?),
            ];
            let bounds = self.bounds.of_texts(text, &other, self.params);
            out.push(std::array::from_fn(|i| if i < 5 { moved[i] } else { bounds[i - 5] }));
        }
        Ok(out)
    }
}

/// What bounds are made of.
struct Constants {
    diameter: f64,
    least: f64,
    greatest: f64,
}

impl Constants {
    fn of(lexicon: &Lexicon) -> Self {
        // Twice the radius around the mean is no less than the diameter.
        let n = lexicon.vectors.rows() as f32;
        let mut mean = vec![0.0f32; lexicon.vectors.dim()];
        lexicon.vectors.iter().for_each(|r| simd::axpy(1.0 / n, r, &mut mean));
        let radius = lexicon.vectors.iter().map(|r| f64::from(simd::l2_sq(r, &mean)).sqrt()).fold(0.0, f64::max);
        Self {
            diameter: 2.0 * radius * (1.0 + 1e-5),
            least: lexicon.idf.iter().copied().fold(f64::INFINITY, f64::min),
            greatest: lexicon.idf.iter().copied().fold(0.0, f64::max),
        }
    }

    fn of_texts(&self, a: &[u32], b: &[u32], p: &RobustnessParams) -> [f64; 5] {
        let (m, t) = (p.replaced as f64, a.len() as f64);
        let distinct = |text: &[u32]| text.iter().collect::<std::collections::HashSet<_>>().len() as f64;
        // The longer of the two vectors counts, so the fewer distinct words do.
        let d = distinct(a).min(distinct(b));
        let root = std::f64::consts::SQRT_2;
        [
            self.diameter * m.sqrt(),
            self.diameter * m / t,
            root * self.greatest * m / t,
            2.0 * root * self.greatest / self.least * d.sqrt() * m / t,
            self.diameter * m / (p.ridge * t),
        ]
    }
}

fn in_a_row(a: &[u32], b: &[u32], lexicon: &Lexicon) -> f64 {
    let row = |w: &u32| lexicon.vectors.row(*w as usize);
    a.iter().zip(b).map(|(x, y)| f64::from(simd::l2_sq(row(x), row(y)))).sum::<f64>().sqrt()
}

fn of_means(a: &[u32], b: &[u32], lexicon: &Lexicon) -> f64 {
    // Only what differs counts, in f64: the difference is small against the means.
    let mut sum = vec![0.0f64; lexicon.vectors.dim()];
    for (x, y) in a.iter().zip(b).filter(|(x, y)| x != y) {
        let pairs = lexicon.vectors.row(*x as usize).iter().zip(lexicon.vectors.row(*y as usize));
        sum.iter_mut().zip(pairs).for_each(|(s, (p, q))| *s += f64::from(*p) - f64::from(*q));
    }
    sum.iter().map(|v| v * v).sum::<f64>().sqrt() / a.len() as f64
}

fn of_counts(a: &[u32], b: &[u32], lexicon: &Lexicon, unit: bool) -> f64 {
    let weights = |text: &[u32]| {
        let mut out = std::collections::BTreeMap::new();
        text.iter().for_each(|w| *out.entry(*w).or_insert(0.0) += lexicon.idf[*w as usize] / text.len() as f64);
        let length = out.values().map(|v: &f64| v * v).sum::<f64>().sqrt();
        if unit {
            out.values_mut().for_each(|v| *v /= length);
        }
        out
    };
    let (a, b) = (weights(a), weights(b));
    let here = a.iter().map(|(w, v)| (v - b.get(w).unwrap_or(&0.0)).powi(2)).sum::<f64>();
    let there = b.iter().filter(|(w, _)| !a.contains_key(w)).map(|(_, v)| v * v).sum::<f64>();
    (here + there).sqrt()
}

fn summary(length: usize, texts: usize, moved: impl Iterator<Item = (f64, f64)>) -> Moved {
    let all: Vec<(f64, f64)> = moved.collect();
    let n = all.len().max(1) as f64;
    Moved {
        length,
        mean: all.iter().map(|m| m.0).sum::<f64>() / n,
        largest: all.iter().map(|m| m.0).fold(0.0, f64::max),
        bound: all.iter().map(|m| m.1).sum::<f64>() / n,
        share: all.iter().map(|m| m.0 / m.1).fold(0.0, f64::max),
        texts,
    }
}

/// Least squares of ln mean displacement on ln length.
fn slope(moved: &[Moved]) -> Option<f64> {
    let points: Vec<(f64, f64)> =
        moved.iter().filter(|m| m.mean > 0.0).map(|m| ((m.length as f64).ln(), m.mean.ln())).collect();
    let n = points.len() as f64;
    let mean = |f: fn(&(f64, f64)) -> f64| points.iter().map(f).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    (points.len() >= 2 && spread > 0.0).then(|| points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum::<f64>() / spread)
}
