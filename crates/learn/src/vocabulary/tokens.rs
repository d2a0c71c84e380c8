//! Cutting text into words.

use super::{TokenKind, Tokenizer};

/// Longer words are noise (base64, broken files) and left out.
pub(super) const MAX_WORD: usize = 1024;

/// What is met in a text.
pub(super) enum Token<'a> {
    Word(&'a str),
    Line,
    /// A word of more than [`MAX_WORD`] bytes.
    TooLong,
}

impl Tokenizer {
    /// Calls `each` with every word of a text, in order; line ends are blanks. Words of more than 1024 bytes are passed over.
    pub fn words(&self, text: &str, each: &mut impl FnMut(&str)) {
        self.tokens(text, &mut |token| {
            if let Token::Word(word) = token {
                each(word);
            }
        });
    }

    /// Words and line ends.
    pub(super) fn tokens(&self, text: &str, each: &mut impl FnMut(Token<'_>)) {
        let mut lower = String::new();
        let mut word = |range: &str, each: &mut dyn FnMut(Token<'_>)| {
            if range.len() > MAX_WORD {
                each(Token::TooLong);
            } else if self.lower && range.bytes().any(|b| b.is_ascii_uppercase() || b >= 128) {
                lower.clear();
                fold(range, &mut lower);
                each(Token::Word(&lower));
            } else {
                each(Token::Word(range));
            }
        };
        match self.tokens {
            TokenKind::Space => split(text, is_blank, |part| match part {
                Some(range) => word(range, each),
                None => each(Token::Line),
            }),
            TokenKind::Words => scan(text, |part| match part {
                Some(range) => word(range, each),
                None => each(Token::Line),
            }),
        }
    }
}

fn fold(word: &str, out: &mut String) {
    if word.is_ascii() {
        out.push_str(word);
        out.make_ascii_lowercase();
    } else {
        out.extend(word.chars().flat_map(char::to_lowercase));
    }
}

/// fastText's blanks.
fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | 0)
}

/// Calls `each` with what stands between blanks, and with `None` at each line end.
fn split<'a>(text: &'a str, blank: impl Fn(u8) -> bool, mut each: impl FnMut(Option<&'a str>)) {
    let bytes = text.as_bytes();
    let mut start = 0;
    for (i, b) in bytes.iter().enumerate() {
        if blank(*b) {
            if start < i {
                each(Some(&text[start..i]));
            }
            start = i + 1;
            if *b == b'\n' {
                each(None);
            }
        }
    }
    if start < bytes.len() {
        each(Some(&text[start..]));
    }
}

/// Calls `each` with every run of letters, marks and digits (apostrophes inside join), and with `None` at each line end.
fn scan<'a>(text: &'a str, mut each: impl FnMut(Option<&'a str>)) {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let length = word_char(text, i);
        if length == 0 {
            if bytes[i] == b'\n' {
                each(None);
            }
            i += step(bytes[i]);
            continue;
        }
        let start = i;
        i += length;
        loop {
            let length = if i < bytes.len() { word_char(text, i) } else { 0 };
            let joint = if length == 0 && i < bytes.len() { apostrophe(text, i) } else { 0 };
            if length > 0 {
                i += length;
            } else if joint > 0 && i + joint < bytes.len() && word_char(text, i + joint) > 0 {
                i += joint;
            } else {
                break;
            }
        }
        each(Some(&text[start..i]));
    }
}

/// Bytes of the character that begins with `b`.
fn step(b: u8) -> usize {
    match b {
        0..=0xbf => 1,
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        _ => 4,
    }
}

/// Bytes of the character at `i` if it belongs to words, else 0.
#[inline]
fn word_char(text: &str, i: usize) -> usize {
    let b = text.as_bytes()[i];
    if b < 128 {
        return usize::from(b.is_ascii_alphanumeric());
    }
    let c = text[i..].chars().next().unwrap_or(' ');
    let mark = matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}'..='\u{e4e}');
    if mark || c.is_alphanumeric() { c.len_utf8() } else { 0 }
}

fn apostrophe(text: &str, i: usize) -> usize {
    let rest = &text.as_bytes()[i..];
    if rest[0] == b'\'' {
        1
    } else if rest.starts_with("\u{2019}".as_bytes()) {
        3
    } else {
        0
    }
}
