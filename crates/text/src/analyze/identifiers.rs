//! Names in program text: as a whole and in parts.

use std::ops::Range;

/// The term of a whole identifier: lower-case, not stemmed.
pub(super) fn whole(raw: &str, out: &mut String) {
    out.clear();
    if raw.is_ascii() {
        out.push_str(raw);
        out.make_ascii_lowercase();
    } else {
        out.extend(raw.chars().flat_map(char::to_lowercase));
    }
}

/// Calls `each` with the place of every part: between `::`, `_` and humps (`parseHTTPRequest`: parse, HTTP, Request).
/// A segment of a path that itself has parts is given before them.
pub(super) fn parts(raw: &str, each: &mut impl FnMut(Range<usize>)) {
    for segment in pieces(raw, 0..raw.len(), |c| c == ':') {
        let inner: Vec<Range<usize>> =
            pieces(raw, segment.clone(), |c| c == '_').into_iter().flat_map(|word| humps(raw, word)).collect();
        if inner.len() > 1 && segment != (0..raw.len()) {
            each(segment);
        }
        inner.into_iter().for_each(&mut *each);
    }
}

fn pieces(raw: &str, range: Range<usize>, cut: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut at = range.start;
    for piece in raw[range].split(cut) {
        if !piece.is_empty() {
            out.push(at..at + piece.len());
        }
        // Both `:` and `_` take one byte.
        at += piece.len() + 1;
    }
    out
}

fn humps(raw: &str, word: Range<usize>) -> Vec<Range<usize>> {
    let chars: Vec<(usize, char)> = raw[word.clone()].char_indices().map(|(i, c)| (word.start + i, c)).collect();
    let mut out = Vec::new();
    let mut start = word.start;
    for i in 1..chars.len() {
        let (at, c) = chars[i];
        let after_small = !chars[i - 1].1.is_uppercase();
        let before_small = chars.get(i + 1).is_some_and(|(_, n)| n.is_lowercase());
        if c.is_uppercase() && (after_small || before_small) {
            out.push(start..at);
            start = at;
        }
    }
    out.push(start..word.end);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(raw: &str) -> Vec<&str> {
        let mut out = Vec::new();
        parts(raw, &mut |r| out.push(&raw[r]));
        out
    }

    #[test]
    fn parts_of_names() {
        assert_eq!(of("snake_case_name"), ["snake", "case", "name"]);
        assert_eq!(of("parseHTTPRequest"), ["parse", "HTTP", "Request"]);
        assert_eq!(of("TopK"), ["Top", "K"]);
        assert_eq!(of("core::hit::TopK"), ["core", "hit", "TopK", "Top", "K"]);
        assert_eq!(of("größeÄndern"), ["größe", "Ändern"]);
        assert_eq!(of("utf8_decode2"), ["utf8", "decode2"]);
    }
}
