//! Readers of the data folder and small measures that claims share, here and in the crates above.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use vectory_core::registry::{ClaimContext, ClaimError};
use vectory_core::stats::spearman;
use vectory_core::{Context, Vectors, simd};
use vectory_io::stream::{self, Lines};
use vectory_io::vectors;

use crate::{Chain, Plan, Side};

/// Longest line of a text that is read.
const LINE: usize = 1 << 24;

/// Words and their vectors.
pub struct Words {
    /// The most frequent first.
    pub names: Vec<String>,
    /// One row a word.
    pub rows: Vectors,
    place: HashMap<String, usize>,
}

/// The 50,000 GloVe vectors of the data folder, the most frequent word first.
///
/// # Errors
/// [`ClaimError`] when the data is missing or damaged.
pub fn glove(c: &ClaimContext) -> Result<Words, ClaimError> {
    let rows =
        vectors::read_all(&c.data("ann/glove100-50k/glove100_base.f16.npy.zst")?).map_err(ClaimError::failed)?.rows;
    let names = lines(&c.data("ann/glove100-50k/glove100_base_words.txt.gz")?)?;
    if names.len() != rows.rows() {
        return Err(ClaimError::Failed(format!("{} words for {} vectors", names.len(), rows.rows())));
    }
    let place = names.iter().cloned().zip(0..).collect();
    Ok(Words { names, rows, place })
}

impl Words {
    /// The row of a word.
    #[must_use]
    pub fn get(&self, word: &str) -> Option<usize> {
        self.place.get(word).copied()
    }

    /// Mean vectors of the known tokens of each text; zero where none is known.
    #[must_use]
    pub fn means(&self, rows: &Vectors, texts: &[&str]) -> Vectors {
        let mut out = Vectors::zeros(texts.len(), rows.dim());
        for (i, text) in texts.iter().enumerate() {
            let row = out.row_mut(i);
            let mut known = 0.0f32;
            each_token(text, |t| {
                if let Some(id) = self.get(t) {
                    simd::axpy(1.0, rows.row(id), row);
                    known += 1.0;
                }
            });
            row.iter_mut().for_each(|v| *v /= known.max(1.0));
        }
        out
    }

    /// How often each word is in the Wikipedia text.
    ///
    /// # Errors
    /// [`ClaimError`] when the data is missing or damaged.
    pub fn counts(&self, c: &ClaimContext) -> Result<Vec<f64>, ClaimError> {
        let mut counts = vec![0.0; self.names.len()];
        let path = c.data("words/corpus/wiki-en.txt.zst")?;
        each_line(&path, |line| {
            each_token(line, |t| {
                if let Some(id) = self.get(t) {
                    counts[id] += 1.0;
                }
            });
        })?;
        Ok(counts)
    }
}

/// Lower-case runs of letters and digits, and single signs.
pub fn each_token(text: &str, mut f: impl FnMut(&str)) {
    let lower = text.to_lowercase();
    let mut start = None;
    for (i, c) in lower.char_indices() {
        if c.is_alphanumeric() {
            start.get_or_insert(i);
            continue;
        }
        if let Some(s) = start.take() {
            f(&lower[s..i]);
        }
        if !c.is_whitespace() {
            f(&lower[i..i + c.len_utf8()]);
        }
    }
    if let Some(s) = start {
        f(&lower[s..]);
    }
}

/// Every line of a text file, compressed or not.
///
/// # Errors
/// [`ClaimError`] when it cannot be read.
pub fn each_line(path: &Path, mut f: impl FnMut(&str)) -> Result<(), ClaimError> {
    let mut lines = Lines::new(stream::open(path, None).map_err(ClaimError::failed)?, LINE);
    while let Some(line) = lines.next_line().map_err(ClaimError::failed)? {
        f(&String::from_utf8_lossy(line));
    }
    Ok(())
}

/// All lines of a text file, without what ends them.
///
/// # Errors
/// [`ClaimError`] when it cannot be read.
pub fn lines(path: &Path) -> Result<Vec<String>, ClaimError> {
    let mut out = Vec::new();
    each_line(path, |l| out.push(l.trim_end().to_owned()))?;
    Ok(out)
}

/// Sentence pairs with people's scores.
pub struct Pairs {
    /// First sentences.
    pub first: Vec<String>,
    /// Second sentences.
    pub second: Vec<String>,
    /// Similarity as people gave it.
    pub scores: Vec<f64>,
}

