//! Whole words and phrases that have an id of their own, taken before pieces.

use rustc_hash::FxHashMap;

use super::{Scratch, WordPiece, normalize};

/// Phrases (normalized words, joined by one space) and their ids. At every word the longest phrase that starts there is
/// taken; where none does, the word is split into pieces.
#[derive(Clone, Debug, Default)]
pub struct PhraseTable {
    ids: FxHashMap<String, u32>,
    /// The most words in a phrase, by first word.
    longest: FxHashMap<String, usize>,
}

impl PhraseTable {
    /// A table of (phrase, id).
    #[must_use]
    pub fn new(phrases: impl IntoIterator<Item = (String, u32)>) -> Self {
        let mut table = Self::default();
        for (phrase, id) in phrases {
            let Some(first) = phrase.split(' ').next().filter(|w| !w.is_empty()) else { continue };
            let longest = table.longest.entry(first.to_owned()).or_default();
            *longest = (*longest).max(phrase.split(' ').count());
            table.ids.insert(phrase, id);
        }
        table
    }

    /// Whether there is no phrase.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many phrases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// The longest phrase at the start of `words`: its id and how many words it takes.
    fn longest_at(&self, words: &[&str], joined: &mut String) -> Option<(u32, usize)> {
        let most = (*self.longest.get(*words.first()?)?).min(words.len());
        (1..=most).rev().find_map(|n| {
            joined.clear();
            for (i, word) in words[..n].iter().enumerate() {
                if i > 0 {
                    joined.push(' ');
                }
                joined.push_str(word);
            }
            self.ids.get(joined.as_str()).map(|id| (*id, n))
        })
    }
}

impl WordPiece {
    /// The way with phrases: all words of the text, then greedily from the left.
    pub(super) fn phrases_of(&self, text: &str, scratch: &mut Scratch, out: &mut Vec<u32>) {
        let mut normal = std::mem::take(&mut scratch.normal);
        normal.clear();
        normalize::normalize(text, &self.params, &mut scratch.spare, &mut normal);
        let mut ends = Vec::new();
        let mut flat = String::with_capacity(normal.len());
        normalize::words(&normal, &mut |word| {
            flat.push_str(word);
            ends.push(flat.len());
        });
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let words: Vec<&str> = starts.zip(&ends).map(|(start, end)| &flat[start..*end]).collect();
        let mut joined = String::new();
        let mut i = 0;
        while i < words.len() {
            if let Some((id, n)) = self.phrases.longest_at(&words[i..], &mut joined) {
                out.push(id);
                i += n;
            } else {
                self.vocab.pieces(words[i], out);
                i += 1;
            }
        }
        scratch.normal = normal;
    }
}
