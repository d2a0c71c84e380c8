//! Semantic textual similarity: do cosines of sentence vectors rank pairs as people do?
//!
//! The measure is Spearman's correlation between the cosine of two sentences and the similarity that people gave them
//! (Cer et al., *SemEval-2017 Task 1*, for STS-B).

use std::path::{Path, PathBuf};

use thiserror::Error;
use vectory_core::{Context, Encode, EncodeError};

use vectory_core::stats::{pearson, spearman};

/// Why the pairs could not be scored.
#[derive(Debug, Error)]
pub enum StsError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A line is no pair.
    #[error(
        "{path}, line {line}: expected tab-separated `genre file year id score sentence sentence` (STS-B) or `sentence sentence score`, got {columns} columns{why}"
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// Its columns.
        columns: usize,
        /// What else is wrong.
        why: String,
    },
    /// The encoder failed.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// No correlation: fewer than two pairs, or all scores or cosines are equal.
    #[error("{path}: {pairs} pairs have no correlation (all scores or all cosines are equal)")]
    Constant {
        /// The file.
        path: PathBuf,
        /// How many pairs.
        pairs: usize,
    },
}

/// How well cosines follow people's scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sts {
    /// Spearman's rank correlation: the usual figure.
    pub spearman: f64,
    /// Pearson's correlation.
    pub pearson: f64,
    /// Pairs of sentences.
    pub pairs: usize,
}

/// Two sentences and their similarity.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// First sentence.
    pub first: String,
    /// Second sentence.
    pub second: String,
    /// Similarity as people gave it.
    pub score: f64,
}

/// Reads STS-B files (tab-separated: genre, file, year, id, score, two sentences; more columns are ignored) and plain
/// three-column files (two sentences, score).
///
/// # Errors
/// [`StsError::Io`], or [`StsError::Line`] at the first line that is neither.
pub fn read_pairs(path: &Path) -> Result<Vec<Pair>, StsError> {
    let text = String::from_utf8_lossy(&fs_err::read(path)?).into_owned();
    let mut out = Vec::new();
    for (i, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let cells: Vec<&str> = line.split('\t').collect();
        let bad = |why: String| StsError::Line { path: path.to_owned(), line: i + 1, columns: cells.len(), why };
        let (score, first, second) = match cells.as_slice() {
            [_, _, _, _, score, first, second, ..] => (*score, *first, *second),
            [first, second, score] => (*score, *first, *second),
            _ => return Err(bad(String::new())),
        };
        let score: f64 = score.trim().parse().map_err(|_| bad(format!(", and `{score}` is not a score")))?;
        out.push(Pair { first: first.trim().to_owned(), second: second.trim().to_owned(), score });
    }
    Ok(out)
}

/// Scores an encoder on a file of pairs.
///
/// # Errors
/// As [`read_pairs`]; [`StsError::Encode`]; [`StsError::Constant`].
pub fn sts(path: &Path, encoder: &dyn Encode, ctx: &Context) -> Result<Sts, StsError> {
    let pairs = read_pairs(path)?;
    let cosines = cosines(&pairs, encoder, ctx)?;
    let scores: Vec<f64> = pairs.iter().map(|p| p.score).collect();
    match (spearman(&cosines, &scores), pearson(&cosines, &scores)) {
        (Some(spearman), Some(pearson)) => Ok(Sts { spearman, pearson, pairs: pairs.len() }),
        _ => Err(StsError::Constant { path: path.to_owned(), pairs: pairs.len() }),
    }
}

/// Cosine of each pair; 0 where a sentence has a zero vector.
fn cosines(pairs: &[Pair], encoder: &dyn Encode, ctx: &Context) -> Result<Vec<f64>, EncodeError> {
    let mut out = Vec::with_capacity(pairs.len());
    for batch in pairs.chunks(1024) {
        ctx.check()?;
        let texts: Vec<&str> = batch.iter().flat_map(|p| [p.first.as_str(), p.second.as_str()]).collect();
        let rows = encoder.encode(&texts, ctx)?;
        out.extend((0..batch.len()).map(|i| cosine(rows.row(2 * i), rows.row(2 * i + 1))));
    }
    Ok(out)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths > 0.0 { dot(a, b) / lengths } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vectory_core::{Metric, Vectors};

    /// Counts letters: sentences of the same letters are similar.
    struct Letters;

    impl Encode for Letters {
        fn name(&self) -> &str {
            "letters"
        }
        fn dim(&self) -> usize {
            26
        }
        fn metric(&self) -> Metric {
            Metric::Cosine
        }
        fn fingerprint(&self) -> String {
            "letters".into()
        }
        fn encode(&self, texts: &[&str], _: &Context) -> Result<Vectors, EncodeError> {
            let mut out = Vectors::zeros(texts.len(), 26);
            for (i, t) in texts.iter().enumerate() {
                t.bytes().filter(u8::is_ascii_lowercase).for_each(|b| out.row_mut(i)[usize::from(b - b'a')] += 1.0);
            }
            Ok(out)
        }
    }

    #[test]
    fn both_forms_are_read_and_scored() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sts.csv");
        fs_err::write(&path, "g\tf\ty\t1\t5.0\tabc\tcab\ng\tf\ty\t2\t2.5\tabc\tabx\textra\n\nabc\txyz\t0\n").unwrap();
        let got = sts(&path, &Letters, &Context::new(0, 1).unwrap()).unwrap();
        assert!((got.spearman - 1.0).abs() < 1e-12 && got.pairs == 3, "{got:?}");
        fs_err::write(&path, "a\tb\tc\nx").unwrap();
        let error = read_pairs(&path).unwrap_err().to_string();
        assert!(error.contains("line 1") && error.contains("`c` is not a score"), "{error}");
        fs_err::write(&path, "a\tb\t1\na\tc\t1\n").unwrap();
        assert!(matches!(sts(&path, &Letters, &Context::new(0, 1).unwrap()), Err(StsError::Constant { pairs: 2, .. })));
    }
}
