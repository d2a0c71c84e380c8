//! How much the words of topics tell about their texts.

use std::collections::HashMap;

use super::vocabulary::words_of;

/// Topic information gain (Angelov 2020): over each topic's texts and words, p(d, w) · ln(p(d, w) / (p(d) p(w))), summed; in
/// nats. Compare topic models on the same texts, with equally many topics and words.
#[must_use]
pub fn information_gain(texts: &[&str], of: &[u32], words: &[Vec<String>]) -> f64 {
    let counted: Vec<HashMap<String, f64>> = texts.iter().map(|t| count(t)).collect();
    let lengths: Vec<f64> = counted.iter().map(|c| c.values().sum()).collect();
    let total: f64 = lengths.iter().sum();
    let mut frequency: HashMap<&str, f64> = HashMap::new();
    for (word, n) in counted.iter().flatten() {
        *frequency.entry(word).or_default() += n;
    }
    let mut gain = 0.0;
    for ((text, length), topic) in counted.iter().zip(&lengths).zip(of) {
        let Some(words) = words.get(*topic as usize) else { continue };
        for (word, n) in words.iter().filter_map(|w| text.get(w).map(|n| (w, n))) {
            gain += n / total * (n * total / (length * frequency[word.as_str()])).ln();
        }
    }
    gain
}

fn count(text: &str) -> HashMap<String, f64> {
    let mut out = HashMap::new();
    words_of(text).into_iter().for_each(|w| *out.entry(w).or_default() += 1.0);
    out
}
