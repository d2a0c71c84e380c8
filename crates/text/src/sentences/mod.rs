//! Where the sentences of a text are.
//!
//! The rules are those of Unicode's UAX #29 as readers of many languages expect them (a mark, closing quotes, a space, no
//! small letter after it), with what that annex leaves to tailoring: abbreviations, initials, ordinals and enumerations do
//! not end a sentence; a line break does only before a blank line or a list mark. Cost: some 250 MB/s.

mod rules;

use std::ops::Range;

use rules::{Mark, mark_at};

/// The sentences of `text`, in order, without white space around them. Every character that is not white space is in
/// exactly one.
///
/// ```
/// let text = "Dr. Smith paid 3.50. Then he left!";
/// let found: Vec<&str> = vectory_text::sentences(text).into_iter().map(|r| &text[r]).collect();
/// assert_eq!(found, ["Dr. Smith paid 3.50.", "Then he left!"]);
/// ```
#[must_use]
pub fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    each_sentence(text, 0..text.len(), &mut |range| out.push(range));
    out
}

/// The sentences of a part of a text; ranges are places in the whole.
pub(crate) fn each_sentence(text: &str, part: Range<usize>, each: &mut impl FnMut(Range<usize>)) {
    let bytes = text.as_bytes();
    let mut start = part.start;
    let mut i = part.start;
    while i < part.end {
        // Most bytes are neither; one comparison skips letters and spaces.
        let b = bytes[i];
        if b > b'?' && b < 0x80 || b == b' ' {
            i += 1;
            continue;
        }
        let end = match mark_at(text, start, i, part.end) {
            Mark::None => {
                i += 1;
                continue;
            }
            Mark::Inside(next) => {
                i = next;
                continue;
            }
            Mark::End(end) => end,
        };
        give(text, start..end, each);
        start = end;
        i = end;
    }
    give(text, start..part.end, each);
}

fn give(text: &str, range: Range<usize>, each: &mut impl FnMut(Range<usize>)) {
    let trimmed = trim(text, range);
    if !trimmed.is_empty() {
        each(trimmed);
    }
}

/// A range without the white space at its ends.
pub(crate) fn trim(text: &str, range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let end = range.start + part.trim_end().len();
    let start = range.end - part.trim_start().len();
    start.min(end)..end
}

#[cfg(test)]
mod tests;
