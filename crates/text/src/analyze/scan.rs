//! Where the words of a text are.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// A word's place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word {
    pub start: usize,
    pub end: usize,
    /// Nothing but ASCII in it.
    pub ascii: bool,
    /// To be given as a whole and in parts.
    pub identifier: bool,
}

impl Word {
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

/// What a character does to the word before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Ends it.
    Break,
    Letter,
    Digit,
    Underscore,
    /// Between two letters it joins.
    Apostrophe,
    /// Between two digits, or two single letters, it joins.
    Dot,
    /// Before three digits it joins digits.
    Comma,
    /// In identifiers `::` joins.
    Colon,
    /// Not ASCII: look closer.
    High,
    /// Of a script that needs Unicode's full rules.
    Complex,
}

const CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut table = [Class::Break; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'_' => Class::Underscore,
            b'\'' => Class::Apostrophe,
            b'.' => Class::Dot,
            b',' => Class::Comma,
            b':' => Class::Colon,
            128.. => Class::High,
            _ => Class::Break,
        };
        b += 1;
    }
    table
}

/// Scripts whose words are runs of letters and marks need no table; the others go to the full rules.
fn class_of(c: char) -> Class {
    match c {
        '\u{2019}' | '\u{ff07}' => Class::Apostrophe,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' => Class::Letter,
        '\u{b7}' | '\u{387}' => Class::Letter,
        '\u{aa}'..='\u{58f}' | '\u{1e00}'..='\u{1fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{620}'..='\u{669}' => {
            if c.is_alphabetic() || matches!(c, '\u{64b}'..='\u{65f}') {
                Class::Letter
            } else if c.is_numeric() {
                Class::Digit
            } else {
                Class::Break
            }
        }
        _ if c.is_alphanumeric() => Class::Complex,
        _ => Class::Break,
    }
}

/// Walks over a text.
pub(super) struct Scan {
    identifiers: bool,
}

impl Scan {
    pub fn new(identifiers: bool) -> Self {
        Self { identifiers }
    }

    /// Calls `each` with every word in order.
    pub fn run(&self, text: &str, each: &mut impl FnMut(Word)) {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            match CLASSES[usize::from(bytes[i])] {
                Class::Letter | Class::Digit | Class::Underscore => i = self.word(text, i, each),
                Class::High => {
                    let c = first_char(text, i);
                    i = match class_of(c) {
                        Class::Letter | Class::Digit => self.word(text, i, each),
                        Class::Complex => complex(text, i, each),
                        _ => i + c.len_utf8(),
                    };
                }
                _ => i += 1,
            }
        }
    }

    /// A word that starts at `start`; returns where to go on.
    fn word(&self, text: &str, start: usize, each: &mut impl FnMut(Word)) -> usize {
        let bytes = text.as_bytes();
        let mut end = start;
        let mut ascii = true;
        let mut identifier = false;
        while let Some(&b) = bytes.get(end) {
            match CLASSES[usize::from(b)] {
                Class::Letter | Class::Digit => end += 1,
                Class::Underscore => {
                    identifier = true;
                    end += 1;
                }
                Class::Break => break,
                Class::High => {
                    let c = first_char(text, end);
                    match class_of(c) {
                        Class::Letter | Class::Digit => end += c.len_utf8(),
                        Class::Apostrophe if joins_letters(text, end, c.len_utf8()) => end += c.len_utf8(),
                        Class::Complex => return complex(text, start, each),
                        _ => break,
                    }
                    ascii = false;
                }
                Class::Apostrophe if joins_letters(text, end, 1) => end += 1,
                Class::Dot if joins_digits(bytes, end) || joins_acronym(bytes, start, end) => end += 1,
                Class::Comma if joins_thousands(bytes, end) => end += 1,
                Class::Colon if self.identifiers && joins_path(bytes, end) => {
                    identifier = true;
                    end += 2;
                }
                _ => break,
            }
        }
        let next = end;
        let word = trim_underscores(bytes, start, end);
        if word.start < word.end {
            let raw = &bytes[word.clone()];
            let identifier = self.identifiers
                && (identifier && raw.iter().any(|b| matches!(b, b'_' | b':')) || ascii && has_hump(raw));
            each(Word { start: word.start, end: word.end, ascii, identifier });
        }
        next
    }
}

