//! The pieces and the greedy match over them.

use super::{WordPieceError, WordPieceParams};
use crate::memo::{Memo, Span, hash};

/// Tokens by id, and ids by text.
pub(super) struct Vocab {
    pub tokens: Vec<String>,
    pub unk: u32,
    /// Whole tokens: beginnings of words.
    first: Memo,
    /// Tokens with the inner prefix, without it.
    inner: Memo,
    longest: usize,
    max_chars: usize,
}

impl Vocab {
    /// `tokens[id]`; empty strings are holes. The first `model` tokens are pieces; later ones are only known by name.
    pub fn new(tokens: Vec<String>, model: usize, params: &WordPieceParams) -> Result<Self, WordPieceError> {
        let (mut first, mut inner) = (Memo::default(), Memo::default());
        let mut longest = 0;
        for (id, token) in tokens.iter().enumerate().take(model) {
            longest = longest.max(token.len());
            put(&mut first, token, id);
            if let Some(rest) = token.strip_prefix(params.continuing_subword_prefix.as_str()) {
                put(&mut inner, rest, id);
            }
        }
        let unk = find(&first, &params.unk_token)
            .ok_or_else(|| WordPieceError::NoUnknown { token: params.unk_token.clone() })?;
        Ok(Self { tokens, unk, first, inner, longest, max_chars: params.max_input_chars_per_word })
    }

    /// The id of a token of the model.
    pub fn id(&self, token: &str) -> Option<u32> {
        find(&self.first, token)
    }

    /// Appends the pieces of a normalized word: from the left always the longest that fits (Wu et al., 2016); the
    /// unknown token where nothing fits.
    pub fn pieces(&self, word: &str, out: &mut Vec<u32>) {
        let mark = out.len();
        if word.len() > self.max_chars && word.chars().count() > self.max_chars {
            out.push(self.unk);
            return;
        }
        let mut start = 0;
        while start < word.len() {
            let table = if start == 0 { &self.first } else { &self.inner };
            let Some((id, end)) = self.longest_at(table, word, start) else {
                out.truncate(mark);
                out.push(self.unk);
                return;
            };
            out.push(id);
            start = end;
        }
    }

    fn longest_at(&self, table: &Memo, word: &str, start: usize) -> Option<(u32, usize)> {
        let most = word.len().min(start + self.longest);
        (start + 1..=most)
            .rev()
            .filter(|end| word.is_char_boundary(*end))
            .find_map(|end| find(table, &word[start..end]).map(|id| (id, end)))
    }
}

fn find(table: &Memo, text: &str) -> Option<u32> {
    if text.is_empty() { None } else { table.get(hash(text.as_bytes()), text.as_bytes()).map(|s| s.at) }
}

fn put(table: &mut Memo, text: &str, id: usize) {
    if !text.is_empty() && text.len() <= usize::from(u16::MAX) && find(table, text).is_none() {
        table.insert(hash(text.as_bytes()), text.as_bytes(), Span { at: id as u32, len: 0 });
    }
}