/// A part of STS-B: `sts-train.csv.gz`, `sts-dev.csv`, `sts-test.csv`.
///
/// # Errors
/// [`ClaimError`] when it cannot be had.
pub fn sts(c: &ClaimContext, part: &str) -> Result<Pairs, ClaimError> {
    let mut out = Pairs { first: Vec::new(), second: Vec::new(), scores: Vec::new() };
    for line in lines(&c.data(format!("sentences/sts/STSBenchmark/{part}"))?)? {
        let cells: Vec<&str> = line.split('\t').collect();
        if let [_, _, _, _, score, a, b, ..] = cells.as_slice() {
            out.scores.push(score.parse().map_err(ClaimError::failed)?);
            out.first.push((*a).to_owned());
            out.second.push((*b).to_owned());
        }
    }
    Ok(out)
}

/// Spearman's correlation of cosines with people's scores, in hundredths.
#[must_use]
pub fn sts_score(first: &Vectors, second: &Vectors, scores: &[f64]) -> f64 {
    let cosines: Vec<f64> = first.iter().zip(second.iter()).map(|(a, b)| f64::from(simd::cosine(a, b))).collect();
    100.0 * spearman(&cosines, scores).unwrap_or(0.0)
}

/// Titles with descriptions, and classes 0 to 3, of AG News' test part.
///
/// # Errors
/// [`ClaimError`] when it cannot be had.
pub fn ag_news(c: &ClaimContext) -> Result<(Vec<String>, Vec<u32>), ClaimError> {
    let (mut texts, mut labels) = (Vec::new(), Vec::new());
    for line in lines(&c.data("classification/AG_News/test.csv.gz")?)? {
        let Some((class, text)) = line.trim_matches('"').split_once("\",\"") else { continue };
        labels.push(class.parse::<u32>().map_err(ClaimError::failed)? - 1);
        texts.push(text.replace("\",\"", ". ").replace("\"\"", "\"").replace('\\', " "));
    }
    Ok((texts, labels))
}

/// The first images of a part of MNIST (`train30k`, `t10k`) as rows of 784 values from 0 to 1, and their digits.
///
/// # Errors
/// [`ClaimError`] when they cannot be had.
pub fn mnist(c: &ClaimContext, part: &str, rows: usize) -> Result<(Vectors, Vec<u32>), ClaimError> {
    let read = |name: String, skip: usize| -> Result<Vec<u8>, ClaimError> {
        let mut bytes = Vec::new();
        let mut file = stream::open(&c.data(format!("images/mnist/{name}"))?, None).map_err(ClaimError::failed)?;
        file.read_to_end(&mut bytes).map_err(ClaimError::failed)?;
        Ok(bytes.split_off(skip.min(bytes.len())))
    };
    // After the heads: magic and count, of images also height and width.
    let labels = read(format!("{part}-labels-idx1-ubyte.gz"), 8)?;
    let pixels = read(format!("{part}-images-idx3-ubyte.gz"), 16)?;
    let n = rows.min(labels.len()).min(pixels.len() / 784);
    let values: Vec<f32> = pixels[..n * 784].iter().map(|p| f32::from(*p) / 255.0).collect();
    let rows = Vectors::from_slice(&values, 784).map_err(ClaimError::failed)?;
    Ok((rows, labels[..n].iter().map(|l| u32::from(*l)).collect()))
}

/// Vectors of texts by the default encoder.
///
/// # Errors
/// [`ClaimError`] when it cannot be had.
pub fn encoded(c: &ClaimContext, texts: &[&str]) -> Result<Vectors, ClaimError> {
    let encoder = c.encoder.as_ref().ok_or_else(|| ClaimError::Failed("needs the default encoder".into()))?;
    encoder.encode(texts, &c.context).map_err(ClaimError::failed)
}

/// Borrowed texts.
#[must_use]
pub fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// A chain fitted on rows.
///
/// # Errors
/// [`ClaimError`] when it cannot be had.
pub fn fitted(text: &str, x: &Vectors, side: &Side<'_>, ctx: &Context) -> Result<Chain, ClaimError> {
    Plan::parse(text).and_then(|p| p.fit(x.view(), side, ctx)).map_err(ClaimError::failed)
}

/// Rows through a chain.
///
/// # Errors
/// [`ClaimError`] when it cannot be had.
pub fn applied(chain: &Chain, x: &Vectors, ctx: &Context) -> Result<Vectors, ClaimError> {
    chain.apply(x.view(), ctx).map_err(ClaimError::failed)
}

/// Mean cosine of pairs of different rows, by the length of the mean unit vector.
#[must_use]
pub fn mean_cosine(x: &Vectors) -> f64 {
    let (mut sum, mut n) = (vec![0.0f64; x.dim()], 0.0);
    for row in x.iter() {
        let length = f64::from(simd::norm(row));
        if length > 0.0 {
            sum.iter_mut().zip(row).for_each(|(s, v)| *s += f64::from(*v) / length);
            n += 1.0;
        }
    }
    (sum.iter().map(|s| s * s).sum::<f64>() - n) / (n * (n - 1.0))
}
