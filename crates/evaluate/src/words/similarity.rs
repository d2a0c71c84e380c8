//! Cosines against people's judgements.

use std::path::Path;

use serde::Serialize;
use vectory_core::{rng, simd, stats};
use vectory_io::stream::{self, Lines};
use vectory_learn::words::{Origin, Unknown, WordSpace};

use super::WordTaskError;

/// Longest line of a set.
const LINE: usize = 1 << 16;
/// Resamples of an interval.
const SAMPLES: usize = 1000;

/// Judged pairs of words.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    /// Word, word, judgement.
    pub pairs: Vec<(String, String, f64)>,
    /// Lines that are not two words and a number (headers among them).
    pub skipped: usize,
}

impl Pairs {
    /// Reads `word word score` lines, between blanks or tabs; `#` lines are comments.
    ///
    /// # Errors
    /// [`WordTaskError`]: not readable, or no pair in it.
    pub fn read(path: &Path) -> Result<Self, WordTaskError> {
        let (mut lines, mut out) = (Lines::new(stream::open(path, None)?, LINE), Self { pairs: vec![], skipped: 0 });
        while let Some(line) = lines.next_line()? {
            let text = String::from_utf8_lossy(line);
            let mut fields = text.split_whitespace();
            let Some(first) = fields.next().filter(|f| !f.starts_with('#')) else { continue };
            let score = |f: Option<&str>| f.and_then(|f| f.parse::<f64>().ok()).filter(|s| s.is_finite());
            match (fields.next(), score(fields.next())) {
                (Some(second), Some(score)) => out.pairs.push((first.to_owned(), second.to_owned(), score)),
                _ => out.skipped += 1,
            }
        }
        if out.pairs.is_empty() {
            let why = "no line has two words and a number";
            return Err(WordTaskError::Empty { path: path.display().to_string(), why });
        }
        Ok(out)
    }
}

/// One set, scored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Similarity {
    /// The set's name.
    pub name: String,
    /// Spearman's correlation; none for fewer than two pairs, or cosines that are all the same.
    pub spearman: Option<f64>,
    /// 95 % bootstrap interval over pairs.
    pub interval: Option<(f64, f64)>,
    /// Pairs in the set.
    pub pairs: usize,
    /// Pairs that were scored.
    pub scored: usize,
    /// Of these, pairs with a word whose vector was made (of n-grams, or of words spelled alike).
    pub made: usize,
}

/// Scores one set.
#[must_use]
pub fn similarity(space: &WordSpace<'_>, name: &str, set: &Pairs, unknown: Unknown, seed: u64) -> Similarity {
    let (mut ours, mut theirs, mut made) = (Vec::new(), Vec::new(), 0);
    for (a, b, score) in &set.pairs {
        let (Ok((u, from)), Ok((v, to))) = (space.vector(a, unknown), space.vector(b, unknown)) else { continue };
        made += usize::from([from, to].iter().any(|o| matches!(o, Origin::Parts | Origin::Alike(_))));
        ours.push(f64::from(simd::cosine(&u, &v)));
        theirs.push(*score);
    }
    let spearman = stats::spearman(&ours, &theirs);
    let places: Vec<f64> = (0..ours.len()).map(|i| i as f64).collect();
    let interval = spearman.map(|_| {
        stats::bootstrap(&places, SAMPLES, &mut rng::stream(seed, "evaluate.words"), |drawn| {
            let pick = |from: &[f64]| drawn.iter().map(|i| from[*i as usize]).collect::<Vec<_>>();
            stats::spearman(&pick(&ours), &pick(&theirs)).unwrap_or(0.0)
        })
    });
    Similarity { name: name.to_owned(), spearman, interval, pairs: set.pairs.len(), scored: ours.len(), made }
}