fn first_char(text: &str, at: usize) -> char {
    text[at..].chars().next().unwrap_or('\0')
}

fn is_letter_at(text: &str, at: usize) -> bool {
    text[at..].chars().next().is_some_and(char::is_alphabetic)
}

/// An apostrophe of `len` bytes at `at` between two letters.
fn joins_letters(text: &str, at: usize, len: usize) -> bool {
    text[..at].chars().next_back().is_some_and(char::is_alphabetic) && is_letter_at(text, at + len)
}

fn digit(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(u8::is_ascii_digit)
}

fn joins_digits(bytes: &[u8], dot: usize) -> bool {
    dot > 0 && digit(bytes, dot - 1) && digit(bytes, dot + 1)
}

fn joins_thousands(bytes: &[u8], comma: usize) -> bool {
    comma > 0
        && digit(bytes, comma - 1)
        && (1..=3).all(|k| digit(bytes, comma + k))
        && !bytes.get(comma + 4).is_some_and(u8::is_ascii_alphanumeric)
}

/// `U.S.A`: what is before the dot (since the last) and after it is one ASCII letter.
fn joins_acronym(bytes: &[u8], start: usize, dot: usize) -> bool {
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let lone_before = dot == start + 1 || dot >= start + 2 && bytes[dot - 2] == b'.';
    let lone_after = !bytes.get(dot + 2).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 128 || *b == b'_');
    lone_before && letter(dot.wrapping_sub(1)) && letter(dot + 1) && lone_after
}

fn joins_path(bytes: &[u8], at: usize) -> bool {
    bytes.get(at + 1) == Some(&b':') && bytes.get(at + 2).is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
}

fn trim_underscores(bytes: &[u8], mut start: usize, mut end: usize) -> Range<usize> {
    while start < end && bytes[start] == b'_' {
        start += 1;
    }
    while end > start && bytes[end - 1] == b'_' {
        end -= 1;
    }
    start..end
}

/// A capital after a small letter, as in `TopK` or `camelCase`.
fn has_hump(raw: &[u8]) -> bool {
    raw.windows(2).any(|w| w[0].is_ascii_lowercase() && w[1].is_ascii_uppercase())
}

/// The run without ASCII breaks that starts at `start`, split by Unicode's full rules; neighbours of one character each
/// (scripts without spaces) are given as overlapping pairs.
fn complex(text: &str, start: usize, each: &mut impl FnMut(Word)) -> usize {
    let bytes = text.as_bytes();
    let inside =
        |b: u8| matches!(CLASSES[usize::from(b)], Class::Letter | Class::Digit | Class::Underscore | Class::High);
    let end = start + bytes[start..].iter().position(|b| !inside(*b)).unwrap_or(bytes.len() - start);
    let mut emit = |start, end| each(Word { start, end, ascii: text[start..end].is_ascii(), identifier: false });
    let mut lone: Option<(usize, usize, bool)> = None;
    for (at, word) in text[start..end].unicode_word_indices() {
        let (s, e) = (start + at, start + at + word.len());
        let single = !word.is_ascii() && word.chars().filter(|c| c.is_alphanumeric()).count() == 1;
        match lone {
            Some((before, mid, _)) if single && mid == s => {
                emit(before, e);
                lone = Some((s, e, true));
                continue;
            }
            Some((before, mid, false)) => emit(before, mid),
            _ => {}
        }
        lone = single.then_some((s, e, false));
        if !single {
            emit(s, e);
        }
    }
    if let Some((before, mid, false)) = lone {
        emit(before, mid);
    }
    end
}
