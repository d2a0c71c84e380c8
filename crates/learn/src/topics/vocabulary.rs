//! The words of a collection.

use std::collections::HashMap;

/// Words with how often they occur.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary {
    /// The most frequent first.
    pub words: Vec<String>,
    /// Texts that have each.
    pub texts: Vec<usize>,
}

/// Lower-case words of a text, of `shortest` letters or more.
pub(super) fn words_of(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let word = |w: &&str| w.chars().count() >= 2 && w.chars().any(char::is_alphabetic);
    lower
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .map(|w| w.trim_matches('\''))
        .filter(word)
        .map(str::to_owned)
        .collect()
}

/// The words that at least `least` texts have, `most` at most. No list of stop words is needed: words that all texts share
/// are near no topic.
#[must_use]
pub fn vocabulary(texts: &[&str], least: usize, most: usize) -> Vocabulary {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for text in texts {
        let mut words = words_of(text);
        words.sort_unstable();
        words.dedup();
        words.into_iter().for_each(|w| *counts.entry(w).or_default() += 1);
    }
    let mut order: Vec<(String, usize)> = counts.into_iter().filter(|c| c.1 >= least).collect();
    order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    order.truncate(most);
    let (words, texts) = order.into_iter().unzip();
    Vocabulary { words, texts }
}
