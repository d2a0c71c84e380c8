//! A block of text to ids of its own words: what runs in parallel.

use hashbrown::HashTable;
use vectory_core::rng::mix;

use super::tokens::Token;
use super::{BREAK, LINE_END, Tokenizer};

/// A sentence is cut after so many words.
pub(super) const LONGEST: usize = 10_000;

/// One block, counted.
#[derive(Default)]
pub(super) struct Counted {
    /// The block's distinct words, one behind the other.
    pub text: String,
    /// Hash, end in `text` and count of each.
    pub words: Vec<(u64, usize, u32)>,
    /// The block as places in `words`; [`LINE_END`] and [`BREAK`] between.
    pub ids: Vec<u32>,
    /// Words that were too long to be any.
    pub too_long: u64,
    /// Bytes that were not UTF-8 stood in it.
    pub invalid: bool,
}

impl Counted {
    pub fn word(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.words[i - 1].1 };
        &self.text[start..self.words[i].1]
    }
}

/// A hash of a word, the same everywhere; not against hostile input (a table of words only gets slow).
pub(super) fn hash(word: &str) -> u64 {
    let (words, rest) = word.as_bytes().as_chunks::<8>();
    let mut h = word.len() as u64;
    for w in words {
        h = (h.rotate_left(5) ^ u64::from_le_bytes(*w)).wrapping_mul(0x9fb2_1c65_1e98_df25);
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(h.rotate_left(5) ^ u64::from_le_bytes(last))
}

/// Counts the words of a block.
pub(super) fn count(bytes: &[u8], tokenizer: &Tokenizer) -> Counted {
    let text = String::from_utf8_lossy(bytes);
    let mut out = Counted { invalid: matches!(text, std::borrow::Cow::Owned(_)), ..Counted::default() };
    let mut table: HashTable<u32> = HashTable::with_capacity(1 << 14);
    let mut run = 0;
    tokenizer.tokens(&text, &mut |token| match token {
        Token::Word(word) => {
            if run == LONGEST {
                out.ids.push(BREAK);
                run = 0;
            }
            run += 1;
            let h = hash(word);
            let id = match table.find(h, |i| out.words[*i as usize].0 == h && out.word(*i as usize) == word) {
                Some(id) => *id,
                None => {
                    let id = out.words.len() as u32;
                    out.text.push_str(word);
                    out.words.push((h, out.text.len(), 0));
                    table.insert_unique(h, id, |i| out.words[*i as usize].0);
                    id
                }
            };
            out.words[id as usize].2 += 1;
            out.ids.push(id);
        }
        Token::Line => {
            out.ids.push(LINE_END);
            run = 0;
        }
        Token::TooLong => out.too_long += 1,
    });
    out
}
