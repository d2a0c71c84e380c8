//! Whether a topic's words belong together.

use std::collections::{HashMap, HashSet};

/// The mean normalised pointwise mutual information of each topic's pairs of words, by how many documents have both (Bouma 2009; Lau,
/// Newman and Baldwin 2014): 1 for words that only occur together, 0 for independent ones, −1 for words that never meet. `topics` and
/// `documents` hold ids of words.
#[must_use]
pub fn npmi(topics: &[Vec<u32>], documents: &[Vec<u32>]) -> Vec<f64> {
    let wanted: HashSet<u32> = topics.iter().flatten().copied().collect();
    let mut found: HashMap<u32, HashSet<usize>> = wanted.iter().map(|w| (*w, HashSet::new())).collect();
    let (mut n, empty) = (0usize, HashSet::new());
    for words in documents.iter().filter(|d| !d.is_empty()) {
        for w in words {
            found.entry(*w).and_modify(|d| _ = d.insert(n));
        }
        n += 1;
    }
    let share = |count: usize| count as f64 / n.max(1) as f64;
    let pair = |a: u32, b: u32| {
        let (da, db) = (found.get(&a).unwrap_or(&empty), found.get(&b).unwrap_or(&empty));
        let both = da.intersection(db).count();
        if both == 0 {
            return -1.0;
        }
        let together = -share(both).ln();
        // Words that all documents share tell nothing.
        if together > 0.0 { (share(both) / (share(da.len()) * share(db.len()))).ln() / together } else { 0.0 }
    };
    let mean = |topic: &Vec<u32>| {
        let pairs: Vec<f64> =
            topic.iter().enumerate().flat_map(|(i, a)| topic[i + 1..].iter().map(move |b| pair(*a, *b))).collect();
        pairs.iter().sum::<f64>() / pairs.len().max(1) as f64
    };
    topics.iter().map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_meet_are_coherent() {
        let documents = vec![vec![0, 1], vec![0, 1], vec![2, 3], vec![2], vec![]];
        let found = npmi(&[vec![0, 1], vec![0, 2], vec![2, 3], vec![5, 6]], &documents);
        assert!((found[0] - 1.0).abs() < 1e-12 && (found[1] + 1.0).abs() < 1e-12 && (found[3] + 1.0).abs() < 1e-12);
        // Two in two of four, one of them with the other: ln(0.25 / (0.5 · 0.25)) / ln 4.
        assert!((found[2] - 2.0f64.ln() / 4.0f64.ln()).abs() < 1e-12);
    }
}
