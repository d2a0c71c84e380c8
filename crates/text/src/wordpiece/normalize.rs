//! BERT's normalizer and word splitter for text that is not plain ASCII.

use unicode_normalization::UnicodeNormalization;

use super::WordPieceParams;
use super::tables::{NEWER_DECOMPOSITION, NONSPACING, OTHER, PUNCTUATION, holds};

/// Appends the normalized form of `text` to `out`; `spare` is working memory.
pub(super) fn normalize(text: &str, params: &WordPieceParams, spare: &mut String, out: &mut String) {
    spare.clear();
    for c in text.chars() {
        let c = match c {
            _ if !params.clean_text => c,
            '\t' | '\n' | '\r' => ' ',
            '\0' | '\u{fffd}' => continue,
            _ if holds(OTHER, c) => continue,
            _ if c.is_whitespace() => ' ',
            _ => c,
        };
        if params.handle_chinese_chars && is_han(c) {
            spare.extend([' ', c, ' ']);
        } else {
            spare.push(c);
        }
    }
    let strip = params.strip_accents.unwrap_or(params.lowercase);
    let mut push = |c: char| {
        if params.lowercase {
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    };
    if strip {
        decompose(spare, &mut |c| {
            if !holds(NONSPACING, c) {
                push(c);
            }
        });
    } else {
        spare.chars().for_each(push);
    }
}

/// Canonical decomposition as of Unicode 9: newer characters stay as they are and nothing is reordered across them.
fn decompose(text: &str, each: &mut impl FnMut(char)) {
    for run in text.split_inclusive(|c| holds(NEWER_DECOMPOSITION, c)) {
        match run.chars().next_back() {
            Some(last) if holds(NEWER_DECOMPOSITION, last) => {
                run[..run.len() - last.len_utf8()].nfd().for_each(&mut *each);
                each(last);
            }
            _ => run.nfd().for_each(&mut *each),
        }
    }
}

/// The blocks that BERT calls Chinese.
fn is_han(c: char) -> bool {
    matches!(u32::from(c),
        0x4e00..=0x9fff | 0x3400..=0x4dbf | 0x20000..=0x2a6df | 0x2a700..=0x2b73f | 0x2b740..=0x2b81f
        | 0x2b920..=0x2ceaf | 0xf900..=0xfaff | 0x2f800..=0x2fa1f)
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || !c.is_ascii() && holds(PUNCTUATION, c)
}

/// Calls `each` with every word of a normalized text; a punctuation mark is a word.
pub(super) fn words(text: &str, each: &mut impl FnMut(&str)) {
    for run in text.split(char::is_whitespace) {
        let mut start = 0;
        for (at, c) in run.char_indices() {
            if is_punctuation(c) {
                if start < at {
                    each(&run[start..at]);
                }
                start = at + c.len_utf8();
                each(&run[at..start]);
            }
        }
        if start < run.len() {
            each(&run[start..]);
        }
    }
}
