//! A document's parts between headings.

use std::ops::Range;

use super::headings::{Heading, headings};
use super::pack::weight;
use crate::TextFormat;

/// A heading's reach: from its line to the next heading.
pub(super) struct Section {
    pub range: Range<usize>,
    pub heading: String,
}

/// The sections of a text in order; together they are the whole text. A section lighter than `min_words` joins the next.
pub(super) fn sections(text: &str, format: TextFormat, min_words: usize) -> Vec<Section> {
    let mut out: Vec<Section> = Vec::new();
    let mut path: Vec<(u32, String)> = Vec::new();
    let mut open = Section { range: 0..0, heading: String::new() };
    for Heading { at, level, title } in headings(text, format) {
        open.range.end = at;
        path.retain(|(l, _)| *l < level);
        path.push((level, title));
        let names: Vec<&str> = path.iter().map(|(_, t)| t.as_str()).filter(|t| !t.is_empty()).collect();
        let heading = names.join(" > ");
        if weight(&text[open.range.clone()]) >= min_words.max(1) {
            let next = Section { range: at..at, heading };
            out.push(std::mem::replace(&mut open, next));
        } else if open.heading.is_empty() || heading.starts_with(&open.heading) {
            open.heading = heading;
        }
    }
    open.range.end = text.len();
    match out.last_mut() {
        // A light rest under the same or a deeper heading belongs to what is before it.
        Some(last) if weight(&text[open.range.clone()]) < min_words && open.heading.starts_with(&last.heading) => {
            last.range.end = open.range.end;
        }
        _ => out.push(open),
    }
    out
}
