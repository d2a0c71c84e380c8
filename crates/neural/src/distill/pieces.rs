//! Unlabelled text cut into the kinds of texts that an encoder meets: sentences, passages of several sentences (documents),
//! titles, and short fragments (queries). A static encoder fitted on one length alone is weak on the others.

use std::ops::Range;

use rand::RngExt;
use vectory_core::rng;

/// One article, chapter or document of the training text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    /// Its title; empty where it has none.
    pub title: String,
    /// Its paragraphs in order.
    pub paragraphs: Vec<String>,
}

/// How articles are cut.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct PieceParams {
    /// Share of the sentences that are taken, 0 to 1.
    pub sentences: f64,
    /// Share of the passages that are taken, 0 to 1.
    pub passages: f64,
    /// How many fragments are cut, per sentence.
    pub fragments: f64,
    /// Words of a sentence, inclusive.
    pub sentence_words: (usize, usize),
    /// Words of a passage, inclusive; each passage draws its own length.
    pub passage_words: (usize, usize),
    /// Words of a fragment, inclusive.
    pub fragment_words: (usize, usize),
}

impl Default for PieceParams {
    fn default() -> Self {
        Self {
            sentences: 0.6,
            passages: 0.5,
            fragments: 0.3,
            sentence_words: (5, 50),
            passage_words: (30, 190),
            fragment_words: (2, 8),
        }
    }
}

/// The pieces of one article, in order. The draws depend on `seed` and the article's text alone, so that neither the order of
/// the articles nor their number changes them.
#[must_use]
pub fn cut(article: &Article, params: &PieceParams, seed: u64) -> Vec<String> {
    let mut draw = rng::item(seed, "distill-pieces", article_hash(article));
    let mut out = Vec::new();
    if !article.title.is_empty() {
        out.push(article.title.clone());
    }
    let mut passage = Passage::new(article, params, &mut draw);
    for paragraph in &article.paragraphs {
        for range in sentences(paragraph) {
            let sentence = paragraph[range].trim();
            let words = sentence.split_whitespace().count();
            if words == 0 {
                continue;
            }
            if (params.sentence_words.0..=params.sentence_words.1).contains(&words) {
                if draw.random_bool(params.sentences) {
                    out.push(sentence.to_owned());
                }
                if draw.random_bool(params.fragments) {
                    out.extend(fragment(sentence, params, &mut draw));
                }
            }
            if let Some(text) = passage.push(sentence, words, params, &mut draw) {
                out.push(text);
            }
        }
    }
    out.extend(passage.finish(params));
    out
}

/// Names an article by its text.
#[must_use]
pub fn article_hash(article: &Article) -> u64 {
    let first = article.paragraphs.first().map_or("", String::as_str);
    rng::mix(
        vectory_core::hash::fnv1a(article.title.as_bytes())
            ^ vectory_core::hash::fnv1a(first.as_bytes()).rotate_left(1),
    )
}

/// Sentences gathered until a drawn number of words is reached.
struct Passage<'a> {
    article: &'a Article,
    text: String,
    words: usize,
    goal: usize,
    wanted: bool,
}

impl<'a> Passage<'a> {
    fn new(article: &'a Article, params: &PieceParams, draw: &mut rng::Rng) -> Self {
        let mut new = Self { article, text: String::new(), words: 0, goal: 0, wanted: false };
        new.begin(params, draw);
        new
    }

    /// Half of the passages begin with the title, as documents of retrieval collections do.
    fn begin(&mut self, params: &PieceParams, draw: &mut rng::Rng) {
        self.text.clear();
        self.words = 0;
        self.goal = draw.random_range(params.passage_words.0..=params.passage_words.1);
        self.wanted = draw.random_bool(params.passages);
        if !self.article.title.is_empty() && draw.random_bool(0.5) {
            self.text.push_str(&self.article.title);
        }
    }

    fn push(&mut self, sentence: &str, words: usize, params: &PieceParams, draw: &mut rng::Rng) -> Option<String> {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(sentence);
        self.words += words;
        if self.words < self.goal {
            return None;
        }
        let done = self.wanted.then(|| std::mem::take(&mut self.text));
        self.begin(params, draw);
        done
    }

    fn finish(self, params: &PieceParams) -> Option<String> {
        (self.wanted && self.words >= params.passage_words.0).then_some(self.text)
    }
}

