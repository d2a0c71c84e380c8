//! Tokens that are taken out of the text before it is split into words: `[CLS]`, `[MASK]`, …

/// Texts and ids of added tokens.
#[derive(Default)]
pub(super) struct AddedTokens {
    tokens: Vec<(String, u32)>,
    /// Bytes that a token starts with.
    first: Vec<bool>,
}

impl AddedTokens {
    pub fn new(tokens: Vec<(String, u32)>) -> Self {
        let mut first = vec![false; 256];
        for byte in tokens.iter().filter_map(|(text, _)| text.bytes().next()) {
            first[usize::from(byte)] = true;
        }
        Self { tokens, first }
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    pub fn id(&self, token: &str) -> Option<u32> {
        self.tokens.iter().find(|(text, _)| text == token).map(|(_, id)| *id)
    }

    /// The leftmost token in the text, the longest of those that start there: its begin, its end, its id.
    fn next(&self, text: &str) -> Option<(usize, usize, u32)> {
        if self.is_empty() {
            return None;
        }
        let bytes = text.as_bytes();
        let mut starts = (0..bytes.len()).filter(|i| self.first[usize::from(bytes[*i])]);
        starts.find_map(|start| {
            let here = |token: &str| bytes[start..].starts_with(token.as_bytes());
            let longest = self.tokens.iter().filter(|(token, _)| here(token)).max_by_key(|(token, _)| token.len())?;
            Some((start, start + longest.0.len(), longest.1))
        })
    }

    /// Calls `each` with every part of the text in order: what is between tokens, or the id of a token.
    pub fn split<'a>(&self, text: &'a str, each: &mut impl FnMut(Part<'a>)) {
        let mut rest = text;
        while let Some((start, end, id)) = self.next(rest) {
            each(Part::Text(&rest[..start]));
            each(Part::Token(id));
            rest = &rest[end..];
        }
        each(Part::Text(rest));
    }
}

/// A part of a text.
pub(super) enum Part<'a> {
    /// No token in it.
    Text(&'a str),
    /// An added token.
    Token(u32),
}
