//! Words that set groups of texts apart.

use std::collections::{HashMap, HashSet};

/// Fewest letters of a word that names a group.
const SHORTEST: usize = 3;

/// For each group the `count` words that most of its texts have and few others: share in the group × ln(1 + groups' share
/// over all), words of texts counted once (class-based tf-idf). Groups without texts have no words.
#[must_use]
pub fn keywords(texts: &[String], groups: &[Option<u32>], count: usize) -> Vec<Vec<String>> {
    let total = groups.iter().flatten().max().map_or(0, |m| *m as usize + 1);
    let mut of_group: Vec<HashMap<String, f64>> = vec![HashMap::new(); total];
    let mut all: HashMap<String, f64> = HashMap::new();
    let mut sizes = vec![0.0f64; total];
    for (text, group) in texts.iter().zip(groups) {
        let lower = text.to_lowercase();
        let words: HashSet<&str> = lower
            .split(|c: char| !(c.is_alphanumeric() || c == '\''))
            .filter(|w| w.chars().count() >= SHORTEST && w.chars().any(char::is_alphabetic))
            .collect();
        if let Some(g) = group {
            sizes[*g as usize] += 1.0;
        }
        for w in words {
            *all.entry(w.to_owned()).or_default() += 1.0;
            if let Some(g) = group {
                *of_group[*g as usize].entry(w.to_owned()).or_default() += 1.0;
            }
        }
    }
    let texts = texts.len().max(1) as f64;
    let best = |(words, size): (&HashMap<String, f64>, &f64)| {
        let score = |(w, c): (&String, &f64)| {
            let (inside, overall) = (c / size.max(1.0), all[w] / texts);
            (inside * (inside / overall).ln().max(0.0), w.clone())
        };
        let mut scored: Vec<(f64, String)> = words.iter().filter(|w| *w.1 >= 2.0 || *size < 4.0).map(score).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        scored.into_iter().take(count).filter(|s| s.0 > 0.0).map(|s| s.1).collect()
    };
    of_group.iter().zip(&sizes).map(best).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn words_of_a_group_are_not_those_of_all() {
        let texts = ["the cat purrs", "the cat meows", "the dog barks", "the dog runs"].map(str::to_owned);
        let words = super::keywords(&texts, &[Some(0), Some(0), Some(1), None], 1);
        assert_eq!(words, [vec!["cat".to_owned()], vec!["barks".to_owned()]]);
        assert!(super::keywords(&[], &[], 3).is_empty());
    }
}