/// A window of words without the function words at its ends: it reads like a query.
fn fragment(sentence: &str, params: &PieceParams, draw: &mut rng::Rng) -> Option<String> {
    let words: Vec<&str> = sentence.split_whitespace().collect();
    let (low, high) = params.fragment_words;
    let len = draw.random_range(low..=high).min(words.len());
    let start = draw.random_range(0..=words.len() - len);
    let mut window = &words[start..start + len];
    while window.first().is_some_and(|w| is_function_word(w)) {
        window = &window[1..];
    }
    while window.last().is_some_and(|w| is_function_word(w)) {
        window = &window[..window.len() - 1];
    }
    let text = window.join(" ");
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    (window.len() >= low && !text.is_empty()).then(|| text.to_owned())
}

fn is_function_word(word: &str) -> bool {
    const WORDS: [&str; 44] = [
        "a", "an", "the", "of", "in", "on", "at", "to", "for", "from", "by", "with", "and", "or", "but", "as", "is",
        "are", "was", "were", "be", "been", "it", "its", "that", "this", "which", "who", "whom", "his", "her", "their",
        "he", "she", "they", "had", "has", "have", "not", "so", "than", "then", "into", "also",
    ];
    let lower = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    lower.is_empty() || WORDS.contains(&lower.as_str())
}

/// Byte ranges of the sentences of a paragraph: they end at `.`, `!` or `?` (with closing quotes or brackets) before a space and
/// a capital, a digit or an opening quote, except after an initial or a common abbreviation.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for (i, c) in text.char_indices() {
        if !matches!(c, '.' | '!' | '?') {
            continue;
        }
        let rest = &text[i + 1..];
        let after = rest.trim_start_matches(['"', '\'', ')', ']', '\u{201d}', '\u{2019}']);
        let end = text.len() - after.len();
        let mut next = after.chars();
        let begins = next.next().is_some_and(char::is_whitespace)
            && next.find(|c| !c.is_whitespace()).is_some_and(|c| !c.is_lowercase());
        if end > start && begins && !(c == '.' && is_abbreviation(&text[start..i])) {
            out.push(start..end);
            start = end;
        }
    }
    if !text[start..].trim().is_empty() {
        out.push(start..text.len());
    }
    out
}

fn is_abbreviation(before: &str) -> bool {
    const KNOWN: [&str; 22] = [
        "mr", "mrs", "ms", "dr", "st", "prof", "rev", "gen", "col", "lt", "capt", "sgt", "vs", "etc", "no", "vol",
        "jr", "sr", "inc", "e.g", "i.e", "c",
    ];
    let word = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("").to_lowercase();
    word.chars().count() == 1 || KNOWN.contains(&word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article() -> Article {
        let text = "Dr. Smith went to the old harbour of Lisbon in May. He saw ships there! \"Was it late?\" he asked. No. 5 left.";
        Article { title: "Smith".into(), paragraphs: vec![text.into(), "One more. ".repeat(40)] }
    }

    #[test]
    fn sentences_end_where_they_should() {
        let a = article();
        let text = &a.paragraphs[0];
        let got: Vec<&str> = sentences(text).into_iter().map(|r| text[r].trim()).collect();
        assert_eq!(
            got,
            [
                "Dr. Smith went to the old harbour of Lisbon in May.",
                "He saw ships there!",
                "\"Was it late?\" he asked.",
                "No. 5 left.",
            ]
        );
    }

    #[test]
    fn pieces_have_every_kind_and_repeat() {
        let params = PieceParams { sentences: 1.0, passages: 1.0, fragments: 1.0, ..PieceParams::default() };
        let got = cut(&article(), &params, 3);
        assert_eq!(got, cut(&article(), &params, 3));
        assert_eq!(got[0], "Smith");
        assert!(got.iter().any(|t| t == "Dr. Smith went to the old harbour of Lisbon in May."));
        assert!(got.iter().any(|t| t.split_whitespace().count() >= params.passage_words.0));
    }

    #[test]
    fn fragments_shed_function_words() {
        let params = PieceParams { fragment_words: (4, 4), ..PieceParams::default() };
        let mut draw = rng::stream(1, "test");
        assert_eq!(fragment("the ships of the", &params, &mut draw), None);
        let params = PieceParams { fragment_words: (2, 5), ..params };
        for _ in 0..50 {
            if let Some(f) = fragment("the white ships, in the harbour", &params, &mut draw) {
                assert!(f.starts_with("white") || f.starts_with("ships"), "{f}");
            }
        }
    }
}
