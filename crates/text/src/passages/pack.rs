//! Filling passages with sentences or lines.

use std::ops::Range;

use super::headings::lines;
use super::sections::Section;
use super::{Passage, PassageParams};
use crate::sentences::{each_sentence, trim};

/// Text without spaces counts as a word for every so many bytes.
const WORD_BYTES: usize = 12;

/// What a text weighs, in words: runs of ASCII without spaces, one for every twelve bytes of a longer one, and characters
/// of scripts that are written without spaces.
pub(super) fn weight(text: &str) -> usize {
    let (mut words, mut inside) = (0, 0usize);
    for b in text.bytes() {
        match b {
            b' ' | b'\n' | b'\t' | b'\r' => {
                words += inside.div_ceil(WORD_BYTES);
                inside = 0;
            }
            // The first byte of three: about the characters from U+2E80 on, each a word.
            0xe3..=0xef => inside += WORD_BYTES,
            _ => inside += 1,
        }
    }
    // Ordinary long words count once.
    words + inside.div_ceil(WORD_BYTES)
}

/// Something that is not cut any more.
struct Unit {
    range: Range<usize>,
    words: usize,
}

/// Packs the sentences of a section.
pub(super) fn prose(text: &str, section: &Section, params: &PassageParams, out: &mut Vec<Passage>) {
    let mut units = Vec::new();
    each_sentence(text, section.range.clone(), &mut |range| cut(text, range, params.max_words, &mut units));
    pack(&units, params, |from, to| {
        out.push(Passage { range: units[from].range.start..units[to].range.end, heading: section.heading.clone() });
    });
}

/// Packs the blocks of program source, each under the name of the first item in it.
pub(super) fn code(text: &str, params: &PassageParams, out: &mut Vec<Passage>) {
    let mut units = Vec::new();
    for block in blocks(text) {
        let words = weight(&text[block.clone()]);
        if words <= params.max_words {
            units.push(Unit { range: block, words });
            continue;
        }
        for line in lines(&text[block.clone()]) {
            let range = trim(text, block.start + line.start..block.start + line.end);
            if !range.is_empty() {
                cut(text, range, params.max_words, &mut units);
            }
        }
    }
    let params = PassageParams { overlap_words: 0, ..params.clone() };
    pack(&units, &params, |from, to| {
        let range = units[from].range.start..units[to].range.end;
        out.push(Passage { heading: item_name(&text[range.clone()]), range });
    });
}

/// Runs of lines, parted where a line at the left margin follows a blank one.
fn blocks(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut open = 0..0;
    let mut blank = true;
    for line in lines(text) {
        let content = &text[line.clone()];
        if content.trim().is_empty() {
            blank = true;
            continue;
        }
        if blank && !content.starts_with([' ', '\t', '}', ')', ']']) {
            out.push(std::mem::replace(&mut open, line.clone()));
        }
        open.end = line.end;
        blank = false;
    }
    out.push(open);
    out.into_iter().map(|range| trim(text, range)).filter(|range| !range.is_empty()).collect()
}

const ITEMS: &[&str] = &[
    "fn",
    "struct",
    "enum",
    "trait",
    "impl",
    "mod",
    "macro_rules!",
    "union",
    "class",
    "def",
    "function",
    "interface",
    "func",
    "type",
    "module",
    "namespace",
    "protocol",
    "object",
    "package",
    "sub",
];

/// The head of the first item that a passage of source begins: `pub fn encode(…)`.
fn item_name(source: &str) -> String {
    let head = source
        .lines()
        .filter(|l| !l.starts_with([' ', '\t', '/', '#', '*', '-']))
        .find(|line| line.split([' ', '<', '(']).take(5).any(|word| ITEMS.contains(&word)));
    let head = head.unwrap_or("").split(['{', ';']).next().unwrap_or("").trim_end_matches([' ', ':', '(']);
    head[..head.floor_char_boundary(100)].trim_end().to_owned()
}

/// Cuts a range down to units of at most `max_words`: between words, or inside a word at characters.
fn cut(text: &str, range: Range<usize>, max_words: usize, out: &mut Vec<Unit>) {
    let words = weight(&text[range.clone()]);
    if words <= max_words {
        out.push(Unit { range, words });
        return;
    }
    let mut start = range.start;
    while start < range.end {
        let end = window(&text[start..range.end], max_words) + start;
        let piece = trim(text, start..end);
        if !piece.is_empty() {
            out.push(Unit { words: weight(&text[piece.clone()]), range: piece });
        }
        start = end;
    }
}

/// How many bytes of `text` weigh at most `max_words`: up to a space if there is one, else up to a character; never 0.
fn window(text: &str, max_words: usize) -> usize {
    let (mut words, mut inside, mut space) = (0, 0usize, None);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            words += inside.div_ceil(WORD_BYTES);
            inside = 0;
            space = Some(at + c.len_utf8());
        } else {
            inside += if c.len_utf8() == 3 && c >= '\u{3000}' { WORD_BYTES + 2 } else { c.len_utf8() };
        }
        if words + inside.div_ceil(WORD_BYTES) > max_words && at > 0 {
            return space.unwrap_or(at);
        }
    }
    text.len()
}

/// Fills greedily; a passage after the first begins with the units at the end of the last that fit into the overlap.
fn pack(units: &[Unit], params: &PassageParams, mut give: impl FnMut(usize, usize)) {
    let mut from = 0;
    let mut fresh = 0;
    while fresh < units.len() {
        let mut words: usize = units[from..=fresh].iter().map(|u| u.words).sum();
        // The overlap gives way to a unit that would not fit beside it.
        while words > params.max_words && from < fresh {
            words -= units[from].words;
            from += 1;
        }
        let mut to = fresh;
        while to + 1 < units.len() && words + units[to + 1].words <= params.max_words {
            to += 1;
            words += units[to].words;
        }
        give(from, to);
        fresh = to + 1;
        from = fresh;
        let mut shared = 0;
        while from > 0 && shared + units[from - 1].words <= params.overlap_words {
            from -= 1;
            shared += units[from].words;
        }
    }
}
