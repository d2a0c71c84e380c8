//! The words view: from a text to index terms.
//!
//! Words are those of Unicode's UAX #29 with four deviations that serve search: a dot joins letters only in acronyms
//! (`U.S.A.`, not `end.Next`), a comma joins digits only in groups of three (`1,000` becomes `1000`), a colon never joins,
//! and runs of scripts written without spaces (Han, kana, Thai, …) become overlapping pairs of characters. Each word is
//! lower-cased, loses a possessive `'s` or an elided article, is dropped if it is a stop word, and is stemmed (Snowball;
//! Porter, 2001). Numbers are kept. A term of more than 256 bytes is cut to its first 256 (so is the query's).
//!
//! Cost: some 60 MB/s on one thread for English; what became of a word is remembered, so that the stemmer runs once per
//! distinct word.

mod derive;
mod identifiers;
mod params;
mod scan;

use std::ops::Range;

pub use params::AnalyzerParams;

use crate::memo::{MAX_KEY, Memo, Span, hash};
use crate::pool::Pool;
use derive::Derive;
use scan::{Scan, Word};

/// Makes index terms out of texts. Shared by threads; the same parameters give the same terms for ever within a version.
///
/// ```
/// use vectory_text::{Analyzer, AnalyzerParams, Language};
/// let analyzer = Analyzer::new(AnalyzerParams { language: Language::English, ..Default::default() });
/// let mut terms = Vec::new();
/// analyzer.terms("The author's running shoes", &mut |t: &str| terms.push(t.to_owned()));
/// assert_eq!(terms, ["author", "run", "shoe"]);
/// ```
pub struct Analyzer {
    params: AnalyzerParams,
    derive: Derive,
    scratch: Pool<Scratch>,
}

#[derive(Default)]
struct Scratch {
    memo: Memo,
    terms: String,
    word: String,
}

impl Analyzer {
    /// An analyzer. [`Language::Auto`](crate::Language::Auto) that was not [resolved](AnalyzerParams::resolve) stands for
    /// English.
    #[must_use]
    pub fn new(params: AnalyzerParams) -> Self {
        Self { derive: Derive::new(&params), params, scratch: Pool::new() }
    }

    /// What it was made with.
    #[must_use]
    pub fn params(&self) -> &AnalyzerParams {
        &self.params
    }

    /// Calls `each` with every term of `text`, in order, repeats included.
    pub fn terms(&self, text: &str, each: &mut impl FnMut(&str)) {
        self.visit(text, &mut |_, term| each(term));
    }

    /// Every term with the byte range of the word that it stands for; ranges ascend by start and overlap only for
    /// identifiers and for pairs of characters.
    #[must_use]
    pub fn spans(&self, text: &str) -> Vec<(Range<usize>, String)> {
        let mut out = Vec::new();
        self.visit(text, &mut |range, term| out.push((range, term.to_owned())));
        out
    }

    fn visit(&self, text: &str, each: &mut impl FnMut(Range<usize>, &str)) {
        self.scratch.with(|scratch| {
            Scan::new(self.params.split_identifiers).run(text, &mut |word: Word| {
                let raw = &text[word.range()];
                if word.identifier {
                    self.identifier(raw, word.start, scratch, each);
                } else if let Some(term) = self.term(raw, word.ascii, scratch) {
                    each(word.range(), term);
                }
            });
        });
    }

    /// An identifier as a whole and in its parts.
    fn identifier(&self, raw: &str, start: usize, scratch: &mut Scratch, each: &mut impl FnMut(Range<usize>, &str)) {
        identifiers::whole(raw, &mut scratch.word);
        each(start..start + raw.len(), derive::cut(&scratch.word));
        identifiers::parts(raw, &mut |part: Range<usize>| {
            let word = &raw[part.clone()];
            if let Some(term) = self.term(word, word.is_ascii(), scratch) {
                each(start + part.start..start + part.end, term);
            }
        });
    }

    /// The term of one word, from the memo or made now; `None` for stop words.
    #[inline]
    fn term<'s>(&self, raw: &str, ascii: bool, scratch: &'s mut Scratch) -> Option<&'s str> {
        let Scratch { memo, terms, word } = scratch;
        let key = if ascii {
            word.clear();
            word.push_str(raw);
            word.make_ascii_lowercase();
            word.as_str()
        } else {
            raw
        };
        let h = hash(key.as_bytes());
        let span = match memo.get_near(h, key.as_bytes()) {
            Some(span) => span,
            None => self.learn(h, key, memo, terms),
        };
        (span.len > 0).then(|| &terms[span.range()])
    }

    #[cold]
    fn learn(&self, h: u64, key: &str, memo: &mut Memo, terms: &mut String) -> Span {
        if memo.is_full() || terms.len() > u32::MAX as usize / 2 {
            memo.clear();
            terms.clear();
        }
        let at = terms.len();
        self.derive.term(key, terms);
        let span = Span { at: at as u32, len: (terms.len() - at) as u16 };
        if key.len() <= MAX_KEY {
            memo.insert(h, key.as_bytes(), span);
        }
        span
    }
}

impl std::fmt::Debug for Analyzer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Analyzer").field(&self.params).finish()
    }
}

#[cfg(test)]
mod tests;
