//! The tasks that score a text encoder: STS-B (Spearman) and six retrieval sets (nDCG@10 with linear gain).

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Any failure, with the file it is about.
pub type Failure = Box<dyn std::error::Error>;

/// The retrieval sets below `data/retrieval`.
pub const SETS: [&str; 6] = ["scifact", "cranfield", "cisi", "cacm", "med", "npl"];

/// Pairs of sentences with a score of 0 to 5.
pub struct Pairs {
    /// First sentences.
    pub left: Vec<String>,
    /// Second sentences.
    pub right: Vec<String>,
    /// What people said.
    pub score: Vec<f64>,
}

impl Pairs {
    /// Reads a tab-separated STS-B file.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let mut pairs = Self { left: vec![], right: vec![], score: vec![] };
        for line in text(path)?.lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            let [_, _, _, _, score, left, right, ..] = cells.as_slice() else { continue };
            pairs.score.push(score.parse()?);
            pairs.left.push((*left).to_owned());
            pairs.right.push((*right).to_owned());
        }
        Ok(pairs)
    }

    /// Spearman's correlation of the scores with the dot products of unit vectors.
    pub fn spearman(&self, left: &[Vec<f32>], right: &[Vec<f32>]) -> f64 {
        let ours: Vec<f64> = left.iter().zip(right).map(|(a, b)| f64::from(dot(a, b))).collect();
        pearson(&ranks(&ours), &ranks(&self.score))
    }
}

/// A collection, its queries and judgements.
pub struct Retrieval {
    ids: Vec<String>,
    /// Title and text of each document.
    pub documents: Vec<String>,
    /// The queries that have a judgement.
    pub queries: Vec<String>,
    relevant: Vec<HashMap<String, f64>>,
}

impl Retrieval {
    /// Reads a folder in BEIR's layout.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let mut set = Self { ids: vec![], documents: vec![], queries: vec![], relevant: vec![] };
        for line in text(&folder.join("corpus.jsonl"))?.lines() {
            let record: serde_json::Value = serde_json::from_str(line)?;
            let field = |name: &str| record[name].as_str().unwrap_or("").to_owned();
            set.ids.push(field("_id"));
            set.documents.push(format!("{} {}", field("title"), field("text")).trim().to_owned());
        }
        let mut judged: HashMap<String, HashMap<String, f64>> = HashMap::new();
        for line in text(&folder.join("qrels/test.tsv"))?.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let [query, document, grade, ..] = cells.as_slice() else { continue };
            judged.entry((*query).to_owned()).or_default().insert((*document).to_owned(), grade.trim().parse()?);
        }
        for line in text(&folder.join("queries.jsonl"))?.lines() {
            let record: serde_json::Value = serde_json::from_str(line)?;
            let Some(relevant) = record["_id"].as_str().and_then(|id| judged.remove(id)) else { continue };
            set.queries.push(record["text"].as_str().unwrap_or("").to_owned());
            set.relevant.push(relevant);
        }
        Ok(set)
    }

    /// Mean nDCG@10 of exact search by dot product over the queries that have a relevant document.
    pub fn ndcg(&self, documents: &[Vec<f32>], queries: &[Vec<f32>]) -> f64 {
        let scores: Vec<f64> =
            queries.iter().zip(&self.relevant).filter_map(|(q, r)| self.one(documents, q, r)).collect();
        scores.iter().sum::<f64>() / scores.len() as f64
    }

    fn one(&self, documents: &[Vec<f32>], query: &[f32], relevant: &HashMap<String, f64>) -> Option<f64> {
        let mut ideal: Vec<f64> = relevant.values().copied().filter(|g| *g > 0.0).collect();
        if ideal.is_empty() {
            return None;
        }
        ideal.sort_by(|a, b| b.total_cmp(a));
        let mut scored: Vec<(f32, usize)> = documents.iter().enumerate().map(|(i, d)| (dot(d, query), i)).collect();
        let k = scored.len().min(10);
        scored.select_nth_unstable_by(k - 1, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.truncate(k);
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let discount = |rank: usize| 1.0 / ((rank + 2) as f64).log2();
        let gain = |i: usize| relevant.get(&self.ids[i]).copied().unwrap_or(0.0).max(0.0);
        let found: f64 = scored.iter().enumerate().map(|(rank, (_, i))| gain(*i) * discount(rank)).sum();
        let best: f64 = ideal.iter().take(10).enumerate().map(|(rank, g)| g * discount(rank)).sum();
        Some(found / best)
    }
}

/// A text file, plain or beside it with `.gz`.
fn text(path: &Path) -> Result<String, Failure> {
    let mut out = String::new();
    if path.exists() {
        BufReader::new(fs_err::File::open(path)?).read_to_string(&mut out)?;
        return Ok(out);
    }
    let packed = path.with_extension(format!("{}.gz", path.extension().and_then(|e| e.to_str()).unwrap_or("")));
    let mut reader = BufReader::new(flate2::read::MultiGzDecoder::new(fs_err::File::open(packed)?));
    while reader.read_line(&mut out)? > 0 {}
    Ok(out)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Ranks from 1, ties share their mean.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut out = vec![0.0; values.len()];
    let mut start = 0;
    for tie in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = start as f64 + (tie.len() as f64 + 1.0) / 2.0;
        tie.iter().for_each(|i| out[*i] = rank);
        start += tie.len();
    }
    out
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len() as f64;
    let (ma, mb) = (a.iter().sum::<f64>() / n, b.iter().sum::<f64>() / n);
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - ma) * (y - mb);
        aa += (x - ma).powi(2);
        bb += (y - mb).powi(2);
    }
    ab / (aa * bb).sqrt()
}
