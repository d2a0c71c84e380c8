//! Retrieval quality while the index fills with distractors, measured on a judged collection.

use rand::seq::SliceRandom;
use serde::Serialize;
use vectory_core::rng;

/// What one retriever thinks of every document for every query. Larger is better; `NEG_INFINITY`: not retrieved at all.
pub struct Opinions {
    /// The retriever: `bm25`, `static-en, 64 d`, …
    pub name: String,
    /// One row of scores a query, one score a document.
    pub scores: Vec<Vec<f32>>,
}

/// MRR@10 of one retriever over growing indexes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Growth {
    /// The retriever.
    pub name: String,
    /// (documents in the index, mean MRR@10 over draws of distractors).
    pub points: Vec<(usize, f64)>,
}

impl Growth {
    /// What is lost from the smallest to the largest index, as a share of the smallest's.
    #[must_use]
    pub fn relative_loss(&self) -> f64 {
        match (self.points.first(), self.points.last()) {
            (Some((_, a)), Some((_, b))) if *a > 0.0 => (a - b) / a,
            _ => 0.0,
        }
    }
}

/// MRR@10 of each retriever on indexes of the given sizes. Every index holds all relevant documents; the rest are random
/// distractors, `draws` times anew (the same for every retriever). `relevant` has the relevant documents of each query.
#[must_use]
pub fn grow(
    opinions: &[Opinions],
    relevant: &[Vec<usize>],
    documents: usize,
    sizes: &[usize],
    draws: usize,
    seed: u64,
) -> Vec<Growth> {
    let mut out: Vec<Growth> = opinions
        .iter()
        .map(|o| Growth { name: o.name.clone(), points: sizes.iter().map(|n| (*n, 0.0)).collect() })
        .collect();
    for draw in 0..draws {
        let order = order(relevant, documents, seed, draw as u64);
        for (s, size) in sizes.iter().enumerate() {
            let index = &order[..(*size).min(documents)];
            for (growth, o) in out.iter_mut().zip(opinions) {
                growth.points[s].1 += mean_reciprocal_rank(o, relevant, index) / draws as f64;
            }
        }
    }
    out
}

/// All documents, the relevant ones first, the others shuffled: a prefix is an index.
fn order(relevant: &[Vec<usize>], documents: usize, seed: u64, draw: u64) -> Vec<usize> {
    let mut is_relevant = vec![false; documents];
    relevant.iter().flatten().for_each(|d| is_relevant[*d] = true);
    let (mut first, mut rest): (Vec<usize>, Vec<usize>) = (0..documents).partition(|d| is_relevant[*d]);
    rest.shuffle(&mut rng::item(seed, "index_growth.distractors", draw));
    first.append(&mut rest);
    first
}

fn mean_reciprocal_rank(o: &Opinions, relevant: &[Vec<usize>], index: &[usize]) -> f64 {
    let sum: f64 =
        o.scores.iter().zip(relevant).map(|(scores, relevant)| reciprocal_rank(scores, relevant, index)).sum();
    sum / relevant.len() as f64
}

/// 1 / rank of the best relevant document, 0 beyond rank 10. Documents with an equal score count as half before it.
fn reciprocal_rank(scores: &[f32], relevant: &[usize], index: &[usize]) -> f64 {
    let best = relevant.iter().map(|d| scores[*d]).fold(f32::NEG_INFINITY, f32::max);
    if best == f32::NEG_INFINITY {
        return 0.0;
    }
    let before = index.iter().filter(|d| scores[**d] > best).count() as f64;
    let equal = index.iter().filter(|d| scores[**d] == best && !relevant.contains(d)).count() as f64;
    let rank = 1.0 + before + (equal / 2.0).floor();
    if rank <= 10.0 { 1.0 / rank } else { 0.0 }
}

/// Share of queries for which at least one of the strings scores above the best relevant document.
#[must_use]
pub fn fooled(o: &Opinions, relevant: &[Vec<usize>], strings: &[Vec<f32>]) -> f64 {
    let fooled = o.scores.iter().zip(relevant).zip(strings).filter(|((scores, relevant), strings)| {
        let best = relevant.iter().map(|d| scores[*d]).fold(f32::NEG_INFINITY, f32::max);
        strings.iter().any(|s| *s > best)
    });
    fooled.count() as f64 / relevant.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distractors_push_the_relevant_document_down() {
        // Document 0 is relevant with score 5; documents 1 to 3 score above it, the others below.
        let scores: Vec<f32> = (0..50).map(|d| if d == 0 { 5.0 } else { 9.0 - d as f32 }).collect();
        let o = Opinions { name: "x".into(), scores: vec![scores] };
        let got = grow(&[o], &[vec![0]], 50, &[1, 50], 3, 1);
        assert_eq!(got[0].points, [(1, 1.0), (50, 0.25)]);
        assert_eq!(got[0].relative_loss(), 0.75);
    }

    #[test]
    fn what_is_not_retrieved_has_no_rank_and_is_always_fooled() {
        let o = Opinions { name: "x".into(), scores: vec![vec![f32::NEG_INFINITY; 3], vec![1.0, 0.0, 0.0]] };
        let relevant = [vec![0], vec![0]];
        assert_eq!(mean_reciprocal_rank(&o, &relevant, &[0, 1, 2]), 0.5);
        assert_eq!(fooled(&o, &relevant, &[vec![f32::NEG_INFINITY], vec![2.0]]), 0.5);
    }
}
