//! Lists of words as texts. Running text follows Zipf's law: most of a vocabulary is met too seldom to be learned. A list drawn
//! evenly teaches what each word adds to a text's vector.

use std::collections::HashMap;

use rand::RngExt;
use rand::seq::SliceRandom;
use vectory_core::rng;

use super::pieces::Article;

/// How lists of words are drawn.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct KeywordParams {
    /// How many lists. Half are drawn from all words, half from the words of one article each.
    pub texts: usize,
    /// Words of a list, inclusive.
    pub words: (usize, usize),
    /// How often a word must occur in the training text.
    pub min_count: u32,
    /// A word is drawn in proportion to its count to this power: 1 follows the text, 0 treats all words alike.
    pub power: f64,
}

impl Default for KeywordParams {
    fn default() -> Self {
        Self { texts: 150_000, words: (2, 8), min_count: 2, power: 0.25 }
    }
}

/// The lists, in an order fixed by `seed`. Cost: two passes over the words of the articles.
#[must_use]
pub fn keywords(articles: &[Article], params: &KeywordParams, seed: u64) -> Vec<String> {
    let mut counts: HashMap<String, u32> = HashMap::new();
    for article in articles {
        words(article, &mut |w| match counts.get_mut(w) {
            Some(n) => *n += 1,
            None => {
                counts.insert(w.to_owned(), 1);
            }
        });
    }
    counts.retain(|_, n| *n >= params.min_count);
    let all = Urn::new(counts.iter().map(|(w, n)| (w.as_str(), f64::from(*n).powf(params.power))));
    let rich: Vec<&Article> = articles.iter().filter(|a| a.paragraphs.len() >= 2).collect();
    let mut draw = rng::stream(seed, "distill-keywords");
    let mut out: Vec<String> = (0..params.texts / 2).filter_map(|_| all.list(params, &mut draw)).collect();
    let per_article = 4;
    for _ in 0..params.texts / 2 / per_article {
        if rich.is_empty() {
            break;
        }
        let mut own: HashMap<String, f64> = HashMap::new();
        words(rich[draw.random_range(0..rich.len())], &mut |w| {
            if let Some(n) = counts.get(w) {
                // Rare words tell articles apart.
                own.insert(w.to_owned(), f64::from(*n).powf(-0.25));
            }
        });
        let urn = Urn::new(own.iter().map(|(w, p)| (w.as_str(), *p)));
        out.extend((0..per_article).filter_map(|_| urn.list(params, &mut draw)));
    }
    out.shuffle(&mut draw);
    out
}

/// Words of three letters or more, in lower case.
fn words(article: &Article, found: &mut impl FnMut(&str)) {
    let mut lower = String::new();
    for paragraph in &article.paragraphs {
        for run in paragraph.split(|c: char| !c.is_alphanumeric()) {
            if run.len() >= 3 && run.bytes().all(|b| b.is_ascii_alphabetic()) {
                lower.clear();
                lower.extend(run.bytes().map(|b| b.to_ascii_lowercase() as char));
                found(&lower);
            }
        }
    }
}

/// Words with chances.
struct Urn<'a> {
    words: Vec<&'a str>,
    /// Running sums of the chances.
    ends: Vec<f64>,
}

impl<'a> Urn<'a> {
    fn new(words: impl Iterator<Item = (&'a str, f64)>) -> Self {
        let mut words: Vec<(&str, f64)> = words.collect();
        words.sort_by(|a, b| a.0.cmp(b.0));
        let mut sum = 0.0;
        let ends = words.iter().map(|(_, p)| {
            sum += p;
            sum
        });
        Self { ends: ends.collect(), words: words.iter().map(|(w, _)| *w).collect() }
    }

    /// Different words, separated by spaces; `None` where there are too few.
    fn list(&self, params: &KeywordParams, draw: &mut rng::Rng) -> Option<String> {
        let len = draw.random_range(params.words.0..=params.words.1);
        if self.words.len() < len {
            return None;
        }
        let mut list: Vec<&str> = Vec::with_capacity(len);
        for _ in 0..len {
            let at = draw.random::<f64>() * self.ends.last()?;
            let word = self.words[self.ends.partition_point(|e| *e <= at).min(self.words.len() - 1)];
            if !list.contains(&word) {
                list.push(word);
            }
        }
        Some(list.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_known_words_and_repeat() {
        let paragraph = "alpha beta gamma delta alpha beta gamma delta once".to_owned();
        let article = Article { title: String::new(), paragraphs: vec![paragraph.clone(), paragraph] };
        let params = KeywordParams { texts: 40, words: (2, 3), ..KeywordParams::default() };
        let got = keywords(std::slice::from_ref(&article), &params, 1);
        assert_eq!(got, keywords(&[article], &params, 1));
        assert_eq!(got.len(), 40);
        let known = ["alpha", "beta", "gamma", "delta", "once"];
        assert!(got.iter().all(|t| t.split(' ').all(|w| known.contains(&w)) && t.split(' ').count() <= 3), "{got:?}");
    }
}
