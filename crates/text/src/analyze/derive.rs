//! From one word to its term.

use rust_stemmers::Stemmer;
use rustc_hash::FxHashSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::AnalyzerParams;
use crate::Language;
use crate::stopwords;

/// Longer terms keep their beginning.
const MAX_TERM: usize = 256;

/// At most the first 256 bytes, ending at a character.
pub(super) fn cut(term: &str) -> &str {
    &term[..term.floor_char_boundary(MAX_TERM)]
}

/// The slow way that a word goes once.
pub(super) struct Derive {
    stemmer: Option<Stemmer>,
    stop: FxHashSet<&'static str>,
    elided: &'static [&'static str],
    fold: bool,
}

impl Derive {
    pub fn new(params: &AnalyzerParams) -> Self {
        let language = if params.language == Language::Auto { Language::English } else { params.language };
        let stop =
            if params.stop_words { stopwords::of(language).split_whitespace().collect() } else { FxHashSet::default() };
        Self {
            stemmer: language.stemmer().filter(|_| params.stem).map(Stemmer::create),
            stop,
            elided: stopwords::elided(language),
            fold: params.fold_diacritics,
        }
    }

    /// Appends the term of `raw` to `out`; nothing for a stop word.
    pub fn term(&self, raw: &str, out: &mut String) {
        let lower = lower(raw);
        let mut word: &str = &lower;
        if self.stop.contains(word) {
            return;
        }
        if let Some((head, tail)) = word.split_once('\'') {
            if self.elided.contains(&head) {
                word = tail;
            }
            word = word.strip_suffix("'s").unwrap_or(word);
            if self.stop.contains(word) {
                return;
            }
        }
        let plain;
        if word.contains(['.', ',']) {
            plain = without_joints(word);
            word = &plain;
        }
        let stem = self.stemmer.as_ref().map_or(word.into(), |s| s.stem(word));
        if self.fold && !stem.is_ascii() {
            let folded: String = stem.nfd().filter(|c| !is_combining_mark(*c)).flat_map(fold_letter).collect();
            out.push_str(cut(&folded));
        } else {
            out.push_str(cut(&stem));
        }
    }
}

/// Lower case, composed (NFC), one form of apostrophe.
fn lower(raw: &str) -> String {
    if raw.is_ascii() {
        return raw.to_ascii_lowercase();
    }
    let apostrophe = |c| if matches!(c, '\u{2019}' | '\u{ff07}') { '\'' } else { c };
    let lower: String = raw.nfc().map(apostrophe).collect::<String>().to_lowercase();
    lower.nfc().collect()
}

/// `u.s.a` becomes `usa`, `1,000` becomes `1000`; `3.14` stays.
fn without_joints(word: &str) -> String {
    let number = word.bytes().any(|b| b.is_ascii_digit());
    word.chars().filter(|c| *c != ',' && (number || *c != '.')).collect()
}

/// Letters that Unicode does not decompose but readers take for another.
fn fold_letter(c: char) -> impl Iterator<Item = char> {
    let text: &[char] = match c {
        'ß' => &['s', 's'],
        'æ' => &['a', 'e'],
        'œ' => &['o', 'e'],
        'ø' => &['o'],
        'ł' => &['l'],
        'đ' | 'ð' => &['d'],
        'þ' => &['t', 'h'],
        'ı' => &['i'],
        _ => &[],
    };
    text.iter().copied().chain(text.is_empty().then_some(c))
}
