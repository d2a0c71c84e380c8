//! Word n-gram models that write text: the generators of claim 120.

use std::collections::HashMap;

use rand::RngExt;
use vectory_core::rng::Rng;

/// What followed each context of `order` − 1 words.
pub(super) struct NGram<'a> {
    order: usize,
    next: HashMap<Vec<&'a str>, Vec<&'a str>>,
}

impl<'a> NGram<'a> {
    pub fn new(order: usize, passages: &[Vec<&'a str>]) -> Self {
        let mut next: HashMap<Vec<&str>, Vec<&str>> = HashMap::new();
        for p in passages {
            for i in 0..p.len() {
                // The start of a passage knows fewer words.
                next.entry(p[i.saturating_sub(order - 1)..i].to_vec()).or_default().push(p[i]);
            }
        }
        Self { order, next }
    }

    /// A passage of `length` words; greedy takes the most frequent word (the first of equals) instead of drawing.
    pub fn write(&self, length: usize, greedy: bool, r: &mut Rng) -> String {
        let mut words: Vec<&str> = Vec::with_capacity(length);
        while words.len() < length {
            let mut known = (self.order - 1).min(words.len());
            // A context that was only seen at an end starts anew.
            let choices = loop {
                match self.next.get(&words[words.len() - known..]) {
                    Some(c) => break c,
                    None if known > 0 => known -= 1,
                    None => return words.join(" "),
                }
            };
            let first = words.is_empty();
            let word =
                if greedy && !first { most_frequent(choices) } else { choices[r.random_range(0..choices.len())] };
            words.push(word);
        }
        words.join(" ")
    }
}

fn most_frequent<'a>(words: &[&'a str]) -> &'a str {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    words.iter().for_each(|w| *counts.entry(w).or_default() += 1);
    words.iter().copied().max_by(|a, b| counts[a].cmp(&counts[b]).then(b.cmp(a))).unwrap_or("")
}
